"""What stands in the place of a pin's figures while there are none, and what has to be known about those there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from analytics.metrics import LIFETIME_METRICS, PIN_METRICS
from analytics.models import PinDay, PinKind, PinSummary
from analytics.periods import Period
from postiz_pins.common.dates import format_day

# "New pins need 24-48 hours for data" (the specification, Troubleshooting).
DATA_DELAY = timedelta(hours=48)
# Image pins made before have no lifetime metrics at Pinterest (docs of `pin_metrics`, GET /pins).
LIFETIME_METRICS_SINCE = datetime(2023, 3, 20, tzinfo=UTC)


@dataclass(frozen=True)
class PinState:
    """A sentence for people. `at` is the moment that ends it, to be shown in the workspace's zone; without one the
    sentence ends by itself."""

    code: str
    text: str
    at: datetime | None = None


def lifetime_state(summary: PinSummary, now: datetime, lookback: timedelta) -> PinState | None:
    """What to say in the place of, or beside, the lifetime figures. None: they speak for themselves.

    `lookback` is how long after its publication a pin is asked about."""
    if summary.gone_at is not None:
        return PinState("gone", "Deleted on Pinterest. Its analytics are kept. Noticed", summary.gone_at)
    expected_at = summary.published_at + DATA_DELAY
    is_old = summary.published_at < now - lookback
    if not has_lifetime_figures(summary):
        return _why_unknown(summary, is_old=is_old, is_new=now < expected_at, expected_at=expected_at)
    if is_old:
        return _no_longer_asked(summary, lookback)
    if is_all_zero(summary):
        if now < expected_at:
            return PinState("zero_yet", "Zero so far. New pins need 24 to 48 hours for data. Check again", expected_at)
        return PinState("zero", "Pinterest reports zero; no data is missing. Updated", summary.lifetime_at)
    return None


def has_lifetime_figures(summary: PinSummary) -> bool:
    return any(getattr(summary, metric.column) is not None for metric in LIFETIME_METRICS)


def is_all_zero(summary: PinSummary) -> bool:
    return all(getattr(summary, metric.column) in (0, None) for metric in LIFETIME_METRICS)


def _why_unknown(summary: PinSummary, *, is_old: bool, is_new: bool, expected_at: datetime) -> PinState:
    if is_old and summary.lifetime_at is None:
        return PinState("too_old", "Not available: the pin is too old to be updated.")
    if summary.kind != PinKind.VIDEO and summary.published_at < LIFETIME_METRICS_SINCE and summary.lifetime_at:
        return PinState("never", "Pinterest has no lifetime analytics for image pins created before 20 Mar 2023.")
    if is_new:
        return PinState("new", "New pins need 24 to 48 hours for data. Expect the first analytics by", expected_at)
    if summary.lifetime_at is None:
        return PinState("not_asked", "Not loaded yet. The analytics arrive with the account’s next update.")
    return PinState(
        "not_told", "Pinterest has no analytics for this pin yet. We'll check again. Last checked", summary.lifetime_at
    )


def _no_longer_asked(summary: PinSummary, lookback: timedelta) -> PinState:
    text = f"Older than {_span(lookback)}, so it's no longer updated. Analytics as of"
    return PinState("old", text, summary.lifetime_at)


def _span(lookback: timedelta) -> str:
    return "two years" if 730 <= lookback.days <= 731 else f"{lookback.days} days"


def before_publication(period: Period, published_on: date) -> PinState | None:
    """What to say of a range that the pin was not there for, or not from its beginning."""
    if period.end_on < published_on:
        return PinState("before", f"The pin was published on {format_day(published_on)}, after the end of this range.")
    if period.start_on < published_on:
        return PinState("begins", f"The pin was published on {format_day(published_on)}. The charts start there.")
    return None


def days_state(summary: PinSummary, days: list[PinDay], now: datetime) -> PinState | None:
    """What to say in the place of a chart of `days`, those of the range that Pinterest has told of. None: the days have
    figures."""
    if any(getattr(day, metric.column) is not None for day in days for metric in PIN_METRICS):
        return None
    expected_at = summary.published_at + DATA_DELAY
    if now < expected_at:
        return PinState("new", "New pins need 24 to 48 hours for data. Expect the first day by", expected_at)
    if summary.gone_at is not None:
        return PinState(
            "gone", "No analytics for these days: the pin was deleted on Pinterest. Noticed", summary.gone_at
        )
    if summary.days_fetched_at is None:
        return PinState("not_asked", "Not loaded yet. These days arrive with one of the account’s next updates.")
    if days:
        return PinState(
            "processing", "Pinterest hasn't finished counting these days. Last updated", summary.days_fetched_at
        )
    return PinState(
        "no_days",
        "There's no data for these days. Pinterest provides the last 90 days only. Choose another range, or “All”.",
    )


def charts_state(
    summary: PinSummary, period: Period, shown: Period | None, days: list[PinDay], now: datetime
) -> PinState | None:
    """What to say in the place of the charts of `shown`, the part of the period that the pin was there for."""
    if shown is None and now >= summary.published_at + DATA_DELAY:
        return before_publication(period, summary.published_at.astimezone(UTC).date())
    return days_state(summary, days, now)
