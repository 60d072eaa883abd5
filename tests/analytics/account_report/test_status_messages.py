"""The words for what is not there."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import AccountStatus, PinterestAccount
from analytics.account_report import services as account_report
from analytics.account_report.status_messages import account_status, asked_sentence, is_hopeless, period_status
from analytics.models import AccountFeed, Trouble
from analytics.periods import Period
from tests.factories import AccountFeedFactory

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
END = date(2026, 11, 23)
WEEK = Period.ending(END, 7)


def notice(status=AccountStatus.ACTIVE, **feed):
    account = PinterestAccount(pk=1, username="shop", status=status)
    row = (
        AccountFeed(account=account, **{"days_fetched_at": NOW, "latest_on": END} | feed)
        if feed != {"feed": None}
        else None
    )
    return account_status(account, row, NOW)


def test_nothing_is_said_while_all_is_well():
    assert notice() is None


def test_a_pause_is_told_in_the_workspaces_zone_and_only_while_it_lasts():
    with timezone.override("Europe/Berlin"):
        told = notice(paused_until=NOW + timedelta(hours=1))

    assert "on Wed 25 Nov 2026, 11:00" in told.text
    assert notice(paused_until=NOW) is None


def test_waiting_for_the_first_figures_is_not_the_same_as_having_none():
    assert notice(feed=None).is_waiting
    assert notice(days_fetched_at=None, latest_on=None).is_waiting
    fetched = notice(latest_on=None)
    assert not fetched.is_waiting
    assert "unknown, not zero" in fetched.text


def test_a_lost_connection_comes_before_every_other_trouble():
    for status in (AccountStatus.NEEDS_RECONNECT, AccountStatus.DISCONNECTED):
        told = notice(status, trouble=Trouble.DELAYED)
        assert told.needs_reconnecting
        assert "Earlier analytics are still here." in told.text


@pytest.mark.parametrize("trouble", [trouble for trouble in Trouble if trouble])
def test_every_trouble_has_a_sentence_without_blanks(trouble):
    told = notice(trouble=trouble, trouble_since=NOW, trouble_text="Slow down", paused_until=NOW + timedelta(hours=2))

    assert told.text.endswith(".")
    assert "None" not in told.text
    assert "  " not in told.text


def test_pinterests_words_and_the_next_attempt_are_told_when_it_is_late():
    told = notice(
        trouble=Trouble.DELAYED, trouble_since=NOW, trouble_text="Busy", paused_until=NOW + timedelta(hours=2)
    )

    assert "since Wed 25 Nov 2026, 09:00" in told.text
    assert "Pinterest's last reply: “Busy”" in told.text
    assert "Updates resume on Wed 25 Nov 2026, 11:00." in told.text


def about(period, known, first_on=date(2026, 11, 1), latest_on=END):
    days = {day: {"impressions": 1} for day in known}
    feed = AccountFeed(latest_on=latest_on)
    return period_status(period, account_report.figures_of(days, period), first_on, feed)


def test_a_range_of_which_all_is_known_needs_no_words():
    assert about(WEEK, WEEK) is None


def test_a_range_that_begins_too_early_or_ends_too_late_says_so():
    early = about(Period.ending(date(2026, 11, 3), 7), Period(date(2026, 11, 1), date(2026, 11, 3)))
    late = about(Period.ending(date(2026, 11, 25), 7), Period.ending(END, 5))

    assert "3 of these 7 days have data" in early.text
    assert "The analytics of this account start on 1 Nov 2026." in early.text
    assert "5 of these 7 days have data" in late.text
    assert "Pinterest's latest numbers arrive 24-48 hours late." in late.text


def test_a_range_without_anything_is_told_by_its_reason():
    assert "Pinterest provides the last 90 days only" in about(Period.ending(date(2026, 10, 1), 7), []).text
    assert "Data through 23 Nov 2026" in about(Period(date(2026, 11, 24), date(2026, 11, 25)), []).text
    assert "unknown, not zero" in about(WEEK, [], first_on=None).text


@pytest.mark.parametrize(
    ("trouble", "latest_on", "expected"),
    [
        (Trouble.NOT_BUSINESS, None, True),
        (Trouble.NO_PERMISSION, None, True),
        (Trouble.DELAYED, None, False),
        (Trouble.NOT_BUSINESS, date(2026, 11, 20), False),
    ],
)
def test_empty_cards_and_charts_are_left_out_where_no_figure_will_ever_come(db, trouble, latest_on, expected):
    feed = AccountFeedFactory(trouble=trouble, latest_on=latest_on)

    assert is_hopeless(feed.account, feed) is expected
    assert not is_hopeless(feed.account, None)


def test_refreshing_during_a_pause_says_from_when_figures_come(db):
    now = timezone.now()
    feed = AccountFeedFactory(paused_until=now + timedelta(hours=1))

    assert "Pinterest's rate limit was reached" in asked_sentence(feed.account, feed, now)
    assert "are being updated" in asked_sentence(feed.account, feed, now + timedelta(hours=2))
