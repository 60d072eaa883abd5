"""The minutes at which pins go out that are spread over days: the same ones each day, evenly apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from postiz_pins.common.dates import first_moment

MOST_A_DAY = 50


@dataclass(frozen=True)
class Spread:
    """Days, and what is to be sent on each."""

    start: date
    end: date
    pins_per_day: int
    # The first pin of a day stands at this time, the last one at the other; a single one at the first.
    earliest: time
    latest: time

    @property
    def times(self) -> list[time]:
        """Return the times of each day, to the minute."""
        first, last = (at.hour * 60 + at.minute for at in (self.earliest, self.latest))
        gaps = max(self.pins_per_day - 1, 1)
        minutes = (first + round(number * (last - first) / gaps) for number in range(self.pins_per_day))
        return [time(*divmod(minute, 60)) for minute in minutes]

    def moments(self, zone: ZoneInfo, now: datetime) -> list[datetime]:
        """Return all moments after `now`, the soonest first, in UTC."""
        days = (self.start + timedelta(days=number) for number in range((self.end - self.start).days + 1))
        found = dict.fromkeys(first_moment(day, at, zone) for day in days for at in self.times)
        return [moment for moment in found if moment > now]
