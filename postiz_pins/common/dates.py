"""How sentences write days and moments; templates/_time.html writes moments likewise."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format

DAY_FORMAT = "j M Y"
MOMENT_FORMAT = "D j M Y, H:i"


def format_day(day: date) -> str:
    """Return the day as in “5 Nov 2026”."""
    return date_format(day, DAY_FORMAT)


def format_moment(at: datetime | None, zone: tzinfo | None) -> str:
    """Return the moment in this zone, as in “Thu 5 Nov 2026, 14:30”; empty for none."""
    return date_format(timezone.localtime(at, zone), MOMENT_FORMAT) if at else ""


def format_moment_and_zone(at: datetime | None, zone: ZoneInfo) -> str:
    """Return the moment with its zone, as in “Thu 5 Nov 2026, 14:30 (Europe/Berlin)”, for readers elsewhere."""
    return f"{format_moment(at, zone)} ({zone.key})"


def format_time(at: datetime, zone: ZoneInfo) -> str:
    """Return the time of day in this zone, as in “14:30”."""
    return date_format(timezone.localtime(at, zone), "H:i")
