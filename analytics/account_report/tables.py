"""The tables and charts of the account page, as files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from accounts.models import PinterestAccount
from analytics.metrics import ACCOUNT_METRICS, PIN_METRICS, Metric
from postiz_pins.common.csv_files import Cell

from . import services as account_report
from .services import ChosenRange

Table = tuple[Sequence[str], Iterable[Sequence[Cell]]]


@dataclass(frozen=True)
class NamedTable:
    """A table of the account page, and how it is built."""

    name: str
    build: Callable[[PinterestAccount, ChosenRange, str], Table]


def table_of(what: str) -> NamedTable | None:
    """Return the table of that name: `days`, `pins`, `boards`, `tags`, or an account's metric, which is a chart."""
    builders = {"days": _days, "pins": _pins, "boards": _boards, "tags": _tags}
    if what in builders:
        return NamedTable(what, builders[what])
    metric = next((metric for metric in ACCOUNT_METRICS if metric.column == what), None)
    return NamedTable(what, partial(_chart, metric)) if metric else None


def _days(account: PinterestAccount, chosen: ChosenRange, sort: str) -> Table:
    days = account_report.stored_days(account, chosen.period)
    published = account_report.published_counts(account, chosen.period)
    header = ["Date", *map(_title, ACCOUNT_METRICS), "Pins published", "Data status"]
    rows = [
        [
            day,
            *(_cell(metric, account_report.day_value(metric, days, day)) for metric in ACCOUNT_METRICS),
            published.get(day, 0),
            days.get(day, {}).get("data_status"),
        ]
        for day in chosen.period
    ]
    return header, rows


def _chart(metric: Metric, account: PinterestAccount, chosen: ChosenRange, sort: str) -> Table:
    days = account_report.stored_days(account, chosen.period)
    published = account_report.published_counts(account, chosen.period)
    header = ["Date", _title(metric), "Date before", f"{_title(metric)} before", "Pins published"]
    rows = [
        [
            day,
            _cell(metric, account_report.day_value(metric, days, day)),
            before,
            _cell(metric, account_report.day_value(metric, days, before)),
            published.get(day, 0),
        ]
        for day, before in zip(chosen.period, chosen.period.preceding, strict=True)
    ]
    return header, rows


def _pins(account: PinterestAccount, chosen: ChosenRange, sort: str) -> Table:
    """Return all pins that have any of the metric, where the page shows the first ten."""
    header = ["Pin", "Title", "Board", "Published (UTC)", *map(_title, PIN_METRICS)]
    rows = [
        [
            ranked.pin.pinterest_pin_id,
            ranked.pin.title,
            str(ranked.pin.board or ""),
            ranked.pin.published_at and ranked.pin.published_at.date(),
            *_totals(ranked),
        ]
        for ranked in account_report.ranked_pins([account], chosen, sort, None)
    ]
    return header, rows


def _boards(account: PinterestAccount, chosen: ChosenRange, sort: str) -> Table:
    header = ["Board", "Pins", *map(_title, PIN_METRICS)]
    rows = [
        [str(ranked.board), ranked.pins, *_totals(ranked)]
        for ranked in account_report.ranked_boards(account, chosen, sort, None)
    ]
    return header, rows


def _tags(account: PinterestAccount, chosen: ChosenRange, sort: str) -> Table:
    header = ["Tag", "Pins", *map(_title, PIN_METRICS)]
    rows = [
        [str(ranked.tag), ranked.pins, *_totals(ranked)]
        for ranked in account_report.ranked_tags(account, chosen, sort, None)
    ]
    return header, rows


def _totals(ranked: account_report.Totals) -> list[int | None]:
    return [getattr(ranked, metric.column) for metric in PIN_METRICS]


def _title(metric: Metric) -> str:
    return f"{metric.label} (%)" if metric.is_rate else metric.label


def _cell(metric: Metric, value: float | None) -> Cell:
    return round(value * 100, 4) if metric.is_rate and value is not None else value
