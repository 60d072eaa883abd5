"""Why a figure is not there, in words for the place where it would be. Pure functions of what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from accounts.models import AccountStatus, PinterestAccount
from analytics.models import AccountFeed, Trouble
from analytics.periods import Period
from postiz_pins.common.dates import format_day

from .services import Figure


@dataclass(frozen=True)
class StatusMessage:
    text: str
    # "notice", "warning" or "error", as the classes of messages.
    tone: str = "notice"
    # A new consent of Pinterest's mends it.
    needs_reconnecting: bool = False
    # The page looks again by itself until the first figures are there.
    is_waiting: bool = False


def account_notice(account: PinterestAccount, feed: AccountFeed | None, now: datetime) -> StatusMessage | None:
    """What stands in the way of the account's figures; None if nothing does. A lost connection comes before all
    else: nothing else can be mended without it."""
    kept = "" if feed is None or feed.latest_on is None else " What was fetched before stays here."
    if account.status == AccountStatus.DISCONNECTED:
        return StatusMessage(f"{account} is disconnected, so no new figures are fetched.{kept}", "warning", True)
    if account.status == AccountStatus.NEEDS_RECONNECT:
        reason = account.trouble or "Pinterest no longer accepts our permission."
        return StatusMessage(
            f"{account} needs reconnecting before new figures can be fetched. {reason}{kept}", "error", True
        )
    if feed is None:
        return StatusMessage("The first figures have not been asked for yet.", is_waiting=True)
    return _feed_notice(account, feed, now, kept)


def _feed_notice(account: PinterestAccount, feed: AccountFeed, now: datetime, kept: str) -> StatusMessage | None:
    if feed.trouble:
        return _trouble_notice(account, feed, kept)
    if feed.paused_until is not None and feed.paused_until > now:
        return StatusMessage(
            f"Pinterest asked us to pause. The next figures are fetched from {_at(feed.paused_until)}.{kept}"
        )
    if feed.days_fetched_at is None:
        return StatusMessage("The first figures are being fetched. This takes a minute or two.", is_waiting=True)
    if feed.latest_on is None:
        return StatusMessage(
            f"Pinterest has no finished days for {account} yet. A new account needs 24 to 48 hours for its first"
            " figures; until then they are not zero, but unknown."
        )
    return None


def is_hopeless(account: PinterestAccount, feed: AccountFeed | None) -> bool:
    """Whether there are no figures, and none will come before a person mends what the notice says."""
    return (
        feed is not None
        and feed.latest_on is None
        and (not account.is_active or feed.trouble in (Trouble.NOT_BUSINESS, Trouble.NO_PERMISSION))
    )


def asked_sentence(account: PinterestAccount, feed: AccountFeed | None, now: datetime) -> str:
    """What is said after “Refresh now”."""
    if feed is not None and feed.paused_until is not None and feed.paused_until > now:
        return f"Pinterest asked us to pause. The figures of {account} are fetched from {_at(feed.paused_until)}."
    return f"The figures of {account} are being fetched. That takes a minute or two."


def too_soon_sentence(account: PinterestAccount, asked_at: datetime, again_at: datetime) -> str:
    return f"The figures of {account} were asked for at {_at(asked_at)}. That is possible again from {_at(again_at)}."


def _trouble_notice(account: PinterestAccount, feed: AccountFeed, kept: str) -> StatusMessage:
    since = f" since {_at(feed.trouble_since)}" if feed.trouble_since else ""
    last_answer = f" The last answer: “{feed.trouble_text}”" if feed.trouble_text else ""
    resumes = f" It goes on from {_at(feed.paused_until)}." if feed.paused_until else ""
    match feed.trouble:
        case Trouble.NOT_BUSINESS:
            return StatusMessage(
                f"{account} is not a business account, and Pinterest gives figures to those only. Convert it"
                f" in Pinterest’s settings (it is free), then press “Refresh now”.{kept}",
                "warning",
            )
        case Trouble.NO_PERMISSION:
            return StatusMessage(
                f"Pinterest refuses the figures of {account}{since}: a permission is missing. Reconnect the account and"
                f" allow everything that is asked for.{kept}",
                "error",
                True,
            )
        case Trouble.NOT_CONNECTED:
            return StatusMessage(
                f"{account} is not connected{since}, so no new figures are fetched.{kept}", "error", True
            )
        case Trouble.OUT_OF_CALLS:
            return StatusMessage(
                "The requests to Pinterest that this installation may make today are used up; the rest is kept for"
                f" publishing.{resumes}{kept}",
                "warning",
            )
        case Trouble.UNREADABLE:
            return StatusMessage(
                f"Pinterest’s answers cannot be read{since}. It is tried again by itself; an administrator finds"
                f" more in the log.{kept}",
                "warning",
            )
        case _:
            return StatusMessage(
                f"Pinterest does not give new figures{since}. It is tried again by itself.{last_answer}{resumes}{kept}",
                "warning",
            )


def _at(moment: datetime) -> str:
    """In the workspace's zone, which the middleware has made the current one."""
    local = timezone.localtime(moment)
    return f"{local:%H:%M} on {format_day(local)}"


def period_notice(
    period: Period, figures: Sequence[Figure], first_on: date | None, feed: AccountFeed | None
) -> StatusMessage | None:
    """Why a range has no figures, or not for all of its days; None if all of them are known."""
    known = max(figure.known_days for figure in figures)
    if known == period.days:
        return None
    if first_on is None:
        return StatusMessage("No day is stored yet, so there is nothing to show. That is not the same as zero.")
    if period.end_on < first_on:
        return StatusMessage(
            "This range is before anything is stored: the figures of this account begin on"
            f" {format_day(first_on)}. Pinterest tells about the last 90 days only, and what it told is kept"
            " here from then on."
        )
    if known == 0:
        return StatusMessage(f"Nothing is known for these days. {_reach(feed)}".strip())
    begins = f" The figures of this account begin on {format_day(first_on)}." if period.start_on < first_on else ""
    beyond = _reach(feed) if feed and feed.latest_on and period.end_on > feed.latest_on else ""
    return StatusMessage(
        f"{known} of these {period.days} days are known; the others are gaps in the charts and count for nothing in the"
        f" totals.{begins} {beyond}".strip()
    )


def _reach(feed: AccountFeed | None) -> str:
    if feed is None or feed.latest_on is None:
        return ""
    return f"Figures reach to {format_day(feed.latest_on)}; Pinterest finishes newer days within 24 to 48 hours."
