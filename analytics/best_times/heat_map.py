"""The heat map of the week: each hour's place among the others, and when it comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import quantiles
from zoneinfo import ZoneInfo

from pins.fields import LOCAL_FORMAT

from .free_slots import next_moment
from .services import WEEKDAYS, BestTimes, Cell

# From the weakest fifth of the hours to the best one.
LEVELS = 5


@dataclass(frozen=True)
class HeatCell:
    """One hour of one weekday as the heat map shows it."""

    hour: int
    # None: no pin was published then.
    cell: Cell | None
    # 1 (the weakest fifth) to LEVELS (the best); 0 without pins.
    level: int
    # The next such hour, as the composer's field takes it; empty if the clocks skip it.
    publish_at: str


def heat_rows(times: BestTimes, zone: ZoneInfo, now: datetime) -> list[tuple[str, list[HeatCell]]]:
    """Return the weekdays with a cell for each of `times.hours`."""
    by_place = {(cell.weekday, cell.hour): cell for cell in times.cells}
    ends = level_ends([cell.ratio for cell in times.cells if not cell.is_few])

    def heat_cell(weekday: int, hour: int) -> HeatCell:
        cell = by_place.get((weekday, hour))
        level = 1 + sum(cell.ratio > end for end in ends) if cell else 0
        at = next_moment(weekday, hour, zone, now)
        return HeatCell(hour, cell, level, at.strftime(LOCAL_FORMAT) if at else "")

    return [(name, [heat_cell(weekday, hour) for hour in times.hours]) for weekday, name in enumerate(WEEKDAYS)]


def level_ends(ratios: Sequence[float]) -> list[float]:
    """Return the upper ends of all levels but the highest: as many hours have each level, however far apart they are.

    A single level, and so no end, if all are equal or there are too few to compare.
    """
    if len(set(ratios)) < 2:
        return []
    return quantiles(ratios, n=LEVELS, method="inclusive")
