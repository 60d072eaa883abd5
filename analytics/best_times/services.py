"""When, and on which boards, an account's own pins did best: engagement of their first seven days by weekday and hour.

Each account by itself: what holds for the people who follow one tells nothing of another's, and Pinterest's developer
guidelines forbid combining accounts of different people.

Engagement is pin clicks, outbound clicks and saves together (PinSummary.first_week_engagement). Weekday and hour are
those of the workspace's zone. Few pins prove little, so three things keep them from winning:
- a pin counts for no more than CAP_QUANTILE of all pins have, or a single viral pin would crown its hour;
- an hour's average is drawn towards that of all pins, as if it had PRIOR_PINS more pins of just that average;
- an hour with fewer than CELL_PINS pins is shown, but never named as one of the best.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean, median, quantiles
from zoneinfo import ZoneInfo

from django.core.cache import cache

from accounts.models import PinterestAccount
from analytics.models import PinSummary

# A year has each season once, and what worked longer ago says little about today.
LOOKBACK = timedelta(days=365)
# The page may be an hour behind: 100,000 pins are not read again for every visitor.
KEPT_SECONDS = 3600
# Part of the key in the cache; to be raised when what is kept changes its shape.
SHAPE = 3

# Enough for a statement: a pin for every day of a month, spread over four weeks so that no single week (a sale, a
# holiday) speaks for all, and five hours that can be compared at all.
MIN_PINS = 30
MIN_WEEKS = 4
MIN_CELLS = 5
# Three pins are the fewest of which one can be an outlier and still be outvoted.
CELL_PINS = 3
BOARD_PINS = 5
PRIOR_PINS = 5
CAP_QUANTILE = 0.95
# An hour that is named as good is at least a tenth above the average; less is noise.
GOOD_RATIO = 1.1
GOOD_CELLS = 10

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Cell:
    """One hour of one weekday, 0 is Monday."""

    weekday: int
    hour: int
    pins: int
    # Engagement of a pin in its first week, drawn towards the average of all pins.
    average: float
    # `average` divided by that of all pins.
    ratio: float

    @property
    def is_few(self) -> bool:
        """Return whether it has too few pins to say anything."""
        return self.pins < CELL_PINS

    @property
    def name(self) -> str:
        """Return the hour in words, such as “Tuesdays at 18:00”."""
        return f"{WEEKDAYS[self.weekday]}s at {self.hour:02}:00"

    @property
    def ratio_text(self) -> str:
        """Return its engagement, compared with the average, in words."""
        return f"{self.ratio:.1f} times your average engagement"


@dataclass(frozen=True)
class BoardRank:
    """A board with the median engagement of its pins."""

    name: str
    pins: int
    median: float


@dataclass(frozen=True)
class BestTimes:
    """When the pins of an account got the most engagement."""

    zone: str
    worked_out_at: datetime
    # Pins whose first week is known, and those of the lookback whose first week is not (yet).
    pins: int
    waiting: int
    # From the first of these pins to the last.
    weeks: int
    average: float
    cells: Sequence[Cell]
    boards: Sequence[BoardRank]
    # Boards with pins, but too few.
    boards_left_out: int

    @property
    def comparable_cells(self) -> int:
        """Return how many hours have enough pins."""
        return sum(not cell.is_few for cell in self.cells)

    @property
    def shortfalls(self) -> list[str]:
        """Return what is missing before the heat map says anything; empty if there is enough."""
        missing = []
        if self.pins < MIN_PINS:
            missing.append(f"{_count(MIN_PINS - self.pins, 'more pin')} with a complete first week")
        if self.weeks < MIN_WEEKS:
            missing.append(f"{_count(MIN_WEEKS - self.weeks, 'more week')} between your first pin and your last")
        if self.comparable_cells < MIN_CELLS:
            cells = _count(MIN_CELLS - self.comparable_cells, "more hour")
            missing.append(f"{cells} of the week with at least {CELL_PINS} pins")
        if not missing and self.average == 0:
            missing.append("pins with clicks or saves in their first week")
        return missing

    @property
    def is_enough(self) -> bool:
        """Return whether there are enough pins to recommend an hour."""
        return not self.shortfalls

    @property
    def good_cells(self) -> list[Cell]:
        """Return the hours worth naming, the best first; none without enough figures."""
        if not self.is_enough:
            return []
        good = [cell for cell in self.cells if not cell.is_few and cell.ratio >= GOOD_RATIO]
        return sorted(good, key=lambda cell: (-cell.ratio, -cell.pins, cell.weekday, cell.hour))[:GOOD_CELLS]

    @property
    def hours(self) -> range:
        """Return the columns of the heat map: from the earliest hour with a pin to the latest."""
        hours = [cell.hour for cell in self.cells]
        return range(min(hours), max(hours) + 1) if hours else range(0)


def best_times(account: PinterestAccount, now: datetime) -> BestTimes:
    """Return the best times of the account's pins of the year before `now`; at most an hour old."""
    key = f"best-times:{SHAPE}:{account.pk}:{account.workspace.time_zone}"
    best: BestTimes | None = cache.get(key)
    if best is None:
        best = work_out(account, now)
        cache.set(key, best, KEPT_SECONDS)
    return best


def work_out(account: PinterestAccount, now: datetime) -> BestTimes:
    """Compute the best times from a year of pins, in two queries, however many there are."""
    # The workspace as well, for the index of its pins by their age.
    summaries = PinSummary.objects.in_workspace(account.workspace).filter(account=account)
    summaries = summaries.filter(published_at__gt=now - LOOKBACK)
    # Two short columns a pin: SQL has no median on SQLite, and neither database knows the other's zones alike.
    published = list(summaries.values_list("published_at", "board_id", "first_week_engagement"))
    complete = [(at, board, engagement) for at, board, engagement in published if engagement is not None]
    moments = [at for at, _, _ in complete]
    average, cells = _cells(((at, engagement) for at, _, engagement in complete), account.workspace.zone)
    boards, left_out = _boards(account, ((board, engagement) for _, board, engagement in complete))
    return BestTimes(
        zone=account.workspace.time_zone,
        worked_out_at=now,
        pins=len(complete),
        waiting=len(published) - len(complete),
        weeks=(max(moments) - min(moments)).days // 7 if moments else 0,
        average=average,
        cells=cells,
        boards=boards,
        boards_left_out=left_out,
    )


def _cells(engagements: Iterable[tuple[datetime, int]], zone: ZoneInfo) -> tuple[float, list[Cell]]:
    """Return the average of all pins, and the hours of the week in which there are pins."""
    by_place: dict[tuple[int, int], list[float]] = defaultdict(list)
    for at, engagement in engagements:
        local = at.astimezone(zone)
        by_place[local.weekday(), local.hour].append(engagement)
    everything = [value for values in by_place.values() for value in values]
    if not everything:
        return 0.0, []
    cap = _cap(everything)
    average = fmean(min(value, cap) for value in everything)
    cells = []
    for (weekday, hour), values in sorted(by_place.items()):
        drawn = (sum(min(value, cap) for value in values) + PRIOR_PINS * average) / (len(values) + PRIOR_PINS)
        cells.append(Cell(weekday, hour, len(values), drawn, drawn / average if average else 0.0))
    return average, cells


def _cap(values: list[float]) -> float:
    if len(values) < MIN_PINS:
        return max(values)
    return quantiles(values, n=100, method="inclusive")[round(CAP_QUANTILE * 100) - 1]


def _boards(account: PinterestAccount, engagements: Iterable[tuple[int, int]]) -> tuple[list[BoardRank], int]:
    """Return boards with enough pins by the median of their pins, and how many have too few.

    A single viral pin does not move the median.
    """
    by_board: dict[int, list[int]] = defaultdict(list)
    for board_id, engagement in engagements:
        by_board[board_id].append(engagement)
    named = account.boards.values_list("pk", "name")
    ranks = [
        BoardRank(name, len(by_board[pk]), median(by_board[pk]))
        for pk, name in named
        if len(by_board.get(pk, ())) >= BOARD_PINS
    ]
    ranks.sort(key=lambda board: (-board.median, -board.pins, board.name.casefold()))
    return ranks, len(by_board) - len(ranks)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
