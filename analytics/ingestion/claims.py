"""One worker's hold on one account's feed: the claim, its lease, and the requests that are made under it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.connections import tokens
from accounts.models import PinterestAccount
from analytics.models import AccountFeed
from pins.models import Pin
from postiz_pins.pinterest.client import PinterestClient
from postiz_pins.pinterest.errors import PinterestClientError
from postiz_pins.runtime import stopping

from . import rate_budget

T = TypeVar("T")

# Longer than one request takes, with a refresh of the tokens and its repetition.
LEASE = timedelta(minutes=4)
FIRST_WAIT = timedelta(minutes=10)
LONGEST_WAIT = timedelta(hours=6)


@dataclass(frozen=True)
class FeedPart:
    """One of the three things that are fetched for an account; a feed has three columns for each."""

    name: str
    period: timedelta

    @property
    def next_at(self) -> str:
        """Return the name of the column with the moment at which it is due."""
        return f"{self.name}_next_at"

    @property
    def fetched_at(self) -> str:
        """Return the name of the column with the moment at which it was fetched."""
        return f"{self.name}_fetched_at"


DAYS = FeedPart("days", timedelta(hours=6))
LIFETIME = FeedPart("lifetime", timedelta(days=1))
PINS = FeedPart("pins", timedelta(hours=1))
# The order in which a small budget is spent.
PARTS = (DAYS, LIFETIME, PINS)


class TimeSliceOver(Exception):
    """The worker's time for figures is over; what is left goes on in the next turn."""


class PublishingFirst(Exception):
    """Pins of this account are to be published now, or Pinterest has asked to pause that."""


def wait_after(failures: int) -> timedelta:
    """Return how long to wait after so many failures in a row: ten minutes, doubled each time, six hours at most."""
    return min(FIRST_WAIT * 2 ** min(max(failures - 1, 0), 10), LONGEST_WAIT)


@dataclass
class FeedLease:
    """A worker's hold on one account's feed. `due` are the parts to fetch; `calls` counts the answers that came."""

    feed: AccountFeed
    due: list[FeedPart]
    ends_at: datetime
    calls: int = 0

    @property
    def account(self) -> PinterestAccount:
        """Return the account whose feed it is."""
        return self.feed.account

    def call(self, operation: Callable[[PinterestClient], T]) -> T:
        """Return the result of `operation`, which is one request to Pinterest.

        Raises TimeSliceOver, PublishingFirst, BudgetExhausted and LeaseLost before anything is requested, and
        PinterestErrors.
        """

        def counted(client: PinterestClient) -> T:
            # Within the call, as a request that is repeated with fresh tokens counts a second time.
            rate_budget.spend(self.account.pk, timezone.now())
            return operation(client)

        now = timezone.now()
        if now >= self.ends_at or stopping.is_requested():
            raise TimeSliceOver
        if publishes_now(self.account, now):
            raise PublishingFirst
        self.write(claimed_until=now + LEASE)
        answer = tokens.call(self.account, counted)
        self.calls += 1
        return answer

    def call_for_days(self, operation: Callable[[PinterestClient, date], T], start_on: date) -> T:
        """Return what `call` does, once a day later if the start is too old by Pinterest's calendar."""
        try:
            return self.call(lambda client: operation(client, start_on))
        except PinterestClientError as error:
            if error.status != 400 or "start_date" not in error.message:
                raise
        return self.call(lambda client: operation(client, start_on + timedelta(days=1)))

    def write(self, **columns: Any) -> None:
        """Change the feed, in the row and in memory.

        Raises LeaseLost.
        """
        AccountFeed.objects.write_claimed(self.feed, **columns)

    @contextmanager
    def storing(self) -> Iterator[None]:
        """Open a transaction that holds the feed's row: a worker that claims the account waits for its end."""
        with transaction.atomic():
            self.write(claimed_until=timezone.now() + LEASE)
            yield


def publishes_now(account: PinterestAccount, now: datetime) -> bool:
    """Return whether pins of the account are due, or Pinterest has paused it: publishing comes first."""
    paused = PinterestAccount.objects.filter(pk=account.pk, posting_paused_until__gt=now)
    return Pin.objects.due(now).filter(account=account).exists() or paused.exists()


def claim(account_id: int, ends_at: datetime) -> FeedLease | None:
    """Return a lease of what is due of this account; None if nothing is, or another worker was faster.

    What is due is put off first, so that whatever kills this worker cannot make the account the first one of every
    turn: at first until the lease ends, after failures as long as after one more.
    """
    now = timezone.now()
    feed = AccountFeed.objects.due(now).filter(pk=account_id).first()
    if feed is None:
        return None
    due = [part for part in PARTS if getattr(feed, part.next_at) <= now]
    failures = min(feed.failures + 1, 1_000)
    retry_at = now + (LEASE if failures == 1 else wait_after(failures))
    put_off = {part.next_at: retry_at for part in due}
    unchanged = AccountFeed.objects.due(now).as_claimed(feed)
    token = unchanged.claim(now, now + LEASE, failures=failures, **put_off)
    mine = AccountFeed.objects.select_related("account").with_token(account_id, token).first() if token else None
    return FeedLease(mine, due, ends_at) if mine else None


def enrolled_since(now: datetime) -> datetime:
    """Return pins that were published earlier are no longer asked about."""
    return now - timedelta(days=settings.PINTEREST_PIN_LOOKBACK_DAYS)
