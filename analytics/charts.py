"""Charts as SVG: what a page draws, the table beside it and the CSV are made from the same values.

The server draws, so a chart needs no script, no library and no color of its own: the style sheets give its colors, in
light, in dark and on paper. A script (static/js/charts.js) only adds the values under the pointer and the PNG.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from postiz_pins.common.dates import format_day

from .numbers import percent, short
from .periods import Period

# The boxes in which a sparkline and a chart are drawn; the page stretches them.
SPARK_WIDTH, SPARK_HEIGHT = 100, 24
WIDTH, HEIGHT = 1000, 100
# Lines across a chart, and days named below it.
MOST_TICKS, MOST_NAMES = 4, 7
# How much of its span a bar takes.
BAR_WIDTH = 0.7

# None: two values around a gap are not joined.
Point = tuple[float, float] | None


@dataclass(frozen=True)
class Series:
    """The values of one line, or of the bars."""

    label: str
    # One for each of the chart's spans; None is a span without data, drawn as a gap.
    values: Sequence[float | None]
    # Drawn quietly behind the others: the preceding period, span by span under the present one.
    is_comparison: bool = False


@dataclass(frozen=True)
class Tick:
    """A value beside the chart, or a day below it."""

    text: str
    # Percent of the width from the left, or of the height from the top.
    at: float
    # "first" or "last" of many days, whose text would hang over the edge if it stood in its middle.
    edge: str = ""


@dataclass(frozen=True)
class Line:
    """A series as it is drawn."""

    label: str
    # Data of SVG paths in a box of WIDTH by HEIGHT: the line, and what lies below it.
    path: str
    area: str
    is_comparison: bool


@dataclass(frozen=True)
class Row:
    """One span of the table: its days, a value of each series, and how many pins were published then."""

    name: str
    values: Sequence[float | None]
    published: int


@dataclass(frozen=True)
class Chart:
    """What one chart shows."""

    # Also the id of its element and the name of its files: letters, digits and hyphens.
    key: str
    title: str
    # What each value stands for: one day, or the days of a week.
    spans: Sequence[Period]
    series: Sequence[Series]
    # Values are fractions, to be shown as percent.
    is_rate: bool = False
    is_bars: bool = False
    # How many pins the team published in each span; empty: not shown.
    published: Sequence[int] = ()

    @property
    def has_data(self) -> bool:
        """Return whether any span has a value."""
        return any(value is not None for series in self.series for value in series.values)

    @property
    def is_weekly(self) -> bool:
        """Return whether the spans are weeks."""
        return any(span.days > 1 for span in self.spans)

    @property
    def has_comparison(self) -> bool:
        """Return whether the preceding period is drawn."""
        return any(series.is_comparison for series in self.series)

    @property
    def shows_published(self) -> bool:
        """Return whether pins were published in some spans only: where each has a bar, the row tells little."""
        return 0 in self.published and any(self.published)

    @property
    def rows(self) -> Iterator[Row]:
        """Return, for the table and the CSV, the day, a value for each series, and how many pins were published."""
        for index, span in enumerate(self.spans):
            values = [series.values[index] for series in self.series]
            yield Row(name_of(span), values, self.published[index] if self.published else 0)

    @property
    def ticks(self) -> list[Tick]:
        """Return the values at the lines across, from the top down to zero."""
        step, count = self._scale
        return [Tick(self._number(step * each), 100 - 100 * each / count) for each in range(count, -1, -1)]

    @property
    def day_ticks(self) -> list[Tick]:
        """Return the days named below: the first, the last, and some evenly between them."""
        last = len(self.spans) - 1
        steps = min(last, MOST_NAMES - 1)
        form = "%b %Y" if self._days > 366 else "%-d %b"
        edges = {0: "first", last: "last"} if last > steps else {}
        return [
            Tick(self.spans[index].start_on.strftime(form), self._x(index) / WIDTH * 100, edges.get(index, ""))
            for index in (round(step * last / steps) if steps else 0 for step in range(steps + 1))
        ]

    @property
    def lines(self) -> list[Line]:
        """Return the lines, the comparison first, so that the present one lies over it."""
        drawn = [] if self.is_bars else sorted(self.series, key=lambda series: not series.is_comparison)
        return [self._line(series) for series in drawn]

    @property
    def bars(self) -> str:
        """Return the path data of the bars; empty for a chart of lines."""
        return bars(self.series[0].values, self._top) if self.is_bars else ""

    @property
    def published_bars(self) -> str:
        """Return the path data of the bars of published pins."""
        return bars(self.published, max(self.published, default=0) or 1)

    @property
    def description(self) -> str:
        """Return what the image shows, for those who do not see it."""
        days = f"{format_day(self.spans[0].start_on)} to {format_day(self.spans[-1].end_on)}"
        return " ".join([f"{self.title}, {days}.", *map(self._tell, self.series)])

    @property
    def _days(self) -> int:
        return sum(span.days for span in self.spans)

    @property
    def _scale(self) -> tuple[float, int]:
        """Return the step between two lines across, and the number of steps."""
        most = max((value for series in self.series for value in series.values if value is not None), default=0)
        step = nice_step(most / MOST_TICKS, is_whole=not self.is_rate)
        return step, max(math.ceil(most / step - 1e-9), 1)

    @property
    def _top(self) -> float:
        step, count = self._scale
        return step * count

    def _line(self, series: Series) -> Line:
        points: list[Point] = [
            None if value is None else (self._x(index), HEIGHT - value / self._top * HEIGHT)
            for index, value in enumerate(series.values)
        ]
        return Line(series.label, path(points), area(points), series.is_comparison)

    def _x(self, index: int) -> float:
        return (index + 0.5) / len(self.spans) * WIDTH

    def _tell(self, series: Series) -> str:
        known = [(value, span) for value, span in zip(series.values, self.spans, strict=True) if value is not None]
        if not known:
            return f"{series.label}: no data."
        least = min(value for value, _ in known)
        most, span = max(known, key=lambda pair: pair[0])
        # The days under a comparison are not its own.
        when = "" if series.is_comparison else f" on {name_of(span)}"
        unit = "weeks" if self.is_weekly else "days"
        known_text = f"{len(known)} of {len(self.spans)} {unit} known"
        return f"{series.label}: from {self._exact(least)} to {self._exact(most)}{when}, {known_text}."

    def _number(self, value: float) -> str:
        if not self.is_rate:
            return short(int(value))
        # As many digits as the step has: 0.25 % needs two.
        step = self._scale[0] * 100
        return percent(value, next(digits for digits in range(12) if math.isclose(round(step, digits), step)))

    def _exact(self, value: float) -> str:
        return percent(value) if self.is_rate else f"{value:,}"


def name_of(span: Period) -> str:
    """24 Nov 2026, or 18 Nov to 24 Nov 2026."""
    if span.days == 1:
        return format_day(span.start_on)
    start_form = "%-d %b" if span.start_on.year == span.end_on.year else "%-d %b %Y"
    return f"{span.start_on.strftime(start_form)} to {format_day(span.end_on)}"


def nice_step(least: float, *, is_whole: bool) -> float:
    """Return the smallest of 1, 2, 2.5 and 5 times a power of ten that is not below `least`.

    Args:
        is_whole: whether only whole numbers make sense, as for counts.
    """
    if least <= 0:
        return 1 if is_whole else 0.01
    power = 10.0 ** math.floor(math.log10(least))
    steps = (factor * power for factor in (1, 2, 2.5, 5, 10))
    step = next((step for step in steps if step >= least * (1 - 1e-9) and not (is_whole and step % 1)), 10 * power)
    return max(step, 1) if is_whole else step


def sparkline(values: Sequence[float | None]) -> str:
    """Return the path data of an SVG of SPARK_WIDTH by SPARK_HEIGHT from the least value up to the most; None is a gap.

    Empty: there are not two values, and a dot shows no course.
    """
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    # A line of 1.5 px at the edge would be cut in half.
    least, most, height = min(known), max(known), SPARK_HEIGHT - 2
    step = SPARK_WIDTH / (len(values) - 1)

    def y(value: float) -> float:
        part = (value - least) / (most - least) if most > least else 0.5
        return SPARK_HEIGHT - 1 - part * height

    return path([None if value is None else (index * step, y(value)) for index, value in enumerate(values)])


def path(points: Sequence[Point]) -> str:
    """Return the data of an SVG path through the points, broken at each gap.

    A point between two gaps is a line of no length, which round caps make a dot.
    """
    drawn, previous = [], None
    for point in points:
        if point is not None:
            at = f"{point[0]:.4g} {point[1]:.4g}"
            drawn.append(f"M{at}h0" if previous is None else f"L{at}")
        previous = point
    return "".join(drawn)


def area(points: Sequence[Point]) -> str:
    """Return the data of an SVG path around what lies between the points and zero, a shape for each stretch."""
    drawn: list[str] = []
    for point, following in zip(points, [*points[1:], None], strict=True):
        if point is None:
            continue
        at = f"{point[0]:.4g} {point[1]:.4g}"
        drawn.append(f"L{at}" if drawn and drawn[-1] != "Z" else f"M{point[0]:.4g} {HEIGHT}L{at}")
        if following is None:
            drawn += [f"V{HEIGHT}", "Z"]
    return "".join(drawn)


def bars(values: Sequence[float | None], top: float) -> str:
    """Return the data of an SVG path of one bar for each value, as high as its part of `top`."""
    span = WIDTH / len(values) if values else 0
    return "".join(
        f"M{(index + (1 - BAR_WIDTH) / 2) * span:.4g} {HEIGHT}"
        f"V{HEIGHT - value / top * HEIGHT:.4g}h{BAR_WIDTH * span:.4g}V{HEIGHT}Z"
        for index, value in enumerate(values)
        if value
    )


def days_in(period: Period) -> list[Period]:
    """Return each day of the period as a span of its own."""
    return [Period(day, day) for day in period]


def weeks_of(period: Period) -> list[Period]:
    """Return weeks that end as the period does; the first one may have fewer than seven days."""
    ends = range(period.days, 0, -7)
    dates: list[date] = list(period)
    return [Period(dates[max(end - 7, 0)], dates[end - 1]) for end in ends][::-1]
