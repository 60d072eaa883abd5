"""What happened to a pin: an event of its history and, for the team, an entry of the audit trail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from accounts.audit import services as audit
from accounts.models import AuditAction, User, WebhookEvent
from pins.models import Pin, PinEvent, PinEventKind

from .signals import pins_changed

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
# Events that programs are told of. A pin that is tried again is scheduled for now.
WEBHOOKS: dict[str, WebhookEvent] = {
    PinEventKind.DRAFTED: WebhookEvent.PIN_CREATED,
    PinEventKind.PROPOSED: WebhookEvent.PIN_PROPOSED,
    PinEventKind.APPROVED: WebhookEvent.PIN_APPROVED,
    PinEventKind.SENT_BACK: WebhookEvent.PIN_SENT_BACK,
    PinEventKind.SCHEDULED: WebhookEvent.PIN_SCHEDULED,
    PinEventKind.RETRIED: WebhookEvent.PIN_SCHEDULED,
    PinEventKind.PUBLISHED: WebhookEvent.PIN_PUBLISHED,
    PinEventKind.FAILED: WebhookEvent.PIN_FAILED,
}


def note(pin: Pin, kind: PinEventKind, *, by: User | None, now: datetime, text: str = "") -> None:
    """Record what happened, in the caller's transaction; `by` is None for a worker."""
    note_all([(pin, kind, text)], by=by, now=now)


def note_all(happened: Sequence[tuple[Pin, PinEventKind, str]], *, by: User | None, now: datetime) -> None:
    """Record what happened to each of the pins as `note` does, in a number of queries that does not depend on them."""
    PinEvent.objects.bulk_create(PinEvent(pin=pin, kind=kind, at=now, by=by, text=text) for pin, kind, text in happened)
    # What Pinterest answered stays in the pin's own history.
    audited = [
        (pin.workspace_id, AUDITED[kind], named(pin), text if by else "")
        for pin, kind, text in happened
        if kind in AUDITED
    ]
    if audited:
        audit.record_all(audited, by=by, now=now)
    told = [(WEBHOOKS[kind], pin) for pin, kind, _ in happened if kind in WEBHOOKS]
    if told:
        pins_changed.send(Pin, happened=told, now=now)


def named(pin: Pin) -> str:
    """Return the pin's name in the audit log: with its number, since autosave comes in the middle of a title."""
    return f"pin {pin.pk} “{pin.title}”" if pin.title else f"pin {pin.pk}"
