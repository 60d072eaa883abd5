"""The spans of days that the calendar shows, and the links from one to the next. Days are those of the workspace."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format

MONTH, WEEK, DAY, LIST = "month", "week", "day", "list"
VIEWS = (MONTH, WEEK, DAY, LIST)
WEEKDAYS = tuple(calendar.day_name)
# Moments that people may choose for a pin (pins/fields.py) lie in these years.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)


@dataclass(frozen=True)
class Period:
    """What one view shows: all days from `first` to `last`, both of them included."""

    view: str
    # The day that the view is about: it is in the month or the week, and is the day itself.
    on: date
    first: date
    last: date

    @property
    def days(self) -> list[date]:
        """Return its days in order, the first and the last included."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    @property
    def weeks(self) -> list[list[date]]:
        """Return its days in rows of seven."""
        days = self.days
        return [days[start : start + 7] for start in range(0, len(days), 7)]

    @property
    def title(self) -> str:
        """Return its name as a heading."""
        if self.view == DAY:
            return date_format(self.on, "l j F Y")
        if self.view == WEEK:
            is_one_month = self.first.month == self.last.month
            is_one_year = self.first.year == self.last.year
            first = date_format(self.first, "j" if is_one_month else "j F" if is_one_year else "j F Y")
            return f"{first} – {date_format(self.last, 'j F Y')}"
        return date_format(self.on, "F Y")

    @property
    def previous(self) -> date | None:
        """Return a day of the period before this one, or None if there is none."""
        start = self.on.replace(day=1) if self.view in (MONTH, LIST) else self.first
        return start - timedelta(days=1) if start > FIRST_DAY else None

    @property
    def next(self) -> date | None:
        """Return a day of the period after this one, or None if there is none."""
        end = _end_of_month(self.on) if self.view in (MONTH, LIST) else self.last
        return end + timedelta(days=1) if end < LAST_DAY else None

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return the moments, in UTC, at which the period begins and at which it is over."""
        return _begin(self.first, zone), _begin(self.last + timedelta(days=1), zone)


def period_of(view: str, on: date, first_weekday: int = calendar.MONDAY) -> Period:
    """Return the period that `view` shows of the day `on`; weeks begin with `first_weekday`, 0 being Monday."""
    if view == DAY:
        return Period(view, on, on, on)
    if view == WEEK:
        begin = _begin_of_week(on, first_weekday)
        return Period(view, on, begin, begin + timedelta(days=6))
    first, last = on.replace(day=1), _end_of_month(on)
    if view == LIST:
        return Period(view, on, first, last)
    begin, end = _begin_of_week(first, first_weekday), _begin_of_week(last, first_weekday) + timedelta(days=6)
    return Period(view, on, begin, end)


def columns_of(period: Period) -> Sequence[str]:
    """Return the names of the weekdays that stand above the days."""
    if period.view == MONTH:
        return [WEEKDAYS[day.weekday()] for day in period.days[:7]]
    return [date_format(day, "D j M") for day in period.days]


def _begin_of_week(day: date, first_weekday: int) -> date:
    return day - timedelta(days=(day.weekday() - first_weekday) % 7)


def _end_of_month(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _begin(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)
