"""Writing what a person or a program composed: new pins, edits, copies and deletions."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.audit import services as audit
from accounts.models import AuditAction, User, WebhookEvent, Workspace
from accounts.permissions import may_publish
from pins.families import services as families
from pins.families.series import Series, TypedSeries
from pins.lifecycle import events
from pins.lifecycle import notifications as pin_notifications
from pins.lifecycle.signals import pins_changed
from pins.lifecycle.transitions import transition
from pins.models import (
    EDITABLE_STATUSES,
    UNSENT_STATUSES,
    DeletedPin,
    MediaFile,
    Pin,
    PinEventKind,
    PinFamily,
    PinQuerySet,
    PinStatus,
    UnsavedEdit,
)
from pins.queue import services as queue
from pins.rules.composition import AttachedMedia, Composition, check
from pins.scheduling import approval
from pins.spacing import services as spacing
from pins.tags.services import names_of, set_tags

from .members import make_members
from .offers import offers_of
from .rows import attach, content_columns, insert, insert_all

# Saves of one person that follow each other by less are one event.
SITTING = timedelta(hours=1)


class EditOutcome(Enum):
    """What became of an edit."""

    SAVED = "saved"
    # Another user has changed the pin since the form was opened, and nothing was written.
    CONFLICT = "conflict"
    # Pinterest is creating the pin, or holds it already, and nothing was written.
    TOO_LATE = "too late"
    # The pin was deleted.
    GONE = "gone"
    # The same request has been here before, and its pin is on its way, or was made at this very moment.
    REPEATED = "repeated"


@dataclass(frozen=True, kw_only=True)
class Submission:
    """What a user or program sends: the content of a pin, and whether it stays a draft."""

    composition: Composition
    by: User
    now: datetime
    # Names of its tags. None: those that it has.
    tags: Sequence[str] | None = None
    # The moment that was chosen. None: none was.
    publish_at: datetime | None = None
    # When it goes out, at once if that is past; where its maker needs an approval it is proposed. None: it does not.
    goes_out_at: datetime | None = None
    # Whether it goes out at the next free publishing time of its account, for which its maker may have to propose it.
    to_queue: bool = False
    # Whether it is proposed even by a user who may publish: the button that was pressed promised no more.
    is_proposal: bool = False
    # Codes of the questions (rules/questions.py) that are answered with yes.
    confirmed: Collection[str] = ()
    # For the pin's history.
    text: str = ""
    # Of a new pin; the composer has no field for them.
    keywords: str = ""
    # Further pins to be made when it goes out. None: there are none.
    series: Series | None = None
    # What was typed about them, which a draft keeps. None: nothing was said, and it keeps what it has.
    typed_series: TypedSeries | None = None
    # Whether the other pins of its family that are not published yet are edited along with it.
    also_others: bool = False

    @property
    def is_draft(self) -> bool:
        """Return whether it is neither to be published nor proposed."""
        return self.goes_out_at is None and not self.to_queue and not self.is_proposal


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
    """Write the submission into `pin`, or into the one of the form, and publish or propose it as it says.

    If the pin was deleted meanwhile, the content becomes a new draft. Raises ConfirmationNeeded and QueueFull; then
    nothing was written.
    """
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
            tags=submission.tags,
        )
        if outcome is EditOutcome.SAVED:
            outcome = _send_out(pin, submission)
            if outcome is EditOutcome.TOO_LATE:  # then the edit is not kept either
                transaction.set_rollback(True)
        if outcome is EditOutcome.SAVED:
            _with_others(pin, submission)
    if outcome is EditOutcome.TOO_LATE:
        _read_again(pin)
    if outcome is EditOutcome.GONE:
        return SaveResult(_insert(submission, workspace)[0], outcome)
    if outcome is not EditOutcome.SAVED and _was_published(pin, submission):
        outcome = EditOutcome.REPEATED
    return SaveResult(pin, outcome)


@transaction.atomic
def create(
    submission: Submission, *, workspace: Workspace, form_token: uuid.UUID | None = None, request_sha256: str = ""
) -> SaveResult:
    """Create a pin, and publish or propose it as the submission says.

    Content and time change together, since a worker must not see one without the other. REPEATED: nothing was written,
    since the form with this token has created its pin.

    Raises ConfirmationNeeded and QueueFull; then nothing was written.
    """
    pin, is_new = _insert(submission, workspace, form_token=form_token, request_sha256=request_sha256)
    if not is_new:
        return SaveResult(pin, EditOutcome.REPEATED)
    outcome = _send_out(pin, submission)
    if outcome is EditOutcome.SAVED:
        _with_others(pin, submission)
    return SaveResult(pin, outcome)


def draft_each(media_files: Sequence[MediaFile], *, workspace: Workspace, by: User, now: datetime) -> list[Pin]:
    """Create a draft of each file, with the title and alt text that it offers, and return them in this order.

    The number of queries does not depend on the files.
    """
    compositions = []
    for media in media_files:
        offered = offers_of([AttachedMedia(media)])
        compositions.append(
            Composition(title=offered.title, alt_text=offered.alt_text, attachments=(AttachedMedia(media),))
        )
    return insert_all(compositions, workspace, by=by, now=now)


def _insert(
    submission: Submission, workspace: Workspace, *, form_token: uuid.UUID | None = None, request_sha256: str = ""
) -> tuple[Pin, bool]:
    """Return the new draft, or the one of the same form, and whether it is new."""
    names = ("by", "now", "publish_at", "text", "keywords")
    how: dict[str, Any] = {name: getattr(submission, name) for name in names}
    more: dict[str, Any] = {"form_token": form_token, "request_sha256": request_sha256}
    pin, is_new = insert(submission.composition, workspace, **more, **how)
    if is_new and submission.tags:
        set_tags(pin, submission.tags)
    return pin, is_new


def _with_others(pin: Pin, submission: Submission) -> None:
    """Keep what the draft says of further pins, or make them; and edit those that were made before along with it."""
    if submission.is_draft:
        if submission.typed_series is not None:
            families.keep_plan(pin, submission.typed_series, by=submission.by, now=submission.now)
    elif submission.series is not None:
        names = ("by", "now", "confirmed", "text", "is_proposal")
        how: dict[str, Any] = {name: getattr(submission, name) for name in names}
        make_members(pin, submission.series, submission.composition, **how)
    if submission.also_others:
        _edit_others(pin, submission)


def _edit_others(pin: Pin, submission: Submission) -> None:
    for other in families.open_others(pin).with_content():
        content = families.shared(other, submission.composition)
        is_draft = other.status == PinStatus.DRAFT
        if content == Composition.of(other) or (not is_draft and check(content)):
            continue
        was_sent_out = other.status in UNSENT_STATUSES
        names = ("by", "now", "is_proposal")
        how: dict[str, Any] = {name: getattr(submission, name) for name in names}
        edit_pin(other, content, publish_at=other.publish_at, is_draft=is_draft, **how)
        if was_sent_out and other.status == PinStatus.DRAFT:  # it needs another approval
            approval.propose(other, by=submission.by, now=submission.now, confirmed=submission.confirmed)


def _send_out(pin: Pin, submission: Submission) -> EditOutcome:
    if submission.is_draft:
        return EditOutcome.SAVED
    names = ("by", "now", "confirmed", "text")
    how: dict[str, Any] = {name: getattr(submission, name) for name in names}
    if submission.to_queue:
        is_sent = queue.place(pin, **how)
    elif submission.is_proposal or submission.goes_out_at is None:
        is_sent = approval.propose(pin, **how)
    else:
        is_sent = approval.send_out(pin, submission.goes_out_at, **how)
    if is_sent:
        spacing.keep(pin, submission.confirmed, by=submission.by, now=submission.now)
    return EditOutcome.SAVED if is_sent else EditOutcome.TOO_LATE


def _was_published(pin: Pin, submission: Submission) -> bool:
    """Return whether “Publish now” has been pressed with this content before (a double click, or in another tab)."""
    is_same = pin.status != PinStatus.DRAFT and Composition.of(pin) == submission.composition
    return submission.goes_out_at == submission.now and is_same


def made_by_form(form_token: uuid.UUID | None, workspace: Workspace) -> Pin | None:
    """Return the pin that the form with this token has created before."""
    if form_token is None:
        return None
    return Pin.objects.in_workspace(workspace).with_content().filter(form_token=form_token).first()


def is_still_meant(pin: Pin, composition: Composition) -> bool:
    """Return whether the form still stands for `pin`: for its draft, or for what became of the same content.

    With other content ("Back" after publishing) the form means another pin.
    """
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
    tags: Sequence[str] | None = None,
) -> EditOutcome:
    """Write new content if the row still has `version` (None: any), and take the pin from a waiting worker.

    `is_draft` makes it a draft. A form that arrives twice is written once.

    A pin on its way, or that may be tried again, was released by a user who may publish. Edited by a user who may not,
    or to be proposed (`is_proposal`), it becomes a draft together with its new content, whatever `is_draft` says.
    """
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
        is_queued = ours.is_queued and ours.publish_at == publish_at
        columns = {**content_columns(composition), "publish_at": publish_at, "is_queued": is_queued}
        Pin.objects.filter(pk=pin.pk).update(**columns)
        pin.attachments.all().delete()
        attach(pin, composition)
        if tags is not None:
            set_tags(pin, tags)
        _note_edit(pin, by=by, now=now)
        UnsavedEdit.objects.filter(pin=pin, user=by).delete()
    _read_again(pin)
    return EditOutcome.SAVED


def _why_back_to_draft(pin: Pin, by: User, *, is_proposal: bool) -> str:
    """Return why the pin cannot stay as it is when `by` edits it; empty if it can."""
    if pin.status in (PinStatus.DRAFT, PinStatus.PROPOSED) or (not is_proposal and may_publish(by, pin.workspace)):
        return ""
    return "It was edited, so it needs approval again."


def _why_not(pin: Pin, composition: Composition, publish_at: datetime | None, *, is_draft: bool) -> EditOutcome:
    """Return why the row was not written; `pin` has its present content afterwards."""
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
    """Record one event for each user and sitting: the composer saves every few seconds."""
    last = pin.events.order_by("-at", "-pk").first()
    is_same_sitting = last is not None and last.by_id == by.pk and now - last.at < SITTING
    if last is not None and is_same_sitting and last.kind == PinEventKind.EDITED:
        pin.events.filter(pk=last.pk).update(at=now)
    elif last is None or not is_same_sitting or last.kind != PinEventKind.DRAFTED:
        events.note(pin, PinEventKind.EDITED, by=by, now=now)


def duplicate_pin(pin: Pin, *, by: User, now: datetime) -> Pin:
    """Create a draft with the same content, and return it."""
    content = Submission(composition=Composition.of(pin), tags=names_of(pin), by=by, now=now)
    return create(content, workspace=pin.workspace).pin


def delete_pin(pin: Pin, *, by: User, now: datetime) -> bool:
    """Delete the row; a published pin stays on Pinterest.

    Returns False if Pinterest is creating the pin, or its outcome is unknown.
    """
    with transaction.atomic():
        # The lock: Django reads the row first and deletes it by its key, and a worker must not take it in between.
        locked = Pin.objects.select_for_update().filter(pk=pin.pk).first()
        if locked is None or not locked.can_delete:
            return False
        if locked.pinterest_pin_id:
            DeletedPin.objects.get_or_create(pinterest_pin_id=locked.pinterest_pin_id)
        detail = f"It was: {locked.get_status_display()}."
        audit.record(locked.workspace_id, AuditAction.DELETED, events.named(locked), by=by, now=now, detail=detail)
        pins_changed.send(Pin, happened=[(WebhookEvent.PIN_REMOVED, locked)], now=now)
        if locked.status == PinStatus.PROPOSED:
            pin_notifications.settle_question(locked, now)
        pin_notifications.forget_page(locked)
        locked.delete()
        if locked.family_id is not None:
            PinFamily.objects.filter(pk=locked.family_id, pins=None).delete()
    return True
