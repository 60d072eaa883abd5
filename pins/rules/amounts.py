"""Amounts in sentences about limits: rounded away from the limit, so that no sentence contradicts itself.

A file of one byte more than 20 MB has “20.1 MB”, and a video of 3.998 seconds lasts “3.99 seconds”.
"""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

MEGABYTE, GIGABYTE = 1024**2, 1024**3


def size_beyond(size_bytes: int, unit: int) -> str:
    """Return a text such as “20.1 MB”, for a size that is too large; `unit` is MEGABYTE or GIGABYTE."""
    name = "MB" if unit == MEGABYTE else "GB"
    return f"{_rounded(Decimal(size_bytes) / unit, '0.1', ROUND_CEILING)} {name}"


def size_within(size_bytes: int, unit: int) -> str:
    """Return a text such as “19.9 MB”, for the room that something is too large for."""
    name = "MB" if unit == MEGABYTE else "GB"
    return f"{_rounded(Decimal(size_bytes) / unit, '0.1', ROUND_FLOOR)} {name}"


def seconds_short_of(seconds: float) -> str:
    """Return a text such as “3.97 seconds”, for a duration that is too short."""
    text = _rounded(Decimal(str(seconds)), "0.01", ROUND_FLOOR)
    return f"{text} second{'' if text == '1' else 's'}"


def minutes_beyond(seconds: float) -> str:
    """Return a text such as “15:01 minutes”, for a duration that is too long."""
    return minutes(math.ceil(seconds))


def minutes(seconds: int) -> str:
    """Return a text such as “15:00 minutes”."""
    return f"{seconds // 60}:{seconds % 60:02} minutes"


def _rounded(value: Decimal, step: str, direction: str) -> str:
    return f"{value.quantize(Decimal(step), direction).normalize():f}"
