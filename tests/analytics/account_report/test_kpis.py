"""The KPI tiles of one account and of several, and their best pins."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext

from analytics.account_report.kpis import best_pins, kpis
from analytics.metrics import IMPRESSIONS, PIN_CLICK_RATE
from analytics.models import AccountDay, PinPeriod
from tests.factories import AccountDayFactory, AccountFeedFactory, BoardFactory, PinFactory, PinterestAccountFactory

END = date(2026, 11, 23)
NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)


def fill(account, *impressions, **others):
    """One day for each number, the newest last; None is a day that is not stored."""
    AccountFeedFactory(account=account, latest_on=END)
    AccountDay.objects.bulk_create(
        AccountDayFactory.build(account=account, date=END - timedelta(days=back), impressions=value, **others)
        for back, value in enumerate(reversed(impressions))
        if value is not None
    )


def publish(board, **totals):
    pin = PinFactory(board=board, status="published", published_at=NOW - timedelta(days=9))
    PinPeriod.objects.create(pin=pin, account=board.account, board=board, days=30, **totals)
    return pin


def figure(accounts, metric=IMPRESSIONS):
    return kpis(accounts, 7, NOW, [metric]).tiles[0].figure


@pytest.mark.django_db
def test_accounts_are_added_up(team):
    other = PinterestAccountFactory(workspace=team.workspace)
    fill(team.account, *[10] * 7, *[20] * 7)
    fill(other, *[5] * 14)

    found = kpis([team.account, other], 7, NOW)

    assert (found.period.start_on, found.period.end_on) == (date(2026, 11, 17), END)
    assert [tile.figure.metric.label for tile in found.tiles] == [
        "Impressions",
        "Outbound clicks",
        "Saves",
        "Pin clicks",
    ]
    assert (figure([team.account, other]).value, round(figure([team.account, other]).change)) == (175, 67)
    assert figure([other]).change == 0


@pytest.mark.django_db
def test_an_account_that_came_later_is_no_rise(team):
    later = PinterestAccountFactory(workspace=team.workspace)
    fill(team.account, *[10] * 14)
    fill(later, *[1000] * 7)

    both = figure([team.account, later])

    assert (both.value, both.change) == (7070, 0)


@pytest.mark.django_db
def test_an_account_without_figures_takes_nothing_from_the_others(team):
    silent = PinterestAccountFactory(workspace=team.workspace)
    fill(team.account, *[10] * 14)

    assert figure([team.account, silent]) == figure([team.account])


@pytest.mark.django_db
def test_the_rate_of_several_accounts_is_all_clicks_by_all_impressions(team):
    other = PinterestAccountFactory(workspace=team.workspace)
    fill(team.account, *[100] * 7, pin_clicks=10)
    fill(other, *[900] * 7, pin_clicks=10)

    assert figure([team.account, other], PIN_CLICK_RATE).value == 20 / 1000


@pytest.mark.django_db
def test_without_figures_the_tiles_say_so(team):
    found = kpis([team.account], 30, NOW)

    assert not found.has_figures
    assert found.period.end_on == date(2026, 11, 24)
    tile = render_to_string("analytics/_kpi_tile.html", {"tile": found.tiles[0], "url": "/x"})
    assert "Not available yet" in tile
    assert "svg" not in tile


@pytest.mark.django_db
def test_a_tile_tells_number_change_and_course(team):
    fill(team.account, *[10_000] * 7, *[20_000] * 7)

    tile = render_to_string(
        "analytics/_kpi_tile.html", {"tile": kpis([team.account], 7, NOW).tiles[0], "url": "/x", "is_current": True}
    )

    assert "Impressions 140k ▲ 100.0% up" in " ".join(re.sub("<[^>]+>", " ", tile).split())
    assert 'title="140,000"' in tile
    assert 'aria-current="true"' in tile
    assert '<svg class="sparkline"' in tile


@pytest.mark.django_db
def test_best_pins_are_of_all_accounts_and_no_others(team):
    mine = publish(team.board, impressions=500)
    other = publish(BoardFactory(account__workspace=team.workspace), impressions=900)
    publish(BoardFactory(), impressions=10_000)

    accounts = [team.account, other.account]

    assert [each.pin for each in best_pins(accounts, 30, 5, NOW)] == [other, mine]
    assert [each.pin for each in best_pins(accounts, 30, 1, NOW)] == [other]
    assert best_pins([], 30, 5, NOW) == []


@pytest.mark.django_db
def test_any_number_of_accounts_and_days_costs_the_same_queries(team):
    def count():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            kpis(accounts, 90, NOW)
            [
                (str(each.pin.board), str(each.pin.account), each.pin.shown_media)
                for each in best_pins(accounts, 30, 5, NOW)
            ]
        return len(queries)

    accounts = [team.account]
    fill(team.account, 1)
    publish(team.board, impressions=1)
    one = count()
    for _ in range(3):
        board = BoardFactory(account__workspace=team.workspace)
        accounts.append(board.account)
        fill(board.account, *[7] * 180)
        publish(board, impressions=9)

    assert count() == one
