"""What a chart shows, as data: the page hands it to static/js/charts.js, and the CSV is made from the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from postiz_pins.common.dates import format_day

LONGEST_TABLE = 92  # days: a quarter


@dataclass(frozen=True)
class Series:
    label: str
    # One for each of the chart's dates; None is a day without data, drawn as a gap.
    values: Sequence[float | None]
    # Drawn quietly behind the others: the preceding period, day by day under the present one.
    is_comparison: bool = False


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
    def fits_a_table(self) -> bool:
        """A longer table is for a spreadsheet, and would weigh more than the rest of the page."""
        return len(self.dates) <= LONGEST_TABLE

    @property
    def rows(self) -> Iterator[tuple[date, list[float | None], int]]:
        """For the table and the CSV: the day, a value for each series, and how many pins were published."""
        for index, day in enumerate(self.dates):
            yield day, [series.values[index] for series in self.series], self.published.get(day, 0)

    @property
    def description(self) -> str:
        """What the picture shows, for those who do not see it."""
        return " ".join(
            [
                f"{self.title}, {format_day(self.dates[0])} to {format_day(self.dates[-1])}.",
                *map(self._tell, self.series),
            ]
        )

    def _tell(self, series: Series) -> str:
        known = [(value, day) for value, day in zip(series.values, self.dates, strict=True) if value is not None]
        if not known:
            return f"{series.label}: no data."
        (least, _), (most, day) = min(known), max(known)
        # The days under a comparison are not its own.
        when = "" if series.is_comparison else f" on {format_day(day)}"
        days = f"{len(known)} of {len(self.dates)} days"
        return f"{series.label}: from {self._number(least)} to {self._number(most)}{when}, {days} known."

    def _number(self, value: float) -> str:
        return f"{value:.2%}" if self.is_rate else f"{value:,}"

    @property
    def as_json(self) -> dict[str, Any]:
        """For `json_script`, read by static/js/charts.js."""
        return {
            "title": self.title,
            "isRate": self.is_rate,
            "dates": [day.isoformat() for day in self.dates],
            "series": [
                {"label": series.label, "values": list(series.values), "isComparison": series.is_comparison}
                for series in self.series
            ],
            "published": {day.isoformat(): count for day, count in self.published.items()},
        }
