"""The made-up audience by itself: what it tells depends on account or pin, day and moment, and on nothing else."""

from datetime import UTC, date, datetime, time, timedelta
from statistics import mean

import pytest

from postiz_pins.sandbox.figures import (
    BURST,
    COUNTS,
    AccountHistory,
    account_counts,
    account_day,
    audience_of_pin,
    final_pin_day,
    pin_day,
    pin_metrics,
    pin_total,
    revised,
)
from postiz_pins.sandbox.state import stable_id

CREATED_ON = date(2026, 1, 5)
SHOP = AccountHistory("700", 190_000, date(2024, 1, 1), ())
SMALL_SHOP = AccountHistory("701", 1_000, date(2024, 1, 1), ())


def moment(day):
    return datetime.combine(day, time(9), UTC).timestamp()


def days(start_on, count):
    return [start_on + timedelta(days=offset) for offset in range(count)]


def told(day, age):
    """What is said of a pin's day when that is `age` days old."""
    return pin_day("1234", CREATED_ON, day, moment(day + timedelta(days=age)))


def viral_pin():
    return next(str(number) for number in range(1_000) if audience_of_pin(str(number)).burst_at is not None)


def test_days_grow_for_three_days_by_at_most_a_tenth_and_then_stay():
    for day in days(CREATED_ON, 30):
        impressions = [told(day, age)["IMPRESSION"] for age in range(2, 9)]
        assert impressions[0] < impressions[1] <= impressions[2] <= impressions[3] <= (impressions[0] + 1) / 0.9
        assert len(set(impressions[3:])) == 1


def test_account_is_revised_within_the_same_window():
    for day in days(CREATED_ON, 30):
        final = account_day(SHOP, day, moment(day + timedelta(days=5)))
        first = account_day(SHOP, day, moment(day + timedelta(days=2)))
        assert first["IMPRESSION"] < final["IMPRESSION"]
        assert account_day(SHOP, day, moment(day + timedelta(days=80))) == final


def test_engagement_is_the_sum_of_its_parts_during_revisions_too():
    for age in (2, 3, 4, 5):
        day = told(CREATED_ON, age)
        assert day["ENGAGEMENT"] == day["PIN_CLICK"] + day["OUTBOUND_CLICK"] + day["SAVE"]


def test_lifetime_is_the_sum_of_the_final_days():
    until = CREATED_ON + timedelta(days=120)
    totals = dict.fromkeys(COUNTS, 0)
    for day in days(CREATED_ON, 121):
        for name, value in told(day, 30).items():
            totals[name] += value

    assert pin_total("1234", CREATED_ON, CREATED_ON, until) == totals
    assert pin_metrics("1234", moment(CREATED_ON), moment(until + timedelta(days=2)))["lifetime_metrics"] == {
        "impression": totals["IMPRESSION"],
        "pin_click": totals["PIN_CLICK"],
        "clickthrough": totals["OUTBOUND_CLICK"],
        "save": totals["SAVE"],
        "comment": totals["SAVE"] // 9,
        "reaction": totals["SAVE"] // 3,
    }


def test_weekends_are_livelier_than_the_middle_of_the_week():
    weeks = days(date(2026, 4, 27), 70)

    def average(weekdays):
        return mean(account_day(SHOP, day, moment(day) * 2)["IMPRESSION"] for day in weeks if day.weekday() in weekdays)

    assert average((5, 6)) > 1.2 * average((1, 2, 3))


def test_summer_is_slower_than_autumn():
    summer, autumn = (
        mean(account_day(SHOP, day, moment(day) * 2)["IMPRESSION"] for day in days(start_on, 28))
        for start_on in (date(2026, 6, 1), date(2026, 11, 1))
    )
    assert summer < 0.8 * autumn


def test_small_accounts_and_old_pins_have_days_without_anybody_and_large_accounts_have_none():
    year = days(date(2025, 1, 1), 365)
    nobody = [day for day in year if account_day(SMALL_SHOP, day, moment(day) * 2)["IMPRESSION"] == 0]
    empty_pin_days = [day for day in year if pin_day("7", date(2024, 1, 1), day, moment(day) * 2)["IMPRESSION"] == 0]

    assert 10 < len(nobody) < 60
    assert 10 < len(empty_pin_days) < 60
    assert all(account_day(SHOP, day, moment(day) * 2)["IMPRESSION"] > 1_000 for day in year)


def test_one_pin_in_some_is_passed_around_weeks_after_it_was_published():
    pin_id = viral_pin()
    audience = audience_of_pin(pin_id)
    created = CREATED_ON.toordinal()
    impressions = [final_pin_day(audience, created, created + age)[0] for age in range(60)]
    burst = impressions[audience.burst_at : audience.burst_at + len(BURST)]

    assert audience.burst_at >= 12
    assert max(impressions) in burst
    assert max(burst) > 5 * max(impressions[: audience.burst_at])
    viral = sum(audience_of_pin(stable_id(str(number))).burst_at is not None for number in range(1_000))
    assert 50 < viral < 120


def test_one_of_the_seeded_pins_goes_viral_before_today():
    burst_at = audience_of_pin(seeded_pin_id("Small rooms, big windows")).burst_at

    assert burst_at is not None
    assert burst_at + len(BURST) < 31


def seeded_pin_id(title):
    board_id = stable_id("board", "harbourandpine", "0", "Living rooms by the sea")
    return stable_id("pin", board_id, title)


def test_account_grows_with_its_pins():
    pins = tuple((str(number), CREATED_ON.toordinal() + number) for number in range(50))
    grown = SHOP._replace(pins=pins)
    day = CREATED_ON + timedelta(days=60)

    alone, together = (account_day(shop, day, moment(day) * 2)["IMPRESSION"] for shop in (SHOP, grown))

    assert together > alone
    assert account_day(grown, CREATED_ON - timedelta(days=1), moment(day)) == account_day(
        SHOP, CREATED_ON - timedelta(days=1), moment(day)
    )


@pytest.mark.parametrize("account", [SHOP, SHOP._replace(pins=(("5", CREATED_ON.toordinal()),))])
def test_numbers_do_not_depend_on_what_was_asked_before(account):
    day, now = CREATED_ON + timedelta(days=9), moment(CREATED_ON + timedelta(days=12))
    before = account_day(account, day, now)
    account_counts.cache_clear()
    pin_total.cache_clear()
    audience_of_pin.cache_clear()

    assert account_day(account, day, now) == before


def test_a_revision_takes_no_click_from_a_pin_that_has_one_or_two():
    """Cut instead of rounded, every small pin would lose a click, and an account's rate would fall by a third."""
    today = CREATED_ON.toordinal() + 40
    few = (40, 2, 1, 1)

    assert all(revised(few, seed, today - 2, today)[1:] == few[1:] for seed in range(200))
