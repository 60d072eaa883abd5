"""What Pinterest tells about audiences, read tolerantly: unknown metrics and statuses are kept, missing is not zero."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from .errors import ServerFailed

READY = "READY"
ACCOUNT_METRICS = (
    "ENGAGEMENT",
    "ENGAGEMENT_RATE",
    "IMPRESSION",
    "OUTBOUND_CLICK",
    "OUTBOUND_CLICK_RATE",
    "PIN_CLICK",
    "PIN_CLICK_RATE",
    "SAVE",
    "SAVE_RATE",
)
PIN_METRICS = ("IMPRESSION", "OUTBOUND_CLICK", "PIN_CLICK", "SAVE")
# The most pins of one GET /pins/analytics.
PINS_PER_CALL = 100


@dataclass(frozen=True)
class DayFigures:
    """One day in UTC. `metrics` has Pinterest's names and only what Pinterest has computed; rates are fractions."""

    date: date
    data_status: str
    metrics: Mapping[str, float]


@dataclass(frozen=True)
class Days:
    """Daily figures, oldest first and each date once; `flaws` says which parts of the answer could not be read."""

    days: list[DayFigures]
    flaws: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class PinLifetimeFigures:
    """`metrics` has the names of `pin_metrics.lifetime_metrics`; None: Pinterest has none (pins before 2023-03-20)."""

    pin_id: str
    created_at: datetime
    metrics: Mapping[str, float] | None


def parse_days(answer: Mapping[str, Any]) -> Days:
    """Return the days of one account or pin, out of `{"all": {"daily_metrics": […]}}`.

    Of a day that is there twice the last counts. Raises ServerFailed if there is no list of days at all.
    """
    split = answer.get("all")
    listed = split.get("daily_metrics") if isinstance(split, dict) else None
    if not isinstance(listed, list):
        raise ServerFailed("Pinterest's answer holds no daily metrics.")
    days: dict[date, DayFigures] = {}
    flaws = []
    for entry in listed:
        try:
            day = _parse_day(entry)
        except (KeyError, TypeError, ValueError, AttributeError):
            flaws.append(f"not a day: {entry!r:.200}")
            continue
        days[day.date] = day
    return Days([days[key] for key in sorted(days)], flaws)


def parse_metrics(metrics: Any) -> dict[str, float]:
    """Return the numbers among them, by name; NaN, infinity, texts and nulls count as missing."""
    if not isinstance(metrics, dict):
        return {}
    return {
        str(name): value
        for name, value in metrics.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    }


def _parse_day(entry: Mapping[str, Any]) -> DayFigures:
    status = entry.get("data_status")
    metrics = entry.get("metrics")
    if metrics is not None and not isinstance(metrics, dict):
        raise TypeError("metrics is no object")
    return DayFigures(
        date=date.fromisoformat(entry["date"]),
        data_status=str(status or ""),
        metrics=parse_metrics(metrics),
    )
