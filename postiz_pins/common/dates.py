"""How sentences write days and moments; templates/_time.html writes moments likewise."""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format

DAY_FORMAT = "j M Y"
DAY_OF_MOMENT_FORMAT = "D j M Y"


def format_day(day: date) -> str:
    """Return the day as in “5 Nov 2026”."""
    return _formatted(day, DAY_FORMAT)


def format_moment(at: datetime | None, zone: tzinfo | None) -> str:
    """Return the moment in this zone, as in “Thu 5 Nov 2026, 14:30”; empty for none."""
    if at is None:
        return ""
    local = timezone.localtime(at, zone)
    return f"{_formatted(local.date(), DAY_OF_MOMENT_FORMAT)}, {local:%H:%M}"


@lru_cache(4096)  # a page says the same few days hundreds of times
def _formatted(day: date, form: str) -> str:
    return date_format(day, form)


def format_moment_and_zone(at: datetime | None, zone: ZoneInfo) -> str:
    """Return the moment with its zone, as in “Thu 5 Nov 2026, 14:30 (Europe/Berlin)”, for readers elsewhere."""
    return f"{format_moment(at, zone)} ({zone.key})"


def spoken_moment(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Return the moment in full words, as in “Friday 5 March, 09:30”; with its year if that is another one."""
    local = timezone.localtime(at, zone)
    is_this_year = local.year == timezone.localtime(now, zone).year
    return date_format(local, "l j F, H:i" if is_this_year else "l j F Y, H:i")


def format_time(at: datetime, zone: ZoneInfo) -> str:
    """Return the time of day in this zone, as in “14:30”."""
    return date_format(timezone.localtime(at, zone), "H:i")


def first_moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the first moment, in UTC, at which clocks in the zone show this time of the day.

    A time that they skip is the first one after the change that exists: 02:30 becomes 03:00. Of a time that comes
    twice, it is the first, whatever `fold` the time has. (It picks the offset: PEP 495.)
    """
    local = datetime.combine(day, at.replace(fold=0), zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    # By the offset after the change, the same time lies before it; the change itself is in between.
    before = local.replace(fold=1).astimezone(UTC)
    offset = before.astimezone(zone).utcoffset()

    def is_after(seconds: int) -> bool:
        return (before + timedelta(seconds=seconds)).astimezone(zone).utcoffset() != offset

    seconds = range(int((moment - before).total_seconds()) + 1)
    return before + timedelta(seconds=bisect_left(seconds, True, key=is_after))
