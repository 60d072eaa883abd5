"""Spans of days. Dates are Pinterest's, in UTC, and both ends belong to the span."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

# The ranges that are offered, and whose totals ingestion keeps ready for each pin (models.PinPeriod).
PRESETS = {7: "7 days", 30: "30 days", 90: "90 days", 365: "12 months", 730: "2 years"}
DEFAULT_DAYS = 30
LONGEST_DAYS = 731  # two years with a leap day


@dataclass(frozen=True)
class Period:
    """A range of days, both ends included."""

    start_on: date
    end_on: date

    @classmethod
    def ending(cls, end_on: date, days: int) -> Period:
        """Return the period of so many days that ends on this one."""
        return cls(end_on - timedelta(days=days - 1), end_on)

    @property
    def days(self) -> int:
        """Return how many days it has."""
        return (self.end_on - self.start_on).days + 1

    @property
    def preceding(self) -> Period:
        """Return the period of equal length that ends the day before this one."""
        return Period.ending(self.start_on - timedelta(days=1), self.days)

    def __iter__(self) -> Iterator[date]:
        return (self.start_on + timedelta(days=offset) for offset in range(self.days))

    def __contains__(self, day: date) -> bool:
        return self.start_on <= day <= self.end_on


def newest_day(now: datetime, *known: date | None) -> date:
    """Return the last day of the offered ranges, so that all pages mean the same days.

    The first of `known`, the newest days with figures, that there is; else yesterday, in UTC.
    """
    return next(filter(None, known), now.astimezone(UTC).date() - timedelta(days=1))
