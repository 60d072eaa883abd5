"""What a person decides about a pin's way to Pinterest, and how the workers hear of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import AccountStatus, User
from accounts.permissions import require_publisher
from pins.errors.lookup import rate_limit_reached
from pins.lifecycle import events
from pins.lifecycle.transitions import RESET_FIELDS, transition
from pins.models import UNSURE_STATUSES, VERIFICATION_DELAYS, Pin, PinEventKind, PinQuerySet, PinStatus
from pins.publishing.dispatch import enqueue
from pins.rules import spacing

from . import past_times

TOO_LATE = "Too late: the pin is already being published, or is live. Nothing was changed."


def schedule(
    pin: Pin, publish_at: datetime, *, by: User, now: datetime, text: str = "", confirmed: Collection[str] = ()
) -> bool:
    """Sends the pin out at `publish_at`, at once if that is past. The pin's content must have been checked. `text`
    goes to its history.

    False: the pin is already being sent, or is published, or nobody knows whether it is. Raises PermissionDenied if
    pins of this person need an approval: every way out that a person chooses leads through here, or through `retry` and
    `release_late`, whose pins somebody who may has sent out, and nobody else has edited since (composer/services.py).

    Raises ConfirmationNeeded for a time that has passed (past_times.py) and for an exact double (rules/spacing.py),
    unless they are among `confirmed`. So do `retry` and `release_late`."""
    require_publisher(by, pin.workspace)
    return _send_out(pin, publish_at, by=by, now=now, text=text, confirmed=confirmed)


@transaction.atomic
def _send_out(
    pin: Pin, publish_at: datetime, *, by: User, now: datetime, text: str = "", confirmed: Collection[str] = ()
) -> bool:
    if not pin.is_editable:
        return False
    due_at = max(publish_at, now)
    past = past_times.ask_about_past(pin, publish_at, now, confirmed)
    double = spacing.ask_about_double(pin, [due_at], confirmed)
    doubt = _doubt_overdue(pin, now) if due_at <= now else {}
    moved = transition(
        pin,
        PinStatus.VERIFYING if doubt else PinStatus.SCHEDULED,
        PinEventKind.APPROVED if pin.status == PinStatus.PROPOSED else PinEventKind.SCHEDULED,
        text=" ".join(filter(None, [text, past, double])),
        by=by,
        publish_at=due_at,
        next_attempt_at=due_at,
        attempts=0,
        looks=0,
        error_code="",
        error_text="",
        review_comment="",
        # The first check before publishing follows at once; what goes out now needs none.
        preflight_at=now if due_at > now else None,
        warnings=[],
        has_warnings=False,
        **RESET_FIELDS,
        **doubt,
    )
    if moved and due_at <= now:
        enqueue(pin.pk)
    return moved


def _doubt_overdue(pin: Pin, now: datetime) -> dict[str, Any]:
    """The columns by which the board is searched first for a pin that may have gone out unseen (PinQuerySet.overdue);
    none if it certainly has not."""
    if not Pin.objects.filter(pk=pin.pk).overdue(now).exists():
        return {}
    return {"sent_at": now, "overdue_since": pin.next_attempt_at}


def cancel(pin: Pin, *, by: User) -> bool:
    """Makes a draft of a proposed pin, or of one on its way, whose upload ends. False: Pinterest is creating it, it
    never left, or somebody else has done something with it at this moment."""
    if not pin.can_cancel:
        return False
    return transition(pin, PinStatus.DRAFT, PinEventKind.CANCELLED, by=by, next_attempt_at=None)


@transaction.atomic
def retry(pin: Pin, *, by: User, now: datetime, confirmed: Collection[str] = ()) -> bool:
    """Tries a failed pin again at once, a video from its upload on. Where nobody knows the pin's outcome, the board is
    looked at first, and its video is kept for the case that it has to be sent again.

    False: the pin has not failed."""
    if not pin.can_retry:
        return False
    # Of a pin in doubt nobody can choose another time.
    if pin.sent_at is None:
        past_times.ask_about_past(pin, pin.publish_at, now, confirmed)
    note = spacing.ask_about_double(pin, [pin.publish_at, now], confirmed)
    in_doubt_for = now - pin.sent_at if pin.sent_at else None
    is_long_in_doubt = in_doubt_for is not None and in_doubt_for > VERIFICATION_DELAYS[-1]
    moved = transition(
        pin,
        PinStatus.VERIFYING if in_doubt_for is not None else PinStatus.SCHEDULED,
        PinEventKind.RETRIED,
        text=note,
        by=by,
        next_attempt_at=now,
        attempts=0,
        # Long after the sending, the look right before sending again tells; lists lag by some minutes at most.
        looks=len(VERIFICATION_DELAYS) if is_long_in_doubt and not pin.overdue_since else 0,
        error_code="",
        error_text="",
        **(PinQuerySet.UNCLAIMED if pin.sent_at else RESET_FIELDS),
    )
    if moved:
        enqueue(pin.pk)
    return moved


def publish_now(pin: Pin, *, by: User, now: datetime) -> bool:
    """Bring a scheduled pin forward to now, for an operator. False: it is not scheduled, or somebody was faster.

    Operators have no other way to send a pin out: what is scheduled was checked, and approved where that is wanted."""
    return pin.status == PinStatus.SCHEDULED and _send_out(pin, now, by=by, now=now)


def release_late(pin: Pin, *, by: User, now: datetime, confirmed: Collection[str] = ()) -> bool:
    """Sends out at once a pin that is so late that a person is asked. False: it is not, or somebody was faster."""
    return pin.is_late(now) and _send_out(pin, now, by=by, now=now, confirmed=confirmed)


def release_claim(pin: Pin, *, by: User, now: datetime) -> bool:
    """Takes the pin from the worker that holds it, so that another may look at it at once. False: nobody holds it."""
    with transaction.atomic():
        rows = Pin.objects.as_claimed(pin).filter(claim_token__isnull=False)
        if rows.update(updated_at=now, **PinQuerySet.UNCLAIMED) == 0:
            return False
        events.note(pin, PinEventKind.RELEASED, by=by, now=now)
    enqueue(pin.pk)
    return True


def hold_reason(pin: Pin, now: datetime) -> str:
    """Why a pin that is on its way would not move if its time had come; empty if nothing holds it."""
    if not pin.is_on_its_way or pin.account is None:
        return ""
    if pin.status == PinStatus.UPLOADING and pin.claimed_until is not None and pin.claimed_until > now:
        return ""  # the upload target knows nothing of the account, so the upload goes on
    if not pin.account.is_active and pin.status in UNSURE_STATUSES:
        return f"The pin may already be live. Reconnect {pin.account}, and we'll check the board for it."
    if pin.account.status == AccountStatus.NEEDS_RECONNECT:
        return f"Reconnect {pin.account}. {_after_reconnecting(pin, now)}"
    if pin.account.status == AccountStatus.DISCONNECTED:
        return f"{pin.account} is disconnected. Connect it again. {_after_reconnecting(pin, now)}"
    if pin.account.publishing_paused_at is not None and pin.status in UNSURE_STATUSES:
        return (
            f"An administrator paused publishing for {pin.account}. Once it is resumed, we'll check the board, so your"
            " pin won't be posted twice."
        )
    if pin.account.publishing_paused_at is not None:
        return f"An administrator paused publishing for {pin.account}. The pin is on hold until publishing is resumed."
    if pin.account.is_rate_limited(now):
        return rate_limit_reached(pin, pin.account)
    if pin.is_late(now):
        return "It couldn't be published for more than 24 hours. Publish it now, edit it or cancel it."
    return ""


def _after_reconnecting(pin: Pin, now: datetime) -> str:
    if pin.is_late(now):
        return "Because the pin is more than 24 hours late, you'll be asked before it's published."
    return "The pin will then be published automatically."
