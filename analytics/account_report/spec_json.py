"""Figures in the shape of the specification ("Analytics"), for accounts and pins alike."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from analytics.metrics import ACCOUNT_JSON_METRICS, Metric
from analytics.periods import Period

from .services import Days, day_value, figure_of


def account_answer(days: Days, period: Period) -> list[dict[str, Any]]:
    """Return the specification's JSON of an account."""
    return [_metric_answer(metric, days, period) for metric in ACCOUNT_JSON_METRICS]


def _metric_answer(metric: Metric, days: Days, period: Period) -> dict[str, Any]:
    values = ((day, day_value(metric, days, day)) for day in period)
    return metric_answer(metric, figure_of(metric, days, period).change, values)


def metric_answer(metric: Metric, change: float | None, values: Iterable[tuple[date, float | None]]) -> dict[str, Any]:
    """Return a metric in the specification's form, with rates in percent ("CTR percentage").

    Days without data are left out, because missing is not zero; 0 percent is what the specification gives where nothing
    can be compared.
    """
    return {
        "label": metric.json_label,
        "percentageChange": round(change or 0, 2),
        "data": [
            {"total": _total(metric, value), "date": day.isoformat()} for day, value in values if value is not None
        ],
    }


def _total(metric: Metric, value: float) -> str:
    return f"{value * 100:.2f}" if metric.is_rate else str(value)
