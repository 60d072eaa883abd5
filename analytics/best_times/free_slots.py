"""The best hour of the coming week in which an account has nothing planned yet."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from accounts.models import PinterestAccount
from pins.fields import LOCAL_FORMAT
from pins.models import ACTIVE_STATUSES, Pin, PinStatus
from postiz_pins.common.dates import format_moment

from .services import BestTimes, Cell

# Nearer than that, a person is hardly done with the form.
AHEAD = timedelta(minutes=15)
WITHIN = timedelta(days=7)
# Two pins so close together take each other's attention.
APART = timedelta(minutes=30)
MINUTES = (0, 30)


@dataclass(frozen=True)
class FreeSlot:
    """An hour at which no pin of the account is planned."""

    cell: Cell
    # Aware, in the workspace's zone.
    at: datetime

    @property
    def field_value(self) -> str:
        """Return the moment as the composer's field reads it."""
        return self.at.strftime(LOCAL_FORMAT)

    @property
    def text(self) -> str:
        """Return the moment in words."""
        return format_moment(self.at, self.at.tzinfo)


def best_free_slot(
    times: BestTimes, account: PinterestAccount, now: datetime, *, pin_id: int | None = None
) -> FreeSlot | None:
    """Return the first of the best hours that is free in the next seven days.

    None if no hour is good, or all are taken. The pin that is being edited does not stand in its own way.
    """
    cells = times.good_cells
    if not cells:
        return None
    reach = (now - APART, now + WITHIN + APART)
    # A proposed pin will most likely be approved for its moment.
    planned = Pin.objects.in_workspace(account.workspace).filter(
        account=account, status__in=[*ACTIVE_STATUSES, PinStatus.PROPOSED], publish_at__range=reach
    )
    others = planned.exclude(pk=pin_id) if pin_id is not None else planned
    occupied = sorted(at for at in others.values_list("publish_at", flat=True) if at is not None)
    for cell in cells:
        for at in _moments(cell.weekday, cell.hour, account.workspace.zone, now):
            if _is_free(at, occupied):
                return FreeSlot(cell, at)
    return None


def next_moment(weekday: int, hour: int, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return when the hour comes next, aware and in the zone; None if the clocks skip it within the next seven days."""
    return next(_moments(weekday, hour, zone, now), None)


def _moments(weekday: int, hour: int, zone: ZoneInfo, now: datetime) -> Iterator[datetime]:
    """Return when the hour comes in the next seven days, soonest first.

    A local time that the clocks skip is left out; of one that they repeat only the first is meant, as in the form.
    """
    today = now.astimezone(zone).date()
    for days in range(WITHIN.days + 1):
        day = today + timedelta(days=days)
        if day.weekday() != weekday:
            continue
        for minute in MINUTES:
            at = _existing(day, time(hour, minute), zone)
            if at is not None and now + AHEAD <= at.astimezone(UTC) <= now + WITHIN:
                yield at


def _existing(day: date, at: time, zone: ZoneInfo) -> datetime | None:
    local = datetime.combine(day, at, zone)
    there_and_back = local.astimezone(UTC).astimezone(zone)
    return local if there_and_back.replace(tzinfo=None) == local.replace(tzinfo=None) else None


def _is_free(at: datetime, occupied: list[datetime]) -> bool:
    """Return whether nothing in `taken` (sorted) is within APART, ends included."""
    nearest = bisect_left(occupied, at.astimezone(UTC) - APART)
    return nearest == len(occupied) or occupied[nearest] > at.astimezone(UTC) + APART
