"""The pins of a period, day by day."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from accounts.models import Membership
from pins.models import PinQuerySet, PinStatus
from postiz_pins.common.dates import first_moment
from postiz_pins.database.epoch import Epoch

from .chips import Chip, chips_of
from .periods import MONTH, Period

# So many pins are shown of a day in a month; the day itself shows the others.
PINS_PER_CELL = 4
PINS_PER_DAY = 200
# Before this hour, those before the first pin are folded.
FIRST_SHOWN_HOUR = 7


@dataclass
class Day:
    """A day of the calendar with the pins that fit into its cell."""

    on: date
    is_today: bool
    is_past: bool
    # Whether it belongs to the month before or after the one that is shown.
    is_outside: bool
    chips: list[Chip] = field(default_factory=list)
    count: int = 0
    # Where a new pin of the day begins; empty if there can be none, or the member may make none.
    new_pin_url: str = ""

    @property
    def more_count(self) -> int:
        """Return how many of its pins are not shown."""
        return self.count - len(self.chips)


@dataclass
class Cell:
    """An hour of a day."""

    day: Day
    chips: list[Chip]
    is_past: bool


def calendar_of(
    period: Period, pins: PinQuerySet, zone: ZoneInfo, today: date, membership: Membership
) -> tuple[list[Day], list[Chip]]:
    """Return the days of the period with their pins, the earliest first, and the newest drafts without a time.

    A published pin stands where it was published, every other one where it is to be. Of the drafts, there is one more
    than TRAY_LENGTH if there are more. Two queries: all moments as numbers, and what is shown of a few of the pins.
    """
    moments = _moments(period, pins, zone)
    most = PINS_PER_CELL if period.view == MONTH else PINS_PER_DAY
    begins = [int(first_moment(on, time.min, zone).timestamp()) for on in [*period.days, period.last + timedelta(1)]]
    edges = [bisect_left(moments, (begin,)) for begin in begins]
    spans = list(zip(period.days, edges, edges[1:], strict=False))
    shown = {
        pk: datetime.fromtimestamp(second, zone)
        for _, first, end in spans
        for second, pk in moments[first : min(end, first + most)]
    }
    chips = chips_of(shown, pins.filter(status=PinStatus.DRAFT, publish_at=None), membership)
    days = [
        Day(
            on=on,
            is_today=on == today,
            is_past=on < today,
            is_outside=period.view == MONTH and on.month != period.on.month,
            chips=[chips[pk] for _, pk in moments[first : min(end, first + most)] if pk in chips],
            count=end - first,
        )
        for on, first, end in spans
    ]
    return days, [chip for chip in chips.values() if chip.at is None]


def _moments(period: Period, pins: PinQuerySet, zone: ZoneInfo) -> list[tuple[int, int]]:
    """Return the moments of the pins of the period in seconds since 1970, with their keys, the earliest first."""
    begin, end = period.bounds(zone)
    planned = pins.exclude(status=PinStatus.PUBLISHED).filter(publish_at__gte=begin, publish_at__lt=end)
    published = pins.published().filter(published_at__gte=begin, published_at__lt=end)
    planned_moments = planned.values_list(Epoch("publish_at"), "pk")
    return sorted(planned_moments.union(published.values_list(Epoch("published_at"), "pk"), all=True))


def hours_of(days: Sequence[Day], zone: ZoneInfo, now: datetime) -> list[tuple[int, list[Cell]]]:
    """Return, for each hour of the clock, the cell of each day: the rows of a week or a day."""
    this_hour = now.astimezone(zone).hour

    def cell(day: Day, hour: int) -> Cell:
        chips = [chip for chip in day.chips if chip.at is not None and chip.at.hour == hour]
        return Cell(day, chips, is_past=day.is_past or (day.is_today and hour < this_hour))

    return [(hour, [cell(day, hour) for day in days]) for hour in range(24)]


def early_hours_of(hours: Sequence[tuple[int, list[Cell]]]) -> int:
    """Return how many hours of the morning are folded: those before the first pin, and before seven; not one alone."""
    early = hours[:FIRST_SHOWN_HOUR]
    count = next((hour for hour, cells in early if any(cell.chips for cell in cells)), FIRST_SHOWN_HOUR)
    return count if count > 1 else 0


def earlier_and_listed(days: Sequence[Day]) -> tuple[list[Day], list[Day]]:
    """Return, of the days with pins, those that a list folds, which are over, and the others.

    A month or week that is over, or has pins on its past days alone, folds none.
    """
    filled = [day for day in days if day.count and not day.is_outside]
    listed = [day for day in filled if not day.is_past]
    if not listed or not any(day.is_today and not day.is_outside for day in days):
        return [], filled
    return [day for day in filled if day.is_past], listed
