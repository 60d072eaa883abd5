"""Whole passes against the sandbox: what is stored, in how many calls, and that it can be repeated."""

from datetime import timedelta

import pytest
from django.utils import timezone

from analytics.ingestion import runner
from analytics.models import AccountDay, AccountFeed, CallCount, PinDay, PinLifetime, PinPeriod, PinSummary, Trouble
from tests.analytics.conftest import connect
from tests.factories import BoardFactory, PinFactory

pytestmark = pytest.mark.django_db


def rows_of(model, *columns):
    return sorted(model.objects.values_list(*columns))


def test_the_first_turn_fetches_89_days_of_the_account_and_all_figures_of_its_pins(gallery):
    pin = gallery.pin(days_ago=20)

    gallery.fetch()

    feed = gallery.feed()
    assert AccountDay.objects.filter(account=gallery.account).count() == 90
    assert AccountDay.objects.get(date=gallery.days_ago(89)).impressions > 0
    summary = PinSummary.objects.get(pin=pin)
    assert summary.impressions > 0
    assert summary.save_rate == summary.saves / summary.impressions
    assert PinDay.objects.filter(pin=pin).count() == 21
    assert PinLifetime.objects.get(pin=pin).impressions == summary.impressions
    assert (feed.trouble, feed.failures, feed.claim_token) == (Trouble.NONE, 0, None)
    assert None not in (feed.days_fetched_at, feed.lifetime_fetched_at, feed.pins_fetched_at)
    assert feed.latest_on == summary.latest_on == AccountDay.objects.exclude(impressions=None).latest("date").date


def test_days_that_pinterest_has_not_computed_are_stored_with_their_status_and_without_figures(gallery):
    pin = gallery.pin()

    gallery.fetch()

    for newest in (AccountDay.objects.latest("date"), PinDay.objects.latest("date")):
        assert newest.data_status == "PROCESSING"
        assert (newest.impressions, newest.pin_clicks, newest.saves) == (None, None, None)
    assert PinSummary.objects.get(pin=pin).latest_status == "PROCESSING"


def test_fetching_twice_leaves_the_same_rows(gallery):
    gallery.pin()
    gallery.pin(days_ago=3)
    gallery.fetch()
    columns = ("date", "data_status", "impressions", "pin_clicks", "saves")
    before = rows_of(AccountDay, *columns), rows_of(PinDay, "pin", *columns), rows_of(PinLifetime, "pin", "date")

    gallery.make_due(revised_at=None)
    PinSummary.objects.update(days_next_at=timezone.now())
    gallery.fetch()

    assert (rows_of(AccountDay, *columns), rows_of(PinDay, "pin", *columns), rows_of(PinLifetime, "pin", "date")) == (
        before
    )
    assert len(gallery.calls("user_account/analytics")) == 2


def test_nothing_is_asked_before_it_is_due(gallery):
    gallery.pin()
    gallery.fetch()
    asked = len(gallery.calls(""))

    gallery.fetch()

    assert len(gallery.calls("")) == asked


def test_later_in_the_day_only_the_newest_days_are_asked_for_and_daily_the_last_fortnight(gallery):
    gallery.fetch()
    gallery.make_due()
    gallery.fetch()
    gallery.make_due(revised_at=timezone.now() - timedelta(days=1))
    gallery.fetch()

    starts = [call["query"]["start_date"] for call in gallery.calls("user_account/analytics")]
    assert starts == [gallery.days_ago(days).isoformat() for days in (89, 3, 13)]


def test_a_gap_of_days_without_us_is_filled_on_return(gallery):
    pin = gallery.pin(days_ago=60)
    gallery.fetch()
    AccountDay.objects.filter(date__gt=gallery.days_ago(30)).delete()
    PinDay.objects.filter(date__gt=gallery.days_ago(30)).delete()
    PinSummary.objects.update(latest_on=gallery.days_ago(30), days_next_at=timezone.now())
    gallery.make_due(revised_at=timezone.now())

    gallery.fetch()

    assert AccountDay.objects.filter(date__gt=gallery.days_ago(30)).count() == 30
    assert PinDay.objects.filter(pin=pin, date__gt=gallery.days_ago(30), impressions__isnull=False).count() >= 28


def test_history_outside_of_pinterests_window_stays(gallery):
    AccountDay.objects.create(account=gallery.account, date=gallery.days_ago(300), data_status="READY", impressions=7)

    gallery.fetch()

    assert AccountDay.objects.get(date=gallery.days_ago(300)).impressions == 7


def test_the_days_are_those_of_utc_whatever_the_workspaces_zone_says(gallery, time_machine):
    gallery.team.workspace.time_zone = "Pacific/Auckland"
    gallery.team.workspace.save()
    moment = timezone.now().replace(hour=23, minute=59, second=30)
    gallery.account.access_expires_at = moment + timedelta(days=30)
    gallery.account.save()
    time_machine.move_to(moment, tick=False)

    gallery.fetch()

    assert AccountDay.objects.latest("date").date == moment.date()


def test_the_many_pins_endpoint_is_used_where_it_is_allowed(gallery):
    pins = [gallery.pin(days_ago=days) for days in (3, 20, 50)]
    gallery.sandbox.options(multi_pin_analytics=True)

    gallery.fetch()

    assert len(gallery.calls("multi_pins/analytics")) == 1
    assert gallery.calls("pins/analytics") == []
    assert {PinDay.objects.filter(pin=pin).count() for pin in pins} == {4, 21, 51}
    assert gallery.feed().many_pins_refused_until is None


def test_a_refusal_of_the_many_pins_endpoint_is_remembered_and_the_pins_are_asked_about_one_by_one(gallery):
    gallery.pin()
    gallery.pin(days_ago=30)
    gallery.fetch()
    PinSummary.objects.update(days_next_at=timezone.now())
    gallery.make_due()
    gallery.fetch()

    assert len(gallery.calls("multi_pins/analytics")) == 1
    assert len(gallery.calls("pins/analytics")) == 4
    assert gallery.feed().many_pins_refused_until > timezone.now() + timedelta(days=6)
    assert gallery.feed().trouble == Trouble.NONE


def test_a_dead_pin_among_many_does_not_hide_the_figures_of_the_others(gallery):
    pins = [gallery.pin() for _ in range(5)]
    dead = PinFactory(
        board=gallery.board, status="published", publish_at=timezone.now() - timedelta(days=20), attachments=0
    )
    gallery.sandbox.options(multi_pin_analytics=True)

    gallery.fetch()

    assert all(PinDay.objects.filter(pin=pin).count() == 21 for pin in pins)
    assert PinSummary.objects.get(pin=dead).gone_at is not None
    assert gallery.feed().trouble == Trouble.NONE


def test_a_pin_that_is_gone_is_asked_about_no_longer_and_keeps_its_history(gallery):
    gallery.pin()
    gone = PinFactory(
        board=gallery.board, status="published", publish_at=timezone.now() - timedelta(days=20), attachments=0
    )
    PinDay.objects.create(pin=gone, date=gallery.days_ago(10), data_status="READY", impressions=5)
    gallery.fetch()
    asked = len(gallery.calls("pins/get"))

    gallery.make_due()
    gallery.fetch()

    summary = PinSummary.objects.get(pin=gone)
    assert summary.gone_at is not None
    assert summary.days_next_at is None
    assert PinDay.objects.get(pin=gone).impressions == 5
    assert asked == len(gallery.calls("pins/get")) == 1


def test_a_pin_that_pinterest_shows_again_is_followed_again(gallery):
    """As when its board was secret for a while."""
    pin = gallery.pin()
    gallery.sandbox.change_board(gallery.board.pinterest_id, privacy="SECRET")
    gallery.fetch()
    assert PinSummary.objects.get(pin=pin).gone_at is not None

    gallery.sandbox.change_board(gallery.board.pinterest_id, privacy="PUBLIC")
    gallery.make_due()
    gallery.fetch()

    summary = PinSummary.objects.get(pin=pin)
    assert summary.gone_at is None
    assert summary.impressions is not None
    assert summary.days_fetched_at is not None
    assert summary.days_next_at is not None


@pytest.mark.parametrize("body", ["html", "empty", "json"])
@pytest.mark.parametrize("operation", ["pins/get", "pins/analytics"])
def test_a_proxys_404_makes_no_pin_gone(gallery, operation, body):
    gallery.pin()
    if operation == "pins/get":  # asked about alone, because the list does not have it
        gallery.sandbox.change_board(gallery.board.pinterest_id, privacy="SECRET")
    for asked in ("pins/get", "pins/analytics"):
        gallery.sandbox.fault(asked, "proxy", times=None, status=404, body=body)

    gallery.fetch()

    assert gallery.calls(operation)
    summary = PinSummary.objects.get()
    assert (summary.gone_at, summary.days_next_at is None) == (None, False)
    assert (gallery.feed().trouble, gallery.account.is_active) == (Trouble.DELAYED, True)
    assert gallery.feed().trouble_text == "A proxy or firewall answered with status 404 instead of Pinterest."


def test_only_a_403_means_that_the_app_may_not_ask_for_many_pins(gallery):
    pins = [gallery.pin() for _ in range(2)]
    gallery.sandbox.options(multi_pin_analytics=True)
    gallery.sandbox.fault("multi_pins/analytics", "message", status=400, code=1, message="Invalid pin_ids.")

    gallery.fetch()

    assert gallery.feed().many_pins_refused_until is None
    assert len(gallery.calls("pins/analytics")) == 2
    assert all(PinDay.objects.filter(pin=pin).exists() for pin in pins)


def test_the_ranges_of_pins_and_boards_are_kept_ready(gallery):
    pin = gallery.pin(days_ago=50)

    gallery.fetch()

    known = PinDay.objects.filter(pin=pin, date__gt=gallery.feed().latest_on - timedelta(days=30))
    assert PinPeriod.objects.get(pin=pin, days=30).impressions == sum(day.impressions or 0 for day in known)
    assert PinSummary.objects.get(pin=pin).first_week_engagement > 0


def test_the_calls_of_the_day_are_counted(gallery):
    gallery.pin()

    gallery.fetch()

    assert CallCount.objects.get().calls == len(gallery.calls(""))


def test_accounts_of_all_workspaces_are_fetched_in_one_turn(gallery):
    other = BoardFactory().account
    connect(gallery.sandbox, other, "tableshop")

    gallery.fetch()

    assert AccountFeed.objects.exclude(days_fetched_at=None).count() == 2


def test_pins_that_are_too_old_or_not_published_are_not_followed(gallery):
    gallery.pin(days_ago=800)
    PinFactory(board=gallery.board, status="draft")
    young = gallery.pin(days_ago=1)

    gallery.fetch()

    assert list(PinSummary.objects.values_list("pin", flat=True)) == [young.pk]


def test_one_worker_fetches_at_a_time(gallery):
    def second_worker(ends_at):
        runner.fetch_due()
        runner.fetch_account(gallery.account.pk)
        assert gallery.calls("") == []

    runner._take_turn(second_worker)
    gallery.fetch()

    assert gallery.calls("") != []


def test_refresh_now_fetches_again_and_works_once_in_ten_minutes(gallery, django_capture_on_commit_callbacks):
    gallery.pin()
    gallery.fetch()
    now = timezone.now()

    with django_capture_on_commit_callbacks() as callbacks:
        assert runner.request_refresh(gallery.account, now) is None
        assert runner.request_refresh(gallery.account, now + timedelta(minutes=1)) == now + timedelta(minutes=10)
    runner.fetch_account(gallery.account.pk)

    assert len(callbacks) == 1
    assert len(gallery.calls("user_account/analytics")) == 2
    assert runner.request_refresh(gallery.account, now + timedelta(minutes=10)) is None
