"""The figures of one pin: its cards, its charts, and the specification's JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from analytics.account_report.services import percentage_change
from analytics.account_report.spec_json import metric_answer
from analytics.charts import Chart, Series, days_in, sparkline, weeks_of
from analytics.metrics import LIFETIME_METRICS, PIN_METRICS, Metric
from analytics.models import PinDay, PinLifetime, PinSummary
from analytics.periods import Period
from pins.models import Pin
from postiz_pins.common.csv_files import Cell
from postiz_pins.common.dates import format_day

# A pin gets so little on a day that days would be saw-teeth: from here on, bars are weeks.
WEEKLY_FROM = 30


@dataclass(frozen=True)
class Card:
    """A figure with its label."""

    label: str
    # None: unknown. A rate is a fraction.
    value: float | None
    is_rate: bool = False


@dataclass(frozen=True)
class Development:
    """What is known of a pin in a range. Dates are Pinterest's days, in UTC."""

    # The days of the range that the pin was there for; None: there are none.
    period: Period | None
    # Those of them that Pinterest has told of, by date.
    days: dict[date, PinDay]
    # Lifetime totals by day, since the publication; they may be newer than the days.
    totals: dict[Metric, dict[date, int | None]]

    @property
    def growing(self) -> list[date]:
        """Return the days of the range for which there may be totals, oldest first."""
        if self.period is None:
            return []
        return [day for day in next(iter(self.totals.values())) if day >= self.period.start_on]


@dataclass(frozen=True)
class Tile:
    """A metric of the pin, which switches the chart."""

    metric: Metric
    # Of the whole life. None: unknown.
    value: int | None
    # Of the range. None: not known for a single day.
    gained: int | None
    # Path data of a sparkline of the range.
    spark: str


def summary_of(pin: Pin) -> PinSummary:
    """Return the pin's row, or an unsaved one without figures: ingestion creates it."""
    stored: PinSummary | None = getattr(pin, "summary", None)
    # The database's pin_published_has_pinterest_id: it has the moment.
    published_at = cast(datetime, pin.published_at)
    return stored or PinSummary(pin=pin, published_at=published_at)


def facts_of(summary: PinSummary) -> list[Card]:
    """Return the lifetime figures without a chart: rates, and what Pinterest reports for the whole life only."""
    facts = [Card("Save rate", summary.save_rate, is_rate=True), Card("Click rate", click_rate(summary), is_rate=True)]
    return facts + [
        Card(metric.label, getattr(summary, metric.column)) for metric in LIFETIME_METRICS[len(PIN_METRICS) :]
    ]


def click_rate(summary: PinSummary) -> float | None:
    """Return pin clicks divided by impressions; None: one of them is unknown, or there are no impressions."""
    if summary.pin_clicks is None or not summary.impressions:
        return None
    return summary.pin_clicks / summary.impressions


def published_on(summary: PinSummary) -> date:
    """Return the day of publication as Pinterest counts days."""
    return summary.published_at.astimezone(UTC).date()


def clipped(period: Period, summary: PinSummary) -> Period | None:
    """Return the part of the period since the pin's publication; None if there is none."""
    start_on = max(period.start_on, published_on(summary))
    return Period(start_on, period.end_on) if start_on <= period.end_on else None


def development_of(summary: PinSummary, period: Period) -> Development:
    """Return the days and the dated lifetime figures of a pin, in two queries."""
    shown = clipped(period, summary)
    if shown is None:
        return Development(None, {}, {})
    days = {day.date: day for day in PinDay.objects.filter(pin=summary.pin_id, date__lte=shown.end_on)}
    snapshots = list(PinLifetime.objects.filter(pin=summary.pin_id).order_by("date"))
    asked_on = summary.lifetime_at.astimezone(UTC).date() if summary.lifetime_at else shown.end_on
    known = Period(published_on(summary), max(shown.end_on, asked_on))
    totals = {
        metric: _totals(metric, days, _reported(metric, snapshots, summary), asked_on, known) for metric in PIN_METRICS
    }
    return Development(shown, {day: days[day] for day in shown if day in days}, totals)


def daily_chart(development: Development, metric: Metric) -> Chart:
    """Return bars of what came on each day, or from WEEKLY_FROM days up in each week, known days only."""
    period = cast(Period, development.period)
    spans = days_in(period) if period.days < WEEKLY_FROM else weeks_of(period)
    values = [_sum(metric, development.days.values(), span) for span in spans]
    return Chart("per-day", metric.label, spans, [Series(metric.label, values)], is_bars=True)


def growth_chart(development: Development, metric: Metric) -> Chart:
    """Return by how much the lifetime total has grown since the range began, by day."""
    totals, growing = development.totals[metric], development.growing
    # The total with which the range began. A pin that is younger began with nothing.
    base = totals.get(growing[0] - timedelta(days=1), 0 if growing[0] == next(iter(totals)) else None)
    if base is None:
        base = next((totals[day] for day in growing if totals[day] is not None), None)
    values = [None if (total := totals[day]) is None or base is None else total - base for day in growing]
    title = f"{metric.label} since {format_day(growing[0])}"
    return Chart("growth", title, [Period(day, day) for day in growing], [Series(metric.label, values)])


def tile_of(summary: PinSummary, development: Development, metric: Metric) -> Tile:
    """Return the tile of a metric: its lifetime total, and what the range has brought."""
    spark = sparkline(daily_chart(development, metric).series[0].values) if development.period else ""
    return Tile(metric, getattr(summary, metric.column), _gained(development, metric), spark)


def _gained(development: Development, metric: Metric) -> int | None:
    """Return what the days of the range have come to; None: not known for a single one."""
    return None if development.period is None else _sum(metric, development.days.values(), development.period)


def _value(row: PinDay | PinLifetime | None, metric: Metric) -> int | None:
    value: int | None = getattr(row, metric.column) if row is not None else None
    return value


def _reported(metric: Metric, snapshots: Iterable[PinLifetime], summary: PinSummary) -> dict[date, int]:
    """Return the totals that Pinterest reported, by the day of the request; the newest is the summary's."""
    totals = {row.date: value for row in snapshots if (value := _value(row, metric)) is not None}
    newest = getattr(summary, metric.column)
    if summary.lifetime_at is not None and newest is not None:
        totals[summary.lifetime_at.astimezone(UTC).date()] = newest
    return totals


def _totals(
    metric: Metric, days: dict[date, PinDay], reported: dict[date, int], asked_on: date, known: Period
) -> dict[date, int | None]:
    """Return the pin's total by each day since its publication.

    A dated lifetime figure holds until the next one, because ingestion writes one only when it has changed, and until
    the day of the last request. Before the first of them the days since the publication are added up, for as long as
    none of them is missing.
    """
    total: int | None = 0
    has_reported = False
    totals = {}
    for day in known:
        if day in reported:
            total, has_reported = reported[day], True
        elif not has_reported and total is not None:
            value = _value(days.get(day), metric)
            total = None if value is None else total + value
        totals[day] = None if has_reported and day > asked_on else total
    return totals


def json_of(summary: PinSummary, period: Period | None) -> list[dict[str, Any]]:
    """Return the specification's "Pin-Level Analytics" as its list of metrics (lifetime).

    `data` are dated lifetime totals as text, oldest first: one for each day on which a total had changed, and one for
    the day of the last request, so that the last `total` is the lifetime total. What Pinterest has not reported is left
    out. With a period, `data` begins with its first day, and `percentageChange` compares the period's daily figures
    with those of the preceding one; else, and where there is nothing to compare, it is 0.
    """
    snapshots = list(PinLifetime.objects.filter(pin=summary.pin_id).order_by("date"))
    days = list(_compared_days(summary, period)) if period else []
    return [
        metric_answer(
            metric,
            _change(metric, days, period, summary) if period else None,
            _dated_totals(metric, snapshots, summary, period),
        )
        for metric in PIN_METRICS
    ]


def _dated_totals(
    metric: Metric, snapshots: Iterable[PinLifetime], summary: PinSummary, period: Period | None
) -> list[tuple[date, int]]:
    reported = sorted(_reported(metric, snapshots, summary).items())
    return [(day, total) for day, total in reported if period is None or day >= period.start_on]


def _compared_days(summary: PinSummary, period: Period) -> Iterable[PinDay]:
    both = Period(period.preceding.start_on, period.end_on)
    return PinDay.objects.within(both).filter(pin=summary.pin_id)


def _change(metric: Metric, days: Sequence[PinDay], period: Period, summary: PinSummary) -> float | None:
    """Return the change in percent; None if the pin is younger, or nothing can be compared."""
    if period.preceding.start_on < published_on(summary):
        return None
    return percentage_change(_sum(metric, days, period), _sum(metric, days, period.preceding))


def _sum(metric: Metric, days: Iterable[PinDay], period: Period) -> int | None:
    values = [value for day in days if day.date in period and (value := _value(day, metric)) is not None]
    return sum(values) if values else None


CSV_HEADER = (
    "date",
    "data_status",
    *(metric.column for metric in PIN_METRICS),
    *(f"{metric.column}_in_all" for metric in PIN_METRICS),
)


def csv_rows(development: Development) -> Iterable[Sequence[Cell]]:
    """Yield one row a day, of all charts together; what is not known is None."""
    for day in development.growing:
        row = development.days.get(day)
        yield (
            day.isoformat(),
            row.data_status if row else None,
            *(_value(row, metric) for metric in PIN_METRICS),
            *(development.totals[metric][day] for metric in PIN_METRICS),
        )
