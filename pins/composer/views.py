"""The composer's page: a form, its buttons that only rearrange it, and those that save the pin."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.views.decorators.http import require_http_methods

from accounts.connections import board_sync, section_sync
from accounts.middleware import WorkspaceRequest, posted_workspace
from accounts.models import Board, Workspace
from accounts.permissions import can_publish, require_editor
from pins import limits
from pins.families.page import series_context, sync_new_sections
from pins.families.series import TypedSeries
from pins.media import editing as media_editing
from pins.media.storage import MediaRefused
from pins.media.views import receive_uploads, tell_notices
from pins.models import Pin
from pins.queue.services import QueueFull
from pins.rules import addresses, links
from pins.rules.composition import AttachedMedia, Composition
from pins.rules.questions import ConfirmationNeeded, asked, confirmed_in
from pins.rules.texts import clean_link
from pins.scheduling.past_times import is_just_past
from pins.scheduling.services import TOO_LATE
from pins.tags.services import suggested_names
from postiz_pins.common.dates import format_moment_and_zone
from postiz_pins.common.params import parse_key, parse_keys, parse_number

from . import attachments as composer_attachments
from . import autosave, conflicts, reuse, suggestions
from . import services as composer
from .forms import PinForm, When
from .fragment_views import files_context
from .offers import latest_pin, offers_of
from .services import EditOutcome, Submission

SAVING_ACTIONS = ("draft", "schedule", "publish", "queue", "first", "propose", "copy")
# The primary button, and the one that opens another new pin afterwards.
SENDING = ("send", "send_new")
# What becomes a proposal of a user whose pins need an approval, however the form was sent.
FOR_PUBLISHERS = ("schedule", "publish", "first")


@require_http_methods(["GET", "POST"])
def pin_create(request: WorkspaceRequest) -> HttpResponse:
    """Show the empty composer, or save, schedule or publish what was posted."""
    workspace = posted_workspace(request)
    require_editor(request, workspace)
    if request.method == "POST":
        return _posted(request, None, workspace)
    attachments = _from_library(request, workspace)
    offers, latest = (
        offers_of(attachments),
        latest_pin(request.user, workspace, parse_key(request.GET.get("account", ""))),
    )
    initial = {"title": offers.title, "alt_text": offers.alt_text, "board": latest.board}
    # From a gap of the calendar or the dashboard; what cannot be read is told when the form is sent.
    initial["publish_at"] = request.GET.get("publish_at", "")
    reused = reuse.fill_new(initial, latest.board, workspace)
    form = PinForm(workspace=workspace, attachments=attachments, initial=initial)
    composition = Composition(attachments=attachments, board=latest.board) if attachments else None
    return _page(request, form, None, workspace, composition, last_link=latest.link, reused=reused)


@require_http_methods(["GET", "POST"])
def pin_edit(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Show the composer with a pin, or save what was posted; an unsaved edit is offered first."""
    pin = get_object_or_404(Pin.objects.for_user(request.user).with_content(), pk=pk)
    require_editor(request, pin.workspace)
    if request.method == "POST":
        return _posted(request, pin, pin.workspace)
    if not pin.is_editable:
        messages.error(request, TOO_LATE)
        return redirect("pins:pin_detail", pk)
    unsaved = autosave.kept_form(pin, by=request.user)
    if unsaved is not None:
        edit, typed = unsaved
        attachments = composer_attachments.attachments_from(typed, pin.workspace)
        return _typed_page(request, typed, pin, pin.workspace, attachments, kept_edit=edit)
    initial = PinForm.initial_for(pin)
    form = PinForm(workspace=pin.workspace, attachments=composer_attachments.attachments_of(pin), initial=initial)
    return _page(request, form, pin, pin.workspace, Composition.of(pin))


def _from_library(request: WorkspaceRequest, workspace: Workspace) -> list[AttachedMedia]:
    """Return the files that a link from the library names (`?media=`)."""
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
    """Return the form with all that was typed, before it is validated."""
    readable = PinForm(typed, workspace=workspace, attachments=attachments)
    readable.full_clean()
    form = PinForm(workspace=workspace, attachments=attachments, initial={name: typed.get(name) for name in typed})
    return _page(request, form, pin, workspace, readable.composition, **more)


def _posted(request: WorkspaceRequest, pin: Pin | None, workspace: Workspace) -> HttpResponse:
    action = _asked_action(request.POST)
    if action in FOR_PUBLISHERS and not can_publish(request, workspace):
        action = "propose"
    if pin is not None and action == "discard":
        autosave.discard(pin, by=request.user)
        return redirect("pins:pin_edit", pin.pk)
    stored, refusals = receive_uploads(request, "attachments", workspace)
    attachments = composer_attachments.attachments_from(request.POST, workspace)
    attached_media = {attached.media for attached in attachments}
    attachments += [AttachedMedia(media) for media in dict.fromkeys(stored) if media not in attached_media]
    if action not in SAVING_ACTIONS:  # the form comes back, and says at each file what became of it
        return _rearranged(request, action, pin, workspace, attachments, refusals)
    form = PinForm(request.POST, workspace=workspace, attachments=attachments, action=action, pin=pin)
    if form.is_valid() and not refusals and reuse.use_link_preset(form, pin, workspace, by=request.user):
        tell_notices(request, stored)
        return _save(request, form, pin, workspace)
    _add_refusals(form, refusals)
    return _page(request, form, pin, workspace)


def _asked_action(posted: QueryDict) -> str:
    """Return what the pressed button does: the primary one does what is chosen under “When”."""
    action = posted.get("action", "draft")
    if action not in SENDING:
        return action
    return {"now": "publish", "queue": "queue"}.get(posted.get("when", ""), "schedule")


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
    """Return the form after a button that saves nothing, with all that was typed."""
    typed = request.POST.copy()
    series = TypedSeries.posted(typed) or TypedSeries()
    frames: list[media_editing.FrameChoice] = []
    notes: list[str] = []
    reused = ""
    try:
        if reuse.is_action(action):
            reused = reuse.carry_out(action, typed, workspace)
        elif action == "refresh_boards":
            notes = _refresh_boards(workspace, typed.get("board", ""))
        elif action == "mend_link":
            typed["link"] = addresses.with_one_scheme(clean_link(typed.get("link", "")))
        elif action.startswith(suggestions.USE_TIME):
            suggestions.use_time(typed, action)
        elif action == "take_color":
            typed["dominant_color"] = offers_of(attachments).color or typed.get("dominant_color", "")
        elif action == "split":
            series = series.split(attachments[1:], typed.get("board", ""), typed.get("section", ""))
            attachments = attachments[:1]
        elif action.startswith("more"):
            series = series.after(action)
            sync_new_sections(series, workspace)
        elif action == "pick_frame":
            frames = [
                frame for each in attachments if each.media.is_video for frame in media_editing.frames_of(each.media)
            ]
        else:
            attachments = composer_attachments.rearranged(attachments, action, request.user)
    except MediaRefused as refusal:
        refusals = [*refusals, refusal]
    typed["alt_text"] = typed.get("alt_text") or offers_of(attachments).alt_text
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
        reused=reused,
        is_rearranged=True,
        typed_series=series,
    )


def _refresh_boards(workspace: Workspace, chosen: str) -> list[str]:
    """Fetch all boards, and the sections of the selected one; return sentences about what has changed."""
    notes = [str(outcome) for outcome in board_sync.sync_workspace(workspace)]
    rows = Board.objects.in_workspace(workspace).select_related("account")
    board = rows.filter(pk__in=parse_keys([chosen])).first()
    return [*notes, str(section_sync.sync_sections(board))] if board else notes


def _board_key(chosen: Any) -> int | None:
    """Return the key of a board that the form has as a row, or as it was typed."""
    return chosen.pk if isinstance(chosen, Board) else parse_key(str(chosen or ""))


def _save(request: WorkspaceRequest, form: PinForm, pin: Pin | None, workspace: Workspace) -> HttpResponse:
    is_edit = pin is not None and form.action != "copy"
    was_on_its_way = pin is not None and pin.is_on_its_way
    submission = _submission(request, form)
    # Of the button “Replace it with mine”, which alone may overwrite what another user has changed meanwhile.
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
    except QueueFull as full:
        form.add_error("when", ValidationError(str(full), code=full.code))
        return _page(request, form, pin, workspace)
    saved = result.pin
    for notice in form.notices if result.outcome is EditOutcome.SAVED else []:
        messages.info(request, notice)
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
        case EditOutcome.SAVED if form.action == "first":  # as a draft, until the moves of the others are confirmed
            return redirect("pins:pin_first", saved.pk)
        case EditOutcome.SAVED:
            _tell_saved(request, saved, submission, was_on_its_way=was_on_its_way)
            if submission.series is not None and saved.family_id is not None:
                return redirect("pins:pin_family", saved.family_id)
            if request.POST.get("action") == "send_new":
                return redirect("pins:pin_create")
    return redirect("pins:pin_detail", saved.pk)


def _submission(request: WorkspaceRequest, form: PinForm) -> Submission:
    now = timezone.now()
    publish_at: datetime | None = form.cleaned_data["publish_at"]
    return Submission(
        composition=form.composition,
        tags=form.tag_names,
        publish_at=publish_at,
        goes_out_at={"publish": now, "schedule": publish_at}.get(form.action),
        is_proposal=form.action == "propose",
        to_queue=form.action == "queue",
        series=form.series if form.series.rows else None,
        typed_series=form.typed_series,
        also_others=form.cleaned_data["also_others"],
        by=request.user,
        now=now,
        confirmed=[*confirmed_in(request), *request.POST.getlist("keeps")],
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
    elif submission.to_queue:
        messages.success(request, f"Added to the queue: {format_moment_and_zone(pin.publish_at, pin.workspace.zone)}.")
    elif goes_out_at is not None and goes_out_at != now:
        when = format_moment_and_zone(goes_out_at, pin.workspace.zone)
        if goes_out_at > now:
            messages.success(request, f"Scheduled for {when}.")
        else:
            what = "has just passed" if is_just_past(goes_out_at, now) else "has passed"
            messages.warning(request, f"{when} {what}, so the pin is being published now.")


def _conflict(request: WorkspaceRequest, form: PinForm, pin: Pin, workspace: Workspace) -> HttpResponse:
    """Return the form again, with all that was typed and what another user has changed."""
    publish_at = form.cleaned_data["publish_at"]
    conflict = conflicts.conflict_of(pin, form.composition, publish_at, reader=request.user, workspace=workspace)
    autosave.keep_aside(request.POST, pin, by=request.user, now=timezone.now())
    return _page(request, form, pin, workspace, form.composition, conflict=conflict)


def _page(
    request: WorkspaceRequest,
    form: PinForm,
    pin: Pin | None,
    workspace: Workspace,
    composition: Composition | None = None,
    typed_series: TypedSeries | None = None,
    **more: Any,
) -> HttpResponse:
    """Return the composer's page.

    `composition` is what is checked as long as no button was pressed in vain; None: there is nothing to check yet.
    """
    timezone.activate(workspace.zone)  # it may be another workspace than the current one
    chosen = _board_key(form["board"].value())
    offered = Q(pk__in=Board.objects.in_workspace(workspace).offered().values("pk"))
    mine = Board.objects.in_workspace(workspace).select_related("account")
    boards = list(mine.filter(offered | Q(pk=chosen)))
    board = next((each for each in boards if each.pk == chosen), None)
    board_sync.tell_apart(boards)
    if form.is_bound and form.errors:
        feedback = suggestions.feedback_on_refused(form)
    else:
        feedback = suggestions.feedback_on(composition) if composition else suggestions.ComposerFeedback([], [])
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
        **({} if boards else suggestions.without_boards(workspace)),
        **files_context(form.attachments),
        "feedback": feedback,
        **suggestions.timing_context(form, composition, board, pin, workspace),
        "is_more_open": workspace.asks_for_alt_text
        or any(form[name].value() or form[name].errors for name in ("tags", "alt_text", "dominant_color")),
        "tag_names": suggested_names(workspace),
        **reuse.offers(str(form["link_preset"].value() or ""), board, workspace),
        "limits": limits,
        "shorteners": links.SHORTENERS,
        "shortener_warning": links.SHORTENER_WARNING,
        "link_warning": links.warning_for(link),
        "offered_link": offered_link if offered_link.lower() != link.lower() else "",
        "composer_workspace": workspace,
        "can_publish": can_publish(request, workspace),
        "sent_back_by": suggestions.sent_back_by(pin),
        **_series_of(form, pin, typed_series, composition, boards, workspace),
        **more,
    }
    return render(request, "pins/pin_form.html", context)


def _series_of(
    form: PinForm,
    pin: Pin | None,
    typed: TypedSeries | None,
    composition: Composition | None,
    boards: list[Board],
    workspace: Workspace,
) -> dict[str, Any]:
    """Return what the page shows of further pins: what was posted, or what the draft keeps."""
    now, when = timezone.now(), form["when"].value()
    return series_context(
        typed or form.typed_series or TypedSeries.of(pin.family if pin else None),
        composition or (form.composition if form.is_bound else Composition(attachments=tuple(form.attachments))),
        pin=pin,
        workspace=workspace,
        boards=boards,
        first_at=now if when == When.NOW else suggestions.chosen_time(form),
        is_first_queued=when == When.QUEUE,
        is_refused=form.is_bound and bool(form.errors),
        now=now,
    )
