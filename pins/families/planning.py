"""When the pins of a series go out: each so many days after the one before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.models import Board, PinterestAccount
from pins.queue.places import FreePlaces
from pins.rules.composition import Composition
from pins.spacing.clearance import Likeness
from postiz_pins.common.dates import first_moment

from .series import Row, Series


@dataclass(frozen=True)
class Planned:
    """A further pin with its moment."""

    row: Row
    # None: the first pin has no time yet, the row cannot be read, or no publishing time is free.
    at: datetime | None
    # Days of the calendar since the pin before it; None: one of the two has no moment.
    days: int | None
    # Whether the moment is a place of the queue, which may change it later.
    is_place: bool = False
    # Whether its account has no free publishing time in time.
    is_queue_full: bool = False


class Places:
    """The free places of several accounts for the pins of a series, each account's read when it is needed first."""

    def __init__(
        self, series: Series, first: Composition, read: Callable[[PinterestAccount, list[Likeness]], FreePlaces]
    ) -> None:
        self._first, self._read = first, read
        self._likenesses = [Likeness.composed(first), *(self._likeness(row) for row in series.rows)]
        self._places: dict[int, FreePlaces] = {}

    def take_first(self, board: Board) -> datetime | None:
        """Take the place that the first pin of the series would get."""
        return self._of(board).take(self._likenesses[0])

    def note_first(self, board: Board, moment: datetime) -> None:
        """Note where the first pin stands."""
        self._of(board).note(moment, self._likenesses[0])

    def take(self, row: Row, board: Board, *, since: datetime) -> datetime | None:
        """Take the first free place for this pin, away from pins that are like it; None: there is none."""
        return self._of(board).take(self._likeness(row), since=since)

    def note(self, row: Row, board: Board, moment: datetime) -> None:
        """Note where a person has put this pin."""
        self._of(board).note(moment, self._likeness(row))

    def _of(self, board: Board) -> FreePlaces:
        if board.account_id not in self._places:
            self._places[board.account_id] = self._read(board.account, self._likenesses)
        return self._places[board.account_id]

    def _likeness(self, row: Row) -> Likeness:
        return Likeness.composed(row.composition(self._first))


def plan_series(series: Series, first_at: datetime | None, places: Places, zone: ZoneInfo) -> list[Planned]:
    """Return the moment of each further pin, from that of the first one on.

    A row with a time of its own has it, and the interval goes on from there. The others come so many days after the
    one before: at the time of day of the first, or at their account's first free publishing time from then on, which
    may be later: it stays as far from pins with the same link or files as the account wants.
    """
    if not series.keeps_time:
        for row in series.rows:
            if row.publish_at is not None and row.board is not None:
                places.note(row, row.board, row.publish_at)
    found: list[Planned] = []
    before = first_at
    for row in series.rows:
        planned = _planned(row, series, before, first_at, places, zone)
        found.append(planned)
        before = planned.at or before
    return found


def _planned(
    row: Row,
    series: Series,
    before: datetime | None,
    first_at: datetime | None,
    places: Places,
    zone: ZoneInfo,
) -> Planned:
    if row.publish_at is not None:
        return Planned(row, row.publish_at, _days(before, row.publish_at, zone))
    if before is None or first_at is None or row.board is None or series.days_between is None:
        return Planned(row, None, None)
    local = before.astimezone(zone)
    day = local.date() + timedelta(days=series.days_between)
    if series.keeps_time:
        clock = first_at.astimezone(zone).time().replace(second=0, microsecond=0)
        # Without days between, all go out with the first one, and none before it.
        at: datetime | None = max(before, first_moment(day, clock, zone))
    else:
        since = max(before, first_moment(day, local.time(), zone))
        at = places.take(row, row.board, since=since)
    return Planned(row, at, _days(before, at, zone), is_place=not series.keeps_time, is_queue_full=at is None)


def _days(before: datetime | None, at: datetime | None, zone: ZoneInfo) -> int | None:
    if before is None or at is None:
        return None
    return (at.astimezone(zone).date() - before.astimezone(zone).date()).days
