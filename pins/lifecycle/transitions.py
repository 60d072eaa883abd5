"""The one place that writes the status of a pin."""

from __future__ import annotations

from typing import Any

from django.db import transaction
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
    """Writes the new status, `columns` and the event, if the row still has the status that `pin` was read with.

    A worker's move (`by` is None) also needs the claim that `pin` was read with. A person's move needs its version,
    for nobody decides about content and a time that somebody else has just written; it takes the pin from a worker that
    has not begun to create it. A pin that becomes a draft has nothing at Pinterest any more. False: the row has
    changed since, and nothing was written. Raises ValueError for a move that TRANSITIONS does not know."""
    if to not in TRANSITIONS[pin.status]:
        raise ValueError(f"A pin cannot go from {pin.status} to {to}.")
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
