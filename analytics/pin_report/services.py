"""The figures of one pin: its cards, its charts, and the specification's JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, cast

from analytics.account_report.services import percentage_change
from analytics.account_report.spec_json import metric_answer
from analytics.charts import Chart, Series
from analytics.metrics import IMPRESSIONS, LIFETIME_METRICS, OUTBOUND_CLICKS, PIN_CLICKS, PIN_METRICS, SAVES, Metric
from analytics.models import PinDay, PinLifetime, PinSummary
from analytics.periods import PRESETS, Period
from pins.models import Pin
from postiz_pins.common.csv_files import Cell

ALL_DAYS = "all"
DEFAULT_RANGE = "90"
RANGES = {**{str(days): label for days, label in PRESETS.items()}, ALL_DAYS: "All"}
# Impressions are so many more that the others would lie on the ground beside them.
CHART_GROUPS = (
    ("impressions", "Impressions", (IMPRESSIONS,)),
    ("clicks-and-saves", "Clicks and saves", (PIN_CLICKS, OUTBOUND_CLICKS, SAVES)),
)


@dataclass(frozen=True)
class Card:
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
    daily: list[Chart]
    growth: list[Chart]

    @property
    def has_growth(self) -> bool:
        return any(chart.has_data for chart in self.growth)


def summary_of(pin: Pin) -> PinSummary:
    """The pin's row, or one of which nothing is known yet and that is not stored: ingestion makes it."""
    stored: PinSummary | None = getattr(pin, "summary", None)
    # The database's pin_published_has_pinterest_id: it has the moment.
    published_at = cast(datetime, pin.published_at)
    return stored or PinSummary(pin=pin, published_at=published_at)


def cards_of(summary: PinSummary) -> list[Card]:
    cards = [Card(metric.label, getattr(summary, metric.column)) for metric in LIFETIME_METRICS]
    cards.insert(len(PIN_METRICS), Card("Save rate", summary.save_rate, is_rate=True))
    return cards


def published_on(summary: PinSummary) -> date:
    """The day of publication as Pinterest counts days."""
    return summary.published_at.astimezone(UTC).date()


def range_of(name: str, summary: PinSummary, end_on: date) -> Period:
    """The days that a key of RANGES means; "all" begins with the publication."""
    if name == ALL_DAYS:
        return Period(min(published_on(summary), end_on), end_on)
    return Period.ending(end_on, int(name))


def clipped(period: Period, summary: PinSummary) -> Period | None:
    """The part of the period that the pin was there for; None if it was not there yet."""
    start_on = max(period.start_on, published_on(summary))
    return Period(start_on, period.end_on) if start_on <= period.end_on else None


def development_of(summary: PinSummary, period: Period) -> Development:
    """Two queries: the days, and the dated lifetime figures."""
    shown = clipped(period, summary)
    if shown is None:
        return Development(None, {}, [], [])
    days = {day.date: day for day in PinDay.objects.filter(pin=summary.pin_id, date__lte=shown.end_on)}
    snapshots = list(PinLifetime.objects.filter(pin=summary.pin_id).order_by("date"))
    shown_days = {day: days[day] for day in shown if day in days}
    asked_on = summary.lifetime_at.astimezone(UTC).date() if summary.lifetime_at else shown.end_on
    growing = Period(shown.start_on, max(shown.end_on, asked_on))
    totals = {
        metric: _totals(metric, days, _reported(metric, snapshots, summary), summary, asked_on, growing)
        for metric in PIN_METRICS
    }
    daily = [
        Chart(
            f"daily-{key}",
            f"{title} a day",
            list(shown),
            [Series(metric.label, [_value(shown_days.get(day), metric) for day in shown]) for metric in metrics],
        )
        for key, title, metrics in CHART_GROUPS
    ]
    growth = [
        Chart(
            f"growth-{key}",
            f"{title} in all",
            list(growing),
            [Series(metric.label, totals[metric]) for metric in metrics],
        )
        for key, title, metrics in CHART_GROUPS
    ]
    return Development(shown, shown_days, daily, growth)


def _value(row: PinDay | PinLifetime | None, metric: Metric) -> int | None:
    value: int | None = getattr(row, metric.column) if row is not None else None
    return value


def _reported(metric: Metric, snapshots: Iterable[PinLifetime], summary: PinSummary) -> dict[date, int]:
    """The totals that Pinterest has told, by the day of the question; the newest is the summary's."""
    totals = {row.date: value for row in snapshots if (value := _value(row, metric)) is not None}
    newest = getattr(summary, metric.column)
    if summary.lifetime_at is not None and newest is not None:
        totals[summary.lifetime_at.astimezone(UTC).date()] = newest
    return totals


def _totals(
    metric: Metric,
    days: dict[date, PinDay],
    reported: dict[date, int],
    summary: PinSummary,
    asked_on: date,
    shown: Period,
) -> list[int | None]:
    """What the pin had come to by each day that is shown.

    A dated lifetime figure holds until the next one, because ingestion writes one only when it has changed, and until
    the day of the last question. Before the first of them the days since the publication are added up, for as long as
    none of them is missing."""
    total: int | None = 0
    has_reported = False
    totals = {}
    for day in Period(published_on(summary), shown.end_on):
        if day in reported:
            total, has_reported = reported[day], True
        elif not has_reported and total is not None:
            value = _value(days.get(day), metric)
            total = None if value is None else total + value
        totals[day] = None if has_reported and day > asked_on else total
    return [totals[day] for day in shown]


def json_of(summary: PinSummary, period: Period | None) -> list[dict[str, Any]]:
    """The specification's "Pin-Level Analytics: detailed metrics per pin (lifetime)" as its list of metrics.

    `data` are dated lifetime totals as text, oldest first: one for each day on which a total had changed, and one for
    the day on which Pinterest was last asked, so that the last `total` is the lifetime total. What Pinterest has not
    told is left out. With a period, `data` begins with its first day, and `percentageChange` compares the period's
    daily figures with those of the preceding one; else, and where there is nothing to compare, it is 0."""
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
    """Percent; None if the pin was not there for the whole of the preceding period, or nothing can be compared."""
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
    """One row a day, of all charts together; what is not known is None."""
    dates = development.growth[0].dates if development.growth else ()
    totals = [series.values for chart in development.growth for series in chart.series]
    for index, day in enumerate(dates):
        row = development.days.get(day)
        yield (
            day.isoformat(),
            row.data_status if row else None,
            *(_value(row, metric) for metric in PIN_METRICS),
            *(values[index] for values in totals),
        )
