from datetime import UTC, date, datetime, timedelta

import pytest

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


def impressions(charts):
    chart = charts[0]
    (series,) = chart.series
    return dict(zip(chart.dates, series.values, strict=True))


def test_days_without_data_are_gaps_and_zero_is_zero(summary):
    PinDayFactory(pin=summary.pin, date=day(1), impressions=0)
    PinDayFactory(pin=summary.pin, date=day(3), impressions=None, data_status="PROCESSING")

    daily = impressions(pin_report.development_of(summary, Period(day(0), day(3))).daily)

    assert daily == {day(0): None, day(1): 0, day(2): None, day(3): None}


def test_growth_adds_the_days_up_until_the_first_dated_total_and_holds_that_until_the_next(summary):
    for number, count in enumerate([10, 20, 5]):
        PinDayFactory(pin=summary.pin, date=day(number), impressions=count)
    PinLifetimeFactory(pin=summary.pin, date=day(4), impressions=50)
    PinLifetimeFactory(pin=summary.pin, date=day(7), impressions=70)

    growth = impressions(pin_report.development_of(summary, Period(day(0), day(10))).growth)

    assert list(growth.values()) == [10, 30, 35, None, 50, 50, 50, 70, 70, 70, 70, 70, 70]
    assert max(growth) == day(12)  # the day of the last question, beyond the newest finished day


def test_growth_does_not_leap_over_a_missing_day(summary):
    PinDayFactory(pin=summary.pin, date=day(0), impressions=10)
    PinDayFactory(pin=summary.pin, date=day(2), impressions=10)

    growth = impressions(pin_report.development_of(summary, Period(day(0), day(3))).growth)

    assert [growth[day(number)] for number in range(4)] == [10, None, None, None]


def test_growth_in_a_short_range_knows_what_came_before(summary):
    for number in range(6):
        PinDayFactory(pin=summary.pin, date=day(number), impressions=10)

    growth = impressions(pin_report.development_of(summary, Period(day(4), day(5))).growth)

    assert growth[day(4)] == 50


def test_a_range_begins_with_the_publication(summary):
    shown = pin_report.development_of(summary, Period(day(-20), day(5))).period

    assert shown == Period(day(0), day(5))
    assert pin_report.development_of(summary, Period(day(-20), day(-1))).period is None


def test_two_years_of_days_are_charted(team):
    published_at = datetime(2024, 10, 1, 9, tzinfo=UTC)
    pin = PinFactory(board=team.board, status=PinStatus.PUBLISHED, publish_at=published_at, attachments=0)
    summary = PinSummaryFactory(pin=pin, lifetime_at=None)
    PinDayFactory(pin=pin, date=date(2024, 10, 1), impressions=3)

    period = pin_report.range_of("730", summary, date(2026, 9, 30))
    daily = impressions(pin_report.development_of(summary, period).daily)

    assert len(daily) == 730
    assert daily[date(2024, 10, 1)] == 3


def test_the_cards_of_a_pin_that_ingestion_has_not_seen_are_unknown(team):
    pin = PinFactory(board=team.board, status=PinStatus.PUBLISHED, attachments=0)

    cards = pin_report.cards_of(pin_report.summary_of(pin))

    assert [card.label for card in cards] == [
        *("Impressions", "Pin clicks", "Outbound clicks", "Saves", "Save rate", "Reactions", "Comments")
    ]
    assert {card.value for card in cards} == {None}
