from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from analytics.best_times.free_slots import best_free_slot
from analytics.best_times.services import BestTimes, Cell
from pins.models import PinStatus
from tests.factories import BoardFactory, PinFactory, PinterestAccountFactory

pytestmark = pytest.mark.django_db

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)  # a Wednesday, 13:00 in Berlin
TUESDAY_18 = datetime(2026, 12, 1, 17, tzinfo=UTC)


def times(*cells):
    """Enough figures, whose hours are `cells` (weekday, hour, ratio) and average ones beside them."""
    average = [Cell(6, hour, 10, 10.0, 1.0) for hour in range(5, 11)]
    good = [Cell(weekday, hour, 10, 10.0 * ratio, ratio) for weekday, hour, ratio in cells]
    return BestTimes("Europe/Berlin", NOW, 100, 0, 10, 10.0, [*average, *good], [], 0)


def offer(team, found, now=NOW, **options):
    slot = best_free_slot(found, team.account, now, **options)
    return slot and slot.at.astimezone(UTC)


def test_the_best_hour_of_the_coming_week_is_offered(team):
    found = times((3, 9, 1.5), (1, 18, 2.3))

    slot = best_free_slot(found, team.account, NOW)

    assert slot.at.astimezone(UTC) == TUESDAY_18
    assert slot.field_value == "2026-12-01T18:00"
    assert slot.text == "Tue 1 Dec 2026, 18:00"
    assert slot.cell.ratio_text == "2.3 times your average engagement"


def test_an_hour_about_the_average_is_not_offered(team):
    assert offer(team, times((1, 18, 1.05))) is None


@pytest.mark.parametrize(
    ("minutes", "expected_minutes"),
    [(0, None), (-30, 30), (-31, 0), (30, None), (31, 0), (-15, 30), (60, 0)],
)
def test_a_pin_within_half_an_hour_takes_the_slot(team, minutes, expected_minutes):
    PinFactory(board=team.board, publish_at=TUESDAY_18 + timedelta(minutes=minutes))

    expected = None if expected_minutes is None else TUESDAY_18 + timedelta(minutes=expected_minutes)
    assert offer(team, times((1, 18, 2.3))) == expected


def test_a_taken_hour_gives_way_to_the_next_best(team):
    PinFactory(board=team.board, publish_at=TUESDAY_18)

    assert offer(team, times((1, 18, 2.3), (3, 9, 1.5))) == datetime(2026, 11, 26, 8, tzinfo=UTC)


def test_drafts_pins_of_others_and_other_accounts_and_the_pin_itself_do_not_take_it(team):
    PinFactory(board=team.board, publish_at=TUESDAY_18, status=PinStatus.DRAFT)
    PinFactory(board=BoardFactory(), publish_at=TUESDAY_18)
    other = PinterestAccountFactory(workspace=team.workspace)
    PinFactory(board=BoardFactory(account=other), publish_at=TUESDAY_18)
    own = PinFactory(board=team.board, publish_at=TUESDAY_18)

    assert offer(team, times((1, 18, 2.3)), pin_id=own.pk) == TUESDAY_18


@pytest.mark.parametrize(("local", "expected"), [((12, 44), "13:00"), ((12, 46), "13:30"), ((13, 16), None)])
def test_it_is_at_least_a_quarter_of_an_hour_ahead(team, local, expected):
    now = datetime(2026, 11, 25, *local, tzinfo=BERLIN).astimezone(UTC)

    slot = best_free_slot(times((2, 13, 2.0)), team.account, now)

    # After half past there is only next Wednesday, whose one o'clock is within seven days.
    day = "2026-11-25" if expected else "2026-12-02"
    assert slot.field_value == f"{day}T{expected or '13:00'}"


def test_an_hour_that_the_clocks_skip_is_not_offered(team):
    before_spring = datetime(2027, 3, 23, 12, tzinfo=UTC)

    assert offer(team, times((6, 2, 2.0)), before_spring) is None
    assert offer(team, times((6, 3, 2.0)), before_spring) == datetime(2027, 3, 28, 1, tzinfo=UTC)


def test_of_an_hour_that_the_clocks_repeat_the_first_is_meant_as_in_the_form(team):
    before_autumn = datetime(2026, 10, 20, 12, tzinfo=UTC)

    assert offer(team, times((6, 2, 2.0)), before_autumn) == datetime(2026, 10, 25, 0, tzinfo=UTC)


def test_it_costs_one_query(team, django_assert_num_queries):
    for minutes in range(0, 300, 10):
        PinFactory(board=team.board, publish_at=TUESDAY_18 + timedelta(minutes=minutes), attachments=0)

    with django_assert_num_queries(1):
        offer(team, times((1, 18, 2.3), (3, 9, 1.5)))


def test_a_pin_that_waits_for_an_approval_takes_the_slot_too(team):
    PinFactory(board=team.board, status=PinStatus.PROPOSED, publish_at=TUESDAY_18)

    assert offer(team, times((1, 18, 2.3))) is None
