"""The spacing guard: pins that are too near to others that are like them, or too many.

Nothing here stops a pin. It is said where a person plans it, and the queue gives it no such place.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pins.models import Pin
from postiz_pins.common.dates import first_moment

from . import findings
from .counting import HOUR_SECONDS, most_within_an_hour
from .findings import Finding
from .kept import kept_by, kept_by_neighbor
from .limits import SpacingLimits
from .neighbors import NOT_COUNTED, Neighbor, alike, moments
from .planned import Planned

DAY = timedelta(days=1)
DAY_SECONDS = 24 * 3600


def check(pin: Planned, zone: ZoneInfo) -> list[Finding]:
    """Return what `check_many` says about a single pin."""
    return check_many([pin], zone)[0]


def check_many(pins: Sequence[Planned], zone: ZoneInfo, *, beside: bool = False) -> list[list[Finding]]:
    """Return for each of the pins, in their order, what is to be said about its distance to others.

    What a person has decided to keep is left out. Two queries, however many pins there are.

    Args:
        pins: Of accounts of one workspace.
        zone: That of the workspace, whose days are counted.
        beside: Whether they count for each other as they are planned here: those that are not stored yet, as the rows
            of an import, and those that are, in place of what is stored.
    """
    if not pins:
        return []
    surroundings = _Surroundings(pins, zone, beside=beside)
    return [list(surroundings.findings_of(pin, _own_key(number, pin))) for number, pin in enumerate(pins)]


class _Surroundings:
    """All pins that can matter for some pins."""

    def __init__(self, pins: Sequence[Planned], zone: ZoneInfo, *, beside: bool) -> None:
        self._zone = zone
        accounts = {pin.account.pk: pin.account for pin in pins}
        self._limits = {pk: SpacingLimits.of(account) for pk, account in accounts.items()}
        neighbors, near = self._read(pins, set(accounts))
        if beside:
            own = {_own_key(number, pin): pin for number, pin in enumerate(pins)}
            neighbors = [other for other in neighbors if other.pk not in own]
            neighbors += [_as_neighbor(key, pin) for key, pin in own.items()]
            near = [row for row in near if row[2] not in own]
            near += [(pin.account.pk, pin.second, key) for key, pin in own.items()]
        self._alike: dict[tuple[int, str], list[Neighbor]] = defaultdict(list)
        # Of each image, the pins on each board.
        self._boards: dict[tuple[int, str], dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
        for neighbor in sorted(neighbors, key=_second):
            self._alike[neighbor.account_id, f"link {neighbor.link_key}"].append(neighbor)
            picture = f"picture {neighbor.picture_key}"
            self._alike[neighbor.account_id, picture].append(neighbor)
            self._alike[neighbor.account_id, f"{picture} on {neighbor.board_id}"].append(neighbor)
            self._boards[neighbor.account_id, picture][neighbor.board_id].add(neighbor.pk)
        self._moments: dict[int, list[int]] = defaultdict(list)
        for account_id, second, _ in sorted(near):
            self._moments[account_id].append(second)
        self._moment_of = {key: second for _, second, key in near}
        self._days: dict[int, int] = {}
        self._begins: dict[date, int] = {}

    def _read(
        self, pins: Sequence[Planned], account_ids: set[int]
    ) -> tuple[list[Neighbor], list[tuple[int, int, int]]]:
        since, until = min(pin.at for pin in pins), max(pin.at for pin in pins)
        far = (max(limits.longest_days for limits in self._limits.values()) + 1) * DAY
        links, pictures = {pin.link_key for pin in pins} - {""}, {pin.picture_key for pin in pins} - {""}
        counted = Pin.objects.filter(account__in=account_ids).exclude(status__in=NOT_COUNTED)
        near = moments(counted, pins[0].account.workspace_id, since - 2 * DAY, until + 2 * DAY)
        return alike(account_ids, links, pictures, since - far, until + far), near

    def findings_of(self, pin: Planned, own: int) -> Iterator[Finding]:
        """Yield what is to be said about the pin; `own` is its key among the pins that were read."""
        limits, kept = self._limits[pin.account.pk], kept_by(pin)
        for finding in (*self._of_alike(pin, own, limits), *self._of_numbers(pin, own, limits)):
            if finding.code not in kept:
                yield finding

    def _of_alike(self, pin: Planned, own: int, limits: SpacingLimits) -> Iterator[Finding]:
        if pin.link_key:
            others = self._within(pin, self._alike[pin.account.pk, f"link {pin.link_key}"], limits.link_days)
            other = self._nearest(pin, own, others, findings.SAME_LINK)
            if other is not None:
                yield findings.same_link(other, limits, self._zone)
        if not pin.picture_key:
            return
        picture = f"picture {pin.picture_key}"
        others = self._alike[pin.account.pk, picture]
        if limits.same_board:
            on_board = self._alike[pin.account.pk, f"{picture} on {pin.board.pk}"]
            other = self._nearest(pin, own, on_board, findings.SAME_PICTURE_ON_BOARD)
            if other is not None:
                yield findings.same_picture_on_board(pin, other, self._zone)
        elsewhere = [
            other for other in self._within(pin, others, limits.picture_days) if other.board_id != pin.board.pk
        ]
        other = self._nearest(pin, own, elsewhere, findings.SAME_PICTURE)
        if other is not None:
            yield findings.same_picture(pin, other, limits, self._zone)
        on_boards = self._boards[pin.account.pk, picture]
        boards = {pin.board.pk, *(board_id for board_id, keys in on_boards.items() if keys != {own})}
        if limits.picture_boards is not None and len(boards) > limits.picture_boards:
            yield findings.picture_on_many_boards(pin, len(boards), limits.picture_boards)

    def _within(self, pin: Planned, others: list[Neighbor], days: int) -> list[Neighbor]:
        """Return those of the others, which are in the order of their moments, that are fewer days away."""
        if not days:
            return []
        far, day = (days + 1) * DAY_SECONDS, self._day(pin.second)
        first = bisect_left(others, pin.second - far, key=_second)
        last = bisect_left(others, pin.second + far, key=_second)
        return [other for other in others[first:last] if abs(self._day(_second(other)) - day) < days]

    def _nearest(self, pin: Planned, own: int, others: list[Neighbor], code: str) -> Neighbor | None:
        """Return the nearest of the others, which are in the order of their moments, but for those that are kept."""
        near = (other for other in _outward(others, pin.second) if other.pk != own)
        return next((other for other in near if code not in kept_by_neighbor(other)), None)

    def _of_numbers(self, pin: Planned, own: int, limits: SpacingLimits) -> Iterator[Finding]:
        moments_of_account = self._moments[pin.account.pk]
        stored = self._moment_of.get(own)
        on = pin.at.astimezone(self._zone).date()
        begin, end = self._begin(on), self._begin(on + DAY)
        a_day = bisect_left(moments_of_account, end) - bisect_left(moments_of_account, begin) + 1
        if stored is not None and begin <= stored < end:
            a_day -= 1
        yield from findings.many_a_day(pin, a_day, on, limits)
        first = bisect_left(moments_of_account, pin.second - HOUR_SECONDS)
        last = bisect_left(moments_of_account, pin.second + HOUR_SECONDS)
        near = moments_of_account[first:last]
        if stored in near:
            near.remove(stored)
        an_hour = most_within_an_hour(near, pin.second)
        if limits.hour_warning is not None and an_hour > limits.hour_warning:
            yield findings.many_an_hour(pin, an_hour, limits.hour_warning, self._zone)

    def _begin(self, day: date) -> int:
        begin = self._begins.get(day)
        if begin is None:
            begin = self._begins[day] = int(first_moment(day, time.min, self._zone).timestamp())
        return begin

    def _day(self, second: int) -> int:
        day = self._days.get(second)
        if day is None:
            day = self._days[second] = datetime.fromtimestamp(second, self._zone).toordinal()
        return day


def _own_key(number: int, pin: Planned) -> int:
    """Return a pin's key among those that were read; what is not stored has one that no stored pin has."""
    return pin.pk if pin.pk is not None else -1 - number


def _second(other: Neighbor) -> int:
    """Return its moment; what has none is far from all."""
    return other.second or 0


def _outward(others: Sequence[Neighbor], second: int) -> Iterator[Neighbor]:
    """Yield the others, which are in the order of their moments, the nearest to this one first."""
    after = bisect_left(others, second, key=_second)
    before = after - 1
    while before >= 0 or after < len(others):
        is_before = after == len(others) or (
            before >= 0 and second - _second(others[before]) <= _second(others[after]) - second
        )
        yield others[before if is_before else after]
        before, after = (before - 1, after) if is_before else (before, after + 1)


def _as_neighbor(key: int, pin: Planned) -> Neighbor:
    return Neighbor(
        pk=key,
        account_id=pin.account.pk,
        board_id=pin.board.pk,
        board_name=pin.board.name,
        title=pin.title,
        status="",
        second=pin.second,
        link_key=pin.link_key,
        picture_key=pin.picture_key,
        kept=pin.kept,
    )
