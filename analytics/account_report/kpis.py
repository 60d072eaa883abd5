"""The KPI tiles of one account or of several: number, change and sparkline.

Several accounts of a workspace are added up. Every function asks the database a fixed number of times, however many
accounts there are and however much they hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Max

from accounts.models import PinterestAccount
from analytics.charts import sparkline
from analytics.metrics import IMPRESSIONS, OUTBOUND_CLICKS, PIN_CLICKS, SAVES, Metric
from analytics.models import AccountDay, AccountFeed
from analytics.periods import Period, newest_day

from .services import COLUMNS, MOST_DAYS, ChosenRange, Figure, RankedPin, compare, ranked_pins, total

# By account and day, then by column, like services.Days.
AccountDays = dict[tuple[int, date], dict[str, Any]]

DASHBOARD_METRICS = (IMPRESSIONS, OUTBOUND_CLICKS, SAVES, PIN_CLICKS)


@dataclass(frozen=True)
class Kpi:
    """What a tile shows (templates/analytics/_kpi_tile.html)."""

    figure: Figure
    # Path data of an SVG of charts.SPARK_WIDTH by charts.SPARK_HEIGHT; empty: there is nothing to draw.
    spark: str


@dataclass(frozen=True)
class Kpis:
    """The key figures of a range."""

    period: Period
    tiles: Sequence[Kpi]

    @property
    def has_figures(self) -> bool:
        """Return whether one of them is known."""
        return any(tile.figure.value is not None for tile in self.tiles)


def kpis(
    accounts: Sequence[PinterestAccount], days: int, now: datetime, metrics: Sequence[Metric] = DASHBOARD_METRICS
) -> Kpis:
    """Return the tiles of the last `days` days that have figures, added up over the accounts. Two queries."""
    feeds = AccountFeed.objects.filter(account__in=accounts)
    period = Period.ending(newest_day(now, feeds.aggregate(newest=Max("latest_on"))["newest"]), days)
    both = Period(period.preceding.start_on, period.end_on)
    rows = AccountDay.objects.filter(account__in=accounts).within(both).values("account", "date", *COLUMNS)
    return Kpis(period, tiles_of({(row["account"], row["date"]): row for row in rows}, period, metrics))


def tiles_of(days: AccountDays, period: Period, metrics: Sequence[Metric]) -> list[Kpi]:
    """Return a tile for each metric, from the stored days of the period and of the one before it."""
    # An account without a single day would only make the others look incomplete.
    accounts = sorted({account for account, day in days if day in period})
    return [_tile(metric, days, accounts, period) for metric in metrics]


def best_pins(accounts: Sequence[PinterestAccount], days: int, limit: int, now: datetime) -> list[RankedPin]:
    """Return the pins with the most impressions of the last `days` days, the best first.

    Args:
        days: One of periods.PRESETS.
        limit: The most pins to return.

    Each has its board, account and media. Three queries.
    """
    shown = ChosenRange(Period.ending(newest_day(now), days), days)
    return ranked_pins(accounts, shown, IMPRESSIONS.column, limit)


def _tile(metric: Metric, days: AccountDays, accounts: Sequence[int], period: Period) -> Kpi:
    earlier = timedelta(days=period.days)
    counterparts = {(account, day): (account, day - earlier) for account in accounts for day in period}
    points = [total(metric, days, [(account, day) for account in accounts for day in span]) for span in _spans(period)]
    return Kpi(compare(metric, days, counterparts), sparkline(points))


def _spans(period: Period) -> list[list[date]]:
    """Return the days of each point of a sparkline: one, or the seven of a week that ends as the period does."""
    length = 1 if period.days <= MOST_DAYS else 7
    dates = list(period)
    return [dates[start : start + length] for start in range(period.days % length, period.days, length)]
