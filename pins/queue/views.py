"""The queue of an account and what people do with it: pause, resume, and move pins after looking at the list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.middleware import WorkspaceRequest
from accounts.models import PinterestAccount
from accounts.permissions import require_can_publish, require_editor
from pins.models import UNSENT_STATUSES, Pin, PinStatus
from pins.rules.composition import Composition, check
from pins.rules.questions import ConfirmationNeeded, asked, confirmed_in
from pins.scheduling.moving import MoveError
from postiz_pins.common.params import parse_key
from postiz_pins.common.undo import success_with_undo

from . import moves, services
from .forms import ResumeForm
from .moves import Move, PlanChanged
from .places import next_free_times, off_places
from .services import QueueFull

# How much of a queue a page shows.
MOST_SHOWN = 60
FREE_SHOWN = 6
STANDING_IN_IT = (PinStatus.PROPOSED, *UNSENT_STATUSES)


def account_of(request: WorkspaceRequest, pk: int) -> PinterestAccount:
    """Return the account for a user who may edit. Raises Http404 and PermissionDenied."""
    account = get_object_or_404(PinterestAccount.objects.for_user(request.user).select_related("workspace"), pk=pk)
    require_editor(request, account.workspace)
    timezone.activate(account.workspace.zone)
    return account


@require_GET
def queue(request: WorkspaceRequest) -> HttpResponse:
    """Show the coming pins of an account between its next free publishing times."""
    now = timezone.now()
    accounts = list(PinterestAccount.objects.in_workspace(request.workspace).in_use().order_by("username", "pk"))
    for each in accounts:
        each.workspace = request.workspace
    wanted = request.GET.get("account", "")
    selected = [each for each in accounts if each.pk == parse_key(wanted)] if wanted else accounts
    account = selected[0] if selected else None
    context: dict[str, Any] = {
        "accounts": accounts,
        "account": account,
        "is_unknown": bool(wanted) and account is None,
        "can_edit": request.membership.can_edit,
        "can_publish": request.membership.can_publish,
        "now": now,
    }
    if account is not None:
        context |= _queue_of(account, now)
    return render(request, "pins/queue/queue.html", context)


def _queue_of(account: PinterestAccount, now: datetime) -> dict[str, Any]:
    coming = Pin.objects.filter(account=account, status__in=STANDING_IN_IT, publish_at__gt=now)
    pins = list(coming.with_content().order_by("publish_at", "pk")[: MOST_SHOWN + 1])
    free = next_free_times(account, now=now, count=FREE_SHOWN)
    shown = pins[:MOST_SHOWN]
    rows = [(pin.publish_at, pin) for pin in shown] + [(at, None) for at in free]
    return {
        "has_times": account.publishing_times.exists(),
        "rows": sorted(rows, key=lambda row: (row[0], row[1] is None)),
        "has_more": len(pins) > MOST_SHOWN,
        "overdue": moves.overdue_pins(account, now).with_content()[:MOST_SHOWN] if account.queue_paused_at else [],
        "off_place_count": len(off_places(account, moves.queued_pins(account).filter(publish_at__gt=now))),
    }


@require_POST
def queue_pause(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Hold the pins of the queue back until it is resumed."""
    account = account_of(request, pk)
    require_can_publish(request, account.workspace)
    if services.pause(account, by=request.user, now=timezone.now()):
        text = f"The queue of {account} is paused. Its pins are on hold and keep their times."
        # The page asks about pins whose time has passed by then.
        success_with_undo(request, text, reverse("pins:queue_resume", args=[pk]), {})
    return _back_to_queue(account)


@require_http_methods(["GET", "POST"])
def queue_resume(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Resume the queue; a person says what becomes of pins whose time has passed."""
    account, now = account_of(request, pk), timezone.now()
    require_can_publish(request, account.workspace)
    overdue = moves.overdue_pins(account, now)
    form = ResumeForm(request.POST if request.method == "POST" else None)
    error, questions = "", {}
    if request.method == "POST" and (form.is_valid() or not overdue.exists()):
        try:
            choice = form.cleaned_data.get("overdue", "")
            moves.resume(account, choice, by=request.user, now=now, confirmed=confirmed_in(request))
            messages.success(request, f"The queue of {account} is running again.")
            return _back_to_queue(account)
        except (QueueFull, MoveError) as refused:
            error = str(refused)
        except PlanChanged:
            error = "The queue has changed meanwhile. Please try again."
        except ConfirmationNeeded as needed:
            questions = asked(request, needed)
    pins = overdue.with_content()[:MOST_SHOWN]
    context = {"account": account, "form": form, "pins": pins, "error": error, "now": now}
    return render(request, "pins/queue/resume.html", context | questions)


@require_http_methods(["GET", "POST"])
def queue_move(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Move queued pins that no longer stand on a publishing time to the next free ones."""
    account, now = account_of(request, pk), timezone.now()
    require_can_publish(request, account.workspace)
    return _moves_page(
        request,
        account,
        lambda: moves.moves_to_places(account, now),
        now,
        cancel=_queue_path(account),
        title="Move queued pins",
        lead="These pins are no longer on a publishing time. They get the next free times, in their order.",
        button="Move",
        nothing="All queued pins are on publishing times. There is nothing to move.",
    )


@require_http_methods(["GET", "POST"])
def pin_first(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Put a pin first in the queue; every pin that has to give way is shown before."""
    pins = Pin.objects.for_user(request.user).with_content()
    pin, now = get_object_or_404(pins, pk=pk), timezone.now()
    require_editor(request, pin.workspace)
    require_can_publish(request, pin.workspace)
    timezone.activate(pin.workspace.zone)
    problems = check(Composition.of(pin))
    if pin.account is None or problems or not pin.can_move:
        why = problems[0].message if problems else "This pin can't be moved anymore."
        messages.error(request, f"This pin can't be added to the queue. {why}")
        return redirect("pins:pin_detail", pk=pk)

    def plan() -> list[Move]:
        return moves.moves_to_first(pins.get(pk=pk), now)

    return _moves_page(
        request,
        pin.account,
        plan,
        now,
        cancel=reverse("pins:pin_detail", args=[pk]),
        title="First in queue",
        lead="This pin gets the first place. Pins ahead of the next free time each move back by one place.",
        button="Put first",
        nothing="This pin is first in the queue already.",
    )


def _moves_page(
    request: WorkspaceRequest,
    account: PinterestAccount,
    plan: Callable[[], list[Move]],
    now: datetime,
    **texts: str,
) -> HttpResponse:
    """Show the moves of a plan, or make them once they are confirmed."""
    context: dict[str, Any] = {"account": account, **texts}
    has_changed = False
    if request.method == "POST":
        seen = request.POST.get("seen", "")
        try:
            made = moves.carry_out(account, plan, seen=seen, by=request.user, now=now, confirmed=confirmed_in(request))
            messages.success(request, f"{len(made)} pin{'s' if len(made) != 1 else ''} moved." if made else "Saved.")
            return _back_to_queue(account)
        except PlanChanged:
            has_changed = True
        except ConfirmationNeeded as needed:
            context |= asked(request, needed)
        except (QueueFull, MoveError) as refused:
            context["error"] = str(refused)
    try:
        listed = plan()
    except QueueFull as full:
        listed, context["error"] = [], str(full)
    if has_changed and listed:  # after a double click there is nothing left to do
        context["error"] = "The queue has changed since you opened this page. Nothing was moved. Please check again."
    findings = moves.findings_of_moves(listed, account.workspace.zone, now)
    context |= {"moves": list(zip(listed, findings, strict=True)), "seen": moves.fingerprint(listed)}
    return render(request, "pins/queue/moves.html", context)


def _back_to_queue(account: PinterestAccount) -> HttpResponse:
    return redirect(_queue_path(account))


def _queue_path(account: PinterestAccount) -> str:
    return f"{reverse('pins:queue')}?account={account.pk}"
