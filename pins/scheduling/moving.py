"""Moving a pin to another time: what the calendar, the pin's page and lists do alike."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.models import User
from accounts.permissions import require_publisher
from pins.lifecycle import events
from pins.models import UNSENT_STATUSES, Pin, PinEventKind, PinQuerySet, PinStatus
from pins.rules.composition import Composition, check
from pins.spacing import doubles
from postiz_pins.common.dates import format_moment

from . import services as scheduling

# How the history tells of a move, and for how long it was "a moment ago".
MOVED = ("Planned for ", "Moved from ")
A_MOMENT = timedelta(minutes=10)


class MoveError(Exception):
    """The pin stays where it is; the sentence says why, and what to do. `is_stale`: someone else was faster."""

    def __init__(self, sentence: str, *, is_stale: bool = False) -> None:
        super().__init__(sentence)
        self.is_stale = is_stale


def move_pin(
    pin: Pin,
    publish_at: datetime | None,
    *,
    version: int,
    by: User,
    now: datetime,
    confirmed: Collection[str] = (),
    is_queued: bool = False,
) -> None:
    """Give the pin another time.

    A draft and a proposal stay what they are, a failed pin is scheduled again, and a video that is uploaded or
    processed at this moment goes on and waits.

    Args:
        publish_at: None takes the time from a draft.
        version: The one of the pin that the person saw.
        is_queued: Whether the new time is a place of the queue, which may change it later.

    Raises:
        MoveError: The pin stays where it is.
        PermissionDenied: The user's pins need an approval, and this one has been sent out already.
        ConfirmationNeeded: As scheduling.schedule does.
    """
    if not pin.can_move:
        raise MoveError("This pin can't be moved anymore: it is being published, or Pinterest has it.")
    if publish_at is None and (pin.status != PinStatus.DRAFT or pin.publish_at is None):
        if pin.version != version:  # it was a draft with a date when the person saw it
            raise MoveError(_stale_text(pin, by, now), is_stale=True)
        if pin.status == PinStatus.DRAFT:
            raise MoveError("This draft has no date yet, so nothing was moved.")
        raise MoveError("Only a draft can be without a date. Unschedule the pin first.")
    is_on_its_way = pin.status in UNSENT_STATUSES
    is_to_be_sent = pin.status in (PinStatus.SCHEDULED, PinStatus.FAILED)
    if is_on_its_way or is_to_be_sent:
        require_publisher(by, pin.workspace)
    if is_to_be_sent:
        problems = check(Composition.of(pin))
        if problems:
            raise MoveError(f"This pin can't be scheduled yet. {problems[0].message}")
    with transaction.atomic():
        _take(pin, version, by=by, now=now)
        text = _move_text(pin, publish_at)
        if publish_at is not None and is_to_be_sent:
            if is_queued:  # schedule() keeps in the queue what has its time already
                Pin.objects.filter(pk=pin.pk).update(publish_at=publish_at, is_queued=True)
                pin.publish_at, pin.is_queued = publish_at, True
            if not scheduling.schedule(pin, publish_at, by=by, now=now, text=text, confirmed=confirmed):
                raise MoveError(scheduling.TOO_LATE)
            return
        columns: dict[str, Any] = {"publish_at": publish_at, "is_queued": is_queued, "updated_at": now}
        if pin.status == PinStatus.PROCESSING:  # what a worker has read of it by now does not count
            columns |= PinQuerySet.UNCLAIMED
            if pin.media_ready_at is not None:
                columns["next_attempt_at"] = publish_at
        double = "" if pin.status == PinStatus.DRAFT else doubles.ask_about_double(pin, [publish_at], confirmed)
        Pin.objects.filter(pk=pin.pk).update(**columns)
        pin.publish_at, pin.is_queued = publish_at, is_queued
        events.note(pin, PinEventKind.EDITED, by=by, now=now, text=" ".join(filter(None, [text, double])))


def _take(pin: Pin, version: int, *, by: User, now: datetime) -> None:
    """Make forms that were opened on the pin out of date; the row is ours until the end of the transaction."""
    rows = Pin.objects.filter(pk=pin.pk, status=pin.status, version=version)
    if rows.update(version=F("version") + 1) == 0:
        raise MoveError(_stale_text(pin, by, now), is_stale=True)
    pin.version = version + 1


def _stale_text(pin: Pin, by: User, now: datetime) -> str:
    """Return who was faster, and what they did."""
    row = Pin.objects.filter(pk=pin.pk).select_related("workspace").first()
    if row is None:
        return "This pin was deleted. Nothing was moved."
    last = row.events.exclude(by=None).select_related("by").last()  # what workers note changes no version
    who = "Someone else" if last is None else "You" if last.by == by else str(last.by)
    when = " a moment ago" if last is None or now - last.at < A_MOMENT else ""
    at = format_moment(row.publish_at, row.workspace.zone)
    if at and last is not None and last.text.startswith(MOVED):
        return f"{who} moved this pin to {at}{when}. Your move wasn't saved."
    return f"{who} changed this pin{when}{f': it is planned for {at}' if at else ''}. Your move wasn't saved."


def _move_text(pin: Pin, publish_at: datetime | None) -> str:
    """Return what the history tells of the move; it begins with one of MOVED."""
    to = format_moment(publish_at, pin.workspace.zone) or "no date"
    if pin.publish_at is None:
        return f"Planned for {to}."
    return f"Moved from {format_moment(pin.publish_at, pin.workspace.zone)} to {to}."
