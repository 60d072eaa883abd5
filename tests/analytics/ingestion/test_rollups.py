from datetime import UTC, date, datetime, timedelta

import pytest

from analytics.ingestion import rollups
from analytics.models import BoardPeriod, PinDay, PinPeriod, PinSummary
from analytics.periods import PRESETS
from tests.factories import AccountFeedFactory, BoardFactory, PinDayFactory, PinFactory, PinSummaryFactory

pytestmark = pytest.mark.django_db
LATEST_ON = date(2026, 3, 31)


@pytest.fixture
def board():
    board = BoardFactory()
    AccountFeedFactory(account=board.account, latest_on=LATEST_ON)
    return board


def followed_pin(board, published_on=date(2024, 1, 1), **fields):
    published_at = datetime(published_on.year, published_on.month, published_on.day, 22, tzinfo=UTC)
    pin = PinFactory(board=board, status="published", publish_at=published_at, attachments=0)
    PinSummaryFactory(pin=pin, latest_on=LATEST_ON, **fields)
    return pin


def ago(days):
    return LATEST_ON - timedelta(days=days)


def test_each_range_holds_its_days_up_to_the_newest_one_and_no_others(board):
    pin = followed_pin(board)
    for days in (-1, 0, 6, 7, 29, 30, 89, 90, 364, 365, 729, 730):
        PinDayFactory(pin=pin, date=ago(days), impressions=1, pin_clicks=2, outbound_clicks=3, saves=4)

    rollups.refresh(board.account)

    sums = dict(PinPeriod.objects.values_list("days", "impressions"))
    assert sums == {7: 2, 30: 4, 90: 6, 365: 8, 730: 10}
    week = PinPeriod.objects.get(days=7)
    assert (week.pin_clicks, week.outbound_clicks, week.saves) == (4, 6, 8)
    assert (week.board, week.account) == (board, board.account)


def test_a_range_without_figures_has_no_row(board):
    pin = followed_pin(board)
    PinDayFactory(pin=pin, date=ago(100), impressions=5)
    nothing = dict.fromkeys(("impressions", "pin_clicks", "outbound_clicks", "saves"))
    PinDayFactory(pin=pin, date=ago(1), data_status="PROCESSING", **nothing)

    rollups.refresh(board.account)

    assert set(PinPeriod.objects.values_list("days", flat=True)) == {365, 730}


def test_zero_is_a_figure_and_what_is_missing_is_left_out_of_the_sum(board):
    pin = followed_pin(board)
    PinDayFactory(pin=pin, date=ago(1), impressions=0, pin_clicks=0, outbound_clicks=0, saves=0)
    PinDayFactory(pin=pin, date=ago(2), impressions=None, pin_clicks=1, outbound_clicks=0, saves=0)

    rollups.refresh(board.account)

    week = PinPeriod.objects.get(days=7)
    assert (week.impressions, week.pin_clicks) == (0, 1)


def test_boards_are_the_sums_of_their_pins(board):
    other = BoardFactory(account=board.account)
    for its_board, impressions in ((board, 10), (board, 20), (other, 5)):
        PinDayFactory(pin=followed_pin(its_board), date=ago(1), impressions=impressions)

    rollups.refresh(board.account)

    week = BoardPeriod.objects.filter(days=7)
    assert dict(week.values_list("board", "impressions")) == {board.pk: 30, other.pk: 5}
    assert dict(week.values_list("board", "pins")) == {board.pk: 2, other.pk: 1}


def test_refreshing_again_replaces_the_rows_of_this_account_alone(board):
    stranger = BoardFactory()
    AccountFeedFactory(account=stranger.account, latest_on=LATEST_ON)
    for its_board in (board, stranger):
        PinDayFactory(pin=followed_pin(its_board), date=ago(1))
        rollups.refresh(its_board.account)
    PinDay.objects.update(impressions=77)

    rollups.refresh(board.account)
    rollups.refresh(board.account)

    assert PinPeriod.objects.filter(account=board.account).count() == len(PRESETS)
    assert PinPeriod.objects.get(account=board.account, days=7).impressions == 77
    assert PinPeriod.objects.get(account=stranger.account, days=7).impressions == 40


def test_without_any_figures_nothing_is_written(board):
    board.account.feed.latest_on = None
    board.account.feed.save()
    PinDayFactory(pin=followed_pin(board), date=ago(1))

    rollups.refresh(board.account)

    assert PinPeriod.objects.count() == 0


@pytest.mark.parametrize(("known_days", "engagement"), [(7, 7 * (4 + 2 + 1)), (6, None)])
def test_the_first_week_counts_once_all_its_days_are_known(board, known_days, engagement):
    published_on = date(2026, 3, 1)
    pin = followed_pin(board, published_on)
    for number in range(-1, known_days):
        PinDayFactory(pin=pin, date=published_on + timedelta(days=number))
    PinDayFactory(pin=pin, date=published_on + timedelta(days=7), saves=1_000)

    rollups.refresh(board.account)

    assert PinSummary.objects.get(pin=pin).first_week_engagement == engagement


def test_a_first_week_that_is_known_is_not_computed_again(board):
    pin = followed_pin(board, date(2026, 3, 1), first_week_engagement=3)
    for number in range(7):
        PinDayFactory(pin=pin, date=date(2026, 3, 1) + timedelta(days=number))

    rollups.refresh(board.account)

    assert PinSummary.objects.get(pin=pin).first_week_engagement == 3


def test_queries_do_not_grow_with_the_pins(board, django_assert_num_queries):
    for count in (1, 3):
        for _ in range(count):
            pin = followed_pin(board, date(2026, 3, 1))
            for number in range(7):
                PinDayFactory(pin=pin, date=date(2026, 3, 1) + timedelta(days=number))
        rollups.refresh(board.account)
        PinSummary.objects.update(first_week_engagement=None)
        with django_assert_num_queries(44):
            rollups.refresh(board.account)
