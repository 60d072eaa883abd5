from datetime import UTC, date, datetime, timedelta

import pytest

from analytics.metrics import IMPRESSIONS
from analytics.periods import Period
from analytics.pin_report import services as pin_report
from pins.models import PinStatus
from tests.factories import PinDayFactory, PinFactory, PinLifetimeFactory, PinSummaryFactory

pytestmark = pytest.mark.django_db

FIRST = date(2026, 10, 1)


def day(number):
    return FIRST + timedelta(days=number)


@pytest.fixture
def summary(team):
    """Published on day 0, last asked about on day 12."""
    published_at = datetime(2026, 10, 1, 23, 30, tzinfo=UTC)
    pin = PinFactory(board=team.board, status=PinStatus.PUBLISHED, publish_at=published_at, attachments=0)
    return PinSummaryFactory(pin=pin, impressions=70, lifetime_at=datetime(2026, 10, 13, 8, tzinfo=UTC))


def values(chart):
    """By the first day of each span."""
    (series,) = chart.series
    return {span.start_on: value for span, value in zip(chart.spans, series.values, strict=True)}


def totals(summary, period):
    development = pin_report.development_of(summary, period)
    return {day: development.totals[IMPRESSIONS][day] for day in development.growing}


def test_days_without_data_are_gaps_and_zero_is_zero(summary):
    PinDayFactory(pin=summary.pin, date=day(1), impressions=0)
    PinDayFactory(pin=summary.pin, date=day(3), impressions=None, data_status="PROCESSING")

    chart = pin_report.daily_chart(pin_report.development_of(summary, Period(day(0), day(3))), IMPRESSIONS)

    assert chart.is_bars
    assert values(chart) == {day(0): None, day(1): 0, day(2): None, day(3): None}


def test_from_thirty_days_up_the_bars_are_weeks_that_end_with_the_range(summary):
    for number in range(32):
        PinDayFactory(pin=summary.pin, date=day(number), impressions=1)

    def bars(last):
        chart = pin_report.daily_chart(pin_report.development_of(summary, Period(day(0), day(last))), IMPRESSIONS)
        return list(values(chart).values())

    assert bars(28) == [1] * 29
    assert bars(31) == [4, 7, 7, 7, 7]


def test_totals_add_the_days_up_until_the_first_dated_total_and_hold_that_until_the_next(summary):
    for number, count in enumerate([10, 20, 5]):
        PinDayFactory(pin=summary.pin, date=day(number), impressions=count)
    PinLifetimeFactory(pin=summary.pin, date=day(4), impressions=50)
    PinLifetimeFactory(pin=summary.pin, date=day(7), impressions=70)

    found = totals(summary, Period(day(0), day(10)))

    assert list(found.values()) == [10, 30, 35, None, 50, 50, 50, 70, 70, 70, 70, 70, 70]
    assert max(found) == day(12)  # the day of the last question, beyond the newest finished day


def test_totals_do_not_leap_over_a_missing_day(summary):
    PinDayFactory(pin=summary.pin, date=day(0), impressions=10)
    PinDayFactory(pin=summary.pin, date=day(2), impressions=10)

    found = totals(summary, Period(day(0), day(3)))

    assert [found[day(number)] for number in range(4)] == [10, None, None, None]


def test_totals_of_a_short_range_know_what_came_before(summary):
    for number in range(6):
        PinDayFactory(pin=summary.pin, date=day(number), impressions=10)

    assert totals(summary, Period(day(4), day(5)))[day(4)] == 50


def test_growth_counts_from_the_day_before_the_range(summary):
    for number in range(6):
        PinDayFactory(pin=summary.pin, date=day(number), impressions=10)

    def growth(first):
        chart = pin_report.growth_chart(pin_report.development_of(summary, Period(day(first), day(5))), IMPRESSIONS)
        return list(values(chart).values())[: 6 - first]

    assert growth(3) == [10, 20, 30]
    assert growth(0) == [10, 20, 30, 40, 50, 60]


def test_growth_of_which_the_beginning_is_not_known_counts_from_the_first_total(summary):
    PinLifetimeFactory(pin=summary.pin, date=day(5), impressions=50)
    PinLifetimeFactory(pin=summary.pin, date=day(7), impressions=58)

    chart = pin_report.growth_chart(pin_report.development_of(summary, Period(day(3), day(8))), IMPRESSIONS)

    assert [values(chart)[day(number)] for number in range(3, 9)] == [None, None, 0, 0, 8, 8]


def test_a_range_begins_with_the_publication(summary):
    shown = pin_report.development_of(summary, Period(day(-20), day(5))).period

    assert shown == Period(day(0), day(5))
    assert pin_report.development_of(summary, Period(day(-20), day(-1))).period is None


def test_two_years_of_days_are_charted(team):
    published_at = datetime(2024, 10, 1, 9, tzinfo=UTC)
    pin = PinFactory(board=team.board, status=PinStatus.PUBLISHED, publish_at=published_at, attachments=0)
    summary = PinSummaryFactory(pin=pin, lifetime_at=None)
    PinDayFactory(pin=pin, date=date(2024, 10, 1), impressions=3)

    period = Period.ending(date(2026, 9, 30), 730)
    weeks = values(pin_report.daily_chart(pin_report.development_of(summary, period), IMPRESSIONS))

    # The first one has two days only.
    assert len(weeks) == 105
    assert weeks[date(2024, 10, 1)] == 3


def test_the_facts_of_a_pin_that_ingestion_has_not_seen_are_unknown(team):
    pin = PinFactory(board=team.board, status=PinStatus.PUBLISHED, attachments=0)

    facts = pin_report.facts_of(pin_report.summary_of(pin))

    assert [fact.label for fact in facts] == ["Save rate", "Click rate", "Reactions", "Comments"]
    assert {fact.value for fact in facts} == {None}
