"""The queue keeps pins apart that are alike, and a good time is offered for a pin that is too near."""

from datetime import timedelta

import pytest

from pins.models import Pin, PinStatus
from pins.queue import services as queue
from pins.queue.advice import advice_on, advice_on_pin
from pins.queue.moves import moves_to_places
from pins.queue.places import FreePlaces, next_free_times
from pins.spacing.clearance import Likeness
from pins.spacing.planned import Planned
from tests.factories import BoardFactory, MediaFileFactory
from tests.pins.queue.helpers import NOW, TUESDAY, add_times, local
from tests.pins.spacing.helpers import SALE, add_pin

# Tuesday, 18:30 in Berlin.
TAKEN = NOW + timedelta(days=1, hours=6, minutes=30)


@pytest.fixture
def image(team):
    return MediaFileFactory(workspace=team.workspace)


def places(account, likeness, count=1, **more):
    return local(account, next_free_times(account, now=NOW, count=count, likeness=likeness, **more))


def test_a_link_gets_no_place_near_another_pin_with_it(account, team):
    add_times(account, "09:00", "18:30")
    add_pin(team.board, TAKEN, link=SALE)

    assert places(account, Likeness(link_key=SALE), 3) == ["Thu 04 Mar 09:00", "Thu 04 Mar 18:30", "Fri 05 Mar 09:00"]
    assert places(account, Likeness(link_key="https://example.com/other")) == ["Mon 01 Mar 18:30"]


def test_an_image_gets_no_place_within_a_week_of_another_pin_with_it(account, team, image):
    add_times(account, "09:00")
    add_pin(team.board, TAKEN, media=image)

    assert places(account, Likeness(picture_key=image.sha256)) == ["Tue 09 Mar 09:00"]


def test_drafts_with_the_link_are_not_in_the_way(account, team):
    add_times(account, "09:00")
    add_pin(team.board, TAKEN, link=SALE, status=PinStatus.DRAFT)

    assert places(account, Likeness(link_key=SALE)) == ["Tue 02 Mar 09:00"]


def test_a_pin_is_not_in_its_own_way(account, team):
    add_times(account, "09:00")
    pin = add_pin(team.board, TAKEN, link=SALE)

    assert places(account, Likeness.of(pin), without=[pin.pk]) == ["Tue 02 Mar 09:00"]


def test_the_queue_fills_no_hour_and_no_day_beyond_the_warnings(account, team):
    account.least_gap_minutes = 0
    account.spacing_hour_warning, account.spacing_day_warning = 2, 3
    add_times(account, "18:00", "18:20", "18:40", "20:00", "20:30", weekdays=[TUESDAY])

    assert places(account, Likeness(), 4) == [
        "Tue 02 Mar 18:00",
        "Tue 02 Mar 18:20",
        "Tue 02 Mar 20:00",
        "Tue 09 Mar 18:00",
    ]


def test_pins_that_are_placed_together_stay_clear_of_each_other(account, team):
    add_times(account, "09:00")
    sale, other = Likeness(link_key=SALE), Likeness(link_key="https://example.com/other")
    free = FreePlaces(account, now=NOW, likenesses=[sale, other])

    given = [free.take(likeness) for likeness in (sale, sale, other, other, sale)]

    assert local(account, given) == [
        "Tue 02 Mar 09:00",
        "Thu 04 Mar 09:00",
        "Wed 03 Mar 09:00",
        "Fri 05 Mar 09:00",
        "Sat 06 Mar 09:00",
    ]


def test_placing_a_pin_obeys_and_moving_pins_to_places_does(account, team):
    add_times(account, "09:00")
    add_pin(team.board, TAKEN, link=SALE)
    draft = add_pin(team.board, None, link=SALE, status=PinStatus.DRAFT)
    off = add_pin(team.board, NOW + timedelta(hours=1), link=SALE, is_queued=True)

    assert queue.place(draft, by=team.alice, now=NOW)
    moves = moves_to_places(account, NOW)

    assert local(account, [Pin.objects.get(pk=draft.pk).publish_at]) == ["Thu 04 Mar 09:00"]
    assert [(move.pin, *local(account, [move.to])) for move in moves] == [(off, "Sat 06 Mar 09:00")]


def test_a_full_queue_says_that_pins_that_are_alike_may_be_why(account, team):
    add_times(account, "09:00")
    account.spacing_link_days = 365
    account.save()
    add_pin(team.board, TAKEN, link=SALE)
    draft = add_pin(team.board, None, link=SALE, status=PinStatus.DRAFT)

    with pytest.raises(queue.QueueFull, match="or too close to pins with the same image or link"):
        queue.place(draft, by=team.alice, now=NOW)


def test_the_next_good_time_is_a_free_publishing_time_after_that_of_the_pin(account, team):
    add_times(account, "09:00", "18:30")
    add_pin(team.board, TAKEN, link=SALE)

    advice = advice_on(Planned(account=account, board=team.board, at=TAKEN, link_key=SALE), NOW)

    assert advice.codes == ["same_link"]
    assert (advice.good_time.is_place, *local(account, [advice.good_time.at])) == (True, "Thu 04 Mar 09:00")


def test_without_publishing_times_it_is_the_same_time_of_another_day(account, team):
    add_pin(team.board, TAKEN, link=SALE)

    advice = advice_on(Planned(account=account, board=team.board, at=TAKEN, link_key=SALE), NOW)

    assert (advice.good_time.is_place, *local(account, [advice.good_time.at])) == (False, "Thu 04 Mar 18:30")


def test_what_another_time_does_not_mend_has_no_good_time(account, team, image):
    add_times(account, "09:00")
    add_pin(team.board, TAKEN, media=image)

    planned = Planned(account=account, board=team.board, at=TAKEN + timedelta(days=30), picture_key=image.sha256)

    assert (advice_on(planned, NOW).codes, advice_on(planned, NOW).good_time) == (["same_picture_on_board"], None)


def test_a_published_pin_gets_no_advice(account, team):
    add_pin(team.board, TAKEN, link=SALE)
    pin = add_pin(team.board, TAKEN, link=SALE, status=PinStatus.PUBLISHED)

    assert advice_on_pin(Pin.objects.with_content().get(pk=pin.pk), NOW).findings == []


def test_the_number_of_queries_does_not_depend_on_what_is_planned(account, team, image, django_assert_num_queries):
    add_times(account, "09:00")
    for days in range(10):
        add_pin(BoardFactory(account=account), TAKEN + timedelta(days=days), link=SALE, media=image)
    planned = Planned(account=account, board=team.board, at=TAKEN, link_key=SALE, picture_key=image.sha256)

    with django_assert_num_queries(5):
        assert advice_on(planned, NOW).good_time is not None
