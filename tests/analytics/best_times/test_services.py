from datetime import UTC, datetime, timedelta

import pytest

from analytics.best_times import services as best_times
from analytics.best_times.services import work_out
from analytics.models import PinSummary
from pins.models import PinStatus
from tests.factories import BoardFactory, PinFactory, PinSummaryFactory, PinterestAccountFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 20, 12, tzinfo=UTC)
# A Monday, weeks after the clocks went back: 17:00 in UTC is 18:00 in Berlin.
MONDAY = datetime(2026, 12, 7, 17, tzinfo=UTC)


@pytest.fixture
def publish(team):
    """`publish(moment, engagement, times)` makes published pins that had so much engagement in their first week."""

    def go(at, engagement, *, count=1, board=None):
        board = board or team.board
        for _ in range(count):
            pin = PinFactory(board=board, status=PinStatus.PUBLISHED, publish_at=at, attachments=0)
            PinSummaryFactory(pin=pin, first_week_engagement=engagement)

    return go


@pytest.fixture
def enough(publish):
    """Thirty pins over four weeks in six hours: five each, Tuesdays at 18:00 (Berlin) best."""

    def go():
        for week in range(5):
            start = MONDAY - timedelta(weeks=week)
            for day in range(6):
                publish(start + timedelta(days=day), 30 if day == 1 else 10)

    return go


def cell(found, weekday, hour):
    return next((each for each in found.cells if (each.weekday, each.hour) == (weekday, hour)), None)


def test_thirty_pins_over_four_weeks_in_five_hours_are_enough(team, enough):
    enough()

    found = work_out(team.account, NOW)

    assert (found.pins, found.weeks, found.comparable_cells) == (30, 4, 6)
    assert found.shortfalls == []
    assert [good.name for good in found.good_cells] == ["Tuesdays at 18:00"]


def test_one_pin_fewer_is_not_enough_and_it_says_how_many_are_missing(team, enough):
    enough()
    PinSummary.objects.order_by("-published_at").first().delete()

    found = work_out(team.account, NOW)

    assert found.shortfalls == ["1 more pin with a complete first week"]
    assert found.good_cells == []


def test_thirty_pins_of_one_week_are_not_enough(team, publish):
    for day in range(6):
        publish(MONDAY + timedelta(days=day), 10, count=5)

    assert work_out(team.account, NOW).shortfalls == ["4 more weeks between your first pin and your last"]


def test_pins_scattered_over_the_hours_cannot_be_compared(team, publish):
    for number in range(35):
        publish(MONDAY - timedelta(days=number, hours=number % 11), 10)

    shortfalls = work_out(team.account, NOW).shortfalls

    assert len(shortfalls) == 1
    assert "of the week with at least 3 pins" in shortfalls[0]


def test_an_account_without_pins_lacks_everything_and_breaks_nothing(team):
    found = work_out(team.account, NOW)

    assert found.shortfalls[0] == "30 more pins with a complete first week"
    assert (found.pins, found.average, list(found.hours), found.boards) == (0, 0.0, [], [])


def test_no_engagement_at_all_is_said_and_divides_by_nothing(team, publish):
    for week in range(5):
        for day in range(6):
            publish(MONDAY - timedelta(weeks=week) + timedelta(days=day), 0)

    assert "pins with clicks or saves in their first week" in work_out(team.account, NOW).shortfalls[0]


def test_a_first_week_that_is_not_known_is_left_out_and_counted_and_no_zero(team, publish):
    publish(MONDAY, 10)
    publish(MONDAY, None)

    found = work_out(team.account, NOW)

    assert (found.pins, found.waiting, found.average) == (1, 1, 10)


def test_sunday_half_past_eleven_at_night_in_utc_is_monday_in_berlin(team, publish):
    publish(datetime(2026, 11, 8, 23, 30, tzinfo=UTC), 10)

    assert [(each.weekday, each.hour) for each in work_out(team.account, NOW).cells] == [(0, 0)]


def test_six_in_the_evening_is_one_hour_of_the_week_in_summer_and_in_winter(team, publish):
    publish(datetime(2026, 10, 24, 16, tzinfo=UTC), 10)  # Saturday, the day before the clocks went back
    publish(datetime(2026, 10, 31, 17, tzinfo=UTC), 10)

    assert [(each.weekday, each.hour, each.pins) for each in work_out(team.account, NOW).cells] == [(5, 18, 2)]


def test_both_passes_of_a_repeated_hour_belong_to_it(team, publish):
    publish(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), 10)
    publish(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), 10)

    assert [(each.weekday, each.hour, each.pins) for each in work_out(team.account, NOW).cells] == [(6, 2, 2)]


def test_one_lucky_pin_is_shown_and_never_recommended(team, publish, enough):
    enough()
    publish(MONDAY + timedelta(hours=4), 900)

    found = work_out(team.account, NOW)

    assert cell(found, 0, 22).is_few
    assert [good.name for good in found.good_cells] == ["Tuesdays at 18:00"]


def test_few_pins_are_drawn_further_to_the_average_than_many(team, publish, enough):
    enough()
    publish(MONDAY + timedelta(hours=1), 30, count=3)
    publish(MONDAY + timedelta(hours=2), 30, count=40)

    found = work_out(team.account, NOW)

    few, many = cell(found, 0, 19), cell(found, 0, 20)
    assert found.average < few.average < many.average < 30
    # By hand: (3 · 30 + 5 · average) / 8.
    assert few.average == pytest.approx((90 + 5 * found.average) / 8)


def test_a_viral_pin_does_not_crown_its_hour(team, publish, enough):
    enough()
    enough()
    publish(MONDAY, 1_000_000)

    found = work_out(team.account, NOW)

    assert found.good_cells[0].name == "Tuesdays at 18:00"
    assert found.average < 20


def test_boards_are_ranked_by_their_median_and_only_with_five_pins(team, publish):
    viral, steady, few = (BoardFactory(account=team.account, name=name) for name in ("Viral", "Steady", "Few"))
    publish(MONDAY, 1, count=4, board=viral)
    publish(MONDAY, 100_000, board=viral)
    publish(MONDAY, 20, count=5, board=steady)
    publish(MONDAY, 500, count=4, board=few)

    found = work_out(team.account, NOW)

    assert [(board.name, board.median, board.pins) for board in found.boards] == [("Steady", 20, 5), ("Viral", 1, 5)]
    assert found.boards_left_out == 1


def test_pins_of_others_of_another_account_and_of_long_ago_do_not_count(team, publish):
    publish(NOW - timedelta(days=366), 10)
    publish(MONDAY, 10, board=BoardFactory())
    publish(MONDAY, 10, board=BoardFactory(account=PinterestAccountFactory(workspace=team.workspace)))
    publish(MONDAY, 10)

    assert work_out(team.account, NOW).pins == 1


def test_it_costs_two_queries_however_many_pins_and_boards(team, publish, enough, django_assert_num_queries):
    enough()
    for _ in range(3):
        publish(MONDAY, 10, count=5, board=BoardFactory(account=team.account))

    with django_assert_num_queries(2):
        found = work_out(team.account, NOW)
    assert len(found.boards) == 4


def test_it_is_worked_out_once_an_hour_for_each_account_and_zone(team, publish, monkeypatch):
    publish(MONDAY, 10)
    first = best_times.best_times(team.account, NOW)
    publish(MONDAY, 10)

    assert best_times.best_times(team.account, NOW) == first
    team.account.workspace.time_zone = "America/New_York"
    assert best_times.best_times(team.account, NOW).pins == 2
