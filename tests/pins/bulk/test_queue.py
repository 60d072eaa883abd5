"""Many pins get places of the queue: a batch at a time, and each with the reason of its own if it gets none."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from pins.bulk import actions
from pins.bulk import services as bulk
from pins.models import BulkItemStatus, Pin, PinStatus
from pins.queue.services import place_all
from tests.factories import MembershipFactory, PinFactory, PublishingTimeFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 1, 11, 0, tzinfo=UTC)
FIRST = datetime(2027, 3, 2, 8, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _still():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def times(team):
    """The account has a publishing time a day."""
    for weekday in range(7):
        PublishingTimeFactory(account=team.account, weekday=weekday, time="09:00")


@pytest.fixture
def enqueue(team):
    """Add pins to the queue in this order; returns the change."""

    def do(*pins, by=team.alice):
        change = bulk.start(team.workspace, "queue", keys=[pin.pk for pin in pins], query=None, by=by)
        change.options = {"order": "listed"}
        change.save()
        bulk.confirm(change, bulk.preview(change, by=by, now=NOW).digest, by=by, now=NOW)
        return change

    return do


def drafts(team, count, **fields):
    return [
        PinFactory(**{"board": team.board, "status": PinStatus.DRAFT, "publish_at": None} | fields)
        for _ in range(count)
    ]


def reasons(change):
    return list(change.items.order_by("position").values_list("status", "reason"))


def moments(pins):
    return [Pin.objects.get(pk=pin.pk).publish_at for pin in pins]


def test_a_hundred_pins_need_no_more_queries_than_two(team, enqueue):
    for hour in range(24):
        for weekday in range(7):
            PublishingTimeFactory(account=team.account, weekday=weekday, time=f"{hour:02}:00")

    def queries(count):
        pins = drafts(team, count)
        with CaptureQueriesContext(connection) as captured:
            enqueue(*pins)
        assert None not in moments(pins)
        return len(captured)

    queries(1)  # what is read once in a process

    assert queries(100) == queries(2)


def test_pins_get_places_in_the_order_that_they_were_chosen_in(team, times, enqueue):
    one, two, three = drafts(team, 3)

    change = enqueue(three, one, two)

    assert moments([three, one, two]) == [FIRST + timedelta(days=number) for number in range(3)]
    assert reasons(change) == [(BulkItemStatus.DONE, "")] * 3
    assert "Added to the queue" in one.events.get().text


def test_without_a_place_for_all_the_first_ones_get_one_and_the_others_say_why(team, enqueue):
    PublishingTimeFactory(account=team.account, weekday=1, time="09:00")
    pins = drafts(team, 28)

    change = enqueue(*pins)

    placed = [at for at in moments(pins) if at is not None]
    assert placed == sorted(placed)
    assert placed[0] == FIRST
    assert moments(pins)[len(placed) :] == [None] * (28 - len(placed))
    found = reasons(change)
    assert found[: len(placed)] == [(BulkItemStatus.DONE, "")] * len(placed)
    assert {status for status, _ in found[len(placed) :]} == {BulkItemStatus.REFUSED}
    assert all("publishing times" in reason for _, reason in found[len(placed) :])
    assert 0 < len(placed) < 28


def test_a_pin_that_is_changed_meanwhile_is_left_out_and_the_others_get_places(team, times, enqueue, monkeypatch):
    one, two = drafts(team, 2)

    def change_first(pins, **how):
        Pin.objects.filter(pk=one.pk).update(version=7)
        return place_all(pins, **how)

    monkeypatch.setattr(actions.queue, "place_all", change_first)

    change = enqueue(one, two)

    assert moments([one, two]) == [None, FIRST]
    assert reasons(change) == [(BulkItemStatus.REFUSED, actions.CHANGED), (BulkItemStatus.DONE, "")]


def test_a_pin_that_is_broken_meanwhile_says_so_and_one_that_is_deleted_too(team, times, enqueue, monkeypatch):
    broken, gone, whole = drafts(team, 3)
    read = bulk.attempt_all

    def meanwhile(carry_out_all, action, rows, job):
        rows[0].board = None
        return read(carry_out_all, action, rows, job)

    monkeypatch.setattr(bulk, "attempt_all", meanwhile)
    write = bulk._write_items

    def write_and_delete(change, found):
        write(change, found)
        Pin.objects.filter(pk=gone.pk).delete()

    monkeypatch.setattr(bulk, "_write_items", write_and_delete)

    change = enqueue(broken, gone, whole)

    assert moments([broken, whole]) == [None, FIRST]
    first, second, third = reasons(change)
    assert first[0] == BulkItemStatus.REFUSED
    assert "board" in first[1]
    assert second == (BulkItemStatus.REFUSED, bulk.GONE)
    assert third == (BulkItemStatus.DONE, "")


def test_the_pins_of_an_editor_are_proposed_for_their_places(team, times, enqueue):
    team.workspace.requires_approval = True
    team.workspace.save()
    editor = MembershipFactory(workspace=team.workspace, role=Role.EDITOR).user
    pins = drafts(team, 2)

    enqueue(*pins, by=editor)

    assert [Pin.objects.get(pk=pin.pk).status for pin in pins] == [PinStatus.PROPOSED] * 2
    assert moments(pins) == [FIRST, FIRST + timedelta(days=1)]
