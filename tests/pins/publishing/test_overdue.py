"""Pins that may have gone out in a life of the database that this one knows nothing of: a restored backup."""

from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccountStatus, PinterestAccount
from pins.models import CLOCK, Heartbeat, Pin, PinEventKind, PinStatus, Silence
from pins.publishing import due, heartbeats, worker
from pins.scheduling import services as scheduling
from tests.factories import BoardFactory
from tests.pins.worker_helpers import POLL, advance, events

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    """`clock(seconds)` beats so long from now; the clock was heard an hour and a half ago."""

    def beat(seconds=0.0):
        heartbeats.beat(CLOCK, timezone.now() + timedelta(seconds=seconds))

    beat(-5400)
    return beat


@pytest.fixture
def made(shop):
    """What is on the board already, and was made so many seconds after the pin was due."""

    def make(pin, seconds=1.0, **kind):
        words = {"title": pin.title, "description": pin.description, "link": pin.link}
        created_at = pin.publish_at.timestamp() + seconds
        board_id = pin.board.pinterest_id
        return shop.sandbox.create_pin(board_id, created_at=created_at, **words, **kind)["id"]

    return make


def late(shop, **fields):
    return shop.pin(publish_at=timezone.now() - timedelta(hours=1), **fields)


def work():
    """What workers do until nothing is due."""
    for _ in range(1000):
        now = timezone.now()
        pin_ids = [*due.next_to_ask_about(now), *due.next_to_post(now)]
        if not pin_ids:
            return
        worker.advance(pin_ids[0])


def test_of_many_late_pins_those_on_the_boards_are_adopted_and_the_others_sent(shop, made, clock):
    pins = [late(shop, title=f"Chair {number}") for number in range(40)]
    there = {pin.pk: made(pin) for pin in pins[::2]}
    clock()

    work()

    published = {pin.pk: pin.pinterest_pin_id for pin in Pin.objects.published()}
    assert len(published) == 40
    assert {pk: published[pk] for pk in there} == there
    assert len(shop.sandbox.requests("pins/create")) == 20
    assert len(shop.sandbox.requests("boards/list_pins")) == 2  # as of then, and for what was published early
    assert len(shop.live()) == 40


def test_a_pin_is_looked_for_as_of_the_moment_it_was_due(shop, made, clock):
    pin, other = late(shop), late(shop)
    its = made(pin)
    made(other, seconds=-60)
    clock()

    assert advance(pin).pinterest_pin_id == its
    assert events(pin) == [PinEventKind.VERIFYING, PinEventKind.PUBLISHED]
    work()
    other.refresh_from_db()
    assert (other.status, other.sent_at, other.overdue_since) == (PinStatus.PUBLISHED, None, None)
    assert events(other) == [
        PinEventKind.VERIFYING,
        PinEventKind.WAITING,
        PinEventKind.SENDING,
        PinEventKind.PUBLISHED,
    ]


def test_a_worker_that_is_faster_than_the_clock_looks_as_well(shop, made):
    """A message of the copied queue may come first. And without any clock it does not look for ever."""
    pin, other = late(shop), late(shop)
    its = made(pin)

    assert advance(pin).pinterest_pin_id == its
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
    work()
    assert len(shop.live()) == 4

    for row in backup:  # it is copied back
        Pin.objects.filter(pk=row.pop("id")).update(**row)
    with time_machine.travel(timezone.now() + timedelta(seconds=70), tick=True):
        assert timezone.now() - beat_at > timedelta(seconds=60)
        clock()
        work()
    settle()

    assert len(shop.live()) == 4
    assert {pin.pinterest_pin_id for pin in Pin.objects.published()} == {live["id"] for live in shop.live()}


def settle():
    for pin in Pin.objects.filter(status=PinStatus.VERIFYING):
        while pin.status == PinStatus.VERIFYING:
            advance(pin, after=pin.next_attempt_at + timedelta(seconds=1) - timezone.now())


@pytest.mark.parametrize("is_ready", [True, False])
def test_a_video_that_was_being_processed_is_looked_for_and_not_uploaded_again(quick, made, clock, is_ready):
    Heartbeat.objects.all().delete()
    clock()
    there, missing = quick.video_pin(title="There"), quick.video_pin(title="Missing")
    for pin in (there, missing):
        advance(pin)
        assert pin.status == PinStatus.PROCESSING
    if is_ready:
        Pin.objects.update(media_ready_at=timezone.now())
    its = made(there, media_type="video")

    with time_machine.travel(timezone.now() + 2 * POLL, tick=True):
        clock()
        work()

    there.refresh_from_db()
    missing.refresh_from_db()
    assert (there.status, there.pinterest_pin_id) == (PinStatus.PUBLISHED, its)
    assert missing.status == PinStatus.PUBLISHED
    assert len(quick.sandbox.requests("upload")) == 2
    assert len(quick.sandbox.requests("pins/create")) == 1


def test_a_video_whose_worker_died_while_it_was_uploaded_is_looked_for(quick, made, clock):
    pin = quick.video_pin(publish_at=timezone.now() - timedelta(hours=1), status=PinStatus.UPLOADING)
    its = made(pin, media_type="video")
    clock()

    assert advance(pin).status == PinStatus.VERIFYING
    assert pin.attempts == 1
    assert advance(pin, after=timedelta(seconds=70)).pinterest_pin_id == its
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
def test_what_an_account_has_held_for_long_is_looked_for_before_it_goes(shop, made, clock, away):
    Heartbeat.objects.all().delete()
    clock()
    pin = shop.pin(publish_at=timezone.now() - timedelta(minutes=20))
    PinterestAccount.objects.filter(pk=shop.account.pk).update(**away)
    work()
    assert shop.sandbox.requests() == []

    its = made(pin)
    PinterestAccount.objects.filter(pk=shop.account.pk).update(status=AccountStatus.ACTIVE, posting_paused_until=None)
    clock()
    work()

    pin.refresh_from_db()
    assert pin.pinterest_pin_id == its


def test_a_board_that_cannot_be_read_is_asked_once_a_turn(shop, clock):
    pins = [late(shop) for _ in range(5)]
    shop.sandbox.fault("boards/list_pins", "rate_limited", seconds=600, times=None)
    clock()

    advance(pins[0])

    assert len(shop.sandbox.requests("boards/list_pins")) == 1
    assert {pin.status for pin in Pin.objects.all()} == {PinStatus.VERIFYING}
    shop.sandbox.clear_faults()
    with time_machine.travel(timezone.now() + timedelta(seconds=601), tick=True):
        work()
    assert Pin.objects.published().count() == len(shop.live()) == 5


def test_a_reconnection_that_takes_hours_fails_no_late_pin_at_once(shop, clock):
    pin = shop.pin(publish_at=timezone.now() - timedelta(hours=3))
    clock()
    shop.sandbox.fault("boards/list_pins", "server_error")

    assert advance(pin).status == PinStatus.VERIFYING
    assert advance(pin, after=timedelta(seconds=20)).status == PinStatus.SCHEDULED
    assert advance(pin, after=timedelta(seconds=21)).status == PinStatus.PUBLISHED


@pytest.mark.parametrize("hours", [2, 30])
def test_a_person_who_sends_out_a_late_pin_looks_first_too(shop, made, alice, clock, hours):
    pin = shop.pin(publish_at=timezone.now() - timedelta(hours=hours))
    its = made(pin)
    clock()
    send = scheduling.release_late if hours > 24 else scheduling.publish_now

    assert send(pin, by=shop.team.alice, now=timezone.now())

    pin.refresh_from_db()
    assert pin.status == PinStatus.VERIFYING
    page = alice.get(reverse("pins:pin_detail", args=[pin.pk])).content.decode()
    assert "This pin is late. We&#x27;re checking the board first" in page or "This pin is late. We're" in page
    assert advance(pin, after=timedelta(seconds=1)).pinterest_pin_id == its


def test_a_late_pin_whose_board_is_gone_is_in_doubt_until_the_board_comes_back(shop, made, clock):
    pin = late(shop)
    its = made(pin)
    clock()
    shop.sandbox.fault("boards/list_pins", "board_not_found")

    assert (advance(pin).status, pin.error_code, pin.is_editable) == (PinStatus.FAILED, "board_not_found", False)
    assert scheduling.retry(pin, by=shop.team.alice, now=timezone.now() + timedelta(hours=1))
    assert advance(pin, after=timedelta(hours=1, seconds=1)).pinterest_pin_id == its


def test_many_accounts_that_are_held_do_not_hide_a_late_pin(shop, clock):
    away = BoardFactory(account__status=AccountStatus.NEEDS_RECONNECT)
    held = partial(shop.pin, board=away, publish_at=timezone.now() - timedelta(hours=2))
    for _ in range(2 * due.FIRST_LOOK):
        held()
    pin = late(shop)
    clock()

    assert due.next_to_ask_about(timezone.now()) == [pin.pk]
    assert due.next_to_post(timezone.now()) == []


def test_a_pin_that_failed_before_the_database_was_set_back_and_was_tried_again_since_is_adopted(shop, made, clock):
    with time_machine.travel(timezone.now() - timedelta(hours=2)):
        pin = shop.pin(status=PinStatus.FAILED, next_attempt_at=None)
    its = made(pin, seconds=3600)
    clock()

    assert scheduling.retry(pin, by=shop.team.alice, now=timezone.now(), confirmed=["publish_at_past"])
    pin = advance(pin)

    assert (pin.status, pin.pinterest_pin_id, pin.sent_at) == (PinStatus.PUBLISHED, its, None)
    assert pin.events.last().text == "The board had it already."
    assert not shop.sandbox.requests("pins/create")


def test_a_pin_that_was_published_ahead_of_time_before_the_database_was_set_back_is_adopted(shop, made, clock):
    with time_machine.travel(timezone.now() - timedelta(hours=2)):
        pin = shop.pin(publish_at=timezone.now() + timedelta(hours=3))
    its = made(pin, seconds=-7200)
    clock()

    with time_machine.travel(pin.publish_at):
        clock()
        Pin.objects.filter(pk=pin.pk).update(next_attempt_at=timezone.now())
        pin = advance(pin)

    assert (pin.status, pin.pinterest_pin_id) == (PinStatus.PUBLISHED, its)
    assert not shop.sandbox.requests("pins/create")


def test_a_pin_made_by_hand_outside_of_the_clocks_silence_is_not_adopted(shop, made, clock):
    with time_machine.travel(timezone.now() - timedelta(hours=2)):
        pin = shop.pin(status=PinStatus.FAILED, next_attempt_at=None)
    foreign = {made(pin, seconds=600), made(pin, seconds=7200 + 120)}
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

    work()

    assert Pin.objects.published().count() == len(old) + len(new)
    assert len(shop.sandbox.requests("boards/list_pins")) == 1


def old(shop, **fields):
    """A pin from before the silence of the clock."""
    with time_machine.travel(timezone.now() - timedelta(hours=2)):
        return shop.pin(**fields)


def test_a_pin_that_was_published_early_and_is_overdue_since_is_adopted(shop, made, clock):
    pin = old(shop, publish_at=timezone.now() - timedelta(minutes=30))
    its = made(pin, seconds=-1800)
    clock()

    work()

    assert Pin.objects.get(pk=pin.pk).pinterest_pin_id == its
    assert not shop.sandbox.requests("pins/create")


def test_a_pin_that_is_tried_again_before_the_clocks_first_beat_is_adopted(shop, made):
    pin = old(shop, status=PinStatus.FAILED, next_attempt_at=None)
    its = made(pin, seconds=3600)

    scheduling.retry(pin, by=shop.team.alice, now=timezone.now(), confirmed=["publish_at_past"])
    work()

    assert Pin.objects.get(pk=pin.pk).pinterest_pin_id == its
    assert not shop.sandbox.requests("pins/create")


@pytest.mark.parametrize(
    ("fault", "code"),
    [("revoke_token", "reconnect_needed"), ("server_error", "pinterest_failed"), ("rate_limited", "rate_limited")],
)
def test_a_pin_whose_board_cannot_be_read_after_a_silence_waits_in_no_doubt(shop, made, clock, fault, code):
    pin = old(shop, publish_at=timezone.now() + timedelta(seconds=1))
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


def test_after_a_list_that_could_not_be_read_a_pin_made_by_hand_is_not_adopted_either(shop, made, clock):
    pin = old(shop, status=PinStatus.FAILED, next_attempt_at=None)
    foreign = made(pin, seconds=7200 + 90)
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
