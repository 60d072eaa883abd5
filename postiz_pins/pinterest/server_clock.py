"""What time it is at Pinterest, by the Date header of its responses.

A pin that is looked for is known by the moment at which Pinterest created it. Our clock may differ from Pinterest's, or
be corrected between the sending and the look; this one goes on by the process's own, which is never set.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# The last answer's moment, and when it arrived here; None before the first answer.
_read: tuple[datetime, float] | None = None


def note(date_header: str) -> None:
    """Set the clock by the Date header of an answer; one that cannot be read changes nothing."""
    global _read
    try:
        moment = parsedate_to_datetime(date_header)
    except ValueError:
        return
    _read = (moment if moment.tzinfo else moment.replace(tzinfo=UTC), _elapsed())


def forget() -> None:
    """Return to the state before the first answer."""
    global _read
    _read = None


def earliest_now() -> datetime | None:
    """Return the earliest that it can be at Pinterest now; None before the first answer of this process.

    The header is cut to the second, and its answer has travelled, so it is up to a second and a request later.
    """
    if _read is None:
        return None
    moment, arrived_at = _read
    return moment + timedelta(seconds=_elapsed() - arrived_at)


def skew(now: datetime) -> timedelta:
    """Return what to add to our clock's `now`, so that it is none too late by Pinterest's clock.

    Zero before the first response.
    """
    theirs = earliest_now()
    return timedelta(0) if theirs is None else theirs - now


def _elapsed() -> float:
    """Return seconds that go on evenly, whatever the clock is set to.

    Linux's monotonic clock stands still while the machine is suspended; that of its boot does not.
    """
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()
