"""What the account page tells about a range of days: totals, comparisons, charts and rankings.

Every function asks the database a fixed number of times, however much it holds. The account that is passed in has come
through the scope of the person who asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, F, Prefetch, QuerySet, Sum
from django.db.models.functions import TruncDate

from accounts.models import Board, PinterestAccount
from analytics.charts import Chart, Series
from analytics.metrics import ACCOUNT_METRICS, IMPRESSIONS, PIN_CLICKS, PIN_METRICS, Metric
from analytics.models import AccountDay, BoardPeriod, PinDay, PinPeriod
from analytics.periods import Period
from pins.models import Attachment, Pin

# By day, then by column. A day or a value that is missing or None is not known.
Days = dict[date, dict[str, Any]]

COLUMNS = tuple(metric.column for metric in ACCOUNT_METRICS)
SORTS = {metric.column: metric for metric in PIN_METRICS}
TOP = 10


@dataclass(frozen=True)
class ChosenRange:
    period: Period
    # One of periods.PRESETS, whose totals ingestion keeps ready. None: any other range, which is added up.
    preset: int | None


@dataclass(frozen=True)
class Figure:
    """One metric over a period: a sum, or the weighted rate, of the days that are known."""

    metric: Metric
    # None: not known for a single day, or a rate without impressions.
    value: float | None
    # In percent, of the days that are known in both periods. None: too few of them, or nothing to divide by.
    change: float | None
    days: int
    known_days: int
    # Days that are known and whose counterparts in the preceding period are, too.
    compared_days: int
    # There was nothing in the preceding period, so no percentage tells the growth.
    is_up_from_zero: bool = False

    @property
    def is_partly_known(self) -> bool:
        return 0 < self.known_days < self.days

    @property
    def change_size(self) -> float | None:
        return None if self.change is None else abs(self.change)


@dataclass(frozen=True, kw_only=True)
class Totals:
    """None: not known for a single day."""

    impressions: int | None
    pin_clicks: int | None
    outbound_clicks: int | None
    saves: int | None


@dataclass(frozen=True, kw_only=True)
class RankedPin(Totals):
    pin: Pin


@dataclass(frozen=True, kw_only=True)
class RankedBoard(Totals):
    board: Board
    # How many of its pins have figures in the range.
    pins: int


def stored_days(account: PinterestAccount, period: Period) -> Days:
    """Of the period and of the one before it, in one query."""
    both = Period(period.preceding.start_on, period.end_on)
    rows = AccountDay.objects.filter(account=account).within(both).values("date", "data_status", *COLUMNS)
    return {row.pop("date"): row for row in rows}


def first_day(account: PinterestAccount) -> date | None:
    """The oldest day of which anything is stored."""
    return AccountDay.objects.filter(account=account).order_by("date").values_list("date", flat=True).first()


def day_value(metric: Metric, days: Days, day: date) -> float | None:
    """As Pinterest told it. A rate that it left out is worked out where its parts are known."""
    values = days.get(day, {})
    if metric.is_rate and values.get(metric.column) is None:
        return total(metric, days, [day])
    return values.get(metric.column)


def is_known(metric: Metric, days: Days, day: date) -> bool:
    """Whether the day can be part of a total: for a rate, both of its parts are needed."""
    values = days.get(day, {})
    columns = (IMPRESSIONS.column, PIN_CLICKS.column) if metric.is_rate else (metric.column,)
    return all(values.get(column) is not None for column in columns)


def total(metric: Metric, days: Days, chosen: Iterable[date]) -> float | None:
    """The sum over the known days; of a rate all clicks divided by all impressions, so that a day weighs as much as it
    was seen."""
    known = [days[day] for day in chosen if is_known(metric, days, day)]
    if not known:
        return None
    if not metric.is_rate:
        return sum(values[metric.column] or 0 for values in known)
    impressions = sum(values[IMPRESSIONS.column] or 0 for values in known)
    clicks = sum(values[PIN_CLICKS.column] or 0 for values in known)
    return clicks / impressions if impressions else None


def figure_of(metric: Metric, days: Days, period: Period) -> Figure:
    """Compared are only days of which both are known, the day and the one as many days earlier as the period is long:
    a gap in one of the periods must not look like a fall or a rise. Under half of the days, nothing is compared."""
    earlier = timedelta(days=period.days)
    known = [day for day in period if is_known(metric, days, day)]
    compared = [day for day in known if is_known(metric, days, day - earlier)]
    now = before = None
    if 2 * len(compared) >= period.days:
        now, before = total(metric, days, compared), total(metric, days, [day - earlier for day in compared])
    return Figure(
        metric=metric,
        value=total(metric, days, known),
        change=percentage_change(now, before),
        days=period.days,
        known_days=len(known),
        compared_days=len(compared),
        is_up_from_zero=before == 0 and bool(now),
    )


def percentage_change(now: float | None, before: float | None) -> float | None:
    if now is None or before is None or (before == 0 and now != 0):
        return None
    return 0.0 if now == before else (now - before) / before * 100


def figures_of(days: Days, period: Period) -> list[Figure]:
    return [figure_of(metric, days, period) for metric in ACCOUNT_METRICS]


def published_counts(account: PinterestAccount, period: Period) -> dict[date, int]:
    """How many pins were published on each day, in UTC like Pinterest's days."""
    start_at = datetime.combine(period.start_on, time(), UTC)
    end_at = datetime.combine(period.end_on + timedelta(days=1), time(), UTC)
    counts = (
        Pin.objects.filter(account=account, published_at__gte=start_at, published_at__lt=end_at)
        .published()
        .order_by()
        .annotate(day=TruncDate("published_at", tzinfo=UTC))
        .values("day")
        .annotate(count=Count("pk"))
    )
    return {row["day"]: row["count"] for row in counts}


def charts_of(days: Days, period: Period, published: dict[date, int]) -> list[Chart]:
    return [chart_of(metric, days, period, published) for metric in ACCOUNT_METRICS]


def chart_of(metric: Metric, days: Days, period: Period, published: dict[date, int]) -> Chart:
    length = f"{period.days} days" if period.days > 1 else "day"
    before = [day_value(metric, days, day) for day in period.preceding]
    series = [
        Series(f"These {length}" if period.days > 1 else "This day", [day_value(metric, days, d) for d in period])
    ]
    if any(value is not None for value in before):
        series.append(Series(f"The {length} before", before, is_comparison=True))
    return Chart(
        key=metric.column.replace("_", "-"),
        title=metric.label,
        dates=list(period),
        series=series,
        is_rate=metric.is_rate,
        published=published,
    )


def ranked_pins(account: PinterestAccount, chosen: ChosenRange, sort: str, limit: int | None = TOP) -> list[RankedPin]:
    """The pins with the most of one metric, the best first; pins that have none of it are left out."""
    totals = _pin_totals(account, chosen).filter(**{f"{sort}__gt": 0}).order_by(f"-{sort}", "pin")[:limit]
    by_pin = {row.pop("pin"): row for row in totals.values("pin", *SORTS)}
    with_media = Prefetch("attachments", Attachment.objects.select_related("media"))
    pins = Pin.objects.filter(account=account, pk__in=by_pin).select_related("board").prefetch_related(with_media)
    found = pins.in_bulk()
    return [RankedPin(pin=found[pk], **row) for pk, row in by_pin.items() if pk in found]


def ranked_boards(
    account: PinterestAccount, chosen: ChosenRange, sort: str, limit: int | None = TOP
) -> list[RankedBoard]:
    """The boards whose pins have the most of one metric, the best first."""
    totals = _board_totals(account, chosen).filter(**{f"{sort}__gt": 0}).order_by(f"-{sort}", "board_id")[:limit]
    by_board = {row.pop("board_id"): row for row in totals.values("board_id", "pins", *SORTS)}
    found = Board.objects.filter(account=account).in_bulk(list(by_board))
    return [RankedBoard(board=found[pk], **row) for pk, row in by_board.items() if pk in found]


def _pin_totals(account: PinterestAccount, chosen: ChosenRange) -> QuerySet:
    """A row for each pin with its totals: kept ready for the offered ranges, added up for all others."""
    if chosen.preset is not None:
        return PinPeriod.objects.filter(account=account, days=chosen.preset)
    sums = {column: Sum(column) for column in SORTS}
    return PinDay.objects.filter(pin__account=account).within(chosen.period).values("pin").annotate(**sums)


def _board_totals(account: PinterestAccount, chosen: ChosenRange) -> QuerySet:
    if chosen.preset is not None:
        return BoardPeriod.objects.filter(account=account, days=chosen.preset)
    sums = {column: Sum(column) for column in SORTS}
    days = PinDay.objects.filter(pin__account=account).within(chosen.period)
    by_board = days.values(board_id=F("pin__board_id"))
    return by_board.annotate(pins=Count("pin", distinct=True), **sums)
