"""Moving a pin to another time: what the calendar, the pin's page and lists do alike."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import F

from accounts.models import User
from accounts.permissions import require_publisher
from pins.lifecycle import events
from pins.models import Pin, PinEventKind, PinStatus
from pins.rules import spacing
from pins.rules.composition import Composition, check
from pins.scheduling import services as scheduling
from postiz_pins.common.dates import format_moment


class MoveError(Exception):
    """The pin stays where it is; the sentence says why, and what to do. `is_stale`: someone else was faster."""

    def __init__(self, sentence: str, *, is_stale: bool = False) -> None:
        super().__init__(sentence)
        self.is_stale = is_stale


def move_pin(
    pin: Pin, publish_at: datetime, *, version: int, by: User, now: datetime, confirmed: Collection[str] = ()
) -> None:
    """Give the pin another time. A draft and a proposal stay what they are; a failed pin is scheduled again.

    `version` is the one that the person saw. Raises MoveError, PermissionDenied if the user's pins need an
    approval, and ConfirmationNeeded as scheduling.schedule does."""
    if not pin.can_move:
        raise MoveError("This pin can't be moved anymore: it is being published, or Pinterest has it.")
    is_sent = pin.status in (PinStatus.SCHEDULED, PinStatus.FAILED)
    if is_sent:
        require_publisher(by, pin.workspace)
        problems = check(Composition.of(pin))
        if problems:
            raise MoveError(f"This pin can't be scheduled yet. {problems[0].message}")
    with transaction.atomic():
        _take(pin, version)
        text = _told(pin, publish_at)
        if not is_sent:
            _change_time(pin, publish_at, text, by=by, now=now, confirmed=confirmed)
        elif not scheduling.schedule(pin, publish_at, by=by, now=now, text=text, confirmed=confirmed):
            raise MoveError(scheduling.TOO_LATE)


def _take(pin: Pin, version: int) -> None:
    """Make forms that were opened on the pin out of date; the row is ours until the end of the transaction."""
    rows = Pin.objects.filter(pk=pin.pk, status=pin.status, version=version)
    if rows.update(version=F("version") + 1) == 0:
        raise MoveError(_stale_text(pin), is_stale=True)
    pin.version = version + 1


def _stale_text(pin: Pin) -> str:
    last = pin.events.select_related("by").last()
    who = str(last.by) if last is not None and last.by is not None else "Someone else"
    row = Pin.objects.filter(pk=pin.pk).select_related("workspace").first()
    at = format_moment(row.publish_at, row.workspace.zone) if row is not None else ""
    return f"{who} changed this pin a moment ago{f': it is planned for {at}' if at else ''}. Nothing was moved."


def _told(pin: Pin, publish_at: datetime) -> str:
    to = format_moment(publish_at, pin.workspace.zone)
    if pin.publish_at is None:
        return f"Planned for {to}."
    return f"Moved from {format_moment(pin.publish_at, pin.workspace.zone)} to {to}."


def _change_time(
    pin: Pin, publish_at: datetime, text: str, *, by: User, now: datetime, confirmed: Collection[str]
) -> None:
    double = spacing.ask_about_double(pin, [publish_at], confirmed) if pin.is_proposed else ""
    Pin.objects.filter(pk=pin.pk).update(publish_at=publish_at, updated_at=now)
    pin.publish_at = publish_at
    events.note(pin, PinEventKind.EDITED, by=by, now=now, text=" ".join(filter(None, [text, double])))
