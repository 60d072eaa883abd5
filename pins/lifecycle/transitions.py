"""The one place that writes the status of a pin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Value, When
from django.utils import timezone

from accounts.models import User
from pins.models import ACTIVE_STATUSES, TRANSITIONS, Pin, PinEventKind, PinQuerySet, PinStatus

from . import events
from . import notifications as pin_notifications

# The columns of a pin that is in no doubt: Pinterest has said what became of it, or was not asked yet.
ANSWERED: dict[str, Any] = {"sent_at": None, "overdue_since": None, "created_since": None}
# The columns of a pin whose video has to be uploaded, if it has one.
NOT_UPLOADED: dict[str, Any] = {
    "pinterest_media_id": "",
    "upload_percent": None,
    "processing_since": None,
    "media_ready_at": None,
}
# The columns of a pin that begins anew: a person has decided something about it.
RESET_FIELDS: dict[str, Any] = {**NOT_UPLOADED, "uploads": 0, "held_notice": "", **PinQuerySet.UNCLAIMED}


def transition(
    pin: Pin, to: str, kind: PinEventKind, *, text: str = "", by: User | None = None, **columns: Any
) -> bool:
    """Write the new status, `columns` and the event, if the row has the status that `pin` was read with.

    A worker's transition (`by` is None) also needs the claim that `pin` was read with. A user's needs its version, so
    that no decision is made about content and a time that another user has just written; it takes the pin from a worker
    that has not begun to create it. A draft has nothing left at Pinterest.

    Returns False if the row has changed since; then nothing was written. Raises ValueError for a transition that
    TRANSITIONS does not know.
    """
    _require_legal(pin, to)
    if to == PinStatus.DRAFT:
        columns = {**RESET_FIELDS, **columns}
    elif to in (PinStatus.UPLOADING, PinStatus.CREATING):
        columns = {**columns, "held_notice": ""}  # nothing holds it, and if something does again, that is news
    if to not in ACTIVE_STATUSES:
        columns = {**columns, "next_attempt_at": None}  # only pins on their way have one
    now = timezone.now()
    with transaction.atomic():
        seen = {"claim_token": pin.claim_token} if by is None else {"version": pin.version}
        rows = Pin.objects.filter(pk=pin.pk, status=pin.status, **seen)
        if rows.update(status=to, updated_at=now, **columns) == 0:
            return False
        events.note(pin, kind, by=by, now=now, text=text)
        if pin.status == PinStatus.PROPOSED:
            pin_notifications.settle_question(pin, now)
        if by is None:
            pin_notifications.tell_outcome(pin, to, code=columns.get("error_code", ""), now=now)
    pin.status = to
    for name, value in columns.items():
        setattr(pin, name, value)
    return True


@dataclass(frozen=True)
class Departure:
    """A pin that is sent out, with its moment, and what its history tells of that."""

    pin: Pin
    at: datetime
    text: str = ""


def lock_unchanged(pins: Sequence[Pin]) -> list[Pin]:
    """Lock the rows until the end of the transaction, and return those of the pins that still are as they were read."""
    rows = Pin.objects.filter(pk__in=[pin.pk for pin in pins]).order_by("pk").select_for_update(no_key=True)
    present = {pk: rest for pk, *rest in rows.values_list("pk", "status", "version")}
    return [pin for pin in pins if present.get(pin.pk) == [pin.status, pin.version]]


def schedule_locked(departures: Sequence[Departure], *, by: User, now: datetime, **columns: Any) -> None:
    """Write that the pins are scheduled for their moments, in a number of queries that does not depend on them.

    Of a user who has them from `lock_unchanged`, in the same transaction. What `transition` does for one.
    """
    if not departures:
        return
    columns = {**RESET_FIELDS, **columns, "status": PinStatus.SCHEDULED}
    kinds = []
    for each in departures:
        _require_legal(each.pin, PinStatus.SCHEDULED)
        kinds.append(PinEventKind.APPROVED if each.pin.is_proposed else PinEventKind.SCHEDULED)
    moments = Case(*(When(pk=each.pin.pk, then=Value(each.at)) for each in departures), default=F("publish_at"))
    rows = Pin.objects.filter(pk__in=[each.pin.pk for each in departures])
    rows.update(publish_at=moments, next_attempt_at=moments, updated_at=now, **columns)
    happened = [(each.pin, kind, each.text) for each, kind in zip(departures, kinds, strict=True)]
    events.note_all(happened, by=by, now=now)
    for each in departures:
        if each.pin.is_proposed:
            pin_notifications.settle_question(each.pin, now)
        each.pin.publish_at = each.pin.next_attempt_at = each.at
        for name, value in columns.items():
            setattr(each.pin, name, value)


def _require_legal(pin: Pin, to: str) -> None:
    if to not in TRANSITIONS[pin.status]:
        raise ValueError(f"A pin cannot go from {pin.status} to {to}.")
