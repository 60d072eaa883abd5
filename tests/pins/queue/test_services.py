"""Pins get places: who may, what becomes of them, and how a paused queue holds them."""

import os
import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connections

from accounts.models import Role
from pins.composer import services as composer
from pins.models import Pin, PinStatus
from pins.publishing import dispatch, next_pins
from pins.queue import services as queue
from pins.queue.places import next_free_times
from pins.queue.services import QueueFull
from pins.rules.composition import Composition
from pins.scheduling import approval
from pins.scheduling import services as scheduling
from tests.factories import BoardFactory, MembershipFactory, PinFactory, PinterestAccountFactory
from tests.pins.queue.helpers import MONDAY, NOW, add_times, local

FIRST = datetime(2027, 3, 1, 17, 30, tzinfo=UTC)
SECOND = FIRST + timedelta(days=1)


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def account(account):
    add_times(account, "18:30")
    return account


@pytest.fixture
def draft(account, team):
    return PinFactory(board=team.board, status=PinStatus.DRAFT, publish_at=None)


@pytest.fixture
def editor(team):
    """A person whose pins need an approval."""
    team.workspace.requires_approval = True
    team.workspace.save()
    return MembershipFactory(workspace=team.workspace, role=Role.EDITOR).user


def read(pin):
    return Pin.objects.with_content().get(pk=pin.pk)


def test_a_draft_is_scheduled_for_the_next_free_place(draft, team):
    assert queue.place(draft, by=team.alice, now=NOW)

    pin = read(draft)
    assert (pin.status, pin.publish_at, pin.next_attempt_at) == (PinStatus.SCHEDULED, FIRST, FIRST)
    assert pin.is_queued
    assert pin.events.last().text == "Added to the queue: Mon 1 Mar 2027, 18:30."


def test_each_further_pin_gets_a_place_of_its_own(draft, team):
    second = PinFactory(board=team.board, status=PinStatus.DRAFT, publish_at=None)

    queue.place(draft, by=team.alice, now=NOW)
    queue.place(second, by=team.alice, now=NOW)

    assert [read(pin).publish_at for pin in (draft, second)] == [FIRST, SECOND]


def test_a_pin_whose_maker_needs_an_approval_is_proposed_for_its_place_and_keeps_it_when_it_is_approved(
    draft, team, editor
):
    assert queue.place(draft, by=editor, now=NOW)

    pin = read(draft)
    assert (pin.status, pin.publish_at, pin.is_queued) == (PinStatus.PROPOSED, FIRST, True)
    approval.approve(pin, version=pin.version, by=team.alice, now=NOW)
    approved = read(draft)
    assert (approved.status, approved.publish_at, approved.is_queued) == (PinStatus.SCHEDULED, FIRST, True)


def test_a_person_whose_pins_need_an_approval_moves_no_pin_that_is_on_its_way(account, team, editor):
    pin = PinFactory(board=team.board, publish_at=SECOND)

    with pytest.raises(PermissionDenied):
        queue.place(pin, by=editor, now=NOW)

    assert (read(pin).publish_at, read(pin).is_queued) == (SECOND, False)


@pytest.mark.parametrize("has_times", [True, False])
def test_without_a_free_place_the_draft_stays_as_it_is(draft, account, team, has_times):
    if has_times:
        account.publishing_times.exclude(weekday=MONDAY).delete()
        for taken in next_free_times(account, now=NOW, count=100):
            PinFactory(board=team.board, publish_at=taken, attachments=0)
    else:
        account.publishing_times.all().delete()

    with pytest.raises(QueueFull) as full:
        queue.place(draft, by=team.alice, now=NOW)

    assert full.value.code == "queue_full"
    why = "in the next 180 days are taken" if has_times else "has no publishing times yet"
    assert why in str(full.value)
    assert "Add publishing times, or pick a date and time yourself." in str(full.value)
    assert (read(draft).status, read(draft).publish_at, read(draft).is_queued) == (PinStatus.DRAFT, None, False)


def test_a_pin_that_somebody_has_edited_since_is_not_placed(draft, team):
    Pin.objects.filter(pk=draft.pk).update(version=2)

    assert not queue.place(draft, by=team.alice, now=NOW)

    assert read(draft).publish_at is None


@pytest.mark.parametrize("status", [PinStatus.CREATING, PinStatus.PUBLISHED])
def test_a_pin_that_pinterest_has_or_may_have_gets_no_place(account, team, status):
    pin = PinFactory(board=team.board, status=status, publish_at=NOW)

    assert not queue.place(pin, by=team.alice, now=NOW)

    assert read(pin).publish_at == NOW


def test_another_time_takes_the_pin_out_of_the_queue(draft, team):
    queue.place(draft, by=team.alice, now=NOW)

    scheduling.schedule(read(draft), SECOND, by=team.alice, now=NOW)

    assert not read(draft).is_queued


@pytest.mark.parametrize(("publish_at", "is_queued"), [(FIRST, True), (SECOND, False)])
def test_an_edit_leaves_the_pin_in_the_queue_as_long_as_its_time_stays(draft, team, publish_at, is_queued):
    queue.place(draft, by=team.alice, now=NOW)
    pin = read(draft)

    edit = composer.Submission(
        composition=Composition.of(pin), by=team.alice, now=NOW, publish_at=publish_at, goes_out_at=publish_at
    )
    composer.save(edit, pin, workspace=team.workspace, version=pin.version)

    assert (read(draft).publish_at, read(draft).is_queued) == (publish_at, is_queued)


def test_a_change_of_the_workspaces_zone_leaves_placed_pins_and_moves_places(draft, account, team):
    queue.place(draft, by=team.alice, now=NOW)
    account.workspace.time_zone = "America/New_York"
    account.workspace.save()
    second = PinFactory(board=team.board, status=PinStatus.DRAFT, publish_at=None)

    queue.place(second, by=team.alice, now=NOW)

    assert read(draft).publish_at == FIRST
    assert local(account, [read(second).publish_at]) == ["Mon 01 Mar 18:30"]


# Paused


@pytest.mark.parametrize("status", [PinStatus.SCHEDULED, PinStatus.PROCESSING])
def test_a_paused_queue_holds_its_pins_and_no_others(account, team, status):
    queued = PinFactory(board=team.board, status=status, publish_at=NOW, is_queued=True)
    other = PinFactory(board=team.board, status=status, publish_at=NOW)
    account.queue_paused_at = NOW
    account.save()

    assert list(Pin.objects.due(NOW)) == [other]
    assert scheduling.hold_reason(read(queued), NOW).startswith(f"The queue of {account} is paused.")
    assert scheduling.hold_reason(read(other), NOW) == ""


def test_pins_of_a_paused_queue_are_in_nobodys_way(account, team):
    for _ in range(next_pins.FIRST_LOOK + 2):
        PinFactory(board=team.board, publish_at=NOW - timedelta(minutes=5), is_queued=True, attachments=0)
    other = PinFactory(board=team.board, publish_at=NOW, attachments=0)
    elsewhere = PinFactory(
        board=BoardFactory(account=PinterestAccountFactory(workspace=team.workspace)), publish_at=NOW, attachments=0
    )
    account.queue_paused_at = NOW
    account.save()

    assert next_pins.next_to_post(NOW)[:2] == [other.pk, elsewhere.pk]
    assert not dispatch.has_stalled(NOW + timedelta(seconds=80))


def test_a_pin_in_doubt_is_looked_for_whatever_the_queue_does(account, team):
    pin = PinFactory(board=team.board, status=PinStatus.VERIFYING, publish_at=NOW, sent_at=NOW, looks=0, is_queued=True)
    account.queue_paused_at = NOW
    account.save()

    assert list(Pin.objects.due(NOW)) == [pin]


@pytest.mark.parametrize("send", ["publish_now", "retry"])
def test_what_a_person_sends_out_at_once_is_held_by_no_queue(account, team, send):
    account.queue_paused_at = NOW
    account.save()
    status = PinStatus.FAILED if send == "retry" else PinStatus.SCHEDULED
    pin = PinFactory(board=team.board, status=status, publish_at=NOW, is_queued=True)

    assert getattr(scheduling, send)(read(pin), by=team.alice, now=NOW + timedelta(minutes=1))

    assert list(Pin.objects.due(NOW + timedelta(minutes=1))) == [pin]


# At the same moment


def test_eight_at_once_give_each_pin_a_place_of_its_own(transactional_db, account, team):
    """Few by default; QUEUE_ADDS=1000 takes a while."""
    count, threads = int(os.environ.get("QUEUE_ADDS", "40")), 8
    times = [f"{hour:02}:{minute:02}" for hour in range(24) for minute in (0, 30)]
    account.publishing_times.all().delete()
    add_times(account, *times)
    pins = [PinFactory(board=team.board, status=PinStatus.DRAFT, publish_at=None, attachments=0) for _ in range(count)]
    start, outcomes = threading.Barrier(threads), []

    def add(mine):
        try:
            start.wait()
            outcomes.extend(queue.place(read(pin), by=team.alice, now=NOW) for pin in mine)
        finally:
            connections.close_all()

    adders = [threading.Thread(target=add, args=[pins[number::threads]]) for number in range(threads)]
    for each in adders:
        each.start()
    for each in adders:
        each.join()

    assert outcomes == [True] * count
    assert len({read(pin).publish_at for pin in pins}) == count
