"""What Pinterest tells, as rows: nothing that it says strangely is fatal, and nothing known is lost."""

import logging
from datetime import date, timedelta

import pytest
from django.utils import timezone

from analytics.ingestion import account_days, lifetime_totals, pin_days, upserts
from analytics.models import AccountDay, PinDay, PinLifetime, PinSummary
from postiz_pins.pinterest.analytics import DayFigures
from postiz_pins.pinterest.client import PinterestClient
from tests.factories import AccountDayFactory

pytestmark = pytest.mark.django_db


def day(on, status="READY", **metrics):
    return {"date": str(on), "data_status": status, "metrics": metrics}


@pytest.fixture
def telling(gallery, monkeypatch):
    """`telling(*days)`: from now on Pinterest tells just these about the account, whose days are fetched."""

    def tell(*days):
        answer = {"all": {"daily_metrics": list(days)}}
        monkeypatch.setattr(PinterestClient, "_request", lambda client, method, path, **kwargs: answer)
        gallery.fetch()
        gallery.make_due(failures=0)
        gallery.fetch()

    return tell


def test_numbers_beyond_31_bits_and_whole_fractions_are_kept(gallery, telling):
    telling(day(gallery.days_ago(3), IMPRESSION=2**40, PIN_CLICK=12.0, PIN_CLICK_RATE=0.25))

    stored = AccountDay.objects.get()
    assert (stored.impressions, stored.pin_clicks, stored.pin_click_rate) == (2**40, 12, 0.25)
    assert stored.saves is None


@pytest.mark.parametrize("value", [2**63, 1e300, 1.5])
def test_a_number_that_no_column_holds_is_missing_and_logged_with_the_account(gallery, telling, caplog, value):
    with caplog.at_level(logging.WARNING):
        telling(day(gallery.days_ago(3), IMPRESSION=value, PIN_CLICK=1))

    stored = AccountDay.objects.get()
    assert (stored.impressions, stored.pin_clicks) == (None, 1)
    assert "IMPRESSION" in caplog.text
    assert "@chairshop" in caplog.text


def test_unknown_metrics_and_statuses_are_kept(gallery, telling):
    status = "READY_IN_A_WAY_THAT_NOBODY_KNOWS_YET" * 5
    telling(day(gallery.days_ago(3), status, IMPRESSION=1, SHRUG=4))

    stored = AccountDay.objects.get()
    assert stored.others == {"SHRUG": 4}
    assert stored.data_status == status[:80]


def test_of_a_day_that_is_told_twice_the_last_counts(gallery, telling):
    telling(day(gallery.days_ago(3), IMPRESSION=1), day(gallery.days_ago(3), IMPRESSION=2))

    assert AccountDay.objects.get().impressions == 2


def test_days_in_the_future_or_before_what_was_asked_are_ignored(gallery, telling):
    telling(*(day(gallery.days_ago(days), IMPRESSION=1) for days in (-1, 5, 90)))

    assert [row.date for row in AccountDay.objects.all()] == [gallery.days_ago(5)]


def test_a_broken_day_is_skipped_and_the_others_are_kept(gallery, telling, caplog):
    with caplog.at_level(logging.WARNING):
        telling({"date": "yesterday"}, 7, day(gallery.days_ago(3), IMPRESSION=1))

    assert AccountDay.objects.get().impressions == 1
    assert "yesterday" in caplog.text


def test_figures_are_revised_by_figures_but_never_replaced_by_nothing(gallery, telling):
    AccountDayFactory(account=gallery.account, date=gallery.days_ago(3), impressions=100)
    AccountDayFactory(account=gallery.account, date=gallery.days_ago(4), impressions=100)

    telling(day(gallery.days_ago(3), IMPRESSION=120), day(gallery.days_ago(4), "PROCESSING"))

    revised, kept = AccountDay.objects.order_by("-date")
    assert revised.impressions == 120
    assert (kept.impressions, kept.data_status) == (100, "READY")


def test_zero_is_a_figure(gallery, telling):
    telling(day(gallery.days_ago(3), IMPRESSION=0))

    assert AccountDay.objects.get().impressions == 0
    assert gallery.feed().latest_on == gallery.days_ago(3)


def test_rows_that_have_not_changed_are_not_written():
    told, _ = upserts.read_day(DayFigures(date(2026, 3, 1), "READY", {"IMPRESSION": 4}), pin_days.NAMES, 80)
    stored = {(1, date(2026, 3, 1)): PinDay(pin_id=1, **told)}

    assert upserts.merge(stored, [PinDay(pin_id=1, **told)], "pin_id", pin_days.COLUMNS) == []
    assert upserts.merge(stored, [PinDay(pin_id=1, **told | {"saves": 1})], "pin_id", pin_days.COLUMNS) != []


def test_a_snapshot_is_written_when_something_has_changed_and_at_the_latest_after_a_week(gallery, time_machine):
    pin = gallery.pin(days_ago=20)
    gallery.fetch()
    snapshot = PinLifetime.objects.get()
    today = gallery.today()

    def fetch_again():
        gallery.make_due()
        gallery.fetch()
        return sorted(PinLifetime.objects.values_list("date", flat=True))

    PinLifetime.objects.update(date=today - timedelta(days=6))
    assert fetch_again() == [today - timedelta(days=6)]
    PinLifetime.objects.update(date=today - timedelta(days=7))
    assert fetch_again() == [today - timedelta(days=7), today]

    PinLifetime.objects.filter(date=today).delete()
    PinLifetime.objects.update(date=today - timedelta(days=1))
    PinSummary.objects.update(impressions=1)
    assert fetch_again() == [today - timedelta(days=1), today]
    assert PinSummary.objects.get(pin=pin).impressions == snapshot.impressions


def test_outbound_clicks_are_what_pinterest_calls_clickthrough_and_unknown_ones_are_kept(gallery, monkeypatch):
    pin = gallery.pin()
    monkeypatch.setattr(
        PinterestClient,
        "_request",
        lambda client, method, path, **kwargs: {
            "items": [
                {
                    "id": pin.pinterest_pin_id,
                    "created_at": timezone.now().isoformat(),
                    "pin_metrics": {"lifetime_metrics": {"impression": 10, "clickthrough": 3, "save": 1, "wow": 5}},
                }
            ],
        },
    )

    gallery.fetch()

    summary = PinSummary.objects.get()
    assert (summary.impressions, summary.outbound_clicks, summary.saves, summary.pin_clicks) == (10, 3, 1, None)
    assert summary.save_rate == 0.1
    assert PinLifetime.objects.get().others == {"wow": 5}


def test_a_pin_without_metrics_has_none_instead_of_zeros(gallery, monkeypatch):
    pin = gallery.pin()
    item = {"id": pin.pinterest_pin_id, "created_at": timezone.now().isoformat(), "pin_metrics": None}
    monkeypatch.setattr(PinterestClient, "_request", lambda client, method, path, **kwargs: {"items": [item]})

    gallery.fetch()

    summary = PinSummary.objects.get()
    assert summary.lifetime_at is not None
    assert (summary.impressions, summary.save_rate) == (None, None)
    assert PinLifetime.objects.count() == 0


def test_a_list_that_stops_in_the_middle_goes_on_where_it_was(gallery, monkeypatch, settings):
    pins = [gallery.pin(days_ago=days) for days in (3, 2, 1)]
    monkeypatch.setattr("postiz_pins.pinterest.client.PAGE_SIZE", 1)
    settings.PINTEREST_CALLS_PER_DAY, settings.PINTEREST_CALLS_RESERVED = 403, 400
    gallery.fetch()
    assert PinSummary.objects.exclude(lifetime_at=None).count() == 2

    settings.PINTEREST_CALLS_PER_DAY = 0
    type(gallery.feed()).objects.update(paused_until=None)
    gallery.fetch()

    assert PinSummary.objects.exclude(lifetime_at=None).count() == len(pins)
    assert len(gallery.calls("pins/list")) == 3 + 0
    assert gallery.calls("pins/get") == []


def test_pins_that_the_list_did_not_contain_are_asked_about_a_few_at_a_time(gallery, monkeypatch):
    monkeypatch.setattr(lifetime_totals, "ASKED_ALONE", 2)
    for _ in range(3):
        gallery.pin()
    request = PinterestClient._request

    def without_a_list(client, method, path, **kwargs):
        return {"items": []} if path == "/pins" else request(client, method, path, **kwargs)

    monkeypatch.setattr(PinterestClient, "_request", without_a_list)

    gallery.fetch()

    assert len(gallery.calls("pins/get")) == 2
    assert PinSummary.objects.exclude(impressions=None).count() == 2


@pytest.mark.parametrize(("age", "days"), [(0, 1), (30, 1), (31, 3), (180, 3), (181, 7), (700, 7)])
def test_young_pins_are_asked_about_daily_and_old_ones_weekly(age, days):
    now = timezone.now()
    waits = [pin_days.next_moment(str(number), now - timedelta(days=age), now) - now for number in range(50)]

    assert all(timedelta(days=days - 0.5) <= wait <= timedelta(days=days + 1) for wait in waits)
    assert max(waits) - min(waits) > timedelta(hours=12), "spread over the day"


def test_a_pin_that_leaves_the_lookback_is_not_asked_about_again():
    now = timezone.now()

    assert pin_days.next_moment("1", now - timedelta(days=729), now) is None


def test_pins_published_a_moment_ago_wait_a_day_for_their_first_figures(gallery):
    gallery.pin(days_ago=0)

    gallery.fetch()

    assert gallery.calls("pins/analytics") == []
    assert PinSummary.objects.get().days_next_at > timezone.now() + timedelta(hours=23)


def test_a_batch_that_is_not_full_waits_for_others_but_not_for_long(gallery):
    for _ in range(3):
        gallery.pin()
    gallery.sandbox.options(multi_pin_analytics=True)
    gallery.fetch()
    PinSummary.objects.update(days_next_at=timezone.now() - timedelta(hours=5))
    gallery.make_due()
    gallery.fetch()
    assert len(gallery.calls("multi_pins/analytics")) == 1

    PinSummary.objects.update(days_next_at=timezone.now() - pin_days.PATIENCE)
    gallery.make_due()
    gallery.fetch()
    assert len(gallery.calls("multi_pins/analytics")) == 2


def test_a_pin_is_asked_for_what_is_new_and_for_a_fortnight_of_revisions(gallery):
    gallery.pin(days_ago=60)
    gallery.fetch()
    latest_on = PinSummary.objects.get().latest_on
    PinSummary.objects.update(days_next_at=timezone.now())
    gallery.make_due()
    gallery.fetch()

    first, second = (call["query"]["start_date"] for call in gallery.calls("pins/analytics"))
    assert first == gallery.days_ago(60).isoformat()
    assert second == (latest_on - timedelta(days=account_days.REVISED_DAYS - 1)).isoformat()


def test_more_due_pins_than_are_looked_at_together_are_all_fetched(gallery, monkeypatch):
    monkeypatch.setattr(pin_days, "MOST_DUE", 2)
    for _ in range(5):
        gallery.pin()

    gallery.fetch()

    assert PinSummary.objects.exclude(days_fetched_at=None).count() == 5
