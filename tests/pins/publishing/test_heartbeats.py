"""The clock's signs of life, and the silences between them."""

from datetime import timedelta

import pytest

from pins.models import CLOCK, Heartbeat, Pin
from pins.publishing import heartbeats
from tests.factories import PinFactory

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


def beats(now, *seconds):
    for each in seconds:
        heartbeats.beat(CLOCK, now + each * SECOND)
    return Heartbeat.objects.get(pk=CLOCK)


def test_the_first_beat_of_all_ends_no_silence(now):
    PinFactory(publish_at=now - 60 * SECOND)

    assert beats(now, 0).resumed_at is None
    assert Pin.objects.due(now).to_post(now).exists()
    assert not Pin.objects.overdue(now).exists()


def test_without_any_clock_nothing_can_have_been_missed(now):
    PinFactory(publish_at=now - 60 * SECOND)

    assert not Pin.objects.overdue(now).exists()


def test_a_clock_that_beats_is_never_silent(now):
    clock = beats(now, *range(0, 60, 9))

    assert (clock.beat_at, clock.resumed_at) == (now + 54 * SECOND, None)


def test_a_silence_is_noted_where_it_ends(now):
    assert beats(now, 0, 1, 12, 13).resumed_at == now + 12 * SECOND


@pytest.mark.parametrize(("due", "is_overdue"), [(-5, True), (5, True), (11.9, True), (12, False), (13, False)])
def test_what_was_due_before_the_end_of_a_silence_is_overdue(now, due, is_overdue):
    """Also what was due before it began, and had not gone out: it may have, after this copy was made."""
    beats(now, 0, 12, 13)
    PinFactory(publish_at=now + due * SECOND)
    later = now + 14 * SECOND

    assert Pin.objects.due(later).overdue(later).exists() is is_overdue
    assert Pin.objects.due(later).to_post(later).exists() is not is_overdue


def test_before_the_clock_is_heard_again_everything_due_is_overdue(now):
    beats(now, 0)
    PinFactory(publish_at=now + 11 * SECOND)
    later = now + 11.5 * SECOND

    assert Pin.objects.overdue(later).exists()
    assert not Pin.objects.due(later).to_post(later).exists()


def test_several_clocks_that_differ_end_no_silence(now):
    assert beats(now, 20, 0, 21, 1, 22, 2, 23).resumed_at is None


def test_a_clock_that_is_put_back_is_a_silence_and_does_not_hold_pins_up(now):
    clock = beats(now, 0, 3600, 2, 3)

    assert (clock.beat_at, clock.resumed_at) == (now + 3 * SECOND, now + 2 * SECOND)


@pytest.mark.parametrize(("minutes", "is_overdue"), [(14, False), (16, True)])
def test_a_pin_that_is_very_late_is_overdue_although_the_clock_beat_all_the_time(now, minutes, is_overdue):
    beats(now, -9, 0)
    PinFactory(publish_at=now - timedelta(minutes=minutes))

    assert Pin.objects.overdue(now).exists() is is_overdue
