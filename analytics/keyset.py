"""The published pins in the order of one of their figures, by keyset: page 1,000 costs what page 1 costs.

A figure may be unknown (NULL). In both directions the known ones come first, by figure and pin, and the unknown ones
last, by pin. Each stretch of that order is a query of its own, because then each is one look at an index: databases
place NULL where they like, and a condition on figure *or* pin would read all pins with an equal figure."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware

from .models import PinSummary

Figure: TypeAlias = int | float | datetime

# What BIGINT holds.
LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Sort:
    """One of the orders that the table's head offers."""

    # In `?sort=`; "-" before it turns the order round.
    key: str
    label: str
    column: str
    # The younger a pin, the later it was published: the order of ages is that of moments turned round.
    is_turned: bool = False
    # What the first press on the column gives: the most of a figure, the youngest pins.
    starts_descending: bool = True


SORTS = (
    Sort("impressions", "Impressions", "impressions"),
    Sort("pin_clicks", "Pin clicks", "pin_clicks"),
    Sort("outbound_clicks", "Outbound clicks", "outbound_clicks"),
    Sort("saves", "Saves", "saves"),
    Sort("save_rate", "Save rate", "save_rate"),
    Sort("age", "Age", "published_at", is_turned=True, starts_descending=False),
)


@dataclass(frozen=True)
class Order:
    sort: Sort
    is_descending: bool

    @property
    def parameter(self) -> str:
        return f"-{self.sort.key}" if self.is_descending else self.sort.key

    @property
    def falls(self) -> bool:
        """Whether the column's values fall from row to row."""
        return self.is_descending != self.sort.is_turned


DEFAULT_ORDER = Order(SORTS[0], is_descending=True)


def parse_order(text: str) -> Order:
    """What `?sort=` asks for; the default for anything unknown."""
    key = text.removeprefix("-")
    sort = next((sort for sort in SORTS if sort.key == key), None)
    return Order(sort, is_descending=text.startswith("-")) if sort else DEFAULT_ORDER


@dataclass(frozen=True)
class Position:
    """Of a row in an order: its figure (None: unknown) and its pin. As text `1523~42`, or `~42`."""

    figure: Figure | None
    pin_id: int

    @classmethod
    def of(cls, summary: PinSummary, order: Order) -> Position:
        return cls(getattr(summary, order.sort.column), summary.pk)

    def __str__(self) -> str:
        if self.figure is None:
            return f"~{self.pin_id}"
        figure = self.figure.isoformat() if isinstance(self.figure, datetime) else repr(self.figure)
        return f"{figure}~{self.pin_id}"


def parse_position(text: str, order: Order) -> Position | None:
    """The position that `?after=` names; None for anything that is none in this order."""
    figure_text, tilde, pin_text = text.partition("~")
    pin_id = _parse_count(pin_text)
    if not tilde or pin_id is None:
        return None
    if not figure_text:
        return Position(None, pin_id)
    figure = _parse_figure(figure_text, order.sort.column)
    return None if figure is None else Position(figure, pin_id)


def _parse_figure(text: str, column: str) -> Figure | None:
    try:
        if column == "published_at":
            moment = parse_datetime(text)
            return moment if moment and is_aware(moment) else None
        if column == "save_rate":
            rate = float(text)
            return rate if math.isfinite(rate) else None
    except ValueError:
        return None
    return _parse_count(text)


def _parse_count(text: str) -> int | None:
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST))):
        return None
    return min(int(text), LARGEST)


def rows_after(
    summaries: QuerySet[PinSummary], order: Order, after: Position | None, count: int
) -> tuple[list[PinSummary], bool]:
    """The next `count` rows, and whether there are more. At most three queries, however many rows there are."""
    rows: list[PinSummary] = []
    for stretch in _stretches(summaries, order, after):
        rows += stretch[: count + 1 - len(rows)]
        if len(rows) > count:
            return rows[:count], True
    return rows, False


def all_rows(summaries: QuerySet[PinSummary], order: Order, batch_size: int = 2000) -> Iterator[PinSummary]:
    """All rows in their order, a batch in memory at a time, with no query open in between."""
    after, has_more = None, True
    while has_more:
        rows, has_more = rows_after(summaries, order, after, batch_size)
        yield from rows
        after = Position.of(rows[-1], order) if rows else None


def _stretches(summaries: QuerySet[PinSummary], order: Order, after: Position | None) -> Iterator[QuerySet[PinSummary]]:
    column, sign = order.sort.column, "-" if order.falls else ""
    beyond = "lt" if order.falls else "gt"
    known = summaries.filter(**{f"{column}__isnull": False}).order_by(f"{sign}{column}", f"{sign}pin")
    unknown = summaries.filter(**{column: None}).order_by(f"{sign}pin")
    later_pins = Q(**{f"pin__{beyond}": after.pin_id}) if after else Q()
    if after is None:
        yield known
    elif after.figure is None:
        unknown = unknown.filter(later_pins)
    else:
        yield known.filter(later_pins, **{column: after.figure})
        yield known.filter(**{f"{column}__{beyond}": after.figure})
    if column != "published_at":
        yield unknown
