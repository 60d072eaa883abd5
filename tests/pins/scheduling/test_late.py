"""A pin that couldn't be published for more than 24 hours asks before it goes out."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccountStatus, PinterestAccount
from pins.models import UNSENT_STATUSES, UNSURE_STATUSES, Pin, PinStatus
from pins.publishing import dispatch
from pins.scheduling import services as scheduling
from tests.factories import PinFactory
from tests.page_text import page_text

pytestmark = pytest.mark.django_db

LATE = timedelta(hours=24, minutes=1)


@pytest.fixture
def pin(team):
    return PinFactory(board=team.board, title="Autumn sale", publish_at=timezone.now() - LATE)


def page_of(browser, pin):
    return page_text(browser.get(reverse("pins:pin_detail", args=[pin.pk])))


@pytest.mark.parametrize("status", UNSENT_STATUSES)
@pytest.mark.parametrize(("late_by", "goes_out"), [(timedelta(hours=23, minutes=59), True), (LATE, False)])
def test_up_to_24_hours_a_held_pin_goes_out_by_itself(team, status, late_by, goes_out):
    now = timezone.now()
    pin = PinFactory(board=team.board, status=status, publish_at=now - late_by)

    assert Pin.objects.due(now).exists() is goes_out
    assert Pin.objects.late(now).exists() is not goes_out
    assert pin.is_late(now) is not goes_out


@pytest.mark.parametrize("status", UNSURE_STATUSES)
def test_a_pin_that_pinterest_may_have_is_looked_for_however_late(team, status):
    now = timezone.now()
    PinFactory(board=team.board, status=status, publish_at=now - 3 * LATE, sent_at=now - 3 * LATE)

    assert Pin.objects.due(now).exists()
    assert not Pin.objects.late(now).exists()


def test_after_reconnecting_the_late_ones_wait_and_the_others_go(team, pin):
    now = timezone.now()
    recent = PinFactory(board=team.board, publish_at=now - timedelta(hours=2))
    PinterestAccount.objects.filter(pk=team.account.pk).update(status=AccountStatus.NEEDS_RECONNECT)
    assert not Pin.objects.due(now).exists()

    PinterestAccount.objects.filter(pk=team.account.pk).update(status=AccountStatus.ACTIVE)

    assert list(Pin.objects.due(now)) == [recent]
    assert list(Pin.objects.late(now)) == [pin]


def test_the_page_asks_and_the_button_has_it_looked_for_and_sent_out(team, pin, alice):
    """After a restored backup it may be on its board already (test_overdue.py)."""
    assert "be published for more than 24 hours" in page_of(alice, pin)
    assert "Publish now" in page_of(alice, pin)

    alice.post(reverse("pins:pin_retry", args=[pin.pk]))

    pin.refresh_from_db()
    assert list(Pin.objects.due(timezone.now())) == [pin]
    assert (pin.status, pin.events.get().by) == (PinStatus.VERIFYING, team.alice)
    assert "more than 24 hours" not in page_of(alice, pin)


def test_choosing_another_time_answers_the_question_too(team, pin):
    now = timezone.now()

    assert scheduling.schedule(pin, now + timedelta(hours=1), by=team.alice, now=now)

    assert not Pin.objects.late(now).exists()


def test_while_the_account_is_lost_the_page_says_that_it_will_ask(team, pin, alice):
    PinterestAccount.objects.filter(pk=team.account.pk).update(status=AccountStatus.NEEDS_RECONNECT)

    page = page_of(alice, pin)

    assert "be asked before it" in page
    assert "Publish now" not in page


def test_a_pin_that_is_not_late_has_nothing_to_release(team):
    now = timezone.now()
    pin = PinFactory(board=team.board, publish_at=now + timedelta(hours=1))

    assert not scheduling.release_late(pin, by=team.alice, now=now)
    assert not pin.events.exists()


def test_the_dashboard_shows_what_waits_for_an_answer(team, pin, alice):
    page = page_text(alice.get(reverse("pins:dashboard")))

    assert "Needs attention" in page
    assert "More than 24 hours late." in page


def test_a_late_pin_is_no_sign_of_a_stuck_cluster(pin):
    assert not dispatch.has_stalled(timezone.now())
