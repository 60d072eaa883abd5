"""Which publishing times are free: places, gaps, full days, and clocks that are changed."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pins.models import Pin, PinStatus
from pins.queue.places import HORIZON_DAYS, Plan, next_free_times
from postiz_pins.common.dates import first_moment
from tests.factories import BoardFactory, PinFactory
from tests.pins.queue.helpers import MONDAY, NOW, SUNDAY, TUESDAY, add_times, local

# Lord Howe's clocks go by half an hour; Apia had no 30 December 2011, and went by an hour until 2021.
ZONES = [ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia")]


def next_times(account, count=1, now=NOW, **more):
    return local(account, next_free_times(account, now=now, count=count, **more))


def test_places_follow_each_other_in_the_workspaces_zone(account):
    add_times(account, "09:00", "18:30", weekdays=[MONDAY, TUESDAY])

    assert next_times(account, 3) == ["Mon 01 Mar 18:30", "Tue 02 Mar 09:00", "Tue 02 Mar 18:30"]


def test_an_account_without_times_has_no_place(account):
    assert next_times(account) == []


@pytest.mark.parametrize(("minutes", "first"), [(14, "Mon 08 Mar 12:14"), (15, "Mon 01 Mar 12:15")])
def test_a_place_is_at_least_a_quarter_of_an_hour_ahead(account, minutes, first):
    add_times(account, f"12:{minutes}", weekdays=[MONDAY])

    assert next_times(account) == [first]


@pytest.mark.parametrize("status", [PinStatus.DRAFT, PinStatus.PROPOSED, PinStatus.SCHEDULED, PinStatus.PROCESSING])
@pytest.mark.parametrize(("minutes_apart", "is_free"), [(0, False), (29, False), (-29, False), (30, True), (-30, True)])
def test_a_pin_within_the_least_gap_takes_the_place(account, team, status, minutes_apart, is_free):
    add_times(account, "18:30", weekdays=[MONDAY])
    at = datetime(2027, 3, 1, 17, 30, tzinfo=UTC) + timedelta(minutes=minutes_apart)
    PinFactory(board=team.board, status=status, publish_at=at)

    assert next_times(account) == ["Mon 01 Mar 18:30" if is_free else "Mon 08 Mar 18:30"]


def test_a_published_pin_takes_places_around_the_moment_at_which_it_was_published(account, team):
    add_times(account, "12:15", "12:25", weekdays=[MONDAY])
    pin = PinFactory(board=team.board, status=PinStatus.PUBLISHED, publish_at=NOW - timedelta(days=1))
    Pin.objects.filter(pk=pin.pk).update(published_at=NOW - timedelta(minutes=10))

    assert next_times(account) == ["Mon 01 Mar 12:25"]


def test_pins_of_other_accounts_take_no_place(account, team):
    add_times(account, "18:30", weekdays=[MONDAY])
    other = BoardFactory(account__workspace=team.workspace)
    PinFactory(board=other, publish_at=datetime(2027, 3, 1, 17, 30, tzinfo=UTC))

    assert next_times(account) == ["Mon 01 Mar 18:30"]


def test_of_a_least_gap_of_nothing_two_pins_still_have_different_moments(account, team):
    account.least_gap_minutes = 0
    add_times(account, "18:30", "18:31", weekdays=[MONDAY])
    PinFactory(board=team.board, publish_at=datetime(2027, 3, 1, 17, 30, tzinfo=UTC))

    assert next_times(account) == ["Mon 01 Mar 18:31"]


def test_a_full_day_is_left_out_whoever_filled_it(account, team):
    account.pins_per_day = 2
    add_times(account, "17:00", "18:00", "19:00", weekdays=[MONDAY, TUESDAY])
    PinFactory(board=team.board, status=PinStatus.PUBLISHED, publish_at=NOW - timedelta(hours=5))

    assert next_times(account, 4) == [
        "Mon 01 Mar 17:00",
        "Tue 02 Mar 17:00",
        "Tue 02 Mar 18:00",
        "Mon 08 Mar 17:00",
    ]


def test_the_places_of_pins_that_are_about_to_move_are_free(account, team):
    add_times(account, "18:30", weekdays=[MONDAY])
    pin = PinFactory(board=team.board, publish_at=datetime(2027, 3, 1, 17, 30, tzinfo=UTC))

    assert next_times(account, without=[pin.pk]) == ["Mon 01 Mar 18:30"]


def test_places_end_180_days_ahead(account):
    add_times(account, "09:00")

    found = next_free_times(account, now=NOW, count=1000)

    assert len(found) == HORIZON_DAYS == 180
    assert found[-1].date() == date(2027, 3, 1) + timedelta(days=180)


def test_a_place_in_the_hour_that_the_clocks_skip_is_the_next_minute_that_exists(account):
    """On 28 March 2027, 02:00 becomes 03:00 in Berlin; two times of that hour are one moment."""
    add_times(account, "02:00", "02:30", weekdays=[SUNDAY])
    now = datetime(2027, 3, 27, 12, tzinfo=UTC)

    assert next_times(account, 2, now) == ["Sun 28 Mar 03:00", "Sun 04 Apr 02:00"]


def test_a_place_in_the_hour_that_comes_twice_is_the_first_one(account):
    add_times(account, "02:30", weekdays=[SUNDAY])

    assert next_free_times(account, now=datetime(2027, 10, 30, 12, tzinfo=UTC)) == [
        datetime(2027, 10, 31, 0, 30, tzinfo=UTC)  # summer time is two hours ahead
    ]


def test_the_number_of_queries_does_not_depend_on_what_is_planned(account, team, django_assert_num_queries):
    add_times(account, "09:00", "18:30")
    with django_assert_num_queries(2):
        next_free_times(account, now=NOW, count=1)
    for number in range(5):
        PinFactory(board=team.board, publish_at=NOW + timedelta(days=number), attachments=0)

    with django_assert_num_queries(2):
        next_free_times(account, now=NOW, count=100)


days = st.dates(date(2005, 1, 1), date(2035, 12, 31))
minutes = st.times().map(lambda at: at.replace(second=0, microsecond=0))


@given(st.sampled_from(ZONES), days, minutes)
def test_the_first_moment_shows_the_time_or_follows_a_change_of_the_clocks(zone, day, at):
    moment = first_moment(day, at, zone)
    shown = moment.astimezone(zone).replace(tzinfo=None)
    wanted = datetime.combine(day, at)

    if shown == wanted:  # and no earlier moment shows it
        assert moment.astimezone(zone).fold == 0
    else:  # nothing between them exists
        assert shown > wanted
        before = (moment - timedelta(seconds=1)).astimezone(zone).replace(tzinfo=None)
        assert before < wanted


@given(st.sampled_from(ZONES), days, st.lists(minutes, min_size=2, unique=True))
def test_later_times_of_a_day_are_never_earlier_moments_unless_they_come_twice(zone, day, times):
    moments = [first_moment(day, at, zone) for at in sorted(times)]

    assert moments == sorted(moments)


def test_the_fold_of_a_time_changes_nothing():
    skipped, lord_howe = time(2), ZoneInfo("Australia/Lord_Howe")
    first = first_moment(date(2016, 10, 2), skipped, lord_howe)

    assert first_moment(date(2016, 10, 2), skipped.replace(fold=1), lord_howe) == first


@given(st.lists(st.integers(0, 5_000)), st.integers(0, 40), st.integers(0, 5_000))
def test_a_place_is_free_exactly_if_every_pin_is_far_enough(taken, gap_minutes, second):
    plan = Plan(taken, least_gap_minutes=gap_minutes, pins_per_day=None)

    assert plan.is_free(second) == all(abs(each - second) >= max(gap_minutes * 60, 60) for each in taken)
