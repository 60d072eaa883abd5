"""What the account page tells about a range of days: totals, comparisons, charts and rankings.

Every function asks the database a fixed number of times, however much it holds. The account that is passed in has come
through the scope of the person who asks.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

from django.db.models import Count, F, Prefetch, QuerySet, Sum
from django.db.models.functions import TruncDate

from accounts.models import Board, PinterestAccount
from analytics.charts import Chart, Series, days_in, weeks_of
from analytics.metrics import ACCOUNT_METRICS, IMPRESSIONS, PIN_CLICKS, PIN_METRICS, Metric
from analytics.models import AccountDay, BoardPeriod, PinDay, PinPeriod
from analytics.periods import Period
from pins.models import Attachment, Pin, Tag

# By day, then by column. A day or a value that is missing or None is not known.
Days = dict[date, dict[str, Any]]
# A day, or a day of one of several accounts.
Key = TypeVar("Key", bound=Hashable)

COLUMNS = tuple(metric.column for metric in ACCOUNT_METRICS)
SORTS = {metric.column: metric for metric in PIN_METRICS}
TOP = 5
# Of more tags, the page shows those with the most; the file has all.
MOST_TAGS = 100
# Of more days, a chart shows weeks: a quarter has 92.
MOST_DAYS = 92


@dataclass(frozen=True)
class ChosenRange:
    """The days that a page shows."""

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
        """Return whether some days of the range have no data."""
        return 0 < self.known_days < self.days

    @property
    def shown_change(self) -> float | None:
        """Return the change in percent as people read it, to one decimal; None if it is unknown."""
        return None if self.change is None else round(self.change, 1)

    @property
    def change_size(self) -> float | None:
        """Return the shown change without its sign; None if it is unknown."""
        return None if self.shown_change is None else abs(self.shown_change)


@dataclass(frozen=True, kw_only=True)
class Totals:
    """None: not known for a single day."""

    impressions: int | None
    pin_clicks: int | None
    outbound_clicks: int | None
    saves: int | None


@dataclass(frozen=True, kw_only=True)
class RankedPin(Totals):
    """A pin with its totals in a range."""

    pin: Pin


@dataclass(frozen=True, kw_only=True)
class RankedBoard(Totals):
    """A board with the totals of its pins in a range."""

    board: Board
    # How many of its pins have figures in the range.
    pins: int


@dataclass(frozen=True, kw_only=True)
class RankedTag(Totals):
    """A tag with the totals of an account's pins that have it, in a range."""

    tag: Tag
    # How many of them have figures in the range.
    pins: int


Ranked = TypeVar("Ranked", RankedPin, RankedBoard)


def stored_days(account: PinterestAccount, period: Period) -> Days:
    """Return the stored days of the period and of the preceding one, in one query."""
    both = Period(period.preceding.start_on, period.end_on)
    rows = AccountDay.objects.filter(account=account).within(both).values("date", "data_status", *COLUMNS)
    return {row.pop("date"): row for row in rows}


def first_day(account: PinterestAccount) -> date | None:
    """Return the oldest day of which anything is stored."""
    return AccountDay.objects.filter(account=account).order_by("date").values_list("date", flat=True).first()


def day_value(metric: Metric, days: Days, day: date) -> float | None:
    """Return the value as Pinterest reported it; a rate that it left out is computed from its parts."""
    values = days.get(day, {})
    if metric.is_rate and values.get(metric.column) is None:
        return total(metric, days, [day])
    return values.get(metric.column)


def is_known(metric: Metric, days: Mapping[Key, dict[str, Any]], day: Key) -> bool:
    """Return whether the day can be part of a total: for a rate, both of its parts are needed."""
    values = days.get(day, {})
    columns = (IMPRESSIONS.column, PIN_CLICKS.column) if metric.is_rate else (metric.column,)
    return all(values.get(column) is not None for column in columns)


def total(metric: Metric, days: Mapping[Key, dict[str, Any]], chosen: Iterable[Key]) -> float | None:
    """Return the sum over the known days; None if none is known.

    A rate is all clicks divided by all impressions, so that a day counts by how much was seen.
    """
    known = [days[day] for day in chosen if is_known(metric, days, day)]
    if not known:
        return None
    if not metric.is_rate:
        return sum(values[metric.column] or 0 for values in known)
    impressions = sum(values[IMPRESSIONS.column] or 0 for values in known)
    clicks = sum(values[PIN_CLICKS.column] or 0 for values in known)
    return clicks / impressions if impressions else None


def figure_of(metric: Metric, days: Days, period: Period) -> Figure:
    """Return the metric of one account over the period, compared with the preceding one."""
    earlier = timedelta(days=period.days)
    return compare(metric, days, {day: day - earlier for day in period})


def compare(metric: Metric, days: Mapping[Key, dict[str, Any]], counterparts: Mapping[Key, Key]) -> Figure:
    """Return the metric over the keys of `counterparts`, which names the earlier day of each.

    Compared are only days of which both are known: a gap in one of the periods must not look like a fall or a rise.
    Under half of the days, nothing is compared.
    """
    known_days = [day for day in counterparts if is_known(metric, days, day)]
    compared = [day for day in known_days if is_known(metric, days, counterparts[day])]
    now = before = None
    if 2 * len(compared) >= len(counterparts):
        now, before = total(metric, days, compared), total(metric, days, [counterparts[day] for day in compared])
    return Figure(
        metric=metric,
        value=total(metric, days, known_days),
        change=percentage_change(now, before),
        days=len(counterparts),
        known_days=len(known_days),
        compared_days=len(compared),
        is_up_from_zero=before == 0 and bool(now),
    )


def percentage_change(now: float | None, before: float | None) -> float | None:
    """Return the change in percent; None where nothing can be compared."""
    if now is None or before is None or (before == 0 and now != 0):
        return None
    return 0.0 if now == before else (now - before) / before * 100


def figures_of(days: Days, period: Period) -> list[Figure]:
    """Return the figures of all metrics of an account."""
    return [figure_of(metric, days, period) for metric in ACCOUNT_METRICS]


def published_counts(account: PinterestAccount, period: Period) -> dict[date, int]:
    """Return how many pins were published on each day, in UTC like Pinterest's days."""
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
    """Return the charts of all metrics of an account."""
    return [chart_of(metric, days, period, published) for metric in ACCOUNT_METRICS]


def chart_of(
    metric: Metric, days: Days, period: Period, published: dict[date, int], *, is_weekly: bool | None = None
) -> Chart:
    """Return the chart of a metric by day, or by week if the period is long, with the preceding period behind it.

    A week of which a day is not known is a gap: a part of it would look like a fall.

    Args:
        is_weekly: whether to draw weeks; None leaves it to the length of the period.
    """
    if is_weekly is None:
        is_weekly = period.days > MOST_DAYS
    # A week begun before the period would look like a fall, too.
    spans = [span for span in weeks_of(period) if span.days == 7] if is_weekly else days_in(period)
    earlier = timedelta(days=period.days)
    length = f"{period.days} days" if period.days > 1 else "day"
    series = [
        Series(
            f"These {length}" if period.days > 1 else "This day", [_span_value(metric, days, span) for span in spans]
        )
    ]
    before = [_span_value(metric, days, Period(span.start_on - earlier, span.end_on - earlier)) for span in spans]
    if any(value is not None for value in before):
        series.append(Series(f"The {length} before", before, is_comparison=True))
    return Chart(
        key=metric.column.replace("_", "-"),
        title=metric.label,
        spans=spans,
        series=series,
        is_rate=metric.is_rate,
        published=[sum(published.get(day, 0) for day in span) for span in spans],
    )


def _span_value(metric: Metric, days: Days, span: Period) -> float | None:
    if span.days == 1:
        return day_value(metric, days, span.start_on)
    return total(metric, days, span) if all(is_known(metric, days, day) for day in span) else None


def ranked_pins(
    accounts: Sequence[PinterestAccount], chosen: ChosenRange, sort: str, limit: int | None = TOP
) -> list[RankedPin]:
    """Return the accounts' pins with the most of one metric, the best first; pins that have none of it are left out."""
    totals = _pin_totals(accounts, chosen).filter(**{f"{sort}__gt": 0}).order_by(f"-{sort}", "pin")[:limit]
    by_pin = {row.pop("pin"): row for row in totals.values("pin", *SORTS)}
    with_media = Prefetch("attachments", Attachment.objects.select_related("media"))
    pins = Pin.objects.filter(account__in=accounts, pk__in=by_pin)
    pins = pins.select_related("board", "account").prefetch_related(with_media)
    pins_by_id = pins.in_bulk()
    return [RankedPin(pin=pins_by_id[pk], **row) for pk, row in by_pin.items() if pk in pins_by_id]


def ranked_boards(
    account: PinterestAccount, chosen: ChosenRange, sort: str, limit: int | None = TOP
) -> list[RankedBoard]:
    """Return the boards whose pins have the most of one metric, the best first."""
    totals = _board_totals(account, chosen).filter(**{f"{sort}__gt": 0}).order_by(f"-{sort}", "board_id")[:limit]
    by_board = {row.pop("board_id"): row for row in totals.values("board_id", "pins", *SORTS)}
    boards_by_id = Board.objects.filter(account=account).in_bulk(list(by_board))
    return [RankedBoard(board=boards_by_id[pk], **row) for pk, row in by_board.items() if pk in boards_by_id]


def ranked_tags(
    account: PinterestAccount, chosen: ChosenRange, sort: str, limit: int | None = MOST_TAGS
) -> list[RankedTag]:
    """Return the tags of the account's pins, that with the most of one metric first.

    A pin counts for each of its tags. Tags whose pins have nothing of the metric come last; those of which no pin has
    figures in the range are left out.
    """
    totals = _tag_totals(account, chosen).order_by(F(sort).desc(nulls_last=True), "tag_id")[:limit]
    by_tag = {row.pop("tag_id"): row for row in totals.values("tag_id", "pins", *SORTS)}
    tags_by_id = Tag.objects.in_workspace(account.workspace).in_bulk(list(by_tag))
    return [RankedTag(tag=tags_by_id[pk], **row) for pk, row in by_tag.items() if pk in tags_by_id]


def with_parts(ranked: Sequence[Ranked], sort: str) -> list[tuple[Ranked, int, float]]:
    """Return each with its value, and that in percent of the first one's, which has the most."""
    values = [getattr(row, sort) for row in ranked]
    return [(row, value, 100 * value / values[0]) for row, value in zip(ranked, values, strict=True)]


def _pin_totals(accounts: Sequence[PinterestAccount], chosen: ChosenRange) -> QuerySet:
    """Return a row for each pin with its totals: stored for the offered ranges, summed up for others."""
    if chosen.preset is not None:
        return PinPeriod.objects.filter(account__in=accounts, days=chosen.preset)
    sums = {column: Sum(column) for column in SORTS}
    return PinDay.objects.filter(pin__account__in=accounts).within(chosen.period).values("pin").annotate(**sums)


def _board_totals(account: PinterestAccount, chosen: ChosenRange) -> QuerySet:
    if chosen.preset is not None:
        return BoardPeriod.objects.filter(account=account, days=chosen.preset)
    sums = {column: Sum(column) for column in SORTS}
    days = PinDay.objects.filter(pin__account=account).within(chosen.period)
    by_board = days.values(board_id=F("pin__board_id"))
    return by_board.annotate(pins=Count("pin", distinct=True), **sums)


def _tag_totals(account: PinterestAccount, chosen: ChosenRange) -> QuerySet:
    """Return a row for each tag with the totals of its pins."""
    rows: QuerySet[Any]
    if chosen.preset is not None:
        rows = PinPeriod.objects.filter(account=account, days=chosen.preset)
    else:
        rows = PinDay.objects.filter(pin__account=account).within(chosen.period)
    sums = {column: Sum(column) for column in SORTS}
    by_tag = rows.filter(pin__tags__workspace=account.workspace_id).values(tag_id=F("pin__tags"))
    return by_tag.annotate(pins=Count("pin", distinct=True), **sums)
