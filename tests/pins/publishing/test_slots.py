"""Many workers at once: slots, leases, turns and claims."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pins.models import Pin, PinQuerySet, PinStatus, PostingSlot
from pins.publishing import outcomes, worker
from pins.publishing.claims import WorkerLease, claim_pin
from pins.publishing.next_pins import FIRST_LOOK, next_to_post
from pins.publishing.slots import LEASE, RENEW_EVERY, claim_slot, renewing
from tests.factories import BoardFactory, PinterestAccountFactory
from tests.pins.worker_helpers import advance

pytestmark = pytest.mark.django_db


def test_one_worker_takes_all_that_is_due_in_its_turn(shop):
    pins = [shop.pin() for _ in range(5)]

    worker.advance(pins[0].pk)

    assert Pin.objects.published().count() == 5
    assert not PostingSlot.objects.in_use(timezone.now()).exists()


def test_a_turn_ends_so_that_other_tasks_get_theirs(shop, monkeypatch):
    monkeypatch.setattr(worker, "WORKER_TURN", timedelta(0))
    pins = [shop.pin() for _ in range(2)]

    worker.advance(pins[0].pk)

    assert Pin.objects.published().count() == 1


def test_without_a_free_slot_nothing_is_posted(shop, settings):
    slots = [claim_slot(timezone.now()) for _ in range(settings.PINTEREST_MAX_CONCURRENT_POSTS)]
    pin = shop.pin()

    assert claim_slot(timezone.now()) is None
    assert advance(pin).status == PinStatus.SCHEDULED
    slots[0].release()
    assert advance(pin).status == PinStatus.PUBLISHED


def test_the_slot_of_a_crashed_worker_comes_back_after_its_lease(settings):
    settings.PINTEREST_MAX_CONCURRENT_POSTS = 1
    now = timezone.now()
    crashed = claim_slot(now)

    assert claim_slot(now + LEASE - timedelta(seconds=1)) is None
    assert claim_slot(now + LEASE + timedelta(seconds=1)) is not None
    assert not crashed.renew(now + LEASE)


def test_an_account_with_many_pins_does_not_starve_another(shop):
    many = [shop.pin(publish_at=timezone.now() - timedelta(minutes=10)) for _ in range(3)]
    other = shop.pin(board=BoardFactory(account=PinterestAccountFactory(workspace=shop.team.workspace)))
    now = timezone.now()
    assert next_to_post(now)[0] == many[0].pk

    slot = claim_slot(now)
    slot.serve(shop.account.pk, now)

    assert next_to_post(now)[0] == other.pk


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_at_once_only_one_gets_the_pin(shop):
    pin = shop.pin()
    barrier = threading.Barrier(5)
    claimed = []

    def work():
        try:
            barrier.wait()
            claimed.append(claim_pin(pin.pk, PinQuerySet.to_post))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(taken is not None for taken in claimed) == 1


def test_a_lost_slot_takes_no_pins_along(shop):
    pins = [shop.pin() for _ in range(3)]
    slot = claim_slot(timezone.now())
    slot.release()

    worker._post_due_pins(pins[0].pk, slot)

    assert Pin.objects.due(timezone.now()).count() == 3
    assert shop.live() == []


def test_a_further_pin_costs_a_worker_fourteen_statements_and_none_for_its_slot(shop):
    def statements(count):
        pins = [shop.pin() for _ in range(count)]
        with CaptureQueriesContext(connection) as queries:
            worker.advance(pins[0].pk)
        return [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]

    statements(1)  # makes the rows of the slots
    one, three = statements(1), statements(3)

    assert Pin.objects.published().count() == 5
    # Two to choose the next pin, two to claim it, the pin, its attachments, whether it may have been published unseen,
    # two changes of status with their events, whether a webhook listens, an entry of the audit log, and a look whether
    # a slot is free. Telling the person who made it would be two more.
    assert len(three) - len(one) == 2 * 14
    assert sum("UPDATE" in sql and "postingslot" in sql for sql in three) == 3  # taken, served, released


def test_a_slot_that_serves_the_same_account_is_renewed_in_time(shop):
    now = timezone.now()
    slot = claim_slot(now)
    slot.serve(shop.account.pk, now)

    assert slot.serve(shop.account.pk, now + RENEW_EVERY - timedelta(seconds=1))
    assert PostingSlot.objects.get(number=slot.number).held_until == now + LEASE

    assert slot.serve(shop.account.pk, now + RENEW_EVERY)
    assert PostingSlot.objects.get(number=slot.number).held_until == now + RENEW_EVERY + LEASE


def test_a_slot_says_at_once_that_it_serves_another_account(shop):
    other = PinterestAccountFactory(workspace=shop.team.workspace)
    now = timezone.now()
    slot = claim_slot(now)
    slot.serve(shop.account.pk, now)

    assert slot.serve(other.pk, now)
    assert PostingSlot.objects.get(number=slot.number).account == other


def test_a_worker_that_slept_over_its_lease_notices_that_the_slot_is_lost(shop, settings):
    settings.PINTEREST_MAX_CONCURRENT_POSTS = 1
    now = timezone.now()
    slot = claim_slot(now)
    slot.serve(shop.account.pk, now)
    later = now + LEASE + timedelta(seconds=1)
    claim_slot(later)

    assert not slot.serve(shop.account.pk, later)


def test_while_a_pin_is_posted_its_lease_and_that_of_the_slot_are_renewed(shop):
    now = timezone.now()
    slot = claim_slot(now)
    pin = claim_pin(shop.pin().pk, PinQuerySet.to_post).pin

    assert WorkerLease(slot, pin=pin).renew(now + RENEW_EVERY)

    pin.refresh_from_db()
    assert pin.claimed_until == now + RENEW_EVERY + LEASE
    assert PostingSlot.objects.get(number=slot.number).held_until == now + RENEW_EVERY + LEASE


def test_a_pin_that_was_just_given_back_is_not_claimed_again_by_renewing(shop):
    slot = claim_slot(timezone.now())
    pin = claim_pin(shop.pin().pk, PinQuerySet.to_post).pin
    outcomes.wait(pin, timezone.now(), "", "")

    assert WorkerLease(slot, pin=pin).renew(timezone.now())

    pin.refresh_from_db()
    assert (pin.claim_token, pin.claimed_until) == (None, None)


def test_renewing_ends_when_the_lease_is_lost(monkeypatch):
    monkeypatch.setattr("pins.publishing.slots.RENEW_EVERY", timedelta(milliseconds=1))
    was_called = threading.Event()
    threads = []

    def renew(now):
        threads.append(threading.current_thread())
        was_called.set()
        return False

    with renewing(renew):
        assert was_called.wait(10)
        threads[0].join(10)

        assert not threads[0].is_alive()
        assert len(threads) == 1


def test_of_pins_that_are_due_at_the_same_moment_a_video_comes_first(shop):
    now = timezone.now()
    shop.pin(publish_at=now)
    video = shop.video_pin(publish_at=now)
    older = shop.pin(publish_at=now - timedelta(minutes=1))

    assert next_to_post(now)[0] == older.pk
    older.delete()
    assert next_to_post(now)[0] == video.pk


def test_an_account_far_back_in_a_long_queue_comes_before_those_that_are_served(shop):
    now = timezone.now()
    for _ in range(FIRST_LOOK + 2):
        shop.pin(publish_at=now - timedelta(minutes=5), attachments=0)
    boards = [BoardFactory(account=PinterestAccountFactory(workspace=shop.team.workspace)) for _ in range(3)]
    paused, later, sooner = [
        shop.pin(board=board, publish_at=now - timedelta(minutes=minutes), attachments=0)
        for board, minutes in zip(boards, [4, 2, 3], strict=True)
    ]
    boards[0].account.posting_paused_until = now + timedelta(minutes=1)
    boards[0].account.save()
    slot = claim_slot(now)
    slot.serve(shop.account.pk, now)

    assert next_to_post(now)[:2] == [sooner.pk, later.pk]
    assert paused.pk not in next_to_post(now)
