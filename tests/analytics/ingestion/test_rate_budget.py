from datetime import UTC, datetime, timedelta

import pytest

from analytics.ingestion import rate_budget
from analytics.models import CallCount

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 15, 23, 59, 20, tzinfo=UTC)


def spend_until_refused(account_id=1, now=NOW, most=30):
    for spent in range(most):
        try:
            rate_budget.spend(account_id, now)
        except rate_budget.BudgetExhausted as refusal:
            return spent, refusal
    return most, None


def test_what_is_reserved_for_publishing_is_never_spent(settings):
    settings.PINTEREST_CALLS_PER_DAY, settings.PINTEREST_CALLS_RESERVED = 10, 7

    spent, refusal = spend_until_refused()

    assert spent == 3
    assert refusal.is_for_today
    assert refusal.until == datetime(2026, 3, 16, tzinfo=UTC)
    assert CallCount.objects.get(date=NOW.date()).calls == 3


def test_all_accounts_share_the_day_and_the_next_day_starts_anew(settings):
    settings.PINTEREST_CALLS_PER_DAY, settings.PINTEREST_CALLS_RESERVED = 10, 7
    rate_budget.spend(1, NOW)
    rate_budget.spend(2, NOW)

    assert spend_until_refused(3)[0] == 1
    assert spend_until_refused(3, NOW + timedelta(minutes=1))[0] == 3


def test_a_reserve_larger_than_the_day_leaves_nothing(settings):
    settings.PINTEREST_CALLS_PER_DAY, settings.PINTEREST_CALLS_RESERVED = 10, 20

    assert spend_until_refused()[0] == 0


def test_without_a_limit_calls_are_counted_all_the_same(settings):
    settings.PINTEREST_CALLS_PER_DAY, settings.PINTEREST_CALLS_RESERVED = 0, 400

    assert spend_until_refused() == (30, None)
    assert CallCount.objects.get().calls == 30


def test_the_minute_is_each_accounts_own(settings):
    settings.PINTEREST_ANALYTICS_CALLS_PER_MINUTE = 4

    spent, refusal = spend_until_refused(1)

    assert spent == 4
    assert not refusal.is_for_today
    assert refusal.until == datetime(2026, 3, 16, tzinfo=UTC)
    assert spend_until_refused(2)[0] == 4
    assert spend_until_refused(1, NOW + timedelta(minutes=1))[0] == 4


def test_a_call_that_the_minute_refuses_does_not_cost_the_day_anything(settings):
    settings.PINTEREST_ANALYTICS_CALLS_PER_MINUTE = 4

    spend_until_refused()

    assert CallCount.objects.get().calls == 4
