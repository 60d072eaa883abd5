"""The time zones that a workspace may choose."""

from __future__ import annotations

import zoneinfo
from functools import cache

from django.core.exceptions import ValidationError


@cache
def time_zone_names() -> list[str]:
    """Return the sorted IANA names, without "localtime" and "Factory", which are no zones of people.

    Reading the directories takes 20 ms, so it is done once.
    """
    return sorted(zoneinfo.available_timezones() - {"localtime", "Factory"})


def validate_time_zone(name: str) -> None:
    """Raise ValidationError if no time zone has this name."""
    if name not in time_zone_names():
        raise ValidationError(f"“{name}” isn't a time zone. Choose one from the list, such as Europe/Berlin.")
