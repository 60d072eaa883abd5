"""The pages around pins: find the object, check the right, call one function, answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRefresh

from accounts.middleware import WorkspaceRequest
from accounts.models import AccountStatus, Board, PinterestAccount, Workspace
from accounts.notifications.services import mark_seen
from accounts.permissions import can_edit, can_publish, require_editor, require_publisher
from pins.composer.attachments import attachments_of, roles
from pins.errors.catalogue import RATE_LIMITED, RECONNECT_NEEDED
from pins.errors.lookup import explanation_of
from pins.rules.composition import Composition, check
from pins.rules.questions import ConfirmationNeeded, asked, confirmed_in
from pins.scheduling.approval import ReviewError
from pins.scheduling.forms import SendBackForm
from pins.scheduling.past_times import is_just_past
from pins.scheduling.services import TOO_LATE
from postiz_pins.common.params import parse_number, search_text

from .composer import services as composer
from .models import Pin, PinStatus
from .models.shown_at import shown_at
from .pin_list import SOONEST_FIRST, page_of
from .rules import links
from .scheduling import approval
from .scheduling import services as scheduling

# Codes of errors and warnings that say what the box about a pin's account says.
ABOUT_CONNECTION = {RECONNECT_NEEDED.code, "account_not_connected"}
ABOUT_ACCOUNT = {RATE_LIMITED.code, *ABOUT_CONNECTION}


@require_GET
def dashboard(request: WorkspaceRequest) -> HttpResponse:
    now = timezone.now()
    pins = Pin.objects.in_workspace(request.workspace).with_content()
    accounts = list(PinterestAccount.objects.in_workspace(request.workspace))
    away = [account for account in accounts if not account.is_active]
    with_waiting_pins = _with_waiting_pins(away, request.workspace)
    # Those who approve see what waits for them, the others what they wait for.
    whose = {} if request.membership.can_publish else {"proposed_by": request.user}
    context = {
        "now": now,
        "proposed_pins": pins.proposed().filter(**whose)[:5],
        "sent_back_pins": pins.sent_back_to(request.user)[:5],
        "next_pins": pins.on_their_way().order_by("publish_at", "pk")[:5],
        "recent_pins": pins.published().order_by("-published_at", "-pk")[:6],
        "late_pins": pins.late(now).order_by("publish_at", "pk")[:5],
        "warned_pins": pins.with_warnings().order_by("publish_at", "pk")[:5],
        "failed_pins": pins.filter(status=PinStatus.FAILED).order_by(shown_at().desc(), "-pk")[:5],
        "has_pins": pins.exists(),
        "has_draft": bool(pins.filter(status=PinStatus.DRAFT).order_by(shown_at(), "pk").values("pk")[:1]),
        "has_account": len(away) < len(accounts),
        "has_board": Board.objects.in_workspace(request.workspace).offered().exists(),
        # A disconnected account is trouble only for the pins that wait for it.
        "trouble_accounts": [
            (account, account.pk in with_waiting_pins)
            for account in away
            if account.pk in with_waiting_pins or account.status == AccountStatus.NEEDS_RECONNECT
        ],
    }
    return render(request, "pins/dashboard.html", context)


def _with_waiting_pins(accounts: list[PinterestAccount], workspace: Workspace) -> set[int]:
    """The keys of those for which pins wait, be it for their moment or for an approval."""
    keys = [account.pk for account in accounts]
    # The first by index: to find just any, PostgreSQL may read the table from its beginning.
    first = Pin.objects.filter(account=OuterRef("pk")).on_their_way().in_posting_order().values("pk")[:1]
    waiting = PinterestAccount.objects.filter(pk__in=keys).annotate(first=Subquery(first)).exclude(first=None)
    # By the workspace, since proposed pins have an index with it and none with their account.
    proposed = Pin.objects.in_workspace(workspace).filter(status=PinStatus.PROPOSED, account__in=keys)
    return {*waiting.values_list("pk", flat=True), *proposed.values_list("account", flat=True).distinct()}


@require_GET
def pin_list(request: WorkspaceRequest) -> HttpResponse:
    status, query = request.GET.get("status", ""), search_text(request)
    status = status if status in PinStatus.values else ""
    pins = Pin.objects.in_workspace(request.workspace)
    if status:
        pins = pins.filter(status=status)
    if query:
        pins = pins.filter(title__icontains=query)
    page = page_of(pins, request, status)
    context = {
        "pins": page.rows,
        "now": timezone.now(),
        "statuses": [(value, label, value == status) for value, label in PinStatus.choices],
        "current_status": status,
        "query": query,
        "next_url": page.next_url,
        "newest_url": page.newest_url,
        "is_soonest_first": status in SOONEST_FIRST,
    }
    return render(request, "pins/pin_list.html", context)


@require_GET
@vary_on_headers("HX-Request")
def pin_detail(request: WorkspaceRequest, pk: int) -> HttpResponse:
    pin = get_object_or_404(Pin.objects.for_user(request.user).with_content(), pk=pk)
    if not request.htmx:  # a page that asks for news by itself is not always looked at
        mark_seen(request.memberships, pin.workspace_id, request.path, timezone.now())
    return pin_page(request, pin, SendBackForm())


def pin_page(request: WorkspaceRequest, pin: Pin, send_back_form: SendBackForm, **more: Any) -> HttpResponse:
    """The page of a pin that was read `with_content`, or its status alone for htmx."""
    if request.htmx and pin.is_proposed:
        # It was on its way when the page was opened, and has been edited. Nobody approves what the page does not show.
        return HttpResponseClientRefresh()
    timezone.activate(pin.workspace.zone)  # it may be another workspace than the current one
    attachments, now = attachments_of(pin), timezone.now()
    hold = scheduling.hold_reason(pin, now)
    is_account_away = pin.account is not None and not pin.account.is_active
    context = {
        "pin": pin,
        "media": pin.media_files,
        "attachments": list(zip(attachments, roles(attachments), strict=True)),
        "events": pin.events.select_related("by"),
        "explanation": None if _is_told_by_account(pin, hold, is_account_away) else explanation_of(pin),
        "hold": hold,
        "is_account_away": is_account_away,
        "warnings": [row for row in pin.open_warnings if not (is_account_away and row["code"] in ABOUT_CONNECTION)],
        "link_problems": _link_problems(pin) if pin.status == PinStatus.DRAFT else [],
        "is_late": pin.is_late(now),
        "can_edit": can_edit(request, pin.workspace),
        "can_publish": can_publish(request, pin.workspace),
        "is_past": pin.publish_at is not None and pin.publish_at <= now,
        "send_back_form": send_back_form,
        **more,
    }
    return render(request, "pins/_pin_status.html" if request.htmx else "pins/pin_detail.html", context)


def _is_told_by_account(pin: Pin, hold: str, is_account_away: bool) -> bool:
    """Whether the box about the pin's account says what its last error says: one box is enough, and that one has the
    button. Once the account is connected again, the error of a pin on its way is over."""
    if pin.is_on_its_way:
        return pin.error_code == RECONNECT_NEEDED.code or bool(hold and pin.error_code in ABOUT_ACCOUNT)
    return is_account_away and pin.error_code in ABOUT_CONNECTION and not pin.has_failed_in_doubt


def _link_problems(pin: Pin) -> list[str]:
    """What the composer would say about the links of a draft."""
    problems = [problem.message for problem in check(Composition.of(pin)) if problem.code == "link_invalid"]
    return [*problems, *filter(None, [links.warning_for(pin.link)])]


@require_POST
def pin_cancel(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Takes back a pin on its way, or one that is proposed."""
    pin = editable_pin(request, pk)
    was_proposed = pin.is_proposed
    if scheduling.cancel(pin, by=request.user):
        messages.success(request, f"{'Withdrawn' if was_proposed else 'Canceled'}. The pin is a draft again.")
    else:
        messages.error(request, "The proposal has already been reviewed." if was_proposed else TOO_LATE)
    return redirect("pins:pin_detail", pk)


@require_POST
def pin_retry(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Sends a failed pin again, or one that is so late that it waits for this."""
    pin, now = editable_pin(request, pk), timezone.now()
    send = scheduling.release_late if pin.is_late(now) else scheduling.retry
    try:
        is_sent = send(pin, by=request.user, now=now, confirmed=confirmed_in(request))
    except ConfirmationNeeded as needed:
        return pin_page(request, editable_pin(request, pk), SendBackForm(), **asked(request, needed))
    if not is_sent:
        messages.error(request, "Nothing to retry: the pin hasn't failed.")
    return redirect("pins:pin_detail", pk)


@require_POST
def pin_duplicate(request: WorkspaceRequest, pk: int) -> HttpResponse:
    pin = editable_pin(request, pk)
    copy = composer.duplicate_pin(pin, by=request.user, now=timezone.now())
    messages.success(request, "Pin duplicated. You're editing the copy.")
    return redirect("pins:pin_edit", copy.pk)


@require_http_methods(["GET", "POST"])
def pin_delete(request: WorkspaceRequest, pk: int) -> HttpResponse:
    pin = editable_pin(request, pk)
    if request.method == "GET":
        return render(request, "pins/pin_delete.html", {"pin": pin})
    if composer.delete_pin(pin, by=request.user, now=timezone.now()):
        messages.success(request, f"“{pin}” deleted. If it was published, it stays on Pinterest.")
        return redirect("pins:pin_list")
    messages.error(request, TOO_LATE)
    return redirect("pins:pin_detail", pk)


def editable_pin(request: WorkspaceRequest, pk: int) -> Pin:
    """The pin with its content, if the person may change it: 404 for an outsider, 403 for a viewer."""
    pin = get_object_or_404(Pin.objects.for_user(request.user).with_content(), pk=pk)
    require_editor(request, pin.workspace)
    return pin


@require_POST
def pin_approve(request: WorkspaceRequest, pk: int) -> HttpResponse:
    pin, now = editable_pin(request, pk), timezone.now()
    text = "Approved."
    if is_just_past(pin.publish_at, now):
        text += " Its time has just passed, so it's being published now."
    try:
        version, confirmed = _version(request), confirmed_in(request)
        approval.approve(pin, version=version, by=request.user, now=now, confirmed=confirmed)
    except ConfirmationNeeded as needed:
        return pin_page(request, editable_pin(request, pk), SendBackForm(), **asked(request, needed))
    except ReviewError as error:
        messages.error(request, str(error))
    else:
        _tell_done(request, pin, text)
    return redirect("pins:pin_detail", pk)


@require_POST
def pin_send_back(request: WorkspaceRequest, pk: int) -> HttpResponse:
    pin = editable_pin(request, pk)
    require_publisher(request.user, pin.workspace)
    form = SendBackForm(request.POST)
    if form.is_valid():
        try:
            comment, version = form.cleaned_data["comment"], _version(request)
            approval.send_back(pin, comment, version=version, by=request.user, now=timezone.now())
        except ReviewError as error:
            pin = editable_pin(request, pk)
            if not pin.is_proposed:
                messages.error(request, str(error))
                return redirect("pins:pin_detail", pk)
            form.add_error("comment", str(error))
        else:
            _tell_done(request, pin, "Sent back with your comment. The pin is a draft again.")
            return redirect("pins:pin_detail", pk)
    return pin_page(request, pin, form)


def _tell_done(request: WorkspaceRequest, pin: Pin, text: str) -> None:
    """With the way to the next pin that waits, so that a series is answered without going back to the list."""
    following = Pin.objects.in_workspace(pin.workspace).proposed().first()
    if following is None:
        messages.success(request, text)
        return
    url = reverse("pins:pin_detail", args=[following.pk])
    messages.success(request, format_html('{} <a href="{}">Next to review: “{}”</a>', text, url, following))


def _version(request: WorkspaceRequest) -> int:
    """Of the pin as the page showed it; 0, which no pin has, for what is no number."""
    return parse_number(request.POST.get("version", "")) or 0
