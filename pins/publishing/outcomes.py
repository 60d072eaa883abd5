"""What can come of a worker's step, and what is written down then."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from accounts.connections import tokens
from accounts.models import PinterestAccount
from pins.errors import catalogue as error_catalogue
from pins.errors import lookup as error_lookup
from pins.lifecycle.transitions import ANSWERED, NOT_UPLOADED, transition
from pins.models import (
    UNSURE_STATUSES,
    VERIFICATION_DELAYS,
    VERIFICATION_LIMIT,
    Pin,
    PinEventKind,
    PinQuerySet,
    PinStatus,
)
from postiz_pins.pinterest.errors import PinterestClientError, PinterestError, RateLimited, ReconnectNeeded

from .claims import Claim

log = logging.getLogger(__name__)

# Waits before the retries of a transient failure: five in about an hour.
BACKOFF = tuple(timedelta(minutes=minutes) for minutes in (1, 4, 10, 18, 27))
JITTER = 0.1
# Another worker is refreshing the account's tokens, which takes a request.
REFRESH_WAIT = timedelta(seconds=5)


@contextmanager
def reported(pin: Pin) -> Iterator[None]:
    """Log one line if the step in the block ends the pin's way: published, or failed. By ids, never by its texts."""
    began_at, attempt = time.monotonic(), pin.attempts + 1
    yield
    if pin.status in (PinStatus.PUBLISHED, PinStatus.FAILED):
        milliseconds = round((time.monotonic() - began_at) * 1000)
        ids = {"pin": pin.pk, "workspace": pin.workspace_id, "account": pin.account_id}
        log.info(
            "Pin %d %s (workspace %d, account %s) after %d ms in attempt %d",
            *(pin.pk, pin.status, pin.workspace_id, pin.account_id, milliseconds, attempt),
            extra=ids | {"outcome": pin.status, "ms": milliseconds, "attempt": attempt, "error_code": pin.error_code},
        )


def publish(pin: Pin, pinterest_pin_id: str, created_at: datetime, *, text: str = "") -> None:
    """Write that Pinterest has the pin.

    It counts even if the claim was lost while Pinterest answered.
    """
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
            if successor is not None and transition(successor, PinStatus.PUBLISHED, PinEventKind.PUBLISHED, **columns):
                pin.status = successor.status
    except IntegrityError:
        # A look on behalf of a row with the same content took this pin for its own; then its own is left for us.
        mark_unconfirmed(pin, "Another pin with the same content was matched with this one.")


def mark_unconfirmed(pin: Pin, words: str, code: str = "") -> None:
    """Write that Pinterest may have the pin or not, so that the board is searched.

    `code` and `words` say why no answer came; they are kept until one does.
    """
    now = timezone.now()
    pin.sent_at = pin.sent_at or now
    pin.looks = 0
    pin.error_code, pin.error_text = code, words
    schedule_verification(pin, now + VERIFICATION_DELAYS[0], words)


def schedule_verification(pin: Pin, at: datetime, words: str) -> None:
    """Search the board at that moment.

    `words` go to the history; the pin's error stays what made it unconfirmed.
    """
    record_outcome(pin, PinStatus.VERIFYING, PinEventKind.VERIFYING, words, next_attempt_at=at, error=_error_of(pin))


def postpone_verification(pin: Pin, words: str) -> None:
    """Search the board again, which could not be read: the later, the longer it takes, for an hour at most."""
    now = timezone.now()
    in_doubt = now - (pin.sent_at or now)
    if in_doubt > VERIFICATION_LIMIT:
        fail(pin, error_catalogue.UNVERIFIED.code, words)
    else:
        schedule_verification(pin, now + jittered(max(in_doubt, VERIFICATION_DELAYS[0])), words)


def verify_after_reconnect(pin: Pin, words: str) -> None:
    """Search the board once the account is reconnected; after an hour the pin fails, so that people know."""
    now = timezone.now()
    if now - (pin.sent_at or now) > VERIFICATION_LIMIT:
        fail(pin, error_catalogue.UNVERIFIED.code, words)
    else:
        schedule_verification(pin, now, words)


def send_again_later(pin: Pin) -> None:
    """Send the pin again with back-off, after one more look (worker.py): the board does not have it."""
    code, detail = _error_of(pin)
    detail = detail or "The server stopped before Pinterest replied, each time."
    text = "The pin isn't on the board. We'll check the board once more right before sending it again."
    try_again_later(pin, code or error_catalogue.UNVERIFIED.code, detail, text=text)


def resume_publishing(pin: Pin) -> None:
    """Let an overdue pin that is not on the board go on from where it was."""
    pin.sent_at = None
    is_processing = pin.processing_since is not None and pin.media_ready_at is None
    to = PinStatus.PROCESSING if is_processing else PinStatus.SCHEDULED
    wait(pin, timezone.now(), "", "Pinterest doesn't have the pin, so it's published now.", to=to)


def record_failure(claim: Claim, error: PinterestError, *, to: str = "") -> None:
    """Write what follows from a failure after which Pinterest certainly has no pin of this request.

    `to` is the status in which the pin waits if it is tried again (see `wait`). Of an earlier request without an answer
    this says nothing: the pin stays unconfirmed, and a refused one fails so.
    """
    pin, now = claim.pin, timezone.now()
    if isinstance(error, RateLimited):
        paused_until = now + timedelta(seconds=error.retry_after_seconds)
        PinterestAccount.objects.not_rate_limited(paused_until).filter(pk=claim.account.pk).update(
            posting_paused_until=paused_until
        )
        wait(pin, paused_until, error_catalogue.RATE_LIMITED.code, error_text_of(error), to=to)
    elif isinstance(error, ReconnectNeeded):
        wait(pin, now, error_catalogue.RECONNECT_NEEDED.code, error_text_of(error), to=to)
    elif isinstance(error, tokens.RefreshBusy):
        wait(pin, now + REFRESH_WAIT, "", error_text_of(error), to=to)
    elif isinstance(error, PinterestClientError):
        row = error_lookup.explain(error)
        if row is error_catalogue.VIDEO_GONE:
            pin.media_ready_at = pin.sent_at = None  # so that it is uploaded anew
        if row.remedy is error_catalogue.Remedy.RETRY:
            try_again_later(pin, row.code, error_text_of(error), to=to)
        else:
            fail(pin, row.code, error_text_of(error))
    else:
        try_again_later(pin, _code_of_passing(error), error_text_of(error), to=to)


def _code_of_passing(error: PinterestError) -> str:
    row = error_lookup.explain(error)
    return row.code if row.remedy is error_catalogue.Remedy.RETRY else error_catalogue.PINTEREST_FAILED.code


def wait(pin: Pin, until: datetime, code: str, words: str, *, to: str = "", text: str = "") -> None:
    """Let the pin wait for `until`, at no cost of its attempts.

    It waits in the status `to`; where that is not given as a scheduled pin, or as an unconfirmed one, which is looked
    for once more before it is sent. `text` is for the history, where `words` say too little.
    """
    if not to:
        to = PinStatus.VERIFYING if pin.sent_at else PinStatus.SCHEDULED
    record_outcome(pin, to, PinEventKind.WAITING, text or words, next_attempt_at=until, error=(code, words))


def try_again_later(pin: Pin, code: str, words: str, *, to: str = "", text: str = "") -> None:
    """Spend one attempt: wait with exponential back-off, or fail if none is left."""
    if pin.attempts >= len(BACKOFF):
        fail(pin, code, words)
        return
    pause = jittered(BACKOFF[pin.attempts])
    pin.attempts += 1
    wait(pin, timezone.now() + pause, code, words, to=to, text=text)


def fail(pin: Pin, code: str, words: str) -> None:
    """Write that the pin has failed; if it is unconfirmed, “Try again” searches the board first."""
    record_outcome(pin, PinStatus.FAILED, PinEventKind.FAILED, words, next_attempt_at=None, error=(code, words))


def record_outcome(
    pin: Pin, to: str, kind: PinEventKind, text: str, *, next_attempt_at: datetime | None, error: tuple[str, str]
) -> None:
    """Write what the step has found out, and give the pin back.

    The row's counters are among it; `error` is a code and words. A video that is processed is kept for the next
    attempt; one that is not is uploaded anew, and not before the pin's time, which may have changed meanwhile.
    """
    is_upload_void = to in (PinStatus.SCHEDULED, PinStatus.FAILED) and pin.media_ready_at is None
    may_have_moved = to == PinStatus.SCHEDULED and pin.has_video
    not_before = Greatest(Value(next_attempt_at), F("publish_at")) if may_have_moved else next_attempt_at
    code, detail = error
    transition(
        pin,
        to,
        kind,
        text=text,
        next_attempt_at=not_before,
        sent_at=pin.sent_at,
        overdue_since=pin.overdue_since if pin.sent_at else None,
        created_since=pin.created_since if pin.sent_at else None,
        looks=pin.looks,
        attempts=pin.attempts,
        error_code=code,
        error_text=detail,
        **(NOT_UPLOADED if is_upload_void else {}),
        **PinQuerySet.UNCLAIMED,
    )
    if may_have_moved:
        pin.refresh_from_db(fields=["next_attempt_at"])


def _error_of(pin: Pin) -> tuple[str, str]:
    return pin.error_code, pin.error_text


def jittered(wait: timedelta) -> timedelta:
    """Return `wait` made a little longer or shorter, so that pins that failed together do not return together."""
    return wait * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  no secret depends on it


def error_text_of(error: PinterestError) -> str:
    """Return Pinterest's own words and the id under which its support finds the request."""
    return f"{error.message} (request {error.request_id})" if error.request_id else error.message


def file_error_text(error: OSError) -> str:
    """Return what the operating system says about a file, without its path, which means nothing to people."""
    return error.strerror or type(error).__name__
