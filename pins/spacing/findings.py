"""What the guard finds, in sentences that name the other pin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from pins.rules.composition import Problem
from postiz_pins.common.dates import format_day, format_moment

from .limits import SpacingLimits
from .neighbors import Neighbor
from .planned import Planned

SAME_LINK = "same_link"
SAME_PICTURE = "same_picture"
SAME_PICTURE_ON_BOARD = "same_picture_on_board"
PICTURE_ON_MANY_BOARDS = "picture_on_many_boards"
MANY_PINS_A_DAY = "many_pins_a_day"
MANY_PINS_AN_HOUR = "many_pins_an_hour"
# What another time would mend.
ABOUT_TIME = (SAME_LINK, SAME_PICTURE, MANY_PINS_A_DAY, MANY_PINS_AN_HOUR)
CODES = (*ABOUT_TIME, SAME_PICTURE_ON_BOARD, PICTURE_ON_MANY_BOARDS)


@dataclass(frozen=True)
class Finding(Problem):
    """A warning or a hint. `other_pk` is the pin that the sentence names, if there is one and it is stored."""

    is_hint: bool = False
    other_pk: int | None = None

    @property
    def is_about_time(self) -> bool:
        """Return whether another time would mend it."""
        return self.code in ABOUT_TIME


def same_link(other: Neighbor, limits: SpacingLimits, zone: ZoneInfo) -> Finding:
    """Return the warning about another pin with the same link."""
    message = (
        f"{_said_of('This link', other, zone)}: {_named(other)}."
        f" Leave at least {_days(limits.link_days)} between pins with the same link."
    )
    return Finding(SAME_LINK, "link", message, other_pk=_stored(other))


def same_picture(pin: Planned, other: Neighbor, limits: SpacingLimits, zone: ZoneInfo) -> Finding:
    """Return the warning about another pin with the same files on another board."""
    message = (
        f"{_said_of(f'This {pin.noun}', other, zone)}: {_named(other)}."
        f" Leave at least {_days(limits.picture_days)} before it goes to another board."
    )
    return Finding(SAME_PICTURE, "publish_at", message, other_pk=_stored(other))


def same_picture_on_board(pin: Planned, other: Neighbor, zone: ZoneInfo) -> Finding:
    """Return the warning about another pin with the same files on the same board."""
    message = (
        f"{_said_of(f'This {pin.noun}', other, zone)} on the same board: {_named(other)}."
        f" Choose another board or another {'image' if pin.noun == 'carousel' else pin.noun}."
    )
    return Finding(SAME_PICTURE_ON_BOARD, "board", message, other_pk=_stored(other))


def picture_on_many_boards(pin: Planned, count: int, limit: int) -> Finding:
    """Return the warning about files that are on more boards than the account wants."""
    message = f"With this pin, the same {pin.noun} is on {count} boards. The limit of {pin.account} is {limit}."
    return Finding(PICTURE_ON_MANY_BOARDS, "board", message)


def many_a_day(pin: Planned, count: int, on: date, limits: SpacingLimits) -> Iterator[Finding]:
    """Yield the warning or the hint about the pins of a day, of which this is one."""
    start = f"With this pin, {pin.account} has {count} pins on {format_day(on)}."
    if limits.day_warning is not None and count > limits.day_warning:
        yield Finding(MANY_PINS_A_DAY, "publish_at", f"{start} Its limit is {limits.day_warning} a day.")
    elif limits.day_hint is not None and count > limits.day_hint:
        message = f"{start} That's more than {limits.day_hint}: consider spreading them over more days."
        yield Finding(MANY_PINS_A_DAY, "publish_at", message, is_hint=True)


def many_an_hour(pin: Planned, count: int, limit: int, zone: ZoneInfo) -> Finding:
    """Return the warning about the pins of an hour, of which this is one."""
    at = format_moment(pin.at, zone)
    message = f"With this pin, {pin.account} has {count} pins within an hour of {at}. Its limit is {limit} an hour."
    return Finding(MANY_PINS_AN_HOUR, "publish_at", message)


def _said_of(what: str, other: Neighbor, zone: ZoneInfo) -> str:
    if other.second is None:
        return f"{what} is waiting for approval too"
    at = format_moment(datetime.fromtimestamp(other.second, UTC), zone)
    return f"{what} was published {at}" if other.is_published else f"{what} is planned for {at} too"


def _named(other: Neighbor) -> str:
    if other.title or other.pk > 0:
        return f"“{other.title or f'Pin {other.pk}'}” ({other.board_name})"
    return other.board_name


def _days(count: int) -> str:
    return f"{count} day{'s' if count != 1 else ''}"


def _stored(other: Neighbor) -> int | None:
    return other.pk if other.pk > 0 else None
