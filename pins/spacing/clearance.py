"""On which days the queue may place a pin: far enough from others with its link or its files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from accounts.models import PinterestAccount
from pins.models import Pin
from pins.rules.composition import Composition
from postiz_pins.database.epoch import Epoch

from .keys import keys_of
from .limits import SpacingLimits
from .neighbors import MOMENT, NOT_COUNTED


class Likeness(NamedTuple):
    """The keys by which a pin is found to be like others (Pin.link_key, Pin.picture_key)."""

    link_key: str = ""
    picture_key: str = ""

    @classmethod
    def of(cls, pin: Pin) -> Likeness:
        """Return the keys of a stored pin."""
        return cls(pin.link_key, pin.picture_key)

    @classmethod
    def composed(cls, composition: Composition) -> Likeness:
        """Return the keys of what is being composed."""
        return cls(**keys_of(composition.link, (each.media.sha256 for each in composition.attachments)))


# That of nothing yet: every place is clear for it.
LIKE_NONE = Likeness()


class Clearance:
    """The days that pins which are alike keep free of each other; days are ordinals (`date.toordinal`)."""

    def __init__(self, limits: SpacingLimits) -> None:
        self._days = {"link": limits.link_days, "picture": limits.picture_days}
        self._blocked: dict[tuple[str, str], set[int]] = defaultdict(set)

    def is_clear(self, likeness: Likeness, day: int) -> bool:
        """Return whether no pin that is like this one is within its days."""
        return not any(day in self._blocked[key] for key in _keys(likeness))

    def take(self, likeness: Likeness, day: int) -> None:
        """Note that a pin with this likeness stands on the day."""
        for kind, key in _keys(likeness):
            apart = self._days[kind]
            self._blocked[kind, key].update(range(day - apart + 1, day + apart))


def clearance_of(
    account: PinterestAccount,
    likenesses: Iterable[Likeness],
    zone: ZoneInfo,
    *,
    since: datetime,
    without: Collection[int] = (),
) -> Clearance:
    """Read which days are taken for pins of this likeness from `since` on: in one query, or in none for no keys.

    `without` are the keys of pins that are about to get another place.
    """
    limits = SpacingLimits.of(account)
    clearance = Clearance(limits)
    all_of = set(likenesses)
    links = {likeness.link_key for likeness in all_of} - {""} if limits.link_days else set()
    pictures = {likeness.picture_key for likeness in all_of} - {""} if limits.picture_days else set()
    pins = Pin.objects.filter(account=account).exclude(status__in=NOT_COUNTED).exclude(pk__in=without)
    pins = pins.annotate(moment=MOMENT).filter(moment__gte=since - timedelta(days=limits.longest_days + 1))
    columns: list[Any] = ["link_key", "picture_key", Epoch(MOMENT)]
    queries = [
        found.values_list(*columns)
        for found, keys in ((pins.filter(link_key__in=links), links), (pins.filter(picture_key__in=pictures), pictures))
        if keys
    ]
    if not queries:
        return clearance
    rows: Iterable[Any] = queries[0].union(*queries[1:], all=True) if len(queries) > 1 else queries[0]
    for link_key, picture_key, second in rows:
        day = datetime.fromtimestamp(second, zone).toordinal()
        found_keys = Likeness(link_key if link_key in links else "", picture_key if picture_key in pictures else "")
        clearance.take(found_keys, day)
    return clearance


def _keys(likeness: Likeness) -> list[tuple[str, str]]:
    return [(kind, key) for kind, key in zip(("link", "picture"), likeness, strict=True) if key]
