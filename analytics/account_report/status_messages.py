"""Why a figure is not there, in words for the place where it would be. Pure functions of what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from accounts.models import AccountStatus, PinterestAccount
from analytics.models import AccountFeed, Trouble
from analytics.periods import Period
from postiz_pins.common.dates import format_day, format_moment

from .services import Figure


@dataclass(frozen=True)
class StatusMessage:
    """A sentence about the state of an account's analytics."""

    text: str
    # "notice", "warning" or "error", as the classes of messages.
    tone: str = "notice"
    # A new consent of Pinterest's mends it.
    needs_reconnecting: bool = False
    # The page looks again by itself until the first figures are there.
    is_waiting: bool = False


def account_status(account: PinterestAccount, feed: AccountFeed | None, now: datetime) -> StatusMessage | None:
    """Return what stands in the way of the account's analytics; None if nothing does.

    A lost connection comes before all else: nothing else can be fixed without it.
    """
    kept = "" if feed is None or feed.latest_on is None else " Earlier analytics are still here."
    if account.status == AccountStatus.DISCONNECTED:
        return StatusMessage(f"{account} is disconnected, so its analytics aren't updated.{kept}", "warning", True)
    if account.status == AccountStatus.NEEDS_RECONNECT:
        reason = account.trouble or "Pinterest no longer accepts the connection."
        return StatusMessage(
            f"{account} needs reconnecting before its analytics can be updated. {reason}{kept}", "error", True
        )
    if feed is None:
        return StatusMessage("Analytics haven't been requested yet.", is_waiting=True)
    return _feed_notice(account, feed, now, kept)


def _feed_notice(account: PinterestAccount, feed: AccountFeed, now: datetime, kept: str) -> StatusMessage | None:
    if feed.trouble:
        return _trouble_notice(account, feed, kept)
    if feed.paused_until is not None and feed.paused_until > now:
        return StatusMessage(
            f"Pinterest's rate limit was reached. The next update is on {_at(feed.paused_until)}.{kept}"
        )
    if feed.days_fetched_at is None:
        return StatusMessage("Your analytics are loading. This takes a minute or two.", is_waiting=True)
    if feed.latest_on is None:
        return StatusMessage(
            f"Pinterest has no data for {account} yet. New accounts need 24 to 48 hours for their first analytics."
            f" Until then, numbers are unknown, not zero."
        )
    return None


def is_hopeless(account: PinterestAccount, feed: AccountFeed | None) -> bool:
    """Return whether there are no figures, and none will come before a person mends what the notice says."""
    return (
        feed is not None
        and feed.latest_on is None
        and (not account.is_active or feed.trouble in (Trouble.NOT_BUSINESS, Trouble.NO_PERMISSION))
    )


def asked_sentence(account: PinterestAccount, feed: AccountFeed | None, now: datetime) -> str:
    """Return the sentence that is shown after “Refresh now”."""
    if feed is not None and feed.paused_until is not None and feed.paused_until > now:
        return (
            f"Pinterest's rate limit was reached. The analytics of {account} will be updated on"
            f" {_at(feed.paused_until)}."
        )
    return f"The analytics of {account} are being updated. This takes a minute or two."


def too_soon_sentence(account: PinterestAccount, asked_at: datetime, again_at: datetime) -> str:
    """Return the sentence that is shown after “Refresh now” too soon after the last one."""
    return (
        f"The analytics of {account} were last updated on {_at(asked_at)}. You can update them again on"
        f" {_at(again_at)}."
    )


def _trouble_notice(account: PinterestAccount, feed: AccountFeed, kept: str) -> StatusMessage:
    since = f" since {_at(feed.trouble_since)}" if feed.trouble_since else ""
    last_answer = f" Pinterest's last reply: “{feed.trouble_text}”" if feed.trouble_text else ""
    resumes = f" Updates resume on {_at(feed.paused_until)}." if feed.paused_until else ""
    match feed.trouble:
        case Trouble.NOT_BUSINESS:
            return StatusMessage(
                f"{account} isn't a business account, and Pinterest provides analytics for business accounts only."
                f" Convert it in Pinterest's settings (it's free), then press “Refresh now”.{kept}",
                "warning",
            )
        case Trouble.NO_PERMISSION:
            return StatusMessage(
                f"Pinterest has refused the analytics of {account}{since}: a permission is missing. Reconnect the"
                f" account and grant all permissions.{kept}",
                "error",
                True,
            )
        case Trouble.NOT_CONNECTED:
            return StatusMessage(
                f"{account} isn't connected{since}, so its analytics aren't updated.{kept}", "error", True
            )
        case Trouble.OUT_OF_CALLS:
            return StatusMessage(
                f"Today's requests to Pinterest are used up; the rest is reserved for publishing.{resumes}{kept}",
                "warning",
            )
        case Trouble.UNREADABLE:
            return StatusMessage(
                f"Pinterest's replies can't be read{since}. We'll retry automatically. Administrators find details"
                f" in the log.{kept}",
                "warning",
            )
        case _:
            return StatusMessage(
                f"Pinterest hasn't provided new analytics{since}. We'll retry"
                f" automatically.{last_answer}{resumes}{kept}",
                "warning",
            )


def _at(moment: datetime) -> str:
    """Return the moment in words, in the current zone, which is the workspace's."""
    return format_moment(moment, timezone.get_current_timezone())


def period_status(
    period: Period, figures: Sequence[Figure], first_on: date | None, feed: AccountFeed | None
) -> StatusMessage | None:
    """Return why a range has no figures, or not for all of its days; None if all of them are known."""
    known_days = max(figure.known_days for figure in figures)
    if known_days == period.days:
        return None
    if first_on is None:
        return StatusMessage("There are no analytics yet. Missing numbers are unknown, not zero.")
    if period.end_on < first_on:
        return StatusMessage(
            f"The analytics of this account start on {format_day(first_on)}. Pinterest provides the last 90 days only;"
            " from then on they are kept here."
        )
    if known_days == 0:
        return StatusMessage(f"There's no data for these days. {_reach(feed)}".strip())
    begins = f" The analytics of this account start on {format_day(first_on)}." if period.start_on < first_on else ""
    beyond = _reach(feed) if feed and feed.latest_on and period.end_on > feed.latest_on else ""
    return StatusMessage(
        f"{known_days} of these {period.days} days have data. The others are gaps in the charts and don't count in the"
        f" totals.{begins} {beyond}".strip()
    )


def _reach(feed: AccountFeed | None) -> str:
    if feed is None or feed.latest_on is None:
        return ""
    return f"Data through {format_day(feed.latest_on)}. Pinterest's latest numbers arrive 24-48 hours late."
