"""Pins that were written before the clock fell silent, and may be on their board already: a restored backup."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from pins.models import Heartbeat, Pin, PinStatus, Silence
from pins.scheduling import services as scheduling
from tests.pins.worker_helpers import advance, run_until_idle

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def before_silence(shop, **fields):
    """A pin from before the silence of the clock."""
    with time_machine.travel(timezone.now() - timedelta(hours=2)):
        return shop.pin(**fields)


def test_a_pin_that_failed_before_the_database_was_set_back_and_is_tried_again_is_adopted(shop, put_on_board, clock):
    with time_machine.travel(timezone.now() - timedelta(hours=2)):
        pin = shop.pin(status=PinStatus.FAILED, next_attempt_at=None)
    twin_id = put_on_board(pin, seconds=3600)
    clock()

    assert scheduling.retry(pin, by=shop.team.alice, now=timezone.now(), confirmed=["publish_at_past"])
    pin = advance(pin)

    assert (pin.status, pin.pinterest_pin_id, pin.sent_at) == (PinStatus.PUBLISHED, twin_id, None)
    assert pin.events.last().text == "The board had it already."
    assert not shop.sandbox.requests("pins/create")


def test_a_pin_that_was_published_ahead_of_time_before_the_database_was_set_back_is_adopted(shop, put_on_board, clock):
    with time_machine.travel(timezone.now() - timedelta(hours=2)):
        pin = shop.pin(publish_at=timezone.now() + timedelta(hours=3))
    twin_id = put_on_board(pin, seconds=-7200)
    clock()

    with time_machine.travel(pin.publish_at):
        clock()
        Pin.objects.filter(pk=pin.pk).update(next_attempt_at=timezone.now())
        pin = advance(pin)

    assert (pin.status, pin.pinterest_pin_id) == (PinStatus.PUBLISHED, twin_id)
    assert not shop.sandbox.requests("pins/create")


def test_a_pin_made_by_hand_outside_of_the_clocks_silence_is_not_adopted(shop, put_on_board, clock):
    with time_machine.travel(timezone.now() - timedelta(hours=2)):
        pin = shop.pin(status=PinStatus.FAILED, next_attempt_at=None)
    foreign = {put_on_board(pin, seconds=600), put_on_board(pin, seconds=7200 + 120)}
    clock()

    scheduling.retry(pin, by=shop.team.alice, now=timezone.now(), confirmed=["publish_at_past"])
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        Heartbeat.objects.update(beat_at=timezone.now())  # it was heard all the time
        pin = advance(pin)

    assert pin.status == PinStatus.PUBLISHED
    assert pin.pinterest_pin_id not in foreign
    assert len(shop.live()) == 3


def test_a_board_is_read_once_for_all_pins_that_wait_since_before_a_silence_and_never_for_newer_ones(shop, clock):
    with time_machine.travel(timezone.now() - timedelta(hours=2)):
        old = [shop.pin(title=f"Chair {number}", status=PinStatus.FAILED, next_attempt_at=None) for number in range(5)]
    clock()
    for pin in old:
        scheduling.retry(pin, by=shop.team.alice, now=timezone.now(), confirmed=["publish_at_past"])
    new = [shop.pin(title=f"Table {number}") for number in range(5)]

    run_until_idle()

    assert Pin.objects.published().count() == len(old) + len(new)
    assert len(shop.sandbox.requests("boards/list_pins")) == 1


def test_a_pin_that_was_published_early_and_is_overdue_since_is_adopted(shop, put_on_board, clock):
    pin = before_silence(shop, publish_at=timezone.now() - timedelta(minutes=30))
    twin_id = put_on_board(pin, seconds=-1800)
    clock()

    run_until_idle()

    assert Pin.objects.get(pk=pin.pk).pinterest_pin_id == twin_id
    assert not shop.sandbox.requests("pins/create")


def test_a_pin_that_is_tried_again_before_the_clocks_first_beat_is_adopted(shop, put_on_board):
    pin = before_silence(shop, status=PinStatus.FAILED, next_attempt_at=None)
    twin_id = put_on_board(pin, seconds=3600)

    scheduling.retry(pin, by=shop.team.alice, now=timezone.now(), confirmed=["publish_at_past"])
    run_until_idle()

    assert Pin.objects.get(pk=pin.pk).pinterest_pin_id == twin_id
    assert not shop.sandbox.requests("pins/create")


@pytest.mark.parametrize(
    ("fault", "code"),
    [("revoke_token", "reconnect_needed"), ("server_error", "pinterest_failed"), ("rate_limited", "rate_limited")],
)
def test_a_pin_whose_board_cannot_be_read_after_a_silence_waits_in_no_doubt(shop, put_on_board, clock, fault, code):
    pin = before_silence(shop, publish_at=timezone.now() + timedelta(seconds=1))
    clock()
    if fault == "revoke_token":
        shop.sandbox.revoke(username="chairshop")
    else:
        shop.sandbox.fault("boards/list_pins", fault)

    with time_machine.travel(pin.publish_at, tick=False):
        Heartbeat.objects.update(beat_at=timezone.now())
        pin = advance(pin)

    assert (pin.status, pin.error_code) == (PinStatus.SCHEDULED, code)
    assert (pin.sent_at, pin.overdue_since) == (None, None)
    assert pin.is_editable
    assert not shop.sandbox.requests("pins/create")


def test_after_a_list_that_could_not_be_read_a_pin_made_by_hand_is_not_adopted_either(shop, put_on_board, clock):
    pin = before_silence(shop, status=PinStatus.FAILED, next_attempt_at=None)
    foreign = put_on_board(pin, seconds=7200 + 90)
    clock()
    shop.sandbox.fault("boards/list_pins", "server_error")
    scheduling.retry(pin, by=shop.team.alice, now=timezone.now(), confirmed=["publish_at_past"])
    with time_machine.travel(timezone.now() + timedelta(seconds=100)):
        Heartbeat.objects.update(beat_at=timezone.now())
        assert advance(pin).status == PinStatus.SCHEDULED

    shop.sandbox.clear_faults()
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        Heartbeat.objects.update(beat_at=timezone.now())
        pin = advance(pin)

    assert pin.status == PinStatus.PUBLISHED
    assert pin.pinterest_pin_id != foreign
    assert len(shop.live()) == 2


def test_silences_are_forgotten_once_no_backup_of_then_is_restored(clock):
    clock()
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        clock()

    assert Silence.objects.count() == 1
