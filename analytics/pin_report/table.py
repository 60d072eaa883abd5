"""The table of all published pins: its rows, its head and its CSV."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.http import QueryDict

from analytics.charts import sparkline
from analytics.metrics import LIFETIME_METRICS, PIN_METRICS
from analytics.models import PinDay, PinSummary
from analytics.periods import Period, newest_day
from pins.models import Attachment, MediaFile
from postiz_pins.common import csv_files

from . import keyset
from . import status_messages as pin_messages
from .keyset import Order
from .services import Card, click_rate
from .status_messages import PinMessage

ROWS_PER_PAGE = 30
TREND_DAYS = 30


@dataclass(frozen=True)
class Row:
    """A pin in the table."""

    summary: PinSummary
    media: MediaFile | None
    # Empty if nothing is known: then the state stands in their place.
    cells: list[Card]
    state: PinMessage | None
    age_days: int
    # Path data of a sparkline of the impressions of TREND_DAYS; empty: nothing to draw.
    spark: str


@dataclass(frozen=True)
class Head:
    """One column that the table can be sorted by."""

    label: str
    url: str
    # As ARIA says it; empty for the columns that the table is not sorted by.
    aria_sort: str


@dataclass(frozen=True)
class TablePage:
    """Some rows of the table, with links to the others."""

    rows: list[Row]
    heads: list[Head]
    # Query strings; None: there is no such page.
    next_url: str | None
    first_url: str | None


def page_of(summaries: QuerySet[PinSummary], query: QueryDict, now: datetime) -> TablePage:
    """Return the page that `?sort=` and `?after=` name, with links that keep all other parameters."""
    order = keyset.parse_order(query.get("sort", ""))
    after = keyset.parse_position(query.get("after", ""), order)
    found, last = keyset.rows_after(with_content(summaries), order, after, ROWS_PER_PAGE)
    with_media = Prefetch("pin__attachments", Attachment.objects.select_related("media"))
    prefetch_related_objects(found, with_media)
    trends = _trends(found, now)
    return TablePage(
        [_row(summary, now, trends.get(summary.pk, {})) for summary in found],
        [_head(sort, order, query) for sort in keyset.SORTS],
        next_url=_link(query, after=str(last)) if last else None,
        first_url=None if after is None else _link(query),
    )


def with_content(summaries: QuerySet[PinSummary]) -> QuerySet[PinSummary]:
    """Return the rows with all that the table shows, except media."""
    return summaries.select_related("pin", "account", "board")


def lookback() -> timedelta:
    """Return how long after its publication a pin's figures are fetched."""
    return timedelta(days=settings.PINTEREST_PIN_LOOKBACK_DAYS)


def _trends(summaries: Sequence[PinSummary], now: datetime) -> dict[int, dict[date, int | None]]:
    """Return the daily impressions of the last TREND_DAYS by pin and day, in one query."""
    period = _trend_period(now)
    trends: dict[int, dict[date, int | None]] = defaultdict(dict)
    days = PinDay.objects.filter(pin__in=[summary.pk for summary in summaries]).within(period)
    for pin, day, impressions in days.values_list("pin", "date", "impressions"):
        trends[pin][day] = impressions
    return trends


def _trend_period(now: datetime) -> Period:
    return Period.ending(newest_day(now), TREND_DAYS)


def _row(summary: PinSummary, now: datetime, trend: dict[date, int | None]) -> Row:
    cells = []
    if pin_messages.has_lifetime_figures(summary):
        cells = [Card(metric.label, getattr(summary, metric.column)) for metric in PIN_METRICS]
        cells.append(Card("Save rate", summary.save_rate, is_rate=True))
        cells.append(Card("Click rate", click_rate(summary), is_rate=True))
    state = pin_messages.lifetime_state(summary, now, lookback())
    spark = sparkline([trend.get(day) for day in _trend_period(now)])
    age_days = max((now - summary.published_at).days, 0)
    return Row(summary, summary.pin.shown_media, cells, state, age_days, spark)


def _head(sort: keyset.Sort, order: Order, query: QueryDict) -> Head:
    is_current = sort == order.sort
    pressed = Order(sort, not order.is_descending if is_current else sort.starts_descending)
    direction = "descending" if order.is_descending else "ascending"
    return Head(sort.label, _link(query, sort=pressed.parameter), direction if is_current else "")


def _link(query: QueryDict, **changes: str) -> str:
    changed = query.copy()
    changed.pop("after", None)
    for name, value in changes.items():
        changed[name] = value
    return f"?{changed.urlencode()}"


CSV_HEADER = (
    *("title", "account", "board", "type", "published_at"),
    *(metric.column for metric in PIN_METRICS),
    "save_rate",
    *(metric.column for metric in LIFETIME_METRICS if metric not in PIN_METRICS),
    *("figures_as_of", "note", "pinterest_pin_id", "permalink"),
)


def csv_rows(summaries: QuerySet[PinSummary], order: Order, now: datetime) -> Iterator[Sequence[csv_files.Cell]]:
    """Yield one row a pin, read in batches, so that any number costs the same memory; moments are in UTC."""
    for summary in keyset.all_rows(with_content(summaries), order):
        state = pin_messages.lifetime_state(summary, now, lookback())
        yield (
            *(summary.pin.title, str(summary.account), summary.board.name, summary.get_kind_display()),
            _moment(summary.published_at),
            *_figures(summary),
            _moment(summary.lifetime_at),
            state.code if state else None,
            summary.pin.pinterest_pin_id,
            summary.pin.permalink,
        )


def _figures(summary: PinSummary) -> Iterable[csv_files.Cell]:
    others = (metric for metric in LIFETIME_METRICS if metric not in PIN_METRICS)
    return (
        *(getattr(summary, metric.column) for metric in PIN_METRICS),
        summary.save_rate,
        *(getattr(summary, metric.column) for metric in others),
    )


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else None
