"""How numbers are written on our pages and in our emails."""

from __future__ import annotations

# From here on the last digits say nothing at a glance.
SHORT_FROM = 10_000
UNITS = ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "k"))


def exact(value: int | None) -> str:
    """1,234,567; an unknown number has no digits."""
    return "" if value is None else f"{value:,}"


def short(value: int | None) -> str:
    """1.23M for people at a glance; give the exact number in a title."""
    if value is None:
        return ""
    if abs(value) < SHORT_FROM:
        return f"{value:,}"
    # What rounds up to a thousand of one unit is one of the next: 999,999 is 1M, not 1000k.
    size, unit = next((size, unit) for size, unit in UNITS if abs(value) >= size * 0.9995)
    return f"{value / size:,.{0 if abs(value) >= 999.5 * size else 3}g}{unit}" if abs(value) < 1e15 else f"{value:.2e}"


def percent(fraction: float | None, digits: int = 2) -> str:
    """Return a rate, which is stored as a fraction, in percent."""
    return "" if fraction is None else f"{fraction * 100:.{digits}f}%"
