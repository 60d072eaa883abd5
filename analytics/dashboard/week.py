"""The week ahead: what is planned on each of the next seven days, and where nothing is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pins.models import Pin, PinQuerySet, PinStatus

DAYS = 7
PINS_PER_DAY = 4
# So many more of a day are counted, however full it is; one more is read, which tells whether there are yet others.
MOST_COUNTED = 99
MOST_READ = PINS_PER_DAY + MOST_COUNTED + 1
# When a pin of a day without one is offered to go out, in the workspace's time zone.
USUAL_TIME = time(9)

Moment = tuple[datetime, int]


@dataclass(frozen=True)
class Entry:
    """A pin, and the moment at which it is or was published."""

    pin: Pin
    at: datetime


@dataclass(frozen=True)
class PlannedDay:
    """A day of the strip: its first pins, or what a gap offers."""

    on: date
    is_today: bool
    entries: Sequence[Entry]
    # How many more pins the day has; at most MOST_COUNTED + 1.
    more: int
    # The time that a new pin of this day gets, as the composer's field reads it; None: the day is over.
    offered_at: datetime | None

    @property
    def more_text(self) -> str:
        """Return how many more pins the day has, as it is shown; empty without any."""
        if self.more > MOST_COUNTED:
            return f"{MOST_COUNTED}+ more"
        return f"+ {self.more} more" if self.more else ""


def week_ahead(pins: PinQuerySet, zone: ZoneInfo, now: datetime) -> list[PlannedDay]:
    """Return today and the six days after it, in the zone's dates, with their first pins.

    Eleven queries that read some rows each, however full the week is.
    """
    today = now.astimezone(zone).date()
    days = [today + timedelta(days=number) for number in range(DAYS)]
    planned = {day: _planned(pins, day, zone) for day in days}
    published = _published(pins, today, zone)
    counts = {day: len(found) for day, found in planned.items()}
    counts[today] += len(published)
    moments = {day: found[:PINS_PER_DAY] for day, found in planned.items()}
    # The last ones that were published, before those to come.
    moments[today] = sorted(planned[today] + published[:PINS_PER_DAY])[:PINS_PER_DAY]
    shown = [pk for found in moments.values() for _, pk in found]
    rows = Pin.objects.with_content().in_bulk(shown)
    return [
        PlannedDay(
            on=day,
            is_today=day == today,
            entries=[Entry(rows[pk], at) for at, pk in found if pk in rows],
            more=min(counts[day] - len(found), MOST_COUNTED + 1),
            offered_at=_offer(day, zone, now),
        )
        for day, found in moments.items()
    ]


def _planned(pins: PinQuerySet, day: date, zone: ZoneInfo) -> list[Moment]:
    """Return the first pins that are to be published on the day, as many as are shown and counted."""
    begin, end = _bounds(day, zone)
    planned = pins.exclude(status=PinStatus.PUBLISHED).filter(publish_at__gte=begin, publish_at__lt=end)
    return list(planned.order_by("publish_at", "pk").values_list("publish_at", "pk")[:MOST_READ])


def _published(pins: PinQuerySet, day: date, zone: ZoneInfo) -> list[Moment]:
    """Return the last pins that were published on the day, as many as are shown and counted."""
    begin, end = _bounds(day, zone)
    published = pins.published().filter(published_at__gte=begin, published_at__lt=end)
    return list(published.order_by("-published_at", "-pk").values_list("published_at", "pk")[:MOST_READ])


def _bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    return datetime.combine(day, time.min, zone), datetime.combine(day + timedelta(days=1), time.min, zone)


def _offer(day: date, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return the usual time of the day, or its next full hour if that has passed."""
    usual, local = datetime.combine(day, USUAL_TIME, zone), now.astimezone(zone)
    if usual > local:
        return usual
    full_hour = local.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return full_hour if full_hour.date() == day else None
