"""Writing what a person or a program composed: new pins, edits, copies and deletions."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.audit import services as audit
from accounts.models import AuditAction, User, Workspace
from accounts.permissions import may_publish
from pins.lifecycle import events
from pins.lifecycle import notifications as pin_notifications
from pins.lifecycle.transitions import transition
from pins.models import (
    EDITABLE_STATUSES,
    Attachment,
    DeletedPin,
    Pin,
    PinEventKind,
    PinQuerySet,
    PinStatus,
    UnsavedEdit,
)
from pins.rules.composition import Composition
from pins.scheduling import approval

# Saves of one person that follow each other by less are one event.
SITTING = timedelta(hours=1)


class EditOutcome(Enum):
    SAVED = "saved"
    # Somebody has changed the pin since the form was opened, and nothing was written.
    CONFLICT = "conflict"
    # Pinterest is creating the pin, or holds it already, and nothing was written.
    TOO_LATE = "too late"
    # Somebody has deleted the pin.
    GONE = "gone"
    # The same request has been here before, and its pin is on its way, or was made at this very moment.
    REPEATED = "repeated"


@dataclass(frozen=True, kw_only=True)
class Submission:
    """What somebody sends: the content of a pin, and whether it stays a draft."""

    composition: Composition
    by: User
    now: datetime
    # The moment that was chosen. None: none was.
    publish_at: datetime | None = None
    # When it goes out, at once if that is past; where its maker needs an approval it is proposed. None: it does not.
    goes_out_at: datetime | None = None
    # Whether it is proposed even by somebody who may publish: the button that was pressed promised no more.
    is_proposal: bool = False
    # Codes of the questions (rules/questions.py) that are answered with yes.
    confirmed: Collection[str] = ()
    # For the pin's history.
    text: str = ""

    @property
    def is_draft(self) -> bool:
        return self.goes_out_at is None and not self.is_proposal


@dataclass(frozen=True)
class SaveResult:
    """What came of a submission: the pin as it is now, and whether it was written."""

    pin: Pin
    outcome: EditOutcome


def save(
    submission: Submission,
    pin: Pin | None,
    *,
    workspace: Workspace,
    form_token: uuid.UUID | None = None,
    version: int | None = None,
) -> SaveResult:
    """Write the submission into `pin`, or into the one that the form has made or makes, and send it out as it says.

    If somebody has deleted the pin, the content becomes a new draft. Raises ConfirmationNeeded; then nothing was
    written."""
    with transaction.atomic():
        if pin is None:
            pin = made_by_form(form_token, workspace)
            if pin is not None and not is_still_meant(pin, submission.composition):
                pin = form_token = None
        if pin is None:
            created = create(submission, workspace=workspace, form_token=form_token)
            if created.outcome is not EditOutcome.REPEATED:
                return created
            pin = created.pin
        outcome = edit_pin(
            pin,
            submission.composition,
            publish_at=submission.publish_at,
            is_draft=submission.is_draft,
            is_proposal=submission.is_proposal,
            by=submission.by,
            now=submission.now,
            version=version,
        )
        if outcome is EditOutcome.SAVED:
            outcome = _send_out(pin, submission)
    if outcome is EditOutcome.GONE:
        return SaveResult(_insert(submission, workspace)[0], outcome)
    if outcome is not EditOutcome.SAVED and _was_published(pin, submission):
        outcome = EditOutcome.REPEATED
    return SaveResult(pin, outcome)


@transaction.atomic
def create(
    submission: Submission, *, workspace: Workspace, form_token: uuid.UUID | None = None, request_sha256: str = ""
) -> SaveResult:
    """Make a new pin and send it out as the submission says; content and time change together, for a worker must not
    see the one without the other. REPEATED: nothing was written, since the form with this token has made its pin.

    Raises ConfirmationNeeded; then nothing was written."""
    pin, is_new = _insert(submission, workspace, form_token=form_token, request_sha256=request_sha256)
    return SaveResult(pin, _send_out(pin, submission) if is_new else EditOutcome.REPEATED)


def _insert(
    submission: Submission, workspace: Workspace, *, form_token: uuid.UUID | None = None, request_sha256: str = ""
) -> tuple[Pin, bool]:
    """Return the new draft, or the one that the same form has made or is making at this very moment (a double click),
    and whether it is new."""
    try:
        with transaction.atomic():
            pin = Pin.objects.create(
                workspace=workspace,
                publish_at=submission.publish_at,
                created_by=submission.by,
                created_at=submission.now,
                form_token=form_token,
                request_sha256=request_sha256,
                **_columns(submission.composition),
            )
            _attach(pin, submission.composition)
            events.note(pin, PinEventKind.DRAFTED, by=submission.by, now=submission.now, text=submission.text)
    except IntegrityError:
        if form_token is None:
            raise
        return Pin.objects.in_workspace(workspace).get(form_token=form_token), False
    return pin, True


def _send_out(pin: Pin, submission: Submission) -> EditOutcome:
    if submission.is_draft:
        return EditOutcome.SAVED
    names = ("by", "now", "confirmed", "text")
    how: dict[str, Any] = {name: getattr(submission, name) for name in names}
    if submission.is_proposal or submission.goes_out_at is None:
        is_sent = approval.propose(pin, **how)
    else:
        is_sent = approval.send_out(pin, submission.goes_out_at, **how)
    return EditOutcome.SAVED if is_sent else EditOutcome.TOO_LATE


def _was_published(pin: Pin, submission: Submission) -> bool:
    """Whether “Publish now” has been pressed with this content before (a double click, or in another tab)."""
    is_same = pin.status != PinStatus.DRAFT and Composition.of(pin) == submission.composition
    return submission.goes_out_at == submission.now and is_same


def made_by_form(form_token: uuid.UUID | None, workspace: Workspace) -> Pin | None:
    """The pin that the form with this token has made before."""
    if form_token is None:
        return None
    return Pin.objects.in_workspace(workspace).with_content().filter(form_token=form_token).first()


def is_still_meant(pin: Pin, composition: Composition) -> bool:
    """Whether the form that made `pin` means it still: its draft, whatever has been typed since, or what became of it
    if the content is the same. With other content ("Back" after publishing) the form means another pin."""
    return pin.status == PinStatus.DRAFT or Composition.of(pin) == composition


def edit_pin(
    pin: Pin,
    composition: Composition,
    *,
    publish_at: datetime | None,
    is_draft: bool,
    by: User,
    now: datetime,
    version: int | None = None,
    is_proposal: bool = False,
) -> EditOutcome:
    """Writes new content if the row still has `version` (None: whatever it has), taking the pin from a worker that has
    not begun to create it; `is_draft` makes it a draft. A form that arrives twice is written once.

    What goes out, or may be tried again, has been sent out by somebody who may: edited by somebody else, or to be
    proposed (`is_proposal`), it becomes a draft together with its new content, whatever `is_draft` says."""
    expected = {} if version is None else {"version": version}
    with transaction.atomic():
        rows = Pin.objects.filter(pk=pin.pk, status__in=EDITABLE_STATUSES, sent_at=None, **expected)
        # From here on the row is ours until the commit; the loser of two edits finds another version.
        if rows.update(version=F("version") + 1, updated_at=now, held_notice="", **PinQuerySet.UNCLAIMED) == 0:
            return _why_not(pin, composition, publish_at, is_draft=is_draft)
        ours = Pin.objects.get(pk=pin.pk)
        text = "" if is_draft else _why_back_to_draft(ours, by, is_proposal=is_proposal)
        if ours.status != PinStatus.DRAFT and (is_draft or text):  # before its board may go
            clean: dict[str, Any] = {"next_attempt_at": None, "error_code": "", "error_text": ""}
            transition(ours, PinStatus.DRAFT, PinEventKind.CANCELLED, by=by, text=text, **clean)
        columns = {**_columns(composition), "publish_at": publish_at}
        Pin.objects.filter(pk=pin.pk).update(**columns)
        pin.attachments.all().delete()
        _attach(pin, composition)
        _note_edit(pin, by=by, now=now)
        UnsavedEdit.objects.filter(pin=pin, user=by).delete()
    _read_again(pin)
    return EditOutcome.SAVED


def _why_back_to_draft(pin: Pin, by: User, *, is_proposal: bool) -> str:
    """Why the pin cannot stay as it is when `by` edits it; empty if it can."""
    if pin.status in (PinStatus.DRAFT, PinStatus.PROPOSED) or (not is_proposal and may_publish(by, pin.workspace)):
        return ""
    return "It was edited, so it needs approval again."


def _why_not(pin: Pin, composition: Composition, publish_at: datetime | None, *, is_draft: bool) -> EditOutcome:
    """Why the row was not written; `pin` has its present content afterwards."""
    try:
        _read_again(pin)
    except Pin.DoesNotExist:
        return EditOutcome.GONE
    if not pin.is_editable:
        return EditOutcome.TOO_LATE
    has_status = pin.status == PinStatus.DRAFT or not is_draft
    if has_status and Composition.of(pin) == composition and pin.publish_at == publish_at:
        return EditOutcome.SAVED
    return EditOutcome.CONFLICT


def _read_again(pin: Pin) -> None:
    pin.refresh_from_db()
    getattr(pin, "_prefetched_objects_cache", {}).pop("attachments", None)


def _note_edit(pin: Pin, *, by: User, now: datetime) -> None:
    """One event for each person and sitting: the composer saves every few seconds, and that is no history."""
    last = pin.events.order_by("-at", "-pk").first()
    is_same_sitting = last is not None and last.by_id == by.pk and now - last.at < SITTING
    if last is not None and is_same_sitting and last.kind == PinEventKind.EDITED:
        pin.events.filter(pk=last.pk).update(at=now)
    elif last is None or not is_same_sitting or last.kind != PinEventKind.DRAFTED:
        events.note(pin, PinEventKind.EDITED, by=by, now=now)


def duplicate_pin(pin: Pin, *, by: User, now: datetime) -> Pin:
    """A draft with the same content."""
    content = Submission(composition=Composition.of(pin), by=by, now=now)
    return create(content, workspace=pin.workspace).pin


def delete_pin(pin: Pin, *, by: User, now: datetime) -> bool:
    """Deletes our row; a published pin stays on Pinterest. False: Pinterest is creating it, or nobody knows."""
    with transaction.atomic():
        # The lock: Django reads the row first and deletes it by its key, and a worker must not take it in between.
        locked = Pin.objects.select_for_update().filter(pk=pin.pk).first()
        if locked is None or not locked.can_delete:
            return False
        if locked.pinterest_pin_id:
            DeletedPin.objects.get_or_create(pinterest_pin_id=locked.pinterest_pin_id)
        detail = f"It was: {locked.get_status_display()}."
        audit.record(locked.workspace_id, AuditAction.DELETED, events.named(locked), by=by, now=now, detail=detail)
        if locked.status == PinStatus.PROPOSED:
            pin_notifications.settle_question(locked, now)
        pin_notifications.forget_page(locked)
        locked.delete()
    return True


def _columns(composition: Composition) -> dict[str, object]:
    return {
        "board": composition.board,
        "section": composition.section if composition.board else None,
        "account": composition.board.account if composition.board else None,
        "title": composition.title,
        "description": composition.description,
        "link": composition.link,
        "alt_text": composition.alt_text,
        "dominant_color": composition.dominant_color,
        "has_video": any(attached.media.is_video for attached in composition.attachments),
    }


def _attach(pin: Pin, composition: Composition) -> None:
    Attachment.objects.bulk_create(
        Attachment(
            pin=pin,
            media=attached.media,
            position=position,
            title=attached.title,
            description=attached.description,
            link=attached.link,
        )
        for position, attached in enumerate(composition.attachments)
    )
