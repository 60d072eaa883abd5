"""The orders of the list of pins; each finds a page by keyset, so that page 1,000 costs what page 1 costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower

from accounts.models import Board, Workspace
from pins.models import PinQuerySet, PinStatus
from postiz_pins.common.params import parse_key, parse_moment

from .tabs import TABS


class Place(NamedTuple):
    """Where a pin is in the list: what `?after=` says of it, and its key."""

    written: str
    key: int


@dataclass(frozen=True)
class Order:
    """An order by a column or an annotation, and by the key among equals."""

    # In the query string.
    value: str
    label: str
    column: str
    is_forward: bool
    # The column's value out of `?after=`; None for what is no value of it.
    parse: Callable[[str], datetime | str | None]

    def places(
        self, pins: PinQuerySet, statuses: Sequence[PinStatus], after: str, most: int, workspace: Workspace
    ) -> tuple[list[Place], bool]:
        """Return at most so many places after that one, and whether they are the first.

        Args:
            pins: Those of the workspace that are listed, annotated with the column.
            statuses: The only ones. None: all are listed.
            after: As in `2027-03-28T07:30:00+00:00~42`. What is no place leads to the first page.
            most: How many are wanted.
            workspace: Whose pins they are.
        """
        beyond = self.beyond(pins, after)
        is_first, pins = beyond is None, pins if beyond is None else beyond
        # The index has the pins of one status in their order, so those of several are merged here.
        statuses = statuses or (tuple(PinStatus) if self is TITLE else ())
        parts = [pins.filter(status=status) for status in statuses] or [pins]
        rows = chain.from_iterable(self.sorted(part).values_list(self.column, "pk")[:most] for part in parts)
        found = sorted(rows, reverse=not self.is_forward)[:most]
        return [Place(self.written(place, key), key) for place, key in found], is_first

    def sorted(self, pins: PinQuerySet) -> PinQuerySet:
        """Return the pins in this order."""
        sign = "" if self.is_forward else "-"
        return pins.order_by(f"{sign}{self.column}", f"{sign}pk")

    def written(self, place: datetime | str, key: int) -> str:
        """Return a place of the list as `?after=` names it."""
        return f"{place.isoformat() if isinstance(place, datetime) else place}~{key}"

    def beyond(self, pins: PinQuerySet, after: str) -> PinQuerySet | None:
        """Return the pins after the place that `?after=` names; None if it names none."""
        value, _, key_text = after.rpartition("~")
        place, key = self.parse(value), parse_key(key_text)
        if place is None or key is None:
            return None
        sign = "gt" if self.is_forward else "lt"
        # The first condition says nothing new, but by it the index is entered at the right place.
        return pins.filter(**{f"{self.column}__{sign}e": place}).filter(
            Q(**{f"{self.column}__{sign}": place}) | Q(**{self.column: place, f"pk__{sign}": key})
        )


@dataclass(frozen=True)
class Grouping:
    """An order by what pins have in common: one group after the other, and in each the latest first."""

    # In the query string.
    value: str
    label: str
    column: str
    # The column's values in their order, from the one that `?after=` names on; None: it names none.
    groups: Callable[[PinQuerySet, str, int, Workspace], list[int | str | None] | None]

    def places(
        self, pins: PinQuerySet, statuses: Sequence[PinStatus], after: str, most: int, workspace: Workspace
    ) -> tuple[list[Place], bool]:
        """Return what `Order.places` does; it asks for one group after the other until there are enough pins."""
        pins = pins.filter(status__in=statuses) if statuses else pins
        start, _, rest = after.partition("~")
        beyond = LATEST.beyond(pins, rest)
        groups = None if beyond is None else self.groups(pins, start, most, workspace)
        if groups is None:
            beyond, groups = None, self.groups(pins, "", most, workspace) or []
        places: list[Place] = []
        for group in groups:
            part = pins if beyond is None or str(group or NONE) != start else beyond
            part = part.filter(**{self.column: group})
            rows = LATEST.sorted(part).values_list("shown_at", "pk")[: most - len(places)]
            places += [Place(f"{group or NONE}~{LATEST.written(at, key)}", key) for at, key in rows]
            if len(places) == most:
                break
        return places, beyond is None


NONE = "none"  # the group of the pins without a board, in `?after=`


def _boards(pins: PinQuerySet, start: str, most: int, workspace: Workspace) -> list[int | str | None] | None:
    """Return the boards that hold some of the pins, by name, and last None for the pins without a board."""
    boards = Board.objects.in_workspace(workspace).annotate(name_key=Lower("name"))
    if start == NONE:
        return [None]
    if start:
        first = boards.filter(pk=parse_key(start) or 0).values_list("name_key", "pk").first()
        if first is None:
            return None
        name, key = first
        boards = boards.filter(Q(name_key__gt=name) | Q(name_key=name, pk__gte=key))
    held = boards.filter(Exists(pins.filter(board=OuterRef("pk"))))
    return [*held.order_by("name_key", "pk").values_list("pk", flat=True)[:most], None]


def _statuses(pins: PinQuerySet, start: str, most: int, workspace: Workspace) -> list[int | str | None] | None:
    """Return the statuses as the tabs have them."""
    statuses = [status.value for tab in TABS for status in tab.statuses]
    if start in statuses:
        return [*statuses[statuses.index(start) :]]
    return None if start else [*statuses]


def _parse_title(text: str) -> str | None:
    return None if "\0" in text else text  # no column can be compared with that


SOONEST = Order("soonest", "Soonest first", "shown_at", is_forward=True, parse=parse_moment)
LATEST = Order("latest", "Latest first", "shown_at", is_forward=False, parse=parse_moment)
TITLE = Order("title", "Title A–Z", "title_key", is_forward=True, parse=_parse_title)
BOARD = Grouping("board", "Board A–Z", "board", _boards)
STATUS = Grouping("status", "Status", "status", _statuses)
ORDERS: tuple[Order | Grouping, ...] = (SOONEST, LATEST, TITLE, BOARD, STATUS)
