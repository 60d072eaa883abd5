"""What can come of a worker's step, and what is written down then."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError
from django.utils import timezone

from accounts.connections import tokens
from accounts.models import PinterestAccount
from pins.errors import catalogue as error_catalogue
from pins.errors import lookup as error_lookup
from pins.lifecycle.transitions import ANSWERED, NOT_UPLOADED, transition
from pins.models import LONGEST_DOUBT, UNSURE_STATUSES, VERIFICATION_DELAYS, Pin, PinEventKind, PinQuerySet, PinStatus
from postiz_pins.pinterest.errors import PinterestClientError, PinterestError, RateLimited, ReconnectNeeded

from .claims import Claim

# Waits before the retries of a transient failure: five in about an hour.
BACKOFF = tuple(timedelta(minutes=minutes) for minutes in (1, 4, 10, 18, 27))
JITTER = 0.1
# Another worker is refreshing the account's tokens, which takes a request.
REFRESH_WAIT = timedelta(seconds=5)


def publish(pin: Pin, pinterest_pin_id: str, created_at: datetime, *, text: str = "") -> None:
    columns: dict[str, Any] = {
        "pinterest_pin_id": pinterest_pin_id,
        "published_at": created_at,
        "next_attempt_at": None,
        "error_code": "",
        "error_text": "",
        **ANSWERED,
        **PinQuerySet.UNCLAIMED,
    }
    try:
        if not transition(pin, PinStatus.PUBLISHED, PinEventKind.PUBLISHED, text=text, **columns):
            # The claim was lost while Pinterest answered. What it has answered counts all the same.
            successor = Pin.objects.filter(pk=pin.pk, status__in=UNSURE_STATUSES).first()
            if successor is not None:
                transition(successor, PinStatus.PUBLISHED, PinEventKind.PUBLISHED, **columns)
    except IntegrityError:
        # A look on behalf of a row with the same content took this pin for its own; then its own is left for us.
        doubt(pin, "Another pin with the same content was matched with this one.")


def doubt(pin: Pin, words: str, code: str = "") -> None:
    """Pinterest may have the pin or not: the board will be looked at. `code` and `words` say why no answer came; they
    are kept until one does."""
    now = timezone.now()
    pin.sent_at = pin.sent_at or now
    pin.looks = 0
    pin.error_code, pin.error_text = code, words
    look_again(pin, now + VERIFICATION_DELAYS[0], words)


def look_again(pin: Pin, at: datetime, words: str) -> None:
    """`words` go to the history; the pin's error stays what brought it into doubt."""
    leave(pin, PinStatus.VERIFYING, PinEventKind.VERIFYING, words, next_attempt_at=at, error=_error_of(pin))


def look_again_later(pin: Pin, words: str) -> None:
    """The board could not be read: the longer the pin has been in doubt, the longer the wait; an hour at most."""
    now = timezone.now()
    in_doubt = now - (pin.sent_at or now)
    if in_doubt > LONGEST_DOUBT:
        fail(pin, error_catalogue.UNVERIFIED.code, words)
    else:
        look_again(pin, now + jittered(max(in_doubt, VERIFICATION_DELAYS[0])), words)


def look_when_connected(pin: Pin, words: str) -> None:
    """The board cannot be read before the account is connected again; somebody should know that after a while."""
    now = timezone.now()
    if now - (pin.sent_at or now) > LONGEST_DOUBT:
        fail(pin, error_catalogue.UNVERIFIED.code, words)
    else:
        look_again(pin, now, words)


def send_again_later(pin: Pin) -> None:
    """The board does not have the pin: it is sent again with back-off, after one more look (worker.py)."""
    code, words = _error_of(pin)
    words = words or "The server stopped before Pinterest replied, each time."
    text = "The pin isn't on the board. We'll check the board once more right before sending it again."
    try_again_later(pin, code or error_catalogue.UNVERIFIED.code, words, text=text)


def send_on(pin: Pin) -> None:
    """The board does not have an overdue pin, so it goes its way from where it was."""
    pin.sent_at = None
    is_processing = pin.processing_since is not None and pin.media_ready_at is None
    to = PinStatus.PROCESSING if is_processing else PinStatus.SCHEDULED
    wait(pin, timezone.now(), "", "Pinterest doesn't have the pin, so it's published now.", to=to)


def answer_failure(claim: Claim, error: PinterestError, *, to: str = "") -> None:
    """What follows from a failure after which Pinterest certainly has no pin of this request; `to` is where the pin
    waits, if it is to be tried again (see `wait`).

    Of an earlier request that got no answer this says nothing: a doubt stays, and a refused pin fails with it."""
    pin, now = claim.pin, timezone.now()
    if isinstance(error, RateLimited):
        paused_until = now + timedelta(seconds=error.retry_after_seconds)
        PinterestAccount.objects.not_rate_limited(paused_until).filter(pk=claim.account.pk).update(
            posting_paused_until=paused_until
        )
        wait(pin, paused_until, error_catalogue.RATE_LIMITED.code, words_of(error), to=to)
    elif isinstance(error, ReconnectNeeded):
        wait(pin, now, error_catalogue.RECONNECT_NEEDED.code, words_of(error), to=to)
    elif isinstance(error, tokens.RefreshBusy):
        wait(pin, now + REFRESH_WAIT, "", words_of(error), to=to)
    elif isinstance(error, PinterestClientError):
        row = error_lookup.explain(error)
        if row is error_catalogue.VIDEO_GONE:
            pin.media_ready_at = pin.sent_at = None  # so that it is uploaded anew
        if row.remedy is error_catalogue.Remedy.RETRY:
            try_again_later(pin, row.code, words_of(error), to=to)
        else:
            fail(pin, row.code, words_of(error))
    else:
        try_again_later(pin, _code_of_passing(error), words_of(error), to=to)


def _code_of_passing(error: PinterestError) -> str:
    row = error_lookup.explain(error)
    return row.code if row.remedy is error_catalogue.Remedy.RETRY else error_catalogue.PINTEREST_FAILED.code


def wait(pin: Pin, until: datetime, code: str, words: str, *, to: str = "", text: str = "") -> None:
    """Leaves the pin for `until`, at no cost of its attempts; `text` is for the history, where `words` say too little.

    It waits in the status `to`; where that is not given as a scheduled pin, or as one in doubt, which is looked for
    once more before it is sent."""
    if not to:
        to = PinStatus.VERIFYING if pin.sent_at else PinStatus.SCHEDULED
    leave(pin, to, PinEventKind.WAITING, text or words, next_attempt_at=until, error=(code, words))


def try_again_later(pin: Pin, code: str, words: str, *, to: str = "", text: str = "") -> None:
    """Spends one attempt: waits with exponential back-off, or fails if none is left."""
    if pin.attempts >= len(BACKOFF):
        fail(pin, code, words)
        return
    pause = jittered(BACKOFF[pin.attempts])
    pin.attempts += 1
    wait(pin, timezone.now() + pause, code, words, to=to, text=text)


def fail(pin: Pin, code: str, words: str) -> None:
    """A doubt outlives it: “Try again” looks first."""
    leave(pin, PinStatus.FAILED, PinEventKind.FAILED, words, next_attempt_at=None, error=(code, words))


def leave(
    pin: Pin, to: str, kind: PinEventKind, text: str, *, next_attempt_at: datetime | None, error: tuple[str, str]
) -> None:
    """Writes what the step has found out (the row's counters among it, `error` as code and words), and gives the pin
    back.

    A video that is processed is kept for the next attempt; one that is not is uploaded anew."""
    is_upload_void = to in (PinStatus.SCHEDULED, PinStatus.FAILED) and pin.media_ready_at is None
    code, words = error
    transition(
        pin,
        to,
        kind,
        text=text,
        next_attempt_at=next_attempt_at,
        sent_at=pin.sent_at,
        overdue_since=pin.overdue_since if pin.sent_at else None,
        created_since=pin.created_since if pin.sent_at else None,
        looks=pin.looks,
        attempts=pin.attempts,
        error_code=code,
        error_text=words,
        **(NOT_UPLOADED if is_upload_void else {}),
        **PinQuerySet.UNCLAIMED,
    )


def _error_of(pin: Pin) -> tuple[str, str]:
    return pin.error_code, pin.error_text


def jittered(wait: timedelta) -> timedelta:
    """`wait`, a little longer or shorter, so that pins that failed together do not come back together."""
    return wait * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  no secret depends on it


def words_of(error: PinterestError) -> str:
    """Pinterest's own words and the id under which its support finds the request."""
    return f"{error.message} (request {error.request_id})" if error.request_id else error.message


def words_of_file_error(error: OSError) -> str:
    """What the operating system says about a file, without its name and place, which mean nothing to people."""
    return error.strerror or type(error).__name__
