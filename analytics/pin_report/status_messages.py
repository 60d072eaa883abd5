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
class PinMessage:
    """A sentence about a pin's analytics.

    `at` is the moment that ends it, to be shown in the workspace's zone; without one the sentence ends by itself.
    """

    code: str
    text: str
    at: datetime | None = None


def lifetime_state(summary: PinSummary, now: datetime, lookback: timedelta) -> PinMessage | None:
    """Return what to say instead of, or beside, the lifetime figures; None if they need no comment.

    `lookback` is how long after its publication a pin is asked about.
    """
    if summary.gone_at is not None:
        return PinMessage("gone", "Deleted on Pinterest. Its analytics are kept. Noticed", summary.gone_at)
    expected_at = summary.published_at + DATA_DELAY
    is_old = summary.published_at < now - lookback
    if not has_lifetime_figures(summary):
        return _why_unknown(summary, is_old=is_old, is_new=now < expected_at, expected_at=expected_at)
    if is_old:
        return _no_longer_asked(summary, lookback)
    if is_all_zero(summary):
        if now < expected_at:
            return PinMessage(
                "zero_yet", "Zero so far. New pins need 24 to 48 hours for data. Check again", expected_at
            )
        return PinMessage("zero", "Pinterest reports zero; no data is missing. Updated", summary.lifetime_at)
    return None


def has_lifetime_figures(summary: PinSummary) -> bool:
    """Return whether any lifetime figure is known."""
    return any(getattr(summary, metric.column) is not None for metric in LIFETIME_METRICS)


def is_all_zero(summary: PinSummary) -> bool:
    """Return whether no lifetime figure is more than zero."""
    return all(getattr(summary, metric.column) in (0, None) for metric in LIFETIME_METRICS)


def _why_unknown(summary: PinSummary, *, is_old: bool, is_new: bool, expected_at: datetime) -> PinMessage:
    if is_old and summary.lifetime_at is None:
        return PinMessage("too_old", "Not available: the pin is too old to be updated.")
    if summary.kind != PinKind.VIDEO and summary.published_at < LIFETIME_METRICS_SINCE and summary.lifetime_at:
        return PinMessage("never", "Pinterest has no lifetime analytics for image pins created before 20 Mar 2023.")
    if is_new:
        return PinMessage("new", "New pins need 24 to 48 hours for data. Expect the first analytics by", expected_at)
    if summary.lifetime_at is None:
        return PinMessage("not_asked", "Not loaded yet. The analytics arrive with the account's next update.")
    return PinMessage(
        "not_told", "Pinterest has no analytics for this pin yet. We'll check again. Last checked", summary.lifetime_at
    )


def _no_longer_asked(summary: PinSummary, lookback: timedelta) -> PinMessage:
    text = f"Older than {_span(lookback)}, so it's no longer updated. Analytics as of"
    return PinMessage("old", text, summary.lifetime_at)


def _span(lookback: timedelta) -> str:
    return "two years" if 730 <= lookback.days <= 731 else f"{lookback.days} days"


def before_publication(period: Period, published_on: date) -> PinMessage | None:
    """Return what to say of a range that begins before the pin's publication."""
    if period.end_on < published_on:
        return PinMessage(
            "before", f"The pin was published on {format_day(published_on)}, after the end of this range."
        )
    if period.start_on < published_on:
        return PinMessage("begins", f"The pin was published on {format_day(published_on)}. The charts start there.")
    return None


def days_state(summary: PinSummary, days: list[PinDay], now: datetime) -> PinMessage | None:
    """Return what to say instead of a chart of `days`; None if they have figures.

    `days` are those of the range that Pinterest has reported.
    """
    if any(getattr(day, metric.column) is not None for day in days for metric in PIN_METRICS):
        return None
    expected_at = summary.published_at + DATA_DELAY
    if now < expected_at:
        return PinMessage("new", "New pins need 24 to 48 hours for data. Expect the first day by", expected_at)
    if summary.gone_at is not None:
        return PinMessage(
            "gone", "No analytics for these days: the pin was deleted on Pinterest. Noticed", summary.gone_at
        )
    if summary.days_fetched_at is None:
        return PinMessage("not_asked", "Not loaded yet. These days arrive with one of the account's next updates.")
    if days:
        return PinMessage(
            "processing", "Pinterest hasn't finished counting these days. Last updated", summary.days_fetched_at
        )
    return PinMessage(
        "no_days",
        "There's no data for these days. Pinterest provides the last 90 days only. Choose another range, or “All”.",
    )


def charts_state(
    summary: PinSummary, period: Period, shown: Period | None, days: list[PinDay], now: datetime
) -> PinMessage | None:
    """Return what to say instead of the charts of `shown`, the days since the pin's publication."""
    if shown is None and now >= summary.published_at + DATA_DELAY:
        return before_publication(period, summary.published_at.astimezone(UTC).date())
    return days_state(summary, days, now)
