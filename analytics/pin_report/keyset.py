"""The published pins in the order of one of their figures, by keyset: page 1,000 costs what page 1 costs.

A figure may be unknown (NULL). In both directions the known ones come first, by figure and pin, and the unknown ones
last, by pin. Each stretch of that order is a query of its own, because then each is one look at an index: databases
place NULL where they like, and a condition on figure *or* pin would read all pins with an equal figure.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from django.db.models import Q, QuerySet

from analytics.models import PinSummary
from postiz_pins.common.params import parse_moment

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
    """A column and a direction."""

    sort: Sort
    is_descending: bool

    @property
    def parameter(self) -> str:
        """Return it as `?sort=` has it."""
        return f"-{self.sort.key}" if self.is_descending else self.sort.key

    @property
    def falls(self) -> bool:
        """Return whether the column's values fall from row to row."""
        return self.is_descending != self.sort.is_turned


DEFAULT_ORDER = Order(SORTS[0], is_descending=True)


def parse_order(text: str) -> Order:
    """Return the order that `?sort=` asks for; the default for anything unknown."""
    key = text.removeprefix("-")
    sort = next((sort for sort in SORTS if sort.key == key), None)
    return Order(sort, is_descending=text.startswith("-")) if sort else DEFAULT_ORDER


@dataclass(frozen=True)
class Position:
    """The place of a row in an order: its figure (None: unknown) and its pin.

    As text `1523~42`, or `~42`.
    """

    figure: Figure | None
    pin_id: int

    def __str__(self) -> str:
        if self.figure is None:
            return f"~{self.pin_id}"
        figure = self.figure.isoformat() if isinstance(self.figure, datetime) else repr(self.figure)
        return f"{figure}~{self.pin_id}"


def parse_position(text: str, order: Order) -> Position | None:
    """Return the position that `?after=` names; None for anything that is none in this order."""
    figure_text, tilde, pin_text = text.partition("~")
    pin_id = _parse_count(pin_text)
    if not tilde or pin_id is None:
        return None
    if not figure_text:
        return Position(None, pin_id)
    figure = _parse_figure(figure_text, order.sort.column)
    return None if figure is None else Position(figure, pin_id)


def _parse_figure(text: str, column: str) -> Figure | None:
    if column == "published_at":
        return parse_moment(text)
    try:
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
) -> tuple[list[PinSummary], Position | None]:
    """Return the next `count` rows, and where to go on after them (None: they are the last).

    At most four queries, however many rows there are. The keys are found first: with the joins of whole rows a planner
    may think it cheaper to sort.
    """
    keys: list[Position] = []
    for stretch in _stretches(summaries, order, after):
        missing = count + 1 - len(keys)
        keys += [Position(*key) for key in stretch.values_list(order.sort.column, "pk")[:missing]]
        if len(keys) > count:
            break
    summaries_by_id = summaries.in_bulk([key.pin_id for key in keys[:count]])
    rows = [summaries_by_id[key.pin_id] for key in keys[:count] if key.pin_id in summaries_by_id]
    return rows, keys[count - 1] if len(keys) > count else None


def all_rows(summaries: QuerySet[PinSummary], order: Order, batch_size: int = 2000) -> Iterator[PinSummary]:
    """Return all rows in their order, a batch in memory at a time, with no query open in between."""
    rows, after = rows_after(summaries, order, None, batch_size)
    yield from rows
    while after is not None:
        rows, after = rows_after(summaries, order, after, batch_size)
        yield from rows


def _stretches(summaries: QuerySet[PinSummary], order: Order, after: Position | None) -> Iterator[QuerySet[PinSummary]]:
    """Yield the queries whose rows follow each other in this order.

    Each is sorted by figure and pin, even where all figures are equal or unknown: only the index of this very order
    gives that, so no planner prefers the primary key and passes over half of the table to find the first row.
    """
    column, sign = order.sort.column, "-" if order.falls else ""
    beyond = "lt" if order.falls else "gt"
    ordered = summaries.order_by(f"{sign}{column}", f"{sign}pin")
    known, unknown = ordered.filter(**{f"{column}__isnull": False}), ordered.filter(**{column: None})
    later_pins = Q(**{f"pin__{beyond}": after.pin_id}) if after else Q()
    if after is None:
        yield known
    elif after.figure is None:
        unknown = unknown.filter(later_pins)
    else:
        # Not `=`: with a constant figure PostgreSQL sorts by the pin alone, and takes the primary key.
        yield known.filter(later_pins, **{f"{column}__range": (after.figure, after.figure)})
        yield known.filter(**{f"{column}__{beyond}": after.figure})
    if column != "published_at":
        yield unknown
