from datetime import UTC, date, datetime, timedelta

import pytest

from analytics.models import PinDay, PinKind, PinSummary
from analytics.periods import Period
from analytics.pin_report.status_messages import before_publication, charts_state, days_state, lifetime_state

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
LOOKBACK = timedelta(days=730)
ZERO = dict.fromkeys(("impressions", "pin_clicks", "outbound_clicks", "saves", "reactions", "comments"), 0)


def summary(days_old=30, **columns):
    return PinSummary(published_at=NOW - timedelta(days=days_old), kind=PinKind.IMAGE, **columns)


def state(*args, **columns):
    return lifetime_state(summary(*args, **columns), NOW, LOOKBACK)


def test_a_new_pin_needs_24_to_48_hours_and_says_until_when():
    for asked in (None, NOW):
        new = state(1, lifetime_at=asked)

        assert "New pins need 24 to 48 hours for data" in new.text
        assert new.at == NOW + timedelta(days=1)


def test_what_was_not_asked_yet_is_not_said_to_be_delayed():
    assert state(3).code == "not_asked"
    assert "Not loaded yet" in state(3).text


def test_zero_is_said_to_be_zero_and_of_a_new_pin_zero_so_far():
    assert state(30, lifetime_at=NOW, **ZERO).code == "zero"
    assert state(1, lifetime_at=NOW, **ZERO).code == "zero_yet"


def test_figures_speak_for_themselves():
    assert state(30, lifetime_at=NOW, **ZERO | {"saves": 1}) is None
    assert state(1, lifetime_at=NOW, **ZERO | {"impressions": 1}) is None


def test_what_pinterest_never_counted_is_not_promised():
    old = datetime(2023, 3, 19, 23, tzinfo=UTC)
    longer = timedelta(days=5000)

    for kind, code in ((PinKind.IMAGE, "never"), (PinKind.CAROUSEL, "never"), (PinKind.VIDEO, "not_told")):
        told = lifetime_state(PinSummary(published_at=old, kind=kind, lifetime_at=NOW), NOW, longer)
        assert told.code == code
    since = PinSummary(published_at=old + timedelta(hours=1), kind=PinKind.IMAGE, lifetime_at=NOW)
    assert lifetime_state(since, NOW, longer).code == "not_told"


def test_a_deleted_pin_keeps_its_history_and_says_since_when():
    gone_at = NOW - timedelta(days=2)

    gone = state(30, lifetime_at=NOW, impressions=5, gone_at=gone_at)

    assert (gone.code, gone.at) == ("gone", gone_at)
    assert "Its analytics are kept" in gone.text


def test_a_pin_beyond_the_lookback_says_of_when_its_figures_are():
    asked_at = NOW - timedelta(days=40)

    old = state(770, lifetime_at=asked_at, impressions=5)

    assert (old.code, old.at) == ("old", asked_at)
    assert "two years" in old.text
    assert state(770).code == "too_old"
    assert state(729, lifetime_at=asked_at, impressions=5) is None
    short = lifetime_state(summary(120, lifetime_at=NOW, saves=1), NOW, timedelta(days=100))
    assert "Older than 100 days" in short.text


def test_a_range_before_the_publication_says_so():
    published_on = date(2026, 11, 5)

    assert before_publication(Period(date(2026, 10, 1), date(2026, 11, 4)), published_on).code == "before"
    assert before_publication(Period(date(2026, 10, 1), date(2026, 11, 5)), published_on).code == "begins"
    assert before_publication(Period(date(2026, 11, 5), date(2026, 11, 9)), published_on) is None


def test_a_new_pin_is_new_before_it_is_outside_of_the_range():
    period = Period(date(2026, 11, 1), date(2026, 11, 8))

    assert charts_state(summary(1), period, None, [], NOW).code == "new"
    assert charts_state(summary(10), Period(date(2026, 10, 1), date(2026, 10, 8)), None, [], NOW).code == "before"


@pytest.mark.parametrize(
    ("columns", "days", "code"),
    [
        ({}, [], "not_asked"),
        ({"days_fetched_at": NOW}, [], "no_days"),
        ({"days_fetched_at": NOW}, [PinDay(data_status="PROCESSING")], "processing"),
        ({"days_fetched_at": NOW}, [PinDay(data_status="PROCESSING"), PinDay(saves=0)], None),
        ({"days_fetched_at": NOW, "gone_at": NOW}, [], "gone"),
    ],
)
def test_days_without_figures_have_their_reason(columns, days, code):
    found = days_state(summary(**columns), days, NOW)

    assert (found.code if found else None) == code
