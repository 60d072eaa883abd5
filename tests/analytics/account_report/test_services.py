"""Totals, weighted rates, comparisons, rankings and the days on which pins were published."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from analytics.account_report import services as account_report
from analytics.account_report.services import ChosenRange
from analytics.metrics import ACCOUNT_METRICS, IMPRESSIONS, PIN_CLICK_RATE, SAVES
from analytics.models import BoardPeriod, PinPeriod
from analytics.periods import Period
from tests.factories import AccountDayFactory, BoardFactory, PinDayFactory, PinFactory

END = date(2026, 11, 23)
WEEK = Period.ending(END, 7)


def days_of(**columns):
    """Columns of values, the newest day last; None is a value that is not known."""
    length = len(next(iter(columns.values())))
    dates = list(Period.ending(END, length))
    return {day: {name: values[index] for name, values in columns.items()} for index, day in enumerate(dates)}


counts = st.none() | st.integers(0, 2**63 - 1)


@given(st.lists(st.tuples(counts, counts), min_size=1, max_size=40))
def test_a_rate_is_all_clicks_by_all_impressions_of_days_that_know_both(pairs):
    days = days_of(impressions=[seen for seen, _ in pairs], pin_clicks=[clicks for _, clicks in pairs])
    known = [(seen, clicks) for seen, clicks in pairs if seen is not None and clicks is not None]
    impressions = sum(seen for seen, _ in known)

    rate = account_report.total(PIN_CLICK_RATE, days, days)

    assert rate == (sum(clicks for _, clicks in known) / impressions if impressions else None)


def test_a_rate_is_no_average_of_daily_rates():
    days = days_of(impressions=[10, 990], pin_clicks=[5, 5], pin_click_rate=[0.5, 0.005])

    assert account_report.total(PIN_CLICK_RATE, days, days) == 10 / 1000


def test_a_total_of_nothing_known_is_unknown_and_of_zeros_is_zero():
    days = days_of(saves=[None, None], impressions=[0, 0])

    assert account_report.total(SAVES, days, days) is None
    assert account_report.total(IMPRESSIONS, days, days) == 0


def test_a_daily_rate_is_pinterests_and_else_worked_out_from_its_parts():
    days = days_of(impressions=[200, 200, 0], pin_clicks=[10, 10, 0], pin_click_rate=[0.07, None, None])

    assert [account_report.day_value(PIN_CLICK_RATE, days, day) for day in days] == [0.07, 0.05, None]


def test_the_comparison_is_with_the_days_just_before():
    figure = account_report.figure_of(IMPRESSIONS, days_of(impressions=[100] * 7 + [150] * 7), WEEK)

    assert (figure.value, figure.change, figure.compared_days) == (1050, 50.0, 7)


@pytest.mark.parametrize("missing", range(14))
def test_a_missing_day_in_either_period_is_no_rise_and_no_fall(missing):
    values = [100] * 14
    values[missing] = None

    figure = account_report.figure_of(IMPRESSIONS, days_of(impressions=values), WEEK)

    assert figure.change == 0
    assert figure.compared_days == 6


def test_too_few_days_are_not_compared():
    known = days_of(impressions=[100] * 3 + [None] * 4 + [100] * 7)

    figure = account_report.figure_of(IMPRESSIONS, known, WEEK)

    assert (figure.value, figure.change, figure.is_up_from_zero) == (700, None, False)


def test_growth_from_zero_has_no_percentage():
    figure = account_report.figure_of(IMPRESSIONS, days_of(impressions=[0] * 7 + [5] * 7), WEEK)

    assert figure.change is None
    assert figure.is_up_from_zero


@pytest.mark.parametrize(("now", "words"), [(10_004, "no change"), (9_996, "no change"), (9_990, "0.1% down")])
def test_a_change_that_is_shown_as_zero_is_none(now, words):
    figure = account_report.figure_of(IMPRESSIONS, days_of(impressions=[10_000] * 7 + [now] * 7), WEEK)

    page = render_to_string("analytics/_change.html", {"figure": figure})

    assert " ".join(re.sub("<[^>]*>", "", page).split()).removeprefix("▼ ") == words


@given(st.integers(0, 10**18), st.integers(0, 10**18))
def test_the_change_leads_from_the_former_to_the_present_number(now, before):
    change = account_report.percentage_change(now, before)

    if before == 0:
        assert change == (0 if now == 0 else None)
    else:
        assert before * (1 + change / 100) == pytest.approx(now, rel=1e-9, abs=before * 1e-9)


def test_the_chart_has_gaps_and_the_preceding_period_behind_it():
    days = days_of(impressions=[1, 2, 3, 4, 5, 6, 7, 10, None, 30, 40, 50, 60, 0])

    chart = account_report.chart_of(IMPRESSIONS, days, WEEK, {END: 2})

    assert [list(series.values) for series in chart.series] == [[10, None, 30, 40, 50, 60, 0], [1, 2, 3, 4, 5, 6, 7]]
    assert [series.is_comparison for series in chart.series] == [False, True]
    assert chart.published == [0, 0, 0, 0, 0, 0, 2]
    assert "These 7 days: from 0 to 60 on 22 Nov 2026, 6 of 7 days known." in chart.description


def test_a_long_range_is_drawn_by_week_and_a_week_with_a_gap_is_one():
    values = [1] * 100
    values[-3] = None

    chart = account_report.chart_of(IMPRESSIONS, days_of(impressions=values), Period.ending(END, 100), {END: 2})

    # Two days are left over: a short week would look like a fall.
    assert list(chart.series[0].values) == [7] * 13 + [None]
    assert chart.published[-1] == 2
    assert not chart.has_comparison


def test_the_rate_of_a_week_is_all_its_clicks_by_all_its_impressions():
    days = days_of(impressions=[10] * 6 + [940], pin_clicks=[5] * 6 + [20])

    chart = account_report.chart_of(PIN_CLICK_RATE, days, WEEK, {}, is_weekly=True)

    assert list(chart.series[0].values) == [0.05]


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/Los_Angeles", "Europe/Berlin"])
def test_publishing_days_are_utc_days_whatever_the_workspaces_zone(team, zone):
    # Summer time ends in Berlin on this day.
    day = date(2026, 10, 25)
    for at in (
        datetime(2026, 10, 24, 23, 59, 59, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 0, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 59, tzinfo=UTC),
        datetime(2026, 10, 25, 23, 59, 59, tzinfo=UTC),
        datetime(2026, 10, 26, 0, 0, tzinfo=UTC),
    ):
        PinFactory(board=team.board, status="published", published_at=at, attachments=0)
    PinFactory(board=team.board, status="draft", attachments=0)

    with timezone.override(zone):
        assert account_report.published_counts(team.account, Period(day, day)) == {day: 3}


@pytest.fixture
def ranked(team):
    """Three pins on two boards, with days whose sums are also their totals of seven days."""
    second = BoardFactory(account=team.account)
    pins = []
    for board, saves in ((team.board, 5), (team.board, 0), (second, 9)):
        pin = PinFactory(board=board, status="published", published_at=datetime(2026, 11, 1, tzinfo=UTC))
        PinDayFactory(pin=pin, date=END, saves=saves, impressions=100)
        PinDayFactory(pin=pin, date=END - timedelta(days=6), saves=None, impressions=50)
        PinDayFactory(pin=pin, date=END - timedelta(days=7), saves=1000)
        totals = {"impressions": 150, "pin_clicks": 8, "outbound_clicks": 4, "saves": saves}
        PinPeriod.objects.create(pin=pin, account=team.account, board=board, days=7, **totals)
        pins.append(pin)
    for board, count, saves in ((team.board, 2, 5), (second, 1, 9)):
        totals = {"impressions": 150 * count, "pin_clicks": 8 * count, "outbound_clicks": 4 * count, "saves": saves}
        BoardPeriod.objects.create(board=board, account=team.account, days=7, pins=count, **totals)
    PinDayFactory(date=END)  # of another team
    return pins


@pytest.mark.django_db
@pytest.mark.parametrize("preset", [7, None])
def test_kept_totals_and_added_up_days_rank_alike(team, ranked, preset):
    chosen = ChosenRange(WEEK, preset)

    pins = account_report.ranked_pins([team.account], chosen, "saves")
    boards = account_report.ranked_boards(team.account, chosen, "saves")

    assert [(each.pin, each.saves, each.impressions) for each in pins] == [(ranked[2], 9, 150), (ranked[0], 5, 150)]
    assert [(each.board, each.pins, each.saves, each.impressions) for each in boards] == [
        (ranked[2].board, 1, 9, 150),
        (team.board, 2, 5, 300),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("preset", [7, None])
def test_ranking_pins_costs_three_queries_with_their_pictures(team, ranked, preset):
    with CaptureQueriesContext(connection) as captured:
        for each in account_report.ranked_pins([team.account], ChosenRange(WEEK, preset), "impressions"):
            assert each.pin.shown_media
            assert each.pin.board.name

    assert len(captured) == 3


@pytest.mark.django_db
def test_the_stored_days_of_both_periods_take_one_query(team, django_assert_num_queries):
    AccountDayFactory(account=team.account, date=END)
    AccountDayFactory(account=team.account, date=WEEK.preceding.start_on)
    AccountDayFactory(account=team.account, date=WEEK.preceding.start_on - timedelta(days=1))
    AccountDayFactory(date=END)

    with django_assert_num_queries(1):
        days = account_report.stored_days(team.account, WEEK)

    assert sorted(days) == [WEEK.preceding.start_on, END]
    assert [figure.metric for figure in account_report.figures_of(days, WEEK)] == list(ACCOUNT_METRICS)
