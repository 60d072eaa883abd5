"""The next pin is claimed while Pinterest answers for the one at hand."""

import threading
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from accounts.models import Board, PinterestAccount
from pins.models import Pin, PinStatus, PostingSlot
from pins.publishing import ahead, claims, worker
from pins.publishing.claims import ClaimAhead, WorkerLease
from pins.publishing.next_pins import FIRST_LOOK
from pins.publishing.slots import LEASE, RENEW_EVERY, claim_slot
from pins.scheduling import services as scheduling
from postiz_pins.pinterest.client import PinterestClient
from postiz_pins.runtime import stopping
from tests.factories import BoardFactory, PinFactory, PinterestAccountFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def pins(shop, settings):
    """Two due pins, and one slot for both."""
    settings.PINTEREST_MAX_CONCURRENT_POSTS = 1
    return [shop.pin(publish_at=timezone.now() - timedelta(minutes=2 - number)) for number in range(2)]


@pytest.fixture
def meanwhile(monkeypatch):
    """`meanwhile(act)` does something after the next pin was claimed and read ahead, and before Pinterest answers."""
    real_create = PinterestClient.create_pin
    real_claim = ahead._claim_ahead

    def after_claiming(act):
        is_done = threading.Event()

        def claim(turn, now):
            real_claim(turn, now)
            if turn.ahead is not None:
                act(turn.ahead.pin_id)
            is_done.set()

        def create(client, request):
            assert is_done.wait(10)
            return real_create(client, request)

        monkeypatch.setattr(ahead, "_claim_ahead", claim)
        monkeypatch.setattr(PinterestClient, "create_pin", create)

    return after_claiming


def titles(shop):
    return {pin["title"] for pin in shop.live()}


def test_the_next_pin_is_claimed_before_pinterest_has_answered(shop, pins, meanwhile):
    claimed = []
    meanwhile(lambda pin_id: claimed.append((pin_id, Pin.objects.get(pk=pins[0].pk).status)))

    worker._post_due_pins(pins[0].pk, claim_slot(timezone.now()))

    assert claimed == [(pins[1].pk, PinStatus.CREATING)]
    assert titles(shop) == {pin.title for pin in pins}


def test_while_a_slot_is_free_nothing_is_claimed_ahead(shop, pins, settings):
    settings.PINTEREST_MAX_CONCURRENT_POSTS = 2
    turn = WorkerLease(claim_slot(timezone.now()))

    ahead.request_and_look_ahead(turn, lambda: None)

    assert turn.ahead is None


def test_the_last_pins_are_left_to_the_slot_that_is_done_first(shop, pins, settings):
    settings.PINTEREST_MAX_CONCURRENT_POSTS = settings.PINTEREST_MAX_CONCURRENT_POSTS_PER_ACCOUNT = 3
    turns = [WorkerLease(claim_slot(timezone.now())) for _ in range(3)]

    ahead.request_and_look_ahead(turns[0], lambda: None)
    assert turns[0].ahead is None, "two pins are due, and three slots are busy"

    shop.pin(publish_at=timezone.now())
    for turn in turns[:2]:
        ahead.request_and_look_ahead(turn, lambda: None)
    assert [turn.ahead is not None for turn in turns] == [True, False, False]


def test_pins_on_hold_that_are_due_first_keep_no_pin_from_being_claimed_ahead(shop, pins, settings):
    """Also when all that the first look shows is on hold."""
    for number in range(FIRST_LOOK + 4):
        held = BoardFactory(account=PinterestAccountFactory(publishing_paused_at=timezone.now()))
        PinFactory(board=held, publish_at=timezone.now() - timedelta(minutes=9, seconds=number))
        turn = WorkerLease(claim_slot(timezone.now()))

        ahead.request_and_look_ahead(turn, lambda: None)

        assert turn.ahead is not None, number
        ahead.give_up(turn)
        turn.slot.release()


def test_a_pin_that_is_cancelled_meanwhile_is_not_posted(shop, pins, meanwhile):
    meanwhile(lambda pin_id: scheduling.cancel(Pin.objects.get(pk=pin_id), by=shop.team.alice))

    worker.advance(pins[0].pk)

    assert titles(shop) == {pins[0].title}
    assert Pin.objects.get(pk=pins[1].pk).status == PinStatus.DRAFT


def test_what_is_edited_meanwhile_is_posted_as_it_is_then(shop, pins, meanwhile):
    def edit(pin_id):
        Pin.objects.filter(pk=pin_id).update(title="A better chair")

    meanwhile(edit)

    worker.advance(pins[0].pk)

    assert titles(shop) == {pins[0].title, "A better chair"}


def test_a_board_that_is_gone_meanwhile_fails_the_pin(shop, pins, meanwhile):
    meanwhile(lambda pin_id: Board.objects.update(missing_since=timezone.now()))

    worker.advance(pins[0].pk)

    assert titles(shop) == {pins[0].title}
    assert Pin.objects.get(pk=pins[1].pk).error_code == "board_missing"


def test_what_has_not_changed_is_not_read_again(shop, pins, monkeypatch):
    read = []
    real_read = ahead.read_claimed

    def note(rows, pin_id, token):
        read.append(pin_id)
        return real_read(rows, pin_id, token)

    monkeypatch.setattr(ahead, "read_claimed", note)

    worker.advance(pins[0].pk)

    assert read == [pins[1].pk]
    assert titles(shop) == {pin.title for pin in pins}


def test_a_pause_that_begins_meanwhile_holds_the_pin(shop, pins):
    shop.sandbox.fault("pins/create", "rate_limited", seconds=60)

    worker.advance(pins[0].pk)

    assert len(shop.sandbox.requests("pins/create")) == 1
    assert set(Pin.objects.values_list("status", "claim_token")) == {(PinStatus.SCHEDULED, None)}


@pytest.mark.parametrize("reason", ["stop", "crash"])
def test_the_claim_is_given_back_when_the_turn_ends(shop, pins, meanwhile, monkeypatch, reason):
    monkeypatch.setattr(stopping, "_is_requested", False)
    meanwhile(lambda pin_id: stopping.request() if reason == "stop" else None)
    if reason == "crash":

        def fail(*args):
            raise RuntimeError("a fault of ours")

        monkeypatch.setattr(worker, "publish", fail)
        with pytest.raises(RuntimeError, match="a fault of ours"):
            worker.advance(pins[0].pk)
    else:
        worker.advance(pins[0].pk)

    second = Pin.objects.get(pk=pins[1].pk)
    assert (second.status, second.claim_token, second.claimed_by) == (PinStatus.SCHEDULED, None, "")
    assert not PostingSlot.objects.in_use(timezone.now()).exists()


def test_an_account_that_no_slot_serves_is_claimed_ahead_of_an_older_pin(shop, pins, meanwhile):
    other = shop.pin(board=BoardFactory(account=PinterestAccountFactory(workspace=shop.team.workspace)))
    claimed = []
    meanwhile(claimed.append)

    worker.advance(pins[0].pk)

    assert claimed[0] == other.pk


def test_the_lease_of_what_is_claimed_ahead_is_renewed(shop, pins):
    slot, now = claim_slot(timezone.now()), timezone.now()
    token = claims.take(pins[1].pk, claims.PinQuerySet.to_post)
    turn = WorkerLease(slot, ahead=ClaimAhead(pins[1].pk, token))

    assert turn.renew(now + RENEW_EVERY)

    assert Pin.objects.get(pk=pins[1].pk).claimed_until == now + RENEW_EVERY + LEASE


def test_a_database_that_fails_meanwhile_costs_no_answer(shop, pins, monkeypatch):
    def fail(*args, **kwargs):
        raise OperationalError("the database is away")

    with monkeypatch.context() as patched:
        patched.setattr(ahead, "next_ahead", fail)
        worker.advance(pins[0].pk)

    assert titles(shop) == {pin.title for pin in pins}
    assert PinterestAccount.objects.get(pk=shop.account.pk).is_active
