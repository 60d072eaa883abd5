"""Which publishing times of an account are free.

A place is no row: it is a moment at which a publishing time falls, and `Pin.publish_at` alone says whether it is taken.
Moments are counted in seconds since 1970 here, since thousands of them are compared.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from accounts.models import PinterestAccount
from pins.models import Pin, PinQuerySet, PinStatus, PublishingTime
from pins.spacing.clearance import LIKE_NONE, Likeness, clearance_of
from pins.spacing.counting import most_within_an_hour
from pins.spacing.limits import SpacingLimits
from postiz_pins.common.dates import first_moment
from postiz_pins.database.epoch import Epoch

# So many days ahead places are looked for.
HORIZON_DAYS = 180
# A place that begins earlier is left out: the pin has yet to be checked, and a person may change their mind.
LEAD = timedelta(minutes=15)
DAY_SECONDS = 24 * 3600
MINUTE_SECONDS = 60


class Plan:
    """The moments that pins of an account take, and what the account asks for between and around them."""

    def __init__(
        self, taken: list[int], *, least_gap_minutes: int, pins_per_day: int | None, most_an_hour: int | None = None
    ) -> None:
        self._taken = sorted(taken)
        self._gap_seconds = max(least_gap_minutes * 60, MINUTE_SECONDS)
        self._pins_per_day = pins_per_day
        self._most_an_hour = most_an_hour

    def is_free(self, second: int) -> bool:
        """Return whether no other pin is nearer than the least gap; one in the same minute always is."""
        taken, gap = self._taken, self._gap_seconds
        after = bisect_left(taken, second)
        is_before_near = after > 0 and second - taken[after - 1] < gap
        return not is_before_near and not (after < len(taken) and taken[after] - second < gap)

    def is_full(self, begin: int, end: int) -> bool:
        """Return whether the day between the two, the end excluded, has as many pins as the account wants."""
        if self._pins_per_day is None:
            return False
        return bisect_left(self._taken, end) - bisect_left(self._taken, begin) >= self._pins_per_day

    def is_crowded(self, second: int) -> bool:
        """Return whether one more pin would be too many for an hour."""
        return self._most_an_hour is not None and most_within_an_hour(self._taken, second) > self._most_an_hour

    def is_open(self, place: Place) -> bool:
        """Return whether a pin may stand at the place."""
        is_free = self.is_free(place.second) and not self.is_full(place.begin, place.end)
        return is_free and not self.is_crowded(place.second)

    def take(self, second: int) -> None:
        """Note that another pin stands there now."""
        insort(self._taken, second)


class Place(NamedTuple):
    """A moment at which a publishing time falls, and the day that it is on: its begin, its end, its ordinal."""

    second: int
    begin: int
    end: int
    day: int


class FreePlaces:
    """The free places of an account, given out one after the other; each is taken from then on.

    Args:
        account: Whose queue it is. Its workspace's time zone says when the publishing times are.
        now: The places are at least LEAD later.
        without: Keys of pins that take no place, because they are about to get another one.
        likenesses: Those of the pins that get places here: they stay clear of pins that are like them.
        is_any_day: Whether other moments are asked about as well (`is_good`), even if there are no publishing times.
    """

    def __init__(
        self,
        account: PinterestAccount,
        *,
        now: datetime,
        without: Collection[int] = (),
        likenesses: Iterable[Likeness] = (),
        is_any_day: bool = False,
    ) -> None:
        self._zone = account.workspace.zone
        times = _times_by_weekday(account)
        is_asked = bool(times) or is_any_day
        self._plan = _plan_of(account, now, without) if is_asked else None
        alike = likenesses if is_asked else ()
        self._clearance = clearance_of(account, alike, self._zone, since=now, without=without)
        self._ahead = _places(times, self._zone, now, self._plan) if self._plan else iter(())
        # Places that were passed over, by a pin that must not be so early, or so near to one that is like it: they may
        # do for the next one.
        self._passed: list[Place] = []

    def take(self, likeness: Likeness = LIKE_NONE, *, since: datetime | None = None) -> datetime | None:
        """Return the first free place, in UTC, that is not before `since`; None if HORIZON_DAYS ahead there is none."""
        place = self._take(likeness, since)
        if place is None:
            return None
        self._clearance.take(likeness, place.day)
        return datetime.fromtimestamp(place.second, UTC)

    def offered(self, count: int, likeness: Likeness = LIKE_NONE, *, since: datetime | None = None) -> list[datetime]:
        """Return up to `count` free places from `since` on for one pin to choose from, the earliest first, in UTC."""
        places = (self._take(likeness, since) for _ in range(count))
        return [datetime.fromtimestamp(place.second, UTC) for place in places if place is not None]

    def _take(self, likeness: Likeness, since: datetime | None) -> Place | None:
        if self._plan is None:
            return None
        earliest = 0 if since is None else int(since.timestamp())
        number = bisect_left(self._passed, (earliest,))
        while True:
            if number == len(self._passed):
                place = next((each for each in self._ahead if self._plan.is_open(each)), None)
                if place is None:
                    return None
                self._passed.append(place)
            place = self._passed[number]
            if place.second < earliest:
                number += 1
            elif not self._plan.is_open(place):
                del self._passed[number]  # nor will it be: pins are only added to the plan
            elif self._clearance.is_clear(likeness, place.day):
                del self._passed[number]
                self._plan.take(place.second)
                return place
            else:
                number += 1

    def is_good(self, moment: datetime, likeness: Likeness) -> bool:
        """Return whether the moment, which need not be a publishing time, is open and clear as a place would be."""
        place = _place_at(moment, self._zone)
        return self._plan is not None and self._plan.is_open(place) and self._clearance.is_clear(likeness, place.day)

    def note(self, moment: datetime, likeness: Likeness = LIKE_NONE) -> None:
        """Note that a pin stands at this moment, which need not be a place."""
        if self._plan is not None:
            self._plan.take(int(moment.timestamp()))
            self._clearance.take(likeness, moment.astimezone(self._zone).toordinal())


def next_free_times(
    account: PinterestAccount,
    *,
    now: datetime,
    count: int = 1,
    without: Collection[int] = (),
    likeness: Likeness = LIKE_NONE,
    since: datetime | None = None,
) -> list[datetime]:
    """Return the next free publishing times of the account (FreePlaces), the earliest first, in UTC.

    There are up to `count` of them that are not before `since`, each of which would be taken by another pin; fewer if
    HORIZON_DAYS ahead there are no more. They are clear of pins with this likeness.
    """
    places = FreePlaces(account, now=now, without=without, likenesses=[likeness])
    return places.offered(count, likeness, since=since)


def is_free(account: PinterestAccount, moment: datetime, *, now: datetime, without: Collection[int] = ()) -> bool:
    """Return whether a pin may stand at the moment: none is too near, and the day is not full.

    Args:
        account: Whose queue it is.
        moment: It lies after `now`, and is a publishing time or was one.
        now: The present.
        without: Keys of pins that take no place, because they are about to get another one.
    """
    return _plan_of(account, now, without).is_open(_place_at(moment, account.workspace.zone))


def off_places(account: PinterestAccount, pins: PinQuerySet) -> list[int]:
    """Return the keys of those of the pins that do not stand on a publishing time of the account, in their order."""
    zone = account.workspace.zone
    times = _times_by_weekday(account)

    def stands_on_one(moment: datetime) -> bool:
        local = moment.astimezone(zone)
        return any(first_moment(local.date(), at, zone) == moment for at in times[local.weekday()])

    return [pk for pk, moment in pins.values_list("pk", "publish_at") if not stands_on_one(moment)]


def _times_by_weekday(account: PinterestAccount) -> defaultdict[int, list[time]]:
    times: defaultdict[int, list[time]] = defaultdict(list)
    for weekday, at in PublishingTime.objects.filter(account=account).values_list("weekday", "time"):
        times[weekday].append(at)
    return times


def _plan_of(account: PinterestAccount, now: datetime, without: Collection[int]) -> Plan:
    """Read the moments of the account's pins that can be in the way of a place after `now`."""
    gap = timedelta(minutes=account.least_gap_minutes)
    zone = account.workspace.zone
    today = datetime.combine(now.astimezone(zone).date(), time.min, zone)
    since = min(today, now - max(gap, timedelta(hours=1)))
    pins = Pin.objects.filter(account=account).exclude(pk__in=without)
    planned = pins.exclude(status=PinStatus.PUBLISHED).filter(publish_at__gte=since)
    published = pins.in_workspace(account.workspace).published().filter(published_at__gte=since)
    moments = planned.values_list(Epoch("publish_at"), flat=True).union(
        published.values_list(Epoch("published_at"), flat=True), all=True
    )
    limits = SpacingLimits.of(account)
    return Plan(
        list(moments),
        least_gap_minutes=account.least_gap_minutes,
        pins_per_day=min(filter(None, [account.pins_per_day, limits.day_warning]), default=None),
        most_an_hour=limits.hour_warning,
    )


def _places(times: dict[int, list[time]], zone: ZoneInfo, now: datetime, plan: Plan) -> Iterator[Place]:
    """Yield each moment of a publishing time from `now` + LEAD on that no pin of the plan is too near to."""
    earliest = int((now + LEAD).timestamp())
    today = now.astimezone(zone).date()
    begin = _begin(today, zone)
    for number in range(HORIZON_DAYS + 1):
        day = today + timedelta(days=number)
        end = _begin(day + timedelta(days=1), zone)
        for second in _moments_of(day, times.get(day.weekday(), []), zone, begin, end):
            if second >= earliest and plan.is_free(second):
                yield Place(second, begin, end, day.toordinal())
        begin = end


def _place_at(moment: datetime, zone: ZoneInfo) -> Place:
    day = moment.astimezone(zone).date()
    begin, end = _begin(day, zone), _begin(day + timedelta(days=1), zone)
    return Place(int(moment.timestamp()), begin, end, day.toordinal())


def _moments_of(day: date, times: list[time], zone: ZoneInfo, begin: int, end: int) -> list[int]:
    """Return the different moments at which the times fall on the day from `begin` to `end`, the earliest first."""
    if end - begin == DAY_SECONDS:  # the clocks are not changed, and nothing has to be looked up
        return [begin + at.hour * 3600 + at.minute * 60 + at.second for at in times]
    moments = {int(first_moment(day, at, zone).timestamp()) for at in times}
    return sorted(second for second in moments if begin <= second < end)


def _begin(day: date, zone: ZoneInfo) -> int:
    return int(first_moment(day, time.min, zone).timestamp())
