"""Pins that may have gone out in a life of the database that this one knows nothing of: a restored backup."""

from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccountStatus, PinterestAccount
from pins.models import Heartbeat, Pin, PinEventKind, PinStatus
from pins.publishing import next_pins
from pins.scheduling import services as scheduling
from tests.factories import BoardFactory
from tests.pins.worker_helpers import POLL, advance, events, run_until_idle

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def late(shop, **fields):
    return shop.pin(publish_at=timezone.now() - timedelta(hours=1), **fields)


def test_of_many_late_pins_those_on_the_boards_are_adopted_and_the_others_sent(shop, put_on_board, clock):
    pins = [late(shop, title=f"Chair {number}") for number in range(40)]
    there = {pin.pk: put_on_board(pin) for pin in pins[::2]}
    clock()

    run_until_idle()

    published = {pin.pk: pin.pinterest_pin_id for pin in Pin.objects.published()}
    assert len(published) == 40
    assert {pk: published[pk] for pk in there} == there
    assert len(shop.sandbox.requests("pins/create")) == 20
    assert len(shop.sandbox.requests("boards/list_pins")) == 2  # as of then, and for what was published early
    assert len(shop.live()) == 40


def test_a_pin_is_looked_for_as_of_the_moment_it_was_due(shop, put_on_board, clock):
    pin, other = late(shop), late(shop)
    twin_id = put_on_board(pin)
    put_on_board(other, seconds=-60)
    clock()

    assert advance(pin).pinterest_pin_id == twin_id
    assert events(pin) == [PinEventKind.VERIFYING, PinEventKind.PUBLISHED]
    run_until_idle()
    other.refresh_from_db()
    assert (other.status, other.sent_at, other.overdue_since) == (PinStatus.PUBLISHED, None, None)
    assert events(other) == [
        PinEventKind.VERIFYING,
        PinEventKind.WAITING,
        PinEventKind.SENDING,
        PinEventKind.PUBLISHED,
    ]


def test_a_worker_that_is_faster_than_the_clock_looks_as_well(shop, put_on_board):
    """A message of the copied queue may come first. And without any clock it does not look for ever."""
    pin, other = late(shop), late(shop)
    twin_id = put_on_board(pin)

    assert advance(pin).pinterest_pin_id == twin_id
    other.refresh_from_db()
    assert advance(other).status == PinStatus.PUBLISHED
    assert len(shop.sandbox.requests("boards/list_pins")) == 2  # as of then, and for what was published early


def test_what_falls_due_while_the_clock_beats_costs_no_look(shop, clock):
    clock(-1)
    clock()

    assert advance(shop.pin()).status == PinStatus.PUBLISHED
    assert shop.sandbox.requests("boards/list_pins") == []


def test_a_backup_of_a_minute_ago_publishes_nothing_twice(shop, clock):
    """Whatever the rows were at when it was made: waiting, claimed, being sent, or waiting for another try."""
    clock(-20)
    due_at = timezone.now() - timedelta(seconds=5)
    pins = [shop.pin(publish_at=due_at, title=f"Chair {number}") for number in range(4)]
    Pin.objects.filter(pk=pins[1].pk).update(
        claim_token="8f14e45f-ceea-4f7e-9b5c-0d2f3c4b5a69", claimed_until=due_at + timedelta(seconds=60)
    )
    Pin.objects.filter(pk=pins[2].pk).update(status=PinStatus.CREATING, sent_at=due_at)
    Pin.objects.filter(pk=pins[3].pk).update(attempts=1, error_code="pinterest_failed")
    backup = list(Pin.objects.values())
    beat_at = due_at
    clock(-5)
    Pin.objects.filter(pk__in=[pins[1].pk, pins[2].pk]).update(
        status=PinStatus.SCHEDULED, claim_token=None, claimed_until=None, sent_at=None
    )
    run_until_idle()
    assert len(shop.live()) == 4

    for row in backup:  # it is copied back
        Pin.objects.filter(pk=row.pop("id")).update(**row)
    with time_machine.travel(timezone.now() + timedelta(seconds=70), tick=True):
        assert timezone.now() - beat_at > timedelta(seconds=60)
        clock()
        run_until_idle()
    settle()

    assert len(shop.live()) == 4
    assert {pin.pinterest_pin_id for pin in Pin.objects.published()} == {live["id"] for live in shop.live()}


def settle():
    for pin in Pin.objects.filter(status=PinStatus.VERIFYING):
        while pin.status == PinStatus.VERIFYING:
            advance(pin, after=pin.next_attempt_at + timedelta(seconds=1) - timezone.now())


@pytest.mark.parametrize("is_ready", [True, False])
def test_a_video_that_was_being_processed_is_looked_for_and_not_uploaded_again(quick, put_on_board, clock, is_ready):
    Heartbeat.objects.all().delete()
    clock()
    there, missing = quick.video_pin(title="There"), quick.video_pin(title="Missing")
    for pin in (there, missing):
        advance(pin)
        assert pin.status == PinStatus.PROCESSING
    if is_ready:
        Pin.objects.update(media_ready_at=timezone.now())
    twin_id = put_on_board(there, media_type="video")

    with time_machine.travel(timezone.now() + 2 * POLL, tick=True):
        clock()
        run_until_idle()

    there.refresh_from_db()
    missing.refresh_from_db()
    assert (there.status, there.pinterest_pin_id) == (PinStatus.PUBLISHED, twin_id)
    assert missing.status == PinStatus.PUBLISHED
    assert len(quick.sandbox.requests("upload")) == 2
    assert len(quick.sandbox.requests("pins/create")) == 1


def test_a_video_whose_worker_died_while_it_was_uploaded_is_looked_for(quick, put_on_board, clock):
    pin = quick.video_pin(publish_at=timezone.now() - timedelta(hours=1), status=PinStatus.UPLOADING)
    twin_id = put_on_board(pin, media_type="video")
    clock()

    assert advance(pin).status == PinStatus.VERIFYING
    assert pin.attempts == 1
    assert advance(pin, after=timedelta(seconds=70)).pinterest_pin_id == twin_id
    assert quick.sandbox.requests("upload") == []


def test_a_file_that_kills_its_workers_for_hours_fails(quick, clock):
    pin = quick.video_pin(publish_at=timezone.now() - timedelta(hours=1), status=PinStatus.UPLOADING, attempts=5)
    clock()

    assert (advance(pin).status, pin.error_code) == (PinStatus.FAILED, "upload_broken")


@pytest.mark.parametrize(
    "away",
    [
        {"status": AccountStatus.NEEDS_RECONNECT},
        {"posting_paused_until": timezone.now() + timedelta(days=1)},
    ],
)
def test_what_an_account_has_held_for_long_is_looked_for_before_it_goes(shop, put_on_board, clock, away):
    Heartbeat.objects.all().delete()
    clock()
    pin = shop.pin(publish_at=timezone.now() - timedelta(minutes=20))
    PinterestAccount.objects.filter(pk=shop.account.pk).update(**away)
    run_until_idle()
    assert shop.sandbox.requests() == []

    twin_id = put_on_board(pin)
    PinterestAccount.objects.filter(pk=shop.account.pk).update(status=AccountStatus.ACTIVE, posting_paused_until=None)
    clock()
    run_until_idle()

    pin.refresh_from_db()
    assert pin.pinterest_pin_id == twin_id


def test_a_board_that_cannot_be_read_is_asked_once_a_turn(shop, clock):
    pins = [late(shop) for _ in range(5)]
    shop.sandbox.fault("boards/list_pins", "rate_limited", seconds=600, times=None)
    clock()

    advance(pins[0])

    assert len(shop.sandbox.requests("boards/list_pins")) == 1
    assert {pin.status for pin in Pin.objects.all()} == {PinStatus.VERIFYING}
    shop.sandbox.clear_faults()
    with time_machine.travel(timezone.now() + timedelta(seconds=601), tick=True):
        run_until_idle()
    assert Pin.objects.published().count() == len(shop.live()) == 5


def test_a_reconnection_that_takes_hours_fails_no_late_pin_at_once(shop, clock):
    pin = shop.pin(publish_at=timezone.now() - timedelta(hours=3))
    clock()
    shop.sandbox.fault("boards/list_pins", "server_error")

    assert advance(pin).status == PinStatus.VERIFYING
    assert advance(pin, after=timedelta(seconds=20)).status == PinStatus.SCHEDULED
    assert advance(pin, after=timedelta(seconds=21)).status == PinStatus.PUBLISHED


@pytest.mark.parametrize("hours", [2, 30])
def test_a_person_who_sends_out_a_late_pin_looks_first_too(shop, put_on_board, alice, clock, hours):
    pin = shop.pin(publish_at=timezone.now() - timedelta(hours=hours))
    twin_id = put_on_board(pin)
    clock()
    send = scheduling.release_late if hours > 24 else scheduling.publish_now

    assert send(pin, by=shop.team.alice, now=timezone.now())

    pin.refresh_from_db()
    assert pin.status == PinStatus.VERIFYING
    page = alice.get(reverse("pins:pin_detail", args=[pin.pk])).content.decode()
    assert "This pin is late. We&#x27;re checking the board first" in page or "This pin is late. We're" in page
    assert advance(pin, after=timedelta(seconds=1)).pinterest_pin_id == twin_id


def test_a_late_pin_whose_board_is_gone_is_in_doubt_until_the_board_comes_back(shop, put_on_board, clock):
    pin = late(shop)
    twin_id = put_on_board(pin)
    clock()
    shop.sandbox.fault("boards/list_pins", "board_not_found")

    assert (advance(pin).status, pin.error_code, pin.is_editable) == (PinStatus.FAILED, "board_not_found", False)
    assert scheduling.retry(pin, by=shop.team.alice, now=timezone.now() + timedelta(hours=1))
    assert advance(pin, after=timedelta(hours=1, seconds=1)).pinterest_pin_id == twin_id


def test_many_accounts_that_are_held_do_not_hide_a_late_pin(shop, clock):
    away = BoardFactory(account__status=AccountStatus.NEEDS_RECONNECT)
    held = partial(shop.pin, board=away, publish_at=timezone.now() - timedelta(hours=2))
    for _ in range(2 * next_pins.FIRST_LOOK):
        held()
    pin = late(shop)
    clock()

    assert next_pins.next_to_ask_about(timezone.now()) == [pin.pk]
    assert next_pins.next_to_post(timezone.now()) == []
