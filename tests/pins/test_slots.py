"""Many workers at once: slots, leases, turns and claims."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from pins import publishing
from pins.models import Pin, PinStatus, PostingSlot
from pins.slots import LEASE, claim_slot, release_slot
from tests.factories import BoardFactory, PinterestAccountFactory
from tests.pins.workers import advance

pytestmark = pytest.mark.django_db


def test_one_worker_takes_all_that_is_due_in_its_turn(shop):
    pins = [shop.pin() for _ in range(5)]

    publishing.advance(pins[0].pk)

    assert Pin.objects.published().count() == 5
    assert not PostingSlot.objects.held(timezone.now()).exists()


def test_a_turn_ends_so_that_other_tasks_get_theirs(shop, monkeypatch):
    monkeypatch.setattr(publishing, "WORKER_TURN", timedelta(0))
    pins = [shop.pin() for _ in range(2)]

    publishing.advance(pins[0].pk)

    assert Pin.objects.published().count() == 1


def test_without_a_free_slot_nothing_is_posted(shop, settings):
    slots = [claim_slot(timezone.now()) for _ in range(settings.PINTEREST_MAX_CONCURRENT_POSTS)]
    pin = shop.pin()

    assert claim_slot(timezone.now()) is None
    assert advance(pin).status == PinStatus.SCHEDULED
    release_slot(slots[0])
    assert advance(pin).status == PinStatus.PUBLISHED


def test_the_slot_of_a_crashed_worker_comes_back_after_its_lease(settings):
    settings.PINTEREST_MAX_CONCURRENT_POSTS = 1
    now = timezone.now()
    crashed = claim_slot(now)

    assert claim_slot(now + LEASE - timedelta(seconds=1)) is None
    assert claim_slot(now + LEASE + timedelta(seconds=1)) is not None
    assert not crashed.renew(now + LEASE)


def test_an_account_with_many_pins_does_not_starve_another(shop):
    many = [shop.pin(publish_at=timezone.now() - timedelta(hours=1)) for _ in range(3)]
    other = shop.pin(board=BoardFactory(account=PinterestAccountFactory(workspace=shop.team.workspace)))
    now = timezone.now()
    assert publishing.next_due_pin_id(now) == many[0].pk

    slot = claim_slot(now)
    slot.renew(now, shop.account.pk)

    assert publishing.next_due_pin_id(now) == other.pk


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_at_once_only_one_gets_the_pin(shop):
    pin = shop.pin()
    barrier = threading.Barrier(5)
    claimed = []

    def work():
        try:
            barrier.wait()
            claimed.append(publishing._claim(pin.pk, (PinStatus.SCHEDULED,)))
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
    release_slot(slot)

    publishing._post_due_pins(pins[0].pk, slot)

    assert Pin.objects.due(timezone.now()).count() == 3
    assert shop.live() == []
