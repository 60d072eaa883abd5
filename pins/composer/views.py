"""The composer's page: a form, its buttons that only rearrange it, and those that save the pin."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.views.decorators.http import require_http_methods

from accounts.connections import board_sync, section_sync
from accounts.middleware import WorkspaceRequest, posted_workspace
from accounts.models import AccountStatus, Board, PinterestAccount, User, Workspace
from accounts.permissions import can_publish, require_editor
from pins import limits
from pins.media import editing as media_editing
from pins.media.storage import MediaRefused
from pins.media.views import receive_uploads, tell_notices
from pins.models import Pin, PinEventKind
from pins.rules import addresses, links
from pins.rules.composition import AttachedMedia, Composition
from pins.rules.questions import ConfirmationNeeded, asked, confirmed_in
from pins.rules.texts import clean_link
from pins.scheduling.past_times import is_just_past
from pins.scheduling.services import TOO_LATE
from postiz_pins.common.dates import format_moment_and_zone
from postiz_pins.common.params import parse_key, parse_number

from . import attachments as composer_attachments
from . import autosave, conflicts
from . import services as composer
from .forms import PinForm
from .services import EditOutcome, Submission
from .suggestions import ComposerFeedback, feedback_on, feedback_on_refused

SAVING_ACTIONS = ("draft", "schedule", "publish", "propose", "copy")
# What becomes a proposal of somebody whose pins need an approval, however the form was sent.
FOR_PUBLISHERS = ("schedule", "publish")


@require_http_methods(["GET", "POST"])
def pin_create(request: WorkspaceRequest) -> HttpResponse:
    workspace = posted_workspace(request)
    require_editor(request, workspace)
    if request.method == "POST":
        return _posted(request, None, workspace)
    attachments = _from_library(request, workspace)
    initial = {"alt_text": composer_attachments.offered_alt_text(attachments)}
    form = PinForm(workspace=workspace, attachments=attachments, initial=initial)
    return _page(request, form, None, workspace, Composition(attachments=attachments) if attachments else None)


@require_http_methods(["GET", "POST"])
def pin_edit(request: WorkspaceRequest, pk: int) -> HttpResponse:
    pin = get_object_or_404(Pin.objects.for_user(request.user).with_content(), pk=pk)
    require_editor(request, pin.workspace)
    if request.method == "POST":
        return _posted(request, pin, pin.workspace)
    if not pin.is_editable:
        messages.error(request, TOO_LATE)
        return redirect("pins:pin_detail", pk)
    kept = autosave.kept_form(pin, by=request.user)
    if kept is not None:
        edit, typed = kept
        attachments = composer_attachments.attachments_from(typed, pin.workspace)
        return _typed_page(request, typed, pin, pin.workspace, attachments, kept_edit=edit)
    initial = PinForm.initial_for(pin)
    form = PinForm(workspace=pin.workspace, attachments=composer_attachments.attachments_of(pin), initial=initial)
    return _page(request, form, pin, pin.workspace, Composition.of(pin))


def _from_library(request: WorkspaceRequest, workspace: Workspace) -> list[AttachedMedia]:
    """The files that a link from the library names (`?media=`)."""
    named = MultiValueDict({"attachments": request.GET.getlist("media")})
    return composer_attachments.attachments_from(named, workspace)


def _typed_page(
    request: WorkspaceRequest,
    typed: MultiValueDict[str, str],
    pin: Pin | None,
    workspace: Workspace,
    attachments: list[AttachedMedia],
    **more: Any,
) -> HttpResponse:
    """The form with all that was typed, before anybody judges it."""
    readable = PinForm(typed, workspace=workspace, attachments=attachments)
    readable.full_clean()
    form = PinForm(workspace=workspace, attachments=attachments, initial={name: typed.get(name) for name in typed})
    return _page(request, form, pin, workspace, readable.composition, **more)


def _posted(request: WorkspaceRequest, pin: Pin | None, workspace: Workspace) -> HttpResponse:
    action = request.POST.get("action", "draft")
    if action in FOR_PUBLISHERS and not can_publish(request, workspace):
        action = "propose"
    if pin is not None and action == "discard":
        autosave.discard(pin, by=request.user)
        return redirect("pins:pin_edit", pin.pk)
    stored, refusals = receive_uploads(request, "attachments", workspace)
    attachments = composer_attachments.attachments_from(request.POST, workspace)
    known = {attached.media for attached in attachments}
    attachments += [AttachedMedia(media) for media in dict.fromkeys(stored) if media not in known]
    if action not in SAVING_ACTIONS:  # the form comes back, and says at each file what became of it
        return _rearranged(request, action, pin, workspace, attachments, refusals)
    form = PinForm(request.POST, workspace=workspace, attachments=attachments, action=action)
    if form.is_valid() and not refusals:
        tell_notices(request, stored)
        return _save(request, form, pin, workspace)
    _add_refusals(form, refusals)
    return _page(request, form, pin, workspace)


def _add_refusals(form: PinForm, refusals: list[MediaRefused]) -> None:
    for refusal in refusals:
        form.add_error("attachments", ValidationError(refusal.message, code=refusal.code))


def _rearranged(
    request: WorkspaceRequest,
    action: str,
    pin: Pin | None,
    workspace: Workspace,
    attachments: list[AttachedMedia],
    refusals: list[MediaRefused],
) -> HttpResponse:
    """A button that saves nothing: the form comes back with all that was typed, and with what the button does."""
    typed = request.POST.copy()
    frames: list[media_editing.FrameChoice] = []
    notes: list[str] = []
    try:
        if action == "refresh_boards":
            notes = _refresh_boards(workspace, typed.get("board", ""))
        elif action == "mend_link":
            typed["link"] = addresses.with_one_scheme(clean_link(typed.get("link", "")))
        elif action == "take_color":
            typed["dominant_color"] = composer_attachments.offered_color(attachments) or typed.get("dominant_color", "")
        elif action == "pick_frame":
            frames = [
                frame for each in attachments if each.media.is_video for frame in media_editing.frames_of(each.media)
            ]
        else:
            attachments = composer_attachments.rearranged(attachments, action, request.user)
    except MediaRefused as refusal:
        refusals = [*refusals, refusal]
    typed["alt_text"] = typed.get("alt_text") or composer_attachments.offered_alt_text(attachments)
    refused = [refusal.message for refusal in refusals]
    return _typed_page(
        request,
        typed,
        pin,
        workspace,
        attachments,
        board_notes=notes,
        frames=frames,
        refused_files=refused,
        is_rearranged=True,
    )


def _refresh_boards(workspace: Workspace, chosen: str) -> list[str]:
    """Fetches all boards, and the sections of the chosen one; sentences about what has changed."""
    notes = [str(outcome) for outcome in board_sync.sync_workspace(workspace)]
    board = _board(chosen, workspace)
    return [*notes, str(section_sync.sync_sections(board))] if board else notes


def _board(chosen: Any, workspace: Workspace) -> Board | None:
    key = chosen.pk if isinstance(chosen, Board) else parse_key(str(chosen or ""))
    return Board.objects.in_workspace(workspace).select_related("account").filter(pk=key).first() if key else None


def _save(request: WorkspaceRequest, form: PinForm, pin: Pin | None, workspace: Workspace) -> HttpResponse:
    is_edit = pin is not None and form.action != "copy"
    was_on_its_way = pin is not None and pin.is_on_its_way
    submission = _submission(request, form)
    # Of the button “Replace it with mine”, which alone may overwrite what somebody else has changed meanwhile.
    replaced_version = parse_number(request.GET.get("replaces", ""))
    try:
        result = composer.save(
            submission,
            pin if is_edit else None,
            workspace=workspace,
            form_token=form.cleaned_data["form_token"] if form.action != "copy" else None,
            version=form.cleaned_data["version"] if replaced_version is None else replaced_version,
        )
    except ConfirmationNeeded as needed:
        if pin is not None:  # as it was before the transaction
            pin = Pin.objects.with_content().get(pk=pin.pk)
        return _page(request, form, pin, workspace, form.composition, **asked(request, needed))
    saved = result.pin
    match result.outcome:
        case EditOutcome.CONFLICT:
            return _conflict(request, form, saved, workspace)
        case EditOutcome.TOO_LATE if is_edit:  # what was typed stays on the page
            form.add_error(None, TOO_LATE)
            return _page(request, form, saved, workspace, is_too_late=True)
        case EditOutcome.TOO_LATE if form.action != "publish":  # a second click has nothing to be told
            messages.error(request, TOO_LATE)
        case EditOutcome.GONE:
            messages.warning(
                request, "This pin was deleted while you were editing. Your changes are saved as a new draft."
            )
            return redirect("pins:pin_edit", saved.pk)
        case EditOutcome.SAVED if form.action == "copy":
            messages.success(request, "Your changes are saved as a new draft.")
            return redirect("pins:pin_edit", saved.pk)
        case EditOutcome.SAVED:
            _tell_saved(request, saved, submission, was_on_its_way=was_on_its_way)
    return redirect("pins:pin_detail", saved.pk)


def _submission(request: WorkspaceRequest, form: PinForm) -> Submission:
    now = timezone.now()
    publish_at: datetime | None = form.cleaned_data["publish_at"]
    return Submission(
        composition=form.composition,
        publish_at=publish_at,
        goes_out_at={"publish": now, "schedule": publish_at}.get(form.action),
        is_proposal=form.action == "propose",
        by=request.user,
        now=now,
        confirmed=confirmed_in(request),
    )


def _tell_saved(request: WorkspaceRequest, pin: Pin, submission: Submission, *, was_on_its_way: bool) -> None:
    """Say what happens to the pin next; one that is published now says so on its page."""
    goes_out_at, now = submission.goes_out_at, submission.now
    if submission.is_draft:
        if pin.board is not None and pin.board.sections_synced_at is None:
            section_sync.sync_sections(pin.board)  # for a browser without scripts, which could not ask for them
        note = " It's no longer scheduled." if was_on_its_way else ""
        messages.success(request, f"Saved as a draft.{note}")
    elif pin.is_proposed:
        note = " It won't be published until then." if was_on_its_way else ""
        if is_just_past(submission.publish_at, now):
            note += " Its time has just passed, so it will be published as soon as it's approved."
        messages.success(request, f"Proposed. We've asked the workspace's admins to approve it.{note}")
    elif goes_out_at is not None and goes_out_at != now:
        when = format_moment_and_zone(goes_out_at, pin.workspace.zone)
        if goes_out_at > now:
            messages.success(request, f"Scheduled for {when}.")
        else:
            what = "has just passed" if is_just_past(goes_out_at, now) else "has passed"
            messages.warning(request, f"{when} {what}, so the pin is being published now.")


def _conflict(request: WorkspaceRequest, form: PinForm, pin: Pin, workspace: Workspace) -> HttpResponse:
    """The form again, with all that was typed and what somebody else has changed."""
    publish_at = form.cleaned_data["publish_at"]
    found = conflicts.conflict_of(pin, form.composition, publish_at, reader=request.user, workspace=workspace)
    autosave.keep_aside(request.POST, pin, by=request.user, now=timezone.now())
    return _page(request, form, pin, workspace, form.composition, conflict=found)


def _page(
    request: WorkspaceRequest,
    form: PinForm,
    pin: Pin | None,
    workspace: Workspace,
    composition: Composition | None = None,
    **more: Any,
) -> HttpResponse:
    """`composition` is what is judged as long as no button was pressed in vain; None: there is nothing to judge yet."""
    timezone.activate(workspace.zone)  # it may be another workspace than the current one
    board = _board(form["board"].value(), workspace)
    offered = Q(pk__in=Board.objects.in_workspace(workspace).offered().values("pk"))
    mine = Board.objects.in_workspace(workspace).select_related("account")
    boards = list(mine.filter(offered | Q(pk=board.pk) if board else offered))
    board_sync.tell_apart(boards)
    if form.is_bound and form.errors:
        feedback = feedback_on_refused(form)
    else:
        feedback = feedback_on(composition) if composition else ComposerFeedback([], [])
    media = [attached.media for attached in form.attachments]
    section = form["section"].value() or ""
    link = clean_link(str(form["link"].value() or ""))
    offered_link = addresses.with_one_scheme(link)
    section = str(getattr(section, "pk", section))
    context: dict[str, Any] = {
        "form": form,
        "pin": pin,
        "problem_fields": [field for field in form.visible_fields() if form.is_bound and field.errors],
        "boards": boards,
        "board": board,
        "sections": section_sync.sections_of(board, section),
        "section": section,
        "has_stale_sections": board is not None and section_sync.is_stale(board, timezone.now()),
        **({} if boards else _without_boards(workspace)),
        "attachments": list(zip(form.attachments, composer_attachments.roles(form.attachments), strict=True)),
        "media": media,
        "is_carousel": composer_attachments.is_carousel(media),
        "feedback": feedback,
        "limits": limits,
        "shorteners": links.SHORTENERS,
        "shortener_warning": links.SHORTENER_WARNING,
        "link_warning": links.warning_for(link),
        "offered_link": offered_link if offered_link.lower() != link.lower() else "",
        "composer_workspace": workspace,
        "can_publish": can_publish(request, workspace),
        "sent_back_by": _sent_back_by(pin),
        **more,
    }
    return render(request, "pins/pin_form.html", context)


def _sent_back_by(pin: Pin | None) -> User | None:
    """Who sent the draft back last; None: nobody did, or that person's account is gone."""
    if pin is None or not pin.review_comment:
        return None
    event = pin.events.filter(kind=PinEventKind.SENT_BACK).select_related("by").last()
    return event.by if event else None


def _without_boards(workspace: Workspace) -> dict[str, Any]:
    """Why no board can be chosen, and the accounts whose boards would be there after reconnecting them."""
    accounts = list(PinterestAccount.objects.in_workspace(workspace).exclude(status=AccountStatus.DISCONNECTED))
    lost = [account for account in accounts if not account.is_active]
    problem = "no_board" if len(accounts) > len(lost) else "" if lost else "no_account"
    return {"board_problem": problem, "lost_accounts": lost}
