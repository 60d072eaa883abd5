from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.best_times.heat_map import LEVELS, heat_rows, level_ends
from analytics.best_times.services import BestTimes, Cell

NOW = datetime(2026, 12, 20, 12, tzinfo=UTC)  # a Sunday
BERLIN = ZoneInfo("Europe/Berlin")


def times(*cells):
    return BestTimes("Europe/Berlin", NOW, 40, 0, 8, 10.0, cells, [], 0)


def cell(weekday, hour, ratio, pins=5):
    return Cell(weekday, hour, pins, ratio * 10, ratio)


@given(st.lists(st.floats(0.01, 100), min_size=LEVELS, max_size=168, unique=True))
def test_each_level_has_about_as_many_hours_as_the_others(ratios):
    ends = level_ends(ratios)

    counts = [0] * LEVELS
    for ratio in ratios:
        counts[sum(ratio > end for end in ends)] += 1
    assert max(counts) - min(counts) <= 2


@pytest.mark.parametrize("ratios", [[], [1.0], [1.0, 1.0, 1.0]])
def test_equal_hours_have_one_level(ratios):
    assert level_ends(ratios) == []


def test_hours_with_few_pins_do_not_move_the_scale():
    hours = [cell(0, hour, 1 + hour / 10) for hour in range(5)]

    (_, monday), *_ = heat_rows(times(*hours, cell(1, 2, 90.0, pins=1)), BERLIN, NOW)

    assert [each.level for each in monday] == [1, 2, 3, 4, 5]


def test_each_hour_names_the_next_one_in_the_workspaces_zone():
    rows = dict(heat_rows(times(cell(6, 13, 1.0), cell(0, 18, 2.0)), BERLIN, NOW))

    by_hour = {each.hour: each for each in rows["Sunday"]}
    # It is 13:00 there: half past is soon enough, 14:00 is today, too, and 18:00 tomorrow is Monday's.
    assert by_hour[13].publish_at == "2026-12-20T13:30"
    assert by_hour[14].publish_at == "2026-12-20T14:00"
    assert {each.hour: each.publish_at for each in rows["Monday"]}[18] == "2026-12-21T18:00"
    assert (by_hour[14].cell, by_hour[14].level) == (None, 0)


def test_an_hour_that_the_clocks_skip_leads_nowhere():
    before = datetime(2027, 3, 27, 12, tzinfo=UTC)  # on 28 March there is no 2 o'clock

    rows = dict(heat_rows(times(cell(6, 2, 1.0)), BERLIN, before))

    assert [each.publish_at for each in rows["Sunday"]] == [""]
