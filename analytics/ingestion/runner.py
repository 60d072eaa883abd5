"""Fetching figures in the background: whose turn it is, who has which account, and what becomes of a failure.

Publishing goes first. One worker fetches figures at a time, over all machines, for a minute; what it does not get to
is still due, and goes on in the next turn. Every write can be repeated, so a worker that dies costs a lease.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Least
from django.utils import timezone

from accounts.models import PinterestAccount
from analytics.models import AccountFeed, PinSummary, Trouble
from pins.models import Pin, PostingSlot
from postiz_pins import queueing
from postiz_pins.common.leases import LeaseLost
from postiz_pins.common.turns import turn
from postiz_pins.pinterest.errors import (
    AnsweredByProxy,
    PinterestClientError,
    PinterestError,
    RateLimited,
    ReconnectNeeded,
    ServerFailed,
)
from postiz_pins.runtime import stopping

from . import account_days, lifetime_totals, pin_days, rollups
from .account_days import newest_known_day
from .claims import (
    DAYS,
    LEASE,
    LIFETIME,
    PARTS,
    PINS,
    FeedLease,
    FeedPart,
    PublishingFirst,
    TimeSliceOver,
    claim,
    wait_after,
)
from .enrolment import enrol_accounts, enrol_pins
from .rate_budget import BudgetExhausted

log = logging.getLogger(__name__)

TURN = timedelta(seconds=60)
TURN_KEY = "figures-turn"
# What was refused is asked for again a day later: permissions change seldom, and calls are few.
REFUSED_WAIT = timedelta(days=1)
# How long an account whose pins are to be published waits.
PUBLISHING_WAIT = timedelta(minutes=1)
# "Refresh now" works once in this time.
REFRESH_WAIT = timedelta(minutes=10)
# Pins so young are fetched by it as well, the newest of them, unless that was done a moment ago.
REFRESHED_AGE = timedelta(days=30)
REFRESHED_PINS = 100
# A healthy cluster looks for due feeds each minute. After so long without a look, none of its workers takes a task.
LOOK_KEY = "figures-looked-at"
STALLED_AFTER = timedelta(minutes=10)
ROLL_UP_SECONDS = 900

FETCHERS: dict[str, Callable[[FeedLease], None]] = {
    DAYS.name: account_days.fetch,
    LIFETIME.name: lifetime_totals.fetch,
    PINS.name: pin_days.fetch,
}


@dataclass
class Outcome:
    """What came of a pass: which parts are done, which went wrong, and what is written about the rest."""

    unfinished: list[FeedPart] = field(default_factory=list)
    failures: list[tuple[FeedPart, PinterestError]] = field(default_factory=list)
    # When the unfinished parts go on. None: at once, in the next turn.
    goes_on_at: datetime | None = None
    columns: dict[str, Any] = field(default_factory=dict)


def fetch_due() -> None:
    """Fetch what is due, the account that has waited longest first, as long as the turn lasts.

    Nothing if another worker does.
    """
    cache.set(LOOK_KEY, timezone.now(), None)
    _take_turn(_fetch_due)


def fetch_account(account_id: int) -> None:
    """Fetch what is due of one account; if another worker has the turn, the account waits for the next."""

    def fetch(ends_at: datetime) -> None:
        enrol_accounts(timezone.now())
        enrol_pins(timezone.now())
        fetch_feed(account_id, ends_at)

    _take_turn(fetch)


def has_stalled(now: datetime) -> bool:
    """Return whether analytics have been due for long without a worker that fetches them.

    An admin may have deleted the schedule: then no fetch is expected.
    """
    looked_at = cache.get(LOOK_KEY)
    if looked_at is not None and looked_at > now - STALLED_AFTER:
        return False
    is_working = PostingSlot.objects.in_use(now).exists() or Pin.objects.claimed(now).exists()
    is_due = AccountFeed.objects.due(now - STALLED_AFTER)
    return queueing.is_scheduled("analytics.tasks.fetch_due") and not is_working and is_due.exists()


def enqueue_account(account_id: int) -> None:
    """Ask a worker to fetch what is due of the account, once the transaction is committed."""
    queueing.send_on_commit("analytics.tasks.fetch_account", account_id)


def request_refresh(account: PinterestAccount, now: datetime) -> datetime | None:
    """Make the account's analytics due and ask a worker for them.

    Returns a moment if that is too soon: it is possible again from then on.
    """
    AccountFeed.objects.bulk_create([AccountFeed(account=account)], ignore_conflicts=True)
    is_possible = Q(refreshed_at=None) | Q(refreshed_at__lte=now - REFRESH_WAIT)
    with transaction.atomic():
        feeds = AccountFeed.objects.filter(is_possible, account=account)
        if feeds.update(refreshed_at=now, days_next_at=now, lifetime_next_at=now, pins_next_at=now) == 0:
            feed = AccountFeed.objects.get(account=account)
            return (feed.refreshed_at or now) + REFRESH_WAIT
        _make_young_pins_due(account, now)
        enqueue_account(account.pk)
    return None


def fetch_feed(account_id: int, ends_at: datetime) -> None:
    """Fetch what is due of one account, and write down how it went; nothing if another worker has it."""
    lease = claim(account_id, ends_at)
    if lease is None:
        return
    failures_before = lease.feed.failures - 1
    try:
        outcome = _fetch_parts(lease)
        _write_outcome(lease, outcome, failures_before)
    except LeaseLost:
        log.info("Analytics of account %s: another worker has it now.", account_id)
    finally:
        AccountFeed.objects.as_claimed(lease.feed).release()


def _take_turn(work: Callable[[datetime], None]) -> None:
    with turn(TURN_KEY, (TURN + LEASE).total_seconds()) as is_ours:
        if is_ours:
            work(timezone.now() + TURN)


def _fetch_due(ends_at: datetime) -> None:
    enrol_accounts(timezone.now())
    enrol_pins(timezone.now())
    tried: list[int] = []
    while (now := timezone.now()) < ends_at and not stopping.is_requested():
        due = AccountFeed.objects.due(now).exclude(pk__in=tried).annotate(is_new=IS_NEW, due_at=DUE_AT)
        account_id = due.order_by("-is_new", "due_at", "pk").values_list("pk", flat=True).first()
        if account_id is None:
            return
        tried.append(account_id)
        fetch_feed(account_id, ends_at)


# A user who has just connected an account is looking at an empty page.
IS_NEW = Case(When(days_fetched_at=None, failures=0, then=Value(1)), default=Value(0))
DUE_AT = Least(*(F(part.next_at) for part in PARTS))


def _fetch_parts(lease: FeedLease) -> Outcome:
    """Fetch part after part.

    One that is refused or unreadable does not keep the others from being fetched; what stands in the way of all of them
    ends the pass.
    """
    outcome = Outcome()
    before = lease.feed.latest_on
    for number, part in enumerate(lease.due):
        remaining = lease.due[number:]
        try:
            FETCHERS[part.name](lease)
        except TimeSliceOver:
            outcome.unfinished = remaining
            break
        except PublishingFirst:
            outcome.unfinished, outcome.goes_on_at = remaining, timezone.now() + PUBLISHING_WAIT
            break
        except BudgetExhausted as used_up:
            outcome.unfinished, outcome.columns = remaining, {"paused_until": used_up.until}
            if used_up.is_for_today:
                outcome.columns |= _trouble(lease.feed, Trouble.OUT_OF_CALLS, "")
            break
        except RateLimited as error:
            outcome.unfinished = remaining
            outcome.columns = {"paused_until": timezone.now() + timedelta(seconds=error.retry_after_seconds)}
            log.info("Analytics of account %s: paused at Pinterest's request. %s", lease.account.pk, error.message)
            break
        except (PinterestClientError, ServerFailed) as error:
            outcome.failures.append((part, error))
        except PinterestError as error:
            outcome.failures += [(each, error) for each in remaining]
            break
    if lease.calls and (lease.feed.latest_on != before or _is_worth_rolling_up(lease, outcome)):
        _roll_up(lease)
    return outcome


def _is_worth_rolling_up(lease: FeedLease, outcome: Outcome) -> bool:
    """Return whether days of pins have come in; while they do, their sums are made only now and then."""
    if PINS not in lease.due:
        return False
    is_at_rest = not outcome.unfinished or "trouble" in outcome.columns
    return is_at_rest or cache.add(f"figures-rolled-up-{lease.account.pk}", True, ROLL_UP_SECONDS)


def _roll_up(lease: FeedLease) -> None:
    lease.write(claimed_until=timezone.now() + LEASE, latest_on=newest_known_day(lease.account.pk))
    rollups.refresh(lease.account)


def _write_outcome(lease: FeedLease, outcome: Outcome, failures_before: int) -> None:
    now = timezone.now()
    columns = {**outcome.columns}
    for part in outcome.unfinished:
        columns[part.next_at] = outcome.goes_on_at or now
    for part, error in outcome.failures:
        log.warning("Analytics of account %s (%s), %s: %r", lease.account.pk, lease.account, part.name, error)
        wait = REFUSED_WAIT if _is_refusal(error) else wait_after(lease.feed.failures)
        columns[part.next_at] = now + wait
    if outcome.failures:
        kind, text = _explain(lease.account, outcome.failures[0][1])
        columns |= _trouble(lease.feed, kind, text)
    else:
        columns["failures"] = failures_before if outcome.unfinished else 0
        if _is_over(lease, outcome, now):
            columns |= {"trouble": Trouble.NONE, "trouble_text": "", "trouble_since": None}
    lease.write(**columns)


def _is_over(lease: FeedLease, outcome: Outcome, now: datetime) -> bool:
    """Return whether the trouble so far has passed: nothing failed, and no part is behind, due or not.

    A pass that ends early shows at least that Pinterest answers.
    """
    if outcome.columns:
        return False
    if outcome.unfinished:
        return lease.calls > 0 and lease.feed.trouble in (Trouble.DELAYED, Trouble.NOT_CONNECTED, Trouble.OUT_OF_CALLS)
    return all(_is_fetched(lease.feed, part, now) for part in PARTS)


def _is_fetched(feed: AccountFeed, part: FeedPart, now: datetime) -> bool:
    fetched_at = getattr(feed, part.fetched_at)
    return fetched_at is not None and now - fetched_at <= part.period


def _is_refusal(error: PinterestError) -> bool:
    return isinstance(error, PinterestClientError) and error.status in (401, 403)


def _explain(account: PinterestAccount, error: PinterestError) -> tuple[Trouble, str]:
    if isinstance(error, ReconnectNeeded):
        return Trouble.NOT_CONNECTED, error.message
    if _is_refusal(error):
        is_business = account.account_type == "BUSINESS" and "business" not in error.message.lower()
        return (Trouble.NO_PERMISSION if is_business else Trouble.NOT_BUSINESS), error.message
    if isinstance(error, AnsweredByProxy):
        return Trouble.DELAYED, error.message
    if isinstance(error, PinterestClientError) or (isinstance(error, ServerFailed) and (error.status or 200) < 500):
        return Trouble.UNREADABLE, error.message
    return Trouble.DELAYED, error.message


def _trouble(feed: AccountFeed, kind: Trouble, text: str) -> dict[str, Any]:
    """Return the columns of a trouble; it has lasted since it began, or since a later reconnection."""
    since = feed.trouble_since
    is_same = feed.trouble == kind and since is not None and since >= feed.account.connected_at
    return {"trouble": kind, "trouble_text": text, "trouble_since": since if is_same else timezone.now()}


def _make_young_pins_due(account: PinterestAccount, now: datetime) -> None:
    young = PinSummary.objects.filter(account=account, days_next_at__gt=now).enrolled(now - REFRESHED_AGE)
    stale = young.filter(Q(days_fetched_at=None) | Q(days_fetched_at__lte=now - timedelta(hours=1)))
    newest = list(stale.order_by("-published_at").values_list("pk", flat=True)[:REFRESHED_PINS])
    PinSummary.objects.filter(pk__in=newest).update(days_next_at=now)
