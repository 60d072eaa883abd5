"""The pins of a period, day by day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pins.models import Pin, PinQuerySet, PinStatus

from .periods import MONTH, Period

# So many pins are shown of a day in a month; the day itself shows the others.
PINS_PER_CELL = 4
PINS_PER_DAY = 200
# Drafts without a time that are shown beside the calendar.
TRAY_LENGTH = 30


@dataclass
class Entry:
    """A pin and the moment at which the calendar shows it."""

    pin: Pin
    at: datetime


@dataclass
class Day:
    on: date
    is_today: bool
    is_past: bool
    # Whether it belongs to the month before or after the one that is shown.
    is_outside: bool
    entries: list[Entry] = field(default_factory=list)
    count: int = 0

    @property
    def more_count(self) -> int:
        return self.count - len(self.entries)


@dataclass
class Cell:
    """An hour of a day."""

    day: Day
    entries: list[Entry]


def days_of(period: Period, pins: PinQuerySet, zone: ZoneInfo, today: date) -> list[Day]:
    """Return the days of the period with their pins, the earliest first, in as many queries as there are kinds of rows.

    A published pin stands where it was published, every other one where it is to be."""
    begin, end = period.bounds(zone)
    planned = pins.exclude(status=PinStatus.PUBLISHED).filter(publish_at__gte=begin, publish_at__lt=end)
    published = pins.published().filter(published_at__gte=begin, published_at__lt=end)
    moments = [
        *planned.values_list("publish_at", "pk"),
        *published.values_list("published_at", "pk"),
    ]
    by_day: dict[date, list[tuple[datetime, int]]] = defaultdict(list)
    for at, pk in sorted(moments):
        by_day[at.astimezone(zone).date()].append((at, pk))
    most = PINS_PER_CELL if period.view == MONTH else PINS_PER_DAY
    found = Pin.objects.with_content().in_bulk([pk for each in by_day.values() for _, pk in each[:most]])
    return [
        Day(
            on=day,
            is_today=day == today,
            is_past=day < today,
            is_outside=period.view == MONTH and day.month != period.on.month,
            entries=[Entry(found[pk], at) for at, pk in by_day[day][:most] if pk in found],
            count=len(by_day[day]),
        )
        for day in period.days
    ]


def hours_of(days: Sequence[Day], zone: ZoneInfo) -> list[tuple[int, list[Cell]]]:
    """Return, for each hour of the clock, the cell of each day: the rows of a week or a day."""
    return [
        (hour, [Cell(day, [each for each in day.entries if each.at.astimezone(zone).hour == hour]) for day in days])
        for hour in range(24)
    ]


def undated_drafts(pins: PinQuerySet) -> list[Pin]:
    """Return the newest drafts that have no time yet, one more than TRAY_LENGTH if there are more."""
    drafts = pins.filter(status=PinStatus.DRAFT, publish_at=None)
    return list(drafts.with_content().order_by("-updated_at", "-pk")[: TRAY_LENGTH + 1])
