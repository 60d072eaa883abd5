"""A cluster whose workers take no task any more is noticed by the figures that nobody looks for."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from django_q.models import Schedule

from analytics.ingestion import runner
from analytics.models import AccountFeed
from pins.models import PinStatus
from tests.factories import AccountFeedFactory, PinFactory

pytestmark = pytest.mark.django_db

FUNC = "analytics.tasks.fetch_due"


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture(autouse=True)
def _nobody_looks(now):
    cache.delete(runner.LOOK_KEY)
    Schedule.objects.get_or_create(func=FUNC, defaults={"repeats": -1})
    AccountFeedFactory(days_next_at=now - timedelta(minutes=30))
    yield
    cache.delete(runner.LOOK_KEY)


def test_due_figures_that_nobody_looks_for_are_a_stall(now):
    assert runner.has_stalled(now)


def test_a_look_within_ten_minutes_is_none(now):
    cache.set(runner.LOOK_KEY, now - timedelta(minutes=9))
    assert not runner.has_stalled(now)

    cache.set(runner.LOOK_KEY, now - timedelta(minutes=11))
    assert runner.has_stalled(now)


def test_each_look_is_noted_even_if_another_worker_has_the_turn(now):
    cache.add(runner.TURN_KEY, "another", 60)
    try:
        runner.fetch_due()
    finally:
        cache.delete(runner.TURN_KEY)

    assert not runner.has_stalled(timezone.now())


def test_figures_that_are_not_due_or_only_just_are_none(now):
    later = now - timedelta(minutes=9)
    AccountFeed.objects.update(days_next_at=later, lifetime_next_at=later, pins_next_at=later)

    assert not runner.has_stalled(now)


def test_a_worker_that_is_seen_to_work_is_none(now):
    PinFactory(status=PinStatus.CREATING, sent_at=now, claimed_until=now + timedelta(seconds=50))

    assert not runner.has_stalled(now)


def test_without_a_schedule_nobody_is_expected_to_look(now):
    Schedule.objects.filter(func=FUNC).delete()

    assert not runner.has_stalled(now)
