"""What becomes of faults at Pinterest, of workers that die, and of accounts that stand in their own way."""

import logging
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AccountStatus, PinterestAccount
from analytics.ingestion import account_days, pin_days, runner
from analytics.ingestion import claims as feed_claims
from analytics.models import AccountDay, AccountFeed, CallCount, PinDay, PinSummary, Trouble
from postiz_pins.common import encryption
from postiz_pins.common.leases import LeaseLost
from postiz_pins.pinterest.client import PinterestClient
from tests.analytics.conftest import connect
from tests.factories import BoardFactory, PinFactory

pytestmark = pytest.mark.django_db


class Crash(Exception):
    """What kills a worker."""


def test_a_rate_limit_pauses_the_account_until_the_stated_time_and_counts_as_no_failure(gallery):
    gallery.pin()
    gallery.sandbox.fault("user_account/analytics", "rate_limited", seconds=67_150)
    before = timezone.now()

    gallery.fetch()
    gallery.fetch()

    feed = gallery.feed()
    assert timedelta(0) <= feed.paused_until - before - timedelta(seconds=67_150) < timedelta(minutes=1)
    assert (feed.failures, feed.trouble) == (0, Trouble.NONE)
    assert len(gallery.calls("")) == 1


def test_after_the_pause_everything_goes_on(gallery):
    gallery.pin()
    gallery.sandbox.fault("pins/list", "rate_limited", seconds=600)
    gallery.fetch()
    AccountFeed.objects.update(paused_until=timezone.now())
    PinterestAccount.objects.update(reading_paused_until=timezone.now())
    gallery.account.refresh_from_db()

    gallery.fetch()

    assert gallery.feed().lifetime_fetched_at is not None
    assert gallery.feed().pins_fetched_at is not None
    assert len(gallery.calls("user_account/analytics")) == 1


@pytest.mark.parametrize("kind", ["server_error", "connection_closed", "answer_lost"])
def test_an_outage_is_told_and_tried_again_with_growing_waits(gallery, kind):
    gallery.sandbox.fault("*", kind, times=None)

    waits = []
    for _ in range(3):
        before = timezone.now()
        gallery.fetch()
        waits.append(round((gallery.feed().days_next_at - before).total_seconds() / 60))
        gallery.make_due()

    assert waits == [10, 20, 40]
    assert gallery.feed().trouble == Trouble.DELAYED
    assert gallery.feed().failures == 3


def test_the_wait_after_failures_ends_at_six_hours():
    assert feed_claims.wait_after(1) == timedelta(minutes=10)
    assert feed_claims.wait_after(1_000) == timedelta(hours=6)


def test_success_ends_the_trouble_and_the_same_trouble_keeps_its_beginning(gallery):
    gallery.sandbox.fault("user_account/analytics", "server_error", times=2)
    gallery.fetch()
    since = gallery.feed().trouble_since
    assert since is not None

    gallery.make_due()
    gallery.fetch()
    assert gallery.feed().trouble_since == since

    gallery.make_due()
    gallery.fetch()
    assert (gallery.feed().trouble, gallery.feed().trouble_since, gallery.feed().failures) == (Trouble.NONE, None, 0)


@pytest.mark.parametrize(
    ("account_type", "message", "trouble"),
    [
        ("BUSINESS", "You are not permitted to access that resource.", Trouble.NO_PERMISSION),
        ("BUSINESS", "Analytics are for business accounts.", Trouble.NOT_BUSINESS),
        ("PINNER", "You are not permitted to access that resource.", Trouble.NOT_BUSINESS),
    ],
)
def test_a_refusal_is_told_and_tried_again_a_day_later_while_the_pins_are_fetched(
    gallery, account_type, message, trouble
):
    PinterestAccount.objects.update(account_type=account_type)
    gallery.pin()
    gallery.sandbox.fault("user_account/analytics", "message", status=403, code=29, message=message, times=None)

    gallery.fetch()

    feed = gallery.feed()
    assert (feed.trouble, feed.trouble_text) == (trouble, message)
    assert timedelta(hours=23) < feed.days_next_at - timezone.now() <= timedelta(days=1)
    assert PinSummary.objects.get().impressions > 0
    assert feed.latest_on == PinSummary.objects.get().latest_on

    gallery.make_due(days_next_at=feed.days_next_at)
    gallery.fetch()
    assert gallery.feed().trouble == trouble, "the pins' success says nothing about the account's days"


def test_a_dead_connection_is_told_and_a_new_one_sets_the_account_going_at_once(gallery):
    gallery.sandbox.revoke(username="chairshop")
    gallery.fetch()
    assert gallery.feed().trouble == Trouble.NOT_CONNECTED
    asked = len(gallery.calls(""))
    gallery.fetch()
    assert len(gallery.calls("")) == asked

    tokens = gallery.sandbox.tokens("chairshop")
    PinterestAccount.objects.filter(pk=gallery.account.pk).update(
        status=AccountStatus.ACTIVE,
        access_token_encrypted=encryption.encrypt(tokens["access_token"]),
        refresh_token_encrypted=encryption.encrypt(tokens["refresh_token"]),
        access_expires_at=timezone.now() + timedelta(days=30),
        connected_at=timezone.now(),
    )
    gallery.fetch()

    assert gallery.feed().trouble == Trouble.NONE
    assert gallery.feed().days_fetched_at is not None


def test_a_trouble_that_a_new_connection_does_not_end_is_not_asked_about_each_minute(gallery):
    gallery.sandbox.fault("user_account/analytics", "message", status=403, code=29, message="No.", times=None)
    gallery.fetch()
    PinterestAccount.objects.update(connected_at=timezone.now())

    gallery.fetch()
    gallery.fetch()

    assert len(gallery.calls("user_account/analytics")) == 2


def test_one_failing_account_does_not_stop_the_others(gallery):
    other = BoardFactory().account
    connect(gallery.sandbox, other, "tableshop")
    gallery.sandbox.revoke(username="chairshop")

    gallery.fetch()

    assert gallery.feed().trouble == Trouble.NOT_CONNECTED
    assert AccountFeed.objects.get(account=other).days_fetched_at is not None


def test_an_account_that_kills_its_worker_does_not_stop_the_others(gallery, monkeypatch):
    other = BoardFactory().account
    connect(gallery.sandbox, other, "tableshop")
    fetch = account_days.fetch

    def crash(taken):
        if taken.account.pk == gallery.account.pk:
            raise Crash
        fetch(taken)

    monkeypatch.setitem(runner.FETCHERS, "days", crash)

    with pytest.raises(Crash):
        gallery.fetch()
    gallery.fetch()

    assert AccountFeed.objects.get(account=other).days_fetched_at is not None
    assert gallery.feed().days_next_at > timezone.now() + timedelta(minutes=3)


def test_a_worker_that_dies_between_answer_and_row_costs_a_wait_and_no_row(gallery, monkeypatch):
    pin = gallery.pin()
    monkeypatch.setattr(pin_days, "_store", lambda *args: (_ for _ in ()).throw(Crash))
    with pytest.raises(Crash):
        gallery.fetch()
    assert PinDay.objects.count() == 0
    monkeypatch.undo()

    gallery.make_due()
    gallery.fetch()

    assert PinDay.objects.filter(pin=pin).count() == 21
    assert AccountDay.objects.count() == 90


def test_a_killed_worker_holds_the_account_no_longer_than_its_lease(gallery, time_machine):
    gallery.fetch()
    gallery.make_due()
    now = timezone.now()
    assert feed_claims.claim(gallery.account.pk, now + timedelta(minutes=1)) is not None  # and is never heard of again

    assert feed_claims.claim(gallery.account.pk, now + timedelta(minutes=1)) is None
    time_machine.move_to(now + timedelta(minutes=11))
    assert feed_claims.claim(gallery.account.pk, now + timedelta(minutes=12)) is not None


def test_a_worker_that_lost_its_claim_writes_nothing(gallery):
    gallery.fetch()
    gallery.make_due()
    AccountDay.objects.all().delete()
    ends_at = timezone.now() + timedelta(minutes=1)
    late = feed_claims.claim(gallery.account.pk, ends_at)
    AccountFeed.objects.update(claimed_until=timezone.now())
    gallery.make_due()
    successor = feed_claims.claim(gallery.account.pk, ends_at)

    with pytest.raises(LeaseLost), late.storing():
        raise AssertionError("never reached")
    with pytest.raises(LeaseLost):
        account_days.fetch(late)
    AccountFeed.objects.as_claimed(late.feed).release()

    assert AccountDay.objects.count() == 0
    assert gallery.feed().claim_token == successor.feed.claim_token
    account_days.fetch(successor)
    assert AccountDay.objects.count() == 90


def test_publishing_goes_first(gallery):
    due = PinFactory(board=gallery.board)

    gallery.fetch()
    assert gallery.calls("") == []
    assert gallery.feed().days_next_at > timezone.now()
    assert gallery.feed().failures == 0

    due.delete()
    gallery.make_due()
    gallery.fetch()
    assert gallery.feed().days_fetched_at is not None


def test_an_account_whose_publishing_is_paused_by_pinterest_is_left_alone(gallery):
    PinterestAccount.objects.update(posting_paused_until=timezone.now() + timedelta(hours=1))

    gallery.fetch()

    assert gallery.calls("") == []


def test_pins_that_come_due_stop_the_pass_between_two_requests(gallery, monkeypatch):
    fetch = account_days.fetch

    def fetch_while_a_pin_comes_due(taken):
        fetch(taken)
        PinFactory(board=gallery.board)

    monkeypatch.setitem(runner.FETCHERS, "days", fetch_while_a_pin_comes_due)
    gallery.pin()

    gallery.fetch()

    assert [call["operation"] for call in gallery.calls("")] == ["user_account/analytics"]


def test_a_turn_that_is_over_leaves_the_rest_to_the_next_one(gallery, time_machine):
    for _ in range(4):
        gallery.pin()
    fetch_days = PinterestClient.fetch_pin_days
    asked = []

    def slow(client, pin_id, *span):
        asked.append(pin_id)
        if len(asked) == 2:
            time_machine.shift(runner.TURN)
        return fetch_days(client, pin_id, *span)

    time_machine.move_to(timezone.now(), tick=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PinterestClient, "fetch_pin_days", slow)
        gallery.fetch()
        assert len(asked) == 2
        gallery.fetch()

    assert len(asked) == len(set(asked)) == 4
    assert gallery.feed().pins_fetched_at is not None


def test_when_the_days_calls_are_used_up_the_account_waits_for_the_next_day_of_utc(gallery, settings, time_machine):
    settings.PINTEREST_CALLS_PER_DAY, settings.PINTEREST_CALLS_RESERVED = 403, 400
    for _ in range(4):
        gallery.pin()
    now = timezone.now()

    gallery.fetch()
    gallery.fetch()

    feed = gallery.feed()
    assert CallCount.objects.get().calls == len(gallery.calls("")) == 3
    assert feed.trouble == Trouble.OUT_OF_CALLS
    assert feed.paused_until == (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    assert feed.days_fetched_at is not None, "the account's days come first"

    settings.PINTEREST_CALLS_PER_DAY = 1_000
    AccountFeed.objects.update(paused_until=None)
    gallery.fetch()
    assert gallery.feed().trouble == Trouble.NONE


def test_an_answer_that_is_no_answer_is_logged_with_its_account_and_skipped(gallery, monkeypatch, caplog):
    gallery.pin()
    monkeypatch.setattr(PinterestClient, "_request", lambda client, method, path, **kwargs: {"all": [1], "items": 7})

    with caplog.at_level(logging.WARNING):
        gallery.fetch()

    assert gallery.feed().trouble == Trouble.UNREADABLE
    assert "@chairshop" in caplog.text
    assert AccountDay.objects.count() == PinDay.objects.count() == 0


def test_a_start_that_is_too_old_for_pinterests_calendar_is_asked_for_a_day_later(gallery, settings):
    message = "Invalid request: start_date cannot be more than 90 days back from today."
    gallery.sandbox.fault("user_account/analytics", "message", status=400, code=1, message=message)

    gallery.fetch()

    starts = [call["query"]["start_date"] for call in gallery.calls("user_account/analytics")]
    assert starts == [gallery.days_ago(89).isoformat(), gallery.days_ago(88).isoformat()]
    assert AccountDay.objects.count() == 89
    assert gallery.feed().trouble == Trouble.NONE


def test_no_transaction_is_open_while_pinterest_is_asked(gallery, monkeypatch):
    """Held against the storing blocks: a request within one would be seen here."""
    is_storing = []
    storing, call = feed_claims.FeedLease.storing, feed_claims.FeedLease.call

    def note_storing(taken):
        block = storing(taken)

        class Block:
            def __enter__(self):
                is_storing.append(True)
                return block.__enter__()

            def __exit__(self, *exception):
                is_storing.pop()
                return block.__exit__(*exception)

        return Block()

    def asked(taken, operation):
        assert not is_storing
        return call(taken, operation)

    monkeypatch.setattr(feed_claims.FeedLease, "storing", note_storing)
    monkeypatch.setattr(feed_claims.FeedLease, "call", asked)
    gallery.pin()
    gallery.pin()

    gallery.fetch()

    assert PinDay.objects.count() == 42


def test_nothing_in_ingestion_sleeps(gallery, monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail("slept"))
    gallery.sandbox.fault("user_account/analytics", "rate_limited", seconds=30)

    gallery.fetch()
