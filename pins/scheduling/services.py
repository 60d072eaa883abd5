"""What a person decides about a pin's way to Pinterest, and how the workers hear of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import AccountStatus, User
from accounts.permissions import require_publisher
from pins.errors.lookup import rate_limit_reached
from pins.lifecycle import events
from pins.lifecycle.transitions import RESET_FIELDS, Departure, schedule_locked, transition
from pins.models import UNSURE_STATUSES, VERIFICATION_DELAYS, Pin, PinEventKind, PinQuerySet, PinStatus
from pins.publishing.dispatch import enqueue
from pins.spacing import doubles

from . import past_times

# The columns of a pin that sets out: nothing has been tried, found or said yet.
ANEW: dict[str, Any] = {
    "attempts": 0,
    "looks": 0,
    "error_code": "",
    "error_text": "",
    "review_comment": "",
    "warnings": [],
    "has_warnings": False,
}
TOO_LATE = "Too late: the pin is already being published, or is live. Nothing was changed."


def schedule(
    pin: Pin, publish_at: datetime, *, by: User, now: datetime, text: str = "", confirmed: Collection[str] = ()
) -> bool:
    """Publish the pin at `publish_at`, at once if that is past.

    The pin's content must have been checked. `text` goes to its history. Every way out that a user chooses leads
    through here, or through `retry` and `release_late`, whose pins were released by a user who may publish, and not
    edited by another since (composer/services.py).

    Returns False if the pin is already being sent, or is published, or its outcome is unknown. Raises PermissionDenied
    if pins of this user need an approval, and ConfirmationNeeded for a time that has passed or is far ahead
    (past_times.py) and for an exact double (spacing/doubles.py), unless they are among `confirmed`; so do `retry` and
    `release_late`.
    """
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
    far = past_times.ask_about_far(pin, publish_at, now, confirmed)
    double = doubles.ask_about_double(pin, [due_at], confirmed)
    verification = _verification_of_overdue(pin, now) if due_at <= now else {}
    moved = transition(
        pin,
        PinStatus.VERIFYING if verification else PinStatus.SCHEDULED,
        PinEventKind.APPROVED if pin.status == PinStatus.PROPOSED else PinEventKind.SCHEDULED,
        text=" ".join(filter(None, [text, past, far, double])),
        by=by,
        publish_at=due_at,
        # What the queue has placed stays the queue's until a user chooses another time.
        is_queued=pin.is_queued and pin.publish_at == publish_at,
        next_attempt_at=due_at,
        # The first check before publishing follows at once; what goes out now needs none.
        preflight_at=now if due_at > now else None,
        **ANEW,
        **RESET_FIELDS,
        **verification,
    )
    if moved and due_at <= now:
        enqueue(pin.pk)
    return moved


def schedule_placed(departures: Sequence[Departure], *, by: User, now: datetime, confirmed: Collection[str]) -> None:
    """Publish pins at the places that the queue has given them, as `schedule` does for one.

    They are locked and as they were read (transitions.lock_unchanged), and the user may publish. A place is never past,
    and no exact double stands there (queue/places.py). Raises ConfirmationNeeded.
    """
    told = []
    for each in departures:
        far = past_times.ask_about_far(each.pin, each.at, now, confirmed)
        told.append(Departure(each.pin, each.at, " ".join(filter(None, [each.text, far]))))
    schedule_locked(told, by=by, now=now, is_queued=True, preflight_at=now, **ANEW)


def _verification_of_overdue(pin: Pin, now: datetime) -> dict[str, Any]:
    """Return the columns by which the board is searched first for a pin that may have been sent unseen.

    None of them if it certainly has not been (PinQuerySet.overdue).
    """
    if not Pin.objects.filter(pk=pin.pk).overdue(now).exists():
        return {}
    return {"sent_at": now, "overdue_since": pin.next_attempt_at}


def cancel(pin: Pin, *, by: User) -> bool:
    """Make a draft of a proposed pin, or of one on its way, whose upload ends.

    Returns False if Pinterest is creating it, it was not on its way, or another user was faster.
    """
    if not pin.can_cancel:
        return False
    return transition(pin, PinStatus.DRAFT, PinEventKind.CANCELLED, by=by, next_attempt_at=None)


@transaction.atomic
def retry(pin: Pin, *, by: User, now: datetime, confirmed: Collection[str] = ()) -> bool:
    """Try a failed pin again at once, a video from its upload on.

    The board of an unconfirmed pin is searched first, and its video is kept in case that it has to be sent again.
    Returns False if the pin has not failed.
    """
    if not pin.can_retry:
        return False
    # The time of an unconfirmed pin cannot be changed.
    if pin.sent_at is None:
        past_times.ask_about_past(pin, pin.publish_at, now, confirmed)
    note = doubles.ask_about_double(pin, [pin.publish_at, now], confirmed)
    in_doubt_for = now - pin.sent_at if pin.sent_at else None
    is_long_in_doubt = in_doubt_for is not None and in_doubt_for > VERIFICATION_DELAYS[-1]
    moved = transition(
        pin,
        PinStatus.VERIFYING if in_doubt_for is not None else PinStatus.SCHEDULED,
        PinEventKind.RETRIED,
        text=note,
        by=by,
        is_queued=False,
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
    """Bring a scheduled pin forward to now, for an operator.

    Operators have no other way to publish a pin: what is scheduled was checked, and approved where that is wanted.
    Returns False if it is not scheduled, or another user was faster.
    """
    return pin.status == PinStatus.SCHEDULED and _send_out(pin, now, by=by, now=now)


def release_late(pin: Pin, *, by: User, now: datetime, confirmed: Collection[str] = ()) -> bool:
    """Publish at once a pin that is so late that a user is asked.

    Returns False if it is not, or another user was faster.
    """
    return pin.is_late(now) and _send_out(pin, now, by=by, now=now, confirmed=confirmed)


def release_claim(pin: Pin, *, by: User, now: datetime) -> bool:
    """Take the pin from the worker that holds it, so that another may look at it at once.

    Returns False if no worker holds it.
    """
    with transaction.atomic():
        rows = Pin.objects.as_claimed(pin).filter(claim_token__isnull=False)
        if rows.update(updated_at=now, **PinQuerySet.UNCLAIMED) == 0:
            return False
        events.note(pin, PinEventKind.RELEASED, by=by, now=now)
    enqueue(pin.pk)
    return True


def hold_reason(pin: Pin, now: datetime) -> str:
    """Return why a pin that is on its way would not move if its time had come; empty if nothing holds it."""
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
    if pin.is_held_by_queue:
        return f"The queue of {pin.account} is paused. The pin is on hold until the queue is resumed."
    if pin.account.is_rate_limited(now):
        return rate_limit_reached(pin, pin.account)
    if pin.is_late(now):
        return "It couldn't be published for more than 24 hours. Publish it now, edit it or cancel it."
    return ""


def _after_reconnecting(pin: Pin, now: datetime) -> str:
    if pin.is_late(now):
        return "Because the pin is more than 24 hours late, you'll be asked before it's published."
    return "The pin will then be published automatically."
