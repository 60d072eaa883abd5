"""The daily figures of an account."""

from __future__ import annotations

import logging
from datetime import UTC, date, timedelta

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from analytics.metrics import ACCOUNT_METRICS
from analytics.models import AccountDay, PinSummary
from analytics.periods import Period
from postiz_pins.pinterest.analytics import Days

from . import upserts
from .claims import DAYS, FeedLease

log = logging.getLogger(__name__)

# Pinterest is still computing these when it is asked.
NEWEST_DAYS = 4
# Pinterest revises these, so they are asked for again once a day.
REVISED_DAYS = 14
# A day that is so old and has no figures was missed while we were away.
LATE_DAYS = 5

NAMES = {metric.daily_name: metric for metric in ACCOUNT_METRICS}
COLUMNS = [metric.column for metric in ACCOUNT_METRICS]
LONGEST_STATUS = AccountDay._meta.get_field("data_status").max_length or 0


def fetch(lease: FeedLease) -> None:
    """Fetch what is new, missing or to be revised of the account's days, in one request, and store it."""
    now = timezone.now()
    today = now.astimezone(UTC).date()
    revises = lease.feed.revised_at is None or lease.feed.revised_at <= now - timedelta(days=1)
    period = Period(_start_on(lease, today, revises), today)
    days = lease.call_for_days(
        lambda client, start_on: client.fetch_account_days(start_on, period.end_on), period.start_on
    )
    for flaw in days.flaws:
        log.warning("Analytics of account %s (%s): %s", lease.account.pk, lease.account, flaw)
    with lease.storing():
        _store(lease, days, period)
        latest_on = newest_known_day(lease.account.pk)
        moved = {"revised_at": now} if revises else {}
        lease.write(**{DAYS.fetched_at: now, DAYS.next_at: now + DAYS.period}, latest_on=latest_on, **moved)


def newest_known_day(account_id: int) -> date | None:
    """Return the newest day with figures: of the account, or else of its pins."""
    days = AccountDay.objects.filter(account_id=account_id, impressions__isnull=False)
    newest: date | None = days.aggregate(newest=Max("date"))["newest"]
    if newest is None:
        newest = PinSummary.objects.filter(account_id=account_id).aggregate(newest=Max("latest_on"))["newest"]
    return newest


def _start_on(lease: FeedLease, today: date, revises: bool) -> date:
    """Return the first day to ask for: the oldest that is missing, and at the latest the newest days."""
    window = Period(today - timedelta(days=settings.PINTEREST_ANALYTICS_WINDOW_DAYS), today)
    statuses = (
        AccountDay.objects.within(window)
        .filter(account=lease.account)
        .values_list("date", "data_status", "impressions")
    )
    # "BEFORE_…" is an answer, too: the account was none of a business's then.
    reported = {day for day, status, impressions in statuses if impressions is not None or status.startswith("BEFORE")}
    newest = today - timedelta(days=(REVISED_DAYS if revises else NEWEST_DAYS) - 1)
    missing = (day for day in window if day not in reported and day <= today - timedelta(days=LATE_DAYS))
    return min(newest, next(missing, newest))


def _store(lease: FeedLease, days: Days, period: Period) -> None:
    rows = []
    for day in days.days:
        if day.date not in period:
            continue
        columns, flaws = upserts.read_day(day, NAMES, LONGEST_STATUS)
        for flaw in flaws:
            log.warning("Analytics of account %s (%s) on %s: %s", lease.account.pk, lease.account, day.date, flaw)
        rows.append(AccountDay(account=lease.account, **columns))
    rows_before = AccountDay.objects.within(period).filter(account=lease.account)
    stored = {(row.account_id, row.date): row for row in rows_before}
    upserts.write(AccountDay, upserts.merge(stored, rows, "account_id", COLUMNS), "account", COLUMNS)
