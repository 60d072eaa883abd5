"""What requests carry as text, read into values that a database can be asked for."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime

from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware

from .text import strip_nul

# Keys are 64 bits wide; every number of so many digits fits.
KEY_DIGITS = 18
# Versions and counts are 32 bits wide.
NUMBER_DIGITS = 9


def parse_key(text: str) -> int | None:
    """Return the primary key that `text` writes, or None for anything else."""
    return _parse_digits(text, KEY_DIGITS)


def parse_keys(texts: Iterable[str]) -> list[int]:
    """Return the keys among `texts`, each once, in their order."""
    return [key for key in dict.fromkeys(map(parse_key, texts)) if key is not None]


def parse_number(text: str) -> int | None:
    """Return the whole number, such as a version, that `text` writes, or None for anything else."""
    return _parse_digits(text, NUMBER_DIGITS)


def parse_moment(text: str) -> datetime | None:
    """Return the moment in UTC that `text` writes with its offset, or None for anything else."""
    with suppress(ValueError, OverflowError):  # the 32nd of May, and the years 1 and 9999 near their ends
        moment = parse_datetime(text)
        return moment.astimezone(UTC) if moment is not None and is_aware(moment) else None
    return None


def search_text(request: HttpRequest, name: str = "q") -> str:
    """Return what was typed into a search field."""
    return strip_nul(request.GET.get(name, "")).strip()


def _parse_digits(text: str, longest: int) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= longest else None
