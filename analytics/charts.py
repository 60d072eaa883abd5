"""What a chart shows, as data: the page hands it to static/js/charts.js, and the CSV is made from the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Series:
    label: str
    # One for each of the chart's dates; None is a day without data, drawn as a gap.
    values: Sequence[float | None]


@dataclass(frozen=True)
class Chart:
    # Also the id of its element and the name of its files: letters, digits and hyphens.
    key: str
    title: str
    dates: Sequence[date]
    series: Sequence[Series]
    # Values are fractions, to be shown as percent.
    is_rate: bool = False
    # Days on which the team published, with the number of pins.
    published: dict[date, int] = field(default_factory=dict)

    @property
    def has_data(self) -> bool:
        return any(value is not None for series in self.series for value in series.values)

    @property
    def as_json(self) -> dict[str, Any]:
        """For `json_script`, read by static/js/charts.js."""
        return {
            "title": self.title,
            "isRate": self.is_rate,
            "dates": [day.isoformat() for day in self.dates],
            "series": [{"label": series.label, "values": list(series.values)} for series in self.series],
            "published": {day.isoformat(): count for day, count in self.published.items()},
        }
