"""How many requests figures may cost: of the day, for all accounts together, and of the minute, for each.

Publishing needs requests as well and shares the app's daily allowance: what is reserved for it is never touched.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db.models import F

from analytics.models import CallCount


class BudgetExhausted(Exception):
    """Nothing may be asked before `until`; `is_for_today`: the day's calls are used up, not only the minute's."""

    def __init__(self, until: datetime, *, is_for_today: bool) -> None:
        super().__init__(f"No calls left before {until:%Y-%m-%d %H:%M} UTC.")
        self.until = until
        self.is_for_today = is_for_today


def spend(account_id: int, now: datetime) -> None:
    """Count one request of this account; to be called before it is made. Raises BudgetExhausted instead."""
    minute = now.replace(second=0, microsecond=0)
    key = f"figures-calls-{account_id}-{minute:%Y%m%d%H%M}"
    cache.add(key, 0, 120)
    if cache.get(key, 0) >= settings.PINTEREST_ANALYTICS_CALLS_PER_MINUTE:
        raise BudgetExhausted(minute + timedelta(minutes=1), is_for_today=False)
    _spend_of_day(now)
    # Only one worker fetches figures at a time, so reading first loses no count. The key lives two minutes.
    cache.incr(key)


def _spend_of_day(now: datetime) -> None:
    today = now.astimezone(UTC).date()
    allowance = CallCount.objects.filter(date=today)
    if settings.PINTEREST_CALLS_PER_DAY:
        allowance = allowance.filter(calls__lt=settings.PINTEREST_CALLS_PER_DAY - settings.PINTEREST_CALLS_RESERVED)
    if allowance.update(calls=F("calls") + 1):
        return
    CallCount.objects.bulk_create([CallCount(date=today)], ignore_conflicts=True)
    if allowance.update(calls=F("calls") + 1) == 0:
        raise BudgetExhausted(datetime.combine(today + timedelta(days=1), time.min, UTC), is_for_today=True)
