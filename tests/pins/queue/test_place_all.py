"""Many pins get places in one transaction, each as a single one would."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, Notification, NotificationKind, Role
from pins.models import Pin, PinStatus
from pins.queue import services as queue
from pins.queue.places import FreePlaces
from pins.queue.services import QueueFull
from tests.factories import BoardFactory, MembershipFactory, PinFactory, PinterestAccountFactory
from tests.pins.queue.helpers import MONDAY, NOW, add_times

FIRST = datetime(2027, 3, 1, 17, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def account(account):
    add_times(account, "18:30")
    return account


def drafts(board, count, **fields):
    fields = {"status": PinStatus.DRAFT, "publish_at": None, **fields}
    keys = [PinFactory(board=board, attachments=0, **fields).pk for _ in range(count)]
    return [Pin.objects.with_content().get(pk=pk) for pk in keys]


def moments(pins):
    return [Pin.objects.get(pk=pin.pk).publish_at for pin in pins]


def test_pins_get_the_next_places_in_the_given_order(account, team):
    one, two, three = drafts(team.board, 3)

    placed = queue.place_all([two, three, one], by=team.alice, now=NOW, text="All of them.")

    assert placed == [two, three, one]
    assert moments([two, three, one]) == [FIRST, FIRST + DAY, FIRST + 2 * DAY]
    pin = Pin.objects.get(pk=one.pk)
    assert (pin.status, pin.next_attempt_at, pin.is_queued, pin.preflight_at) == (
        "scheduled",
        pin.publish_at,
        True,
        NOW,
    )
    assert pin.events.last().text == "All of them. Added to the queue: Wed 3 Mar 2027, 18:30."
    assert AuditEntry.objects.filter(target__startswith=f"pin {one.pk} ").last().detail == pin.events.last().text


def test_each_account_has_a_queue_of_its_own(account, team):
    other = PinterestAccountFactory(workspace=team.workspace)
    add_times(other, "18:30")
    pins = [*drafts(team.board, 2), *drafts(BoardFactory(account=other), 1)]

    queue.place_all(pins, by=team.alice, now=NOW)

    assert moments(pins) == [FIRST, FIRST + DAY, FIRST]


def test_pins_that_cannot_be_placed_anymore_are_left_out(account, team):
    edited, published = drafts(team.board, 1)[0], PinFactory(board=team.board, status="published")
    free = drafts(team.board, 1)[0]
    Pin.objects.filter(pk=edited.pk).update(version=2)

    assert queue.place_all([edited, published, free], by=team.alice, now=NOW) == [free]

    assert moments([edited, free]) == [None, FIRST]


def test_without_a_place_for_the_last_one_none_is_placed(account, team):
    account.publishing_times.exclude(weekday=MONDAY).delete()
    pins = drafts(team.board, 27)

    with pytest.raises(QueueFull):
        queue.place_all(pins, by=team.alice, now=NOW)

    assert moments(pins) == [None] * 27


def test_pins_of_a_person_who_needs_an_approval_are_proposed_for_their_places(account, team):
    team.workspace.requires_approval = True
    team.workspace.save()
    editor = MembershipFactory(workspace=team.workspace, role=Role.EDITOR).user
    pins = drafts(team.board, 2)

    queue.place_all(pins, by=editor, now=NOW)

    rows = Pin.objects.filter(pk__in=[pin.pk for pin in pins]).order_by("pk")
    assert [(pin.status, pin.publish_at, pin.is_queued) for pin in rows] == [
        (PinStatus.PROPOSED, FIRST, True),
        (PinStatus.PROPOSED, FIRST + DAY, True),
    ]
    scheduled = PinFactory(board=team.board, publish_at=FIRST + 9 * DAY)
    with pytest.raises(PermissionDenied):
        queue.place_all([*drafts(team.board, 1), scheduled], by=editor, now=NOW)


def test_proposed_pins_are_approved_by_their_places(account, team):
    editor = MembershipFactory(workspace=team.workspace, role=Role.EDITOR).user
    pins = drafts(team.board, 2, status=PinStatus.PROPOSED, proposed_by=editor)

    queue.place_all(pins, by=team.alice, now=NOW)

    assert {pin.events.last().kind for pin in pins} == {"approved"}
    told = Notification.objects.filter(user=editor, kind=NotificationKind.REVIEWED)
    assert told.count() == 2


def test_two_hundred_need_no_more_queries_than_two(account, team):
    def queries(count):
        pins = drafts(team.board, count)
        with CaptureQueriesContext(connection) as captured:
            queue.place_all(pins, by=team.alice, now=NOW)
        statements = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]
        assert len([pin for pin in Pin.objects.filter(pk__in=[pin.pk for pin in pins]) if pin.publish_at]) == count
        return len([sql for sql in statements if not sql.startswith("INSERT")]), len(statements)

    few, _ = queries(2)
    account.publishing_times.all().delete()
    add_times(account, *[f"{hour:02}:00" for hour in range(24)])
    many, with_inserts = queries(200)

    assert few == many
    assert with_inserts <= 10


def test_a_place_that_was_too_early_for_one_is_given_to_the_next(account):
    free = FreePlaces(account, now=NOW)

    taken = [free.take(since=FIRST + 3 * DAY), free.take(), free.take(since=FIRST + DAY), free.take(), free.take()]

    assert taken == [FIRST + 3 * DAY, FIRST, FIRST + DAY, FIRST + 2 * DAY, FIRST + 4 * DAY]


def test_a_moment_that_was_noted_takes_the_places_around_it(account):
    free = FreePlaces(account, now=NOW)

    free.note(FIRST + timedelta(minutes=29))

    assert free.take() == FIRST + DAY
