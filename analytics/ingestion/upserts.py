"""Pinterest's numbers as our columns hold them, and the rows of days that they make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from analytics.metrics import Metric
from analytics.models import AccountDay, PinDay
from postiz_pins.pinterest.analytics import DayFigures

# What a BigIntegerField holds.
LARGEST = 2**63 - 1
BATCH = 2_000

Values = dict[str, int | float | None]


def read_metrics(
    reported: Mapping[str, float], names: Mapping[str, Metric]
) -> tuple[Values, dict[str, float] | None, list[str]]:
    """Return the columns (None: not reported), what has no column, and what could not be read.

    `names` are Pinterest's.
    """
    columns: Values = {metric.column: None for metric in names.values()}
    others = {}
    flaws = []
    for name, value in reported.items():
        metric = names.get(name)
        if metric is None:
            others[name] = value
        elif metric.is_rate:
            columns[metric.column] = float(value)
        elif abs(value) > LARGEST or value != int(value):
            flaws.append(f"{name} is {value!r:.60}")
        else:
            columns[metric.column] = int(value)
    return columns, others or None, flaws


def read_day(day: DayFigures, names: Mapping[str, Metric], longest_status: int) -> tuple[dict[str, Any], list[str]]:
    """Return the columns of a day's row apart from its owner, and what could not be read."""
    columns, others, flaws = read_metrics(day.metrics, names)
    row = {"date": day.date, "data_status": day.data_status[:longest_status], "others": others, **columns}
    return row, flaws


def merge(
    stored: Mapping[tuple[int, date], AccountDay | PinDay],
    reported: Iterable[AccountDay | PinDay],
    owner: str,
    columns: Sequence[str],
) -> list[Any]:
    """Return the rows to write: those that differ from the stored ones, and do not replace figures by nothing.

    `owner` names the column with the owner's id. What Pinterest revises, it reports again in full; a response without
    figures for a day that had them is a day that Pinterest computes anew, or has forgotten.
    """
    changed = []
    for row in reported:
        old = stored.get((getattr(row, owner), row.date))
        has_figures = any(getattr(row, column) is not None for column in columns)
        if old is not None:
            had_figures = any(getattr(old, column) is not None for column in columns)
            if had_figures and not has_figures:
                continue
            if all(getattr(old, name) == getattr(row, name) for name in (*columns, "data_status", "others")):
                continue
        changed.append(row)
    return changed


def write(model: type[AccountDay] | type[PinDay], rows: list[Any], owner: str, columns: Sequence[str]) -> None:
    """Insert the days, or replace what is stored for them."""
    model._default_manager.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=[owner, "date"],
        update_fields=[*columns, "data_status", "others"],
    )
