"""What happened to a pin: an event of its history and, for the team, an entry of the audit trail."""

from __future__ import annotations

from datetime import datetime

from accounts.audit import services as audit
from accounts.models import AuditAction, User
from pins.models import Pin, PinEvent, PinEventKind

AUDITED: dict[str, AuditAction] = {
    PinEventKind.DRAFTED: AuditAction.COMPOSED,
    PinEventKind.EDITED: AuditAction.EDITED,
    PinEventKind.PROPOSED: AuditAction.PROPOSED,
    PinEventKind.APPROVED: AuditAction.APPROVED,
    PinEventKind.SENT_BACK: AuditAction.SENT_BACK,
    PinEventKind.SCHEDULED: AuditAction.SCHEDULED,
    PinEventKind.CANCELLED: AuditAction.CANCELLED,
    PinEventKind.RETRIED: AuditAction.RETRIED,
    PinEventKind.PUBLISHED: AuditAction.PUBLISHED,
}


def note(pin: Pin, kind: PinEventKind, *, by: User | None, now: datetime, text: str = "") -> None:
    """Writes down what happened, in the caller's transaction; `by` None stands for a worker."""
    PinEvent.objects.create(pin=pin, kind=kind, at=now, by=by, text=text)
    action = AUDITED.get(kind)
    if action is not None:
        # What Pinterest answered stays in the pin's own history.
        audit.record(pin.workspace_id, action, named(pin), by=by, now=now, detail=text if by else "")


def named(pin: Pin) -> str:
    """The pin as the audit trail calls it: by its number, too, because the composer's first save comes in the middle of
    a title."""
    return f"pin {pin.pk} “{pin.title}”" if pin.title else f"pin {pin.pk}"
