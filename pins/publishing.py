"""Publishing, the workers' side: the row is the job, and each step begins with a claim.

    draft -> scheduled -> creating -> published
                          creating -> verifying -> published | scheduled | failed
                          creating -> scheduled (to be tried again) | failed

docs/architecture.md tells the reasons; scheduling.py has the steps that people take."""

from __future__ import annotations

import logging
import random
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils import timezone

from accounts import tokens
from accounts.models import PinterestAccount
from postiz_pins.pinterest.errors import (
    PinterestError,
    RateLimited,
    ReconnectNeeded,
    Refused,
    ServerFailed,
    Unreachable,
)

from . import composition, error_catalogue, media_source
from .models import UNSURE_STATUSES, Pin, PinEventKind, PinStatus, PostingSlot
from .moves import FREE, move
from .slots import LEASE, Slot, claim_slot, release_slot, renewing
from .verification import CLOCK_SKEW, LOOKS, find_created_pin

log = logging.getLogger(__name__)

# Waits before the retries of a transient failure: five in about an hour (design.md, "Publishing", 7).
BACKOFF = tuple(timedelta(minutes=minutes) for minutes in (1, 4, 10, 18, 27))
JITTER = 0.1
# Another worker is refreshing the account's tokens, which takes a request.
REFRESH_WAIT = timedelta(seconds=5)
# A pin whose board cannot be read for so long is left to a person.
LONGEST_DOUBT = timedelta(hours=1)
# How long a worker goes on taking due pins before it gives other tasks a turn.
WORKER_TURN = timedelta(seconds=60)


def advance(pin_id: int) -> None:
    """Takes the pin a step further if it is due, then other due pins as long as the worker's turn lasts."""
    if Pin.objects.filter(pk=pin_id, status__in=UNSURE_STATUSES).exists():
        verify(pin_id)
        return
    slot = claim_slot(timezone.now())
    if slot is None:
        return  # whoever holds the slots takes the due pins one after the other
    try:
        _post_due_pins(pin_id, slot)
    finally:
        release_slot(slot)


@dataclass
class Turn:
    """A worker's time with a slot, in which it posts one pin after the other."""

    slot: Slot
    # The pin that is being posted; the renewing thread reads it.
    pin: Pin | None = None

    def renew(self, now: datetime) -> bool:
        """Prolongs the leases of the pin and of the slot. False: the slot has been lost.

        The pin's may be lost alone: it was cancelled, or is just done with. The turn goes on with the next."""
        pin = self.pin
        if pin is not None:
            _renew_claim(pin, now)
        return self.slot.renew(now)


def _post_due_pins(first_pin_id: int, slot: Slot) -> None:
    turn = Turn(slot)
    turn_ends_at = timezone.now() + WORKER_TURN
    pin_id: int | None = first_pin_id
    # One thread for the whole turn, since starting and joining one costs half a millisecond.
    with renewing(turn.renew):
        while pin_id is not None and post(pin_id, turn):
            now = timezone.now()
            pin_id = next_due_pin_id(now) if now <= turn_ends_at else None


def next_due_pin_id(now: datetime) -> int | None:
    """The pin to post next: the oldest, but accounts that no slot serves at this moment come first."""
    served = PostingSlot.objects.held(now).exclude(account=None).values("account")
    is_served = ExpressionWrapper(Q(account__in=served), output_field=BooleanField())
    due = Pin.objects.due(now).filter(status=PinStatus.SCHEDULED)
    return due.order_by(is_served, "next_attempt_at", "pk").values_list("pk", flat=True).first()


def post(pin_id: int, turn: Turn) -> bool:
    """Checks the pin once more, sends it to Pinterest and writes down what came of it. Nothing, if it is not due.

    False: the slot has been lost, and nothing may be posted under it."""
    pin = _claim(pin_id, (PinStatus.SCHEDULED,))
    if pin is None:
        return True
    if not turn.slot.serve(pin.account_id, timezone.now()):
        Pin.objects.filter(pk=pin.pk, claim_token=pin.claim_token).update(**FREE)
        return False
    turn.pin = pin
    _post(pin)
    turn.pin = None
    return True


def _post(pin: Pin) -> None:
    problems = composition.check(composition.Composition.of(pin))
    if problems and problems[0].code == "account_not_connected":  # it died a moment ago: its pins wait for it
        _wait(pin, timezone.now(), error_catalogue.RECONNECT_NEEDED.code, problems[0].message)
        return
    if problems:
        _fail(pin, problems[0].code, " ".join(problem.message for problem in problems))
        return
    try:
        request = media_source.build_request(pin)
    except OSError:
        log.exception("Pin %s: an attachment cannot be read", pin.pk)
        _fail(pin, error_catalogue.MEDIA_MISSING.code, "")
        return
    try:
        tokens.ensure_fresh(_account(pin))
    except PinterestError as error:
        _answer_failure_before_sending(pin, error)
        return
    now = timezone.now()
    if not move(pin, PinStatus.CREATING, PinEventKind.SENDING, sent_at=now):
        return  # cancelled or edited a moment ago
    try:
        created = tokens.call(_account(pin), lambda client: client.create_pin(request))
    except PinterestError as error:
        _answer_failed_create(pin, error)
        return
    _publish(pin, created.id, created.created_at)


def _answer_failed_create(pin: Pin, error: PinterestError) -> None:
    if isinstance(error, ServerFailed) or (isinstance(error, Unreachable) and error.was_sent):
        _doubt(pin, _words(error))
    else:
        _answer_failure_before_sending(pin, error)


def _answer_failure_before_sending(pin: Pin, error: PinterestError) -> None:
    """What follows from a failure after which Pinterest certainly has no pin."""
    now = timezone.now()
    pin.sent_at = None
    if isinstance(error, RateLimited):
        paused_until = now + timedelta(seconds=error.retry_after_seconds)
        PinterestAccount.objects.postable(paused_until).filter(pk=_account(pin).pk).update(
            posting_paused_until=paused_until
        )
        _wait(pin, paused_until, error_catalogue.RATE_LIMITED.code, _words(error))
    elif isinstance(error, ReconnectNeeded):
        _wait(pin, now, error_catalogue.RECONNECT_NEEDED.code, _words(error))
    elif isinstance(error, tokens.RefreshBusy):
        _wait(pin, now + REFRESH_WAIT, "", _words(error))
    elif isinstance(error, Refused):
        row = error_catalogue.explain(error)
        if row.remedy is error_catalogue.Remedy.RETRY:
            _try_again_later(pin, row.code, _words(error))
        else:
            _fail(pin, row.code, _words(error))
    else:
        _try_again_later(pin, error_catalogue.UNREACHABLE.code, _words(error))


def verify(pin_id: int) -> None:
    """Looks whether Pinterest has the pin after all, and decides: published, look again, send again, or failed."""
    pin = _claim(pin_id, UNSURE_STATUSES)
    if pin is None:
        return
    if pin.status == PinStatus.CREATING:
        _doubt(pin, "The worker that was sending the pin stopped before Pinterest's answer arrived.")
        return
    with renewing(lambda now: _renew_claim(pin, now)):
        _look(pin)


def _look(pin: Pin) -> None:
    now = timezone.now()
    board_id, sent_at = pin.board.pinterest_id if pin.board else "", pin.sent_at or now
    try:
        listed = tokens.call(
            _account(pin), lambda client: client.fetch_board_pins_since(board_id, sent_at - CLOCK_SKEW)
        )
    except RateLimited as error:
        _look_again(pin, now + timedelta(seconds=error.retry_after_seconds), _words(error))
        return
    except ReconnectNeeded as error:
        _look_again(pin, now, _words(error))
        return
    except Refused as error:
        if error.status == 404:
            pin.sent_at = None  # a board that is gone holds no pin
            _fail(pin, error_catalogue.explain(error).code, _words(error))
        else:
            _fail(pin, error_catalogue.UNVERIFIED.code, _words(error))
        return
    except PinterestError as error:
        _look_again_later(pin, _words(error))
        return
    owned = Pin.objects.filter(pinterest_pin_id__in=[found.id for found in listed]).exclude(pk=pin.pk)
    found = find_created_pin(pin, listed, set(owned.values_list("pinterest_pin_id", flat=True)))
    if found is not None and _has_twin_in_creation(pin):
        _look_again(pin, now + LOOKS[0], "Another pin with the same words is being created; it may be that one.")
        return
    if found is not None:
        _publish(pin, found.id, found.created_at)
        return
    pin.looks += 1
    if pin.looks < len(LOOKS):
        gap = LOOKS[pin.looks] - LOOKS[pin.looks - 1]
        _look_again(pin, now + gap, "Pinterest does not list the pin yet.")
        return
    pin.sent_at = None
    pin.looks = 0
    _try_again_later(pin, error_catalogue.UNREACHABLE.code, "Pinterest does not have the pin.", waited=now - sent_at)


def _has_twin_in_creation(pin: Pin) -> bool:
    """Whether another row with the same words waits for Pinterest's answer, whose pin we could take for ours."""
    same_words = {"board": pin.board, "title": pin.title, "description": pin.description, "link": pin.link}
    return Pin.objects.filter(status=PinStatus.CREATING, **same_words).exclude(pk=pin.pk).exists()


# Outcomes


def _publish(pin: Pin, pinterest_pin_id: str, created_at: datetime) -> None:
    columns: dict[str, Any] = {
        "pinterest_pin_id": pinterest_pin_id,
        "published_at": created_at,
        "next_attempt_at": None,
        "sent_at": None,
        "error_code": "",
        "error_text": "",
        **FREE,
    }
    try:
        if not move(pin, PinStatus.PUBLISHED, PinEventKind.PUBLISHED, **columns):
            # The claim was lost while Pinterest answered. What it has answered counts all the same.
            successor = Pin.objects.filter(pk=pin.pk, status__in=UNSURE_STATUSES).first()
            if successor is not None:
                move(successor, PinStatus.PUBLISHED, PinEventKind.PUBLISHED, **columns)
    except IntegrityError:
        # A look on behalf of a row with the same content took this pin for its own; then its own is left for us.
        _doubt(pin, "Another pin with the same content was matched with this one.")


def _doubt(pin: Pin, words: str) -> None:
    now = timezone.now()
    pin.sent_at = pin.sent_at or now
    pin.looks = 0
    _look_again(pin, max(now, pin.sent_at + LOOKS[0]), words)


def _look_again(pin: Pin, at: datetime, words: str) -> None:
    _leave(pin, PinStatus.VERIFYING, PinEventKind.VERIFYING, words, next_attempt_at=at)


def _look_again_later(pin: Pin, words: str) -> None:
    """The board could not be read: the longer the pin has been in doubt, the longer the wait; an hour at most."""
    now = timezone.now()
    in_doubt = now - (pin.sent_at or now)
    if in_doubt > LONGEST_DOUBT:
        _fail(pin, error_catalogue.UNVERIFIED.code, words)
    else:
        _look_again(pin, now + _jittered(max(in_doubt, LOOKS[0])), words)


def _wait(pin: Pin, until: datetime, code: str, words: str) -> None:
    """Leaves the pin scheduled for `until`, at no cost of its attempts."""
    _leave(pin, PinStatus.SCHEDULED, PinEventKind.WAITING, words, next_attempt_at=until, code=code)


def _try_again_later(pin: Pin, code: str, words: str, *, waited: timedelta = timedelta(0)) -> None:
    """Spends one attempt: waits with exponential back-off, less what was `waited` already, or fails if none is left."""
    if pin.attempts >= len(BACKOFF):
        _fail(pin, code, words)
        return
    wait = max(_jittered(BACKOFF[pin.attempts]) - waited, timedelta(0))
    pin.attempts += 1
    _wait(pin, timezone.now() + wait, code, words)


def _fail(pin: Pin, code: str, words: str) -> None:
    _leave(pin, PinStatus.FAILED, PinEventKind.FAILED, words, next_attempt_at=None, code=code)


def _leave(
    pin: Pin, to: str, kind: PinEventKind, words: str, *, next_attempt_at: datetime | None, code: str = ""
) -> None:
    """Writes what the step has found out (the row's counters among it) and gives the pin back."""
    move(
        pin,
        to,
        kind,
        text=words,
        next_attempt_at=next_attempt_at,
        sent_at=pin.sent_at,
        looks=pin.looks,
        attempts=pin.attempts,
        error_code=code,
        error_text=words,
        **FREE,
    )


# Claims


def _claim(pin_id: int, statuses: tuple[str, ...]) -> Pin | None:
    """The pin, now ours for a lease; None when it is not due in these statuses, or another worker was faster."""
    now = timezone.now()
    token = uuid.uuid4()
    rows = Pin.objects.due(now).filter(pk=pin_id, status__in=statuses)
    if rows.update(claim_token=token, claimed_until=now + LEASE) == 0:
        return None
    try:
        # Not `first`, which would order the one row: with all these columns that is dear.
        return Pin.objects.with_content().get(pk=pin_id, claim_token=token)
    except Pin.DoesNotExist:
        return None  # cancelled or edited a moment ago


def _renew_claim(pin: Pin, now: datetime) -> bool:
    token = pin.claim_token
    if token is None:
        return False  # given back a moment ago; a filter by None would find a row that nobody has claimed
    return Pin.objects.filter(pk=pin.pk, claim_token=token).update(claimed_until=now + LEASE) == 1


def _account(pin: Pin) -> PinterestAccount:
    if pin.account is None:
        raise ValueError(f"Pin {pin.pk} has no account, so it cannot have been claimed.")
    return pin.account


def _jittered(wait: timedelta) -> timedelta:
    """`wait`, a little longer or shorter, so that pins that failed together do not come back together."""
    return wait * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  no secret depends on it


def _words(error: PinterestError) -> str:
    """Pinterest's own words and the id under which its support finds the request."""
    return f"{error.message} (request {error.request_id})" if error.request_id else error.message
