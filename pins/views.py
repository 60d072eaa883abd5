"""The pages around pins: find the object, check the right, call one function, answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRefresh

from accounts.middleware import WorkspaceRequest
from accounts.notifications.services import mark_seen
from accounts.permissions import can_edit, can_publish, require_editor, require_publisher
from pins.comments import services as comments
from pins.comments.forms import CommentForm
from pins.composer.attachments import attachments_of, roles
from pins.errors.catalogue import RATE_LIMITED, RECONNECT_NEEDED
from pins.errors.lookup import explanation_of
from pins.queue.advice import advice_on_pin
from pins.rules.composition import Composition, check
from pins.rules.questions import ConfirmationNeeded, asked, confirmed_in
from pins.scheduling.approval import ReviewError
from pins.scheduling.forms import SendBackForm
from pins.scheduling.past_times import PUBLISH_AT_FAR, is_just_past
from pins.scheduling.services import TOO_LATE
from pins.spacing import services as spacing
from postiz_pins.common.params import parse_number
from postiz_pins.common.undo import success_with_undo

from .composer import services as composer
from .models import Pin, PinComment, PinStatus
from .rules import links
from .scheduling import approval
from .scheduling import services as scheduling

# What an editor may plan although another member approves it.
UNDECIDED = (PinStatus.DRAFT, PinStatus.PROPOSED)
# Codes of errors and warnings that say what the box about a pin's account says.
ABOUT_CONNECTION = {RECONNECT_NEEDED.code, "account_not_connected"}
ABOUT_ACCOUNT = {RATE_LIMITED.code, *ABOUT_CONNECTION}


@require_GET
@vary_on_headers("HX-Request")
def pin_detail(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Show a pin with its status and history; what notified of it counts as read."""
    pin = get_object_or_404(Pin.objects.for_user(request.user).with_content(), pk=pk)
    if not request.htmx:  # a page that asks for news by itself is not always looked at
        mark_seen(request.memberships, pin.workspace_id, request.path, timezone.now())
    return pin_page(request, pin, SendBackForm())


def pin_page(request: WorkspaceRequest, pin: Pin, send_back_form: SendBackForm, **more: Any) -> HttpResponse:
    """Return the page of a pin that was read `with_content`, or its status alone for htmx."""
    if request.htmx and pin.is_proposed:
        # It was on its way when the page was opened, and has been edited. An approval needs the new content.
        return HttpResponseClientRefresh()
    timezone.activate(pin.workspace.zone)  # it may be another workspace than the current one
    attachments, now = attachments_of(pin), timezone.now()
    hold = scheduling.hold_reason(pin, now)
    is_account_away = pin.account is not None and not pin.account.is_active
    may_publish = can_publish(request, pin.workspace)
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
        "can_publish": may_publish,
        # A failed pin is tried again at once, or edited; the page that moves it takes it as well.
        "may_move": pin.can_move and (pin.status in UNDECIDED or may_publish and pin.status != PinStatus.FAILED),
        "may_review": pin.is_proposed and may_publish,
        "is_past": pin.publish_at is not None and pin.publish_at <= now,
        "send_back_form": send_back_form,
        **more,
    }
    if request.htmx:
        return render(request, "pins/_pin_update.html", context)
    more_of_page = {"tags": pin.tags.order_by(Lower("name")), "advice": advice_on_pin(pin, now)}
    return render(request, "pins/pin_detail.html", {**_comments(request, pin), **more_of_page, **context})


def _comments(request: WorkspaceRequest, pin: Pin) -> dict[str, Any]:
    written = comments.newest_comments(pin)
    return {
        "comments": written[-comments.COMMENTS_SHOWN :],
        "has_older_comments": len(written) > comments.COMMENTS_SHOWN,
        "comment_form": CommentForm(),
        "handles": comments.handles_of(pin.workspace, except_for=request.user),
    }


def _is_told_by_account(pin: Pin, hold: str, is_account_away: bool) -> bool:
    """Return whether the box about the pin's account says what its last error says: one box is enough.

    That one has the button. Once the account is reconnected, the error of a pin on its way is over.
    """
    if pin.is_on_its_way:
        return pin.error_code == RECONNECT_NEEDED.code or bool(hold and pin.error_code in ABOUT_ACCOUNT)
    return is_account_away and pin.error_code in ABOUT_CONNECTION and not pin.has_failed_in_doubt


def _link_problems(pin: Pin) -> list[str]:
    """Return what the composer would say about the links of a draft."""
    problems = [problem.message for problem in check(Composition.of(pin)) if problem.code == "link_invalid"]
    return [*problems, *filter(None, [links.warning_for(pin.link)])]


@require_POST
def pin_cancel(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Cancel a pin on its way, or withdraw a proposed one."""
    pin = editable_pin(request, pk)
    was_proposed = pin.is_proposed
    if scheduling.cancel(pin, by=request.user):
        text = f"{'Withdrawn' if was_proposed else 'Unscheduled'}. The pin is a draft again."
        if pin.publish_at is not None and pin.publish_at > timezone.now():
            # It has been far ahead before: that is not asked again.
            undo = f"{reverse('pins:pin_schedule', args=[pk])}?confirm={PUBLISH_AT_FAR}"
            success_with_undo(request, text, undo, {"version": pin.version})
        else:
            messages.success(request, text)
    else:
        messages.error(request, "The proposal has already been reviewed." if was_proposed else TOO_LATE)
    return redirect("pins:pin_detail", pk)


@require_POST
def pin_schedule(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Send a draft out for the time that it has, or propose it: how “Unschedule” is undone."""
    pin, now = editable_pin(request, pk), timezone.now()
    problems = check(Composition.of(pin))
    if pin.status != PinStatus.DRAFT or pin.publish_at is None or pin.version != _version(request):
        messages.error(request, "The pin has changed since. Its current status is below.")
    elif problems:
        messages.error(request, f"This pin can't be scheduled yet. {problems[0].message}")
    else:
        try:
            is_sent = approval.send_out(pin, pin.publish_at, by=request.user, now=now, confirmed=confirmed_in(request))
        except ConfirmationNeeded as needed:
            return pin_page(request, editable_pin(request, pk), SendBackForm(), **asked(request, needed))
        if is_sent:
            messages.success(request, "Proposed again." if pin.is_proposed else "Scheduled again.")
        else:
            messages.error(request, TOO_LATE)
    return redirect("pins:pin_detail", pk)


@require_POST
def pin_retry(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Send a failed pin again, or one that is so late that it waits for this."""
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
    """Create a draft with the same content, and open it."""
    pin = editable_pin(request, pk)
    copy = composer.duplicate_pin(pin, by=request.user, now=timezone.now())
    messages.success(request, "Pin duplicated. You're editing the copy.")
    return redirect("pins:pin_edit", copy.pk)


@require_http_methods(["GET", "POST"])
def pin_delete(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Ask for confirmation, then delete the pin here; a published one stays on Pinterest."""
    pin = editable_pin(request, pk)
    if request.method == "GET":
        return render(request, "pins/pin_delete.html", {"pin": pin})
    if composer.delete_pin(pin, by=request.user, now=timezone.now()):
        messages.success(request, f"“{pin}” deleted. If it was published, it stays on Pinterest.")
        return redirect("pins:pin_list")
    messages.error(request, TOO_LATE)
    return redirect("pins:pin_detail", pk)


def editable_pin(request: WorkspaceRequest, pk: int) -> Pin:
    """Return the pin with its content.

    Raises Http404 for an outsider and PermissionDenied for a viewer.
    """
    pin = get_object_or_404(Pin.objects.for_user(request.user).with_content(), pk=pk)
    require_editor(request, pin.workspace)
    return pin


@require_POST
def pin_approve(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Approve a proposed pin."""
    pin, now = editable_pin(request, pk), timezone.now()
    text = "Approved."
    if is_just_past(pin.publish_at, now):
        text += " Its time has just passed, so it's being published now."
    try:
        version, confirmed = _version(request), confirmed_in(request)
        with transaction.atomic():
            approval.approve(pin, version=version, by=request.user, now=now, confirmed=confirmed)
            spacing.keep(pin, request.POST.getlist("keeps"), by=request.user, now=now)
    except ConfirmationNeeded as needed:
        return pin_page(request, editable_pin(request, pk), SendBackForm(), **asked(request, needed))
    except ReviewError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _with_next(pin, text))
    return redirect("pins:pin_detail", pk)


@require_POST
def pin_send_back(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Make a proposed pin a draft again, with a comment."""
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
            text = _with_next(pin, "Sent back with your comment. The pin is a draft again.")
            success_with_undo(request, text, reverse("pins:pin_take_back", args=[pk]), {"version": pin.version})
            return redirect("pins:pin_detail", pk)
    return pin_page(request, pin, form)


@require_POST
def pin_take_back(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Let a pin that was sent back wait for its approval again: how “Send back” is undone."""
    pin = editable_pin(request, pk)
    try:
        approval.take_back(pin, version=_version(request), by=request.user, now=timezone.now())
    except ReviewError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The pin is waiting for approval again.")
    return redirect("pins:pin_detail", pk)


def _with_next(pin: Pin, text: str) -> str:
    """Return the text with a link to the next pin that waits, so that a series needs no way back to the list."""
    following = Pin.objects.in_workspace(pin.workspace).proposed().first()
    if following is None:
        return text
    url = reverse("pins:pin_detail", args=[following.pk])
    return format_html('{} <a href="{}">Next to review: “{}”</a>', text, url, following)


def _version(request: WorkspaceRequest) -> int:
    """Return the version of the pin as the page showed it; 0, which no pin has, for what is no number."""
    return parse_number(request.POST.get("version", "")) or 0


@require_POST
def comment_add(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Add a comment to a pin, as every member may."""
    pin = get_object_or_404(Pin.objects.for_user(request.user).with_content(), pk=pk)
    form = CommentForm(request.POST)
    if not form.is_valid():
        return pin_page(request, pin, SendBackForm(), comment_form=form)
    comment = comments.add_comment(pin, form.cleaned_data["text"], by=request.user, now=timezone.now())
    return redirect(f"{reverse('pins:pin_detail', args=[pk])}#comment-{comment.pk}")


@require_POST
def comment_delete(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Delete a comment of the user's own."""
    comment = get_object_or_404(PinComment.objects.for_user(request.user).filter(author=request.user), pk=pk)
    comment.delete()
    messages.success(request, "Comment deleted.")
    return redirect("pins:pin_detail", comment.pin_id)
