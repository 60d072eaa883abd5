"""A real worker process is killed at each step of publishing; afterwards Pinterest has exactly one pin."""

import signal
import time
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from pins.models import Pin, PinStatus
from pins.publishing import worker as publishing_worker
from tests import process_helpers
from tests.media_bytes import mp4_bytes

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = range(3)


def start_worker(pin, step):
    return process_helpers.start("pins.crashing_worker", pin.pk, step)


def settle(pin):
    """What other workers do afterwards, each at the moment that the row names, until nothing is left to do."""
    for _ in range(20):
        pin.refresh_from_db()
        if not pin.is_on_its_way:
            return
        moment = max(filter(None, [pin.next_attempt_at, pin.claimed_until, timezone.now()]))
        with time_machine.travel(moment + timedelta(seconds=1), tick=True):
            publishing_worker.advance(pin.pk)


def assert_exactly_one(shop, pin):
    [live] = shop.live()
    assert (pin.status, pin.pinterest_pin_id) == (PinStatus.PUBLISHED, live["id"])


@pytest.mark.parametrize("number", ROUNDS)
@pytest.mark.parametrize("step", ["claimed", "before", "after"])
def test_a_worker_killed_around_the_request_leaves_exactly_one_pin(shop, step, number):
    pin = shop.pin(title=f"Chair {step} {number}")

    assert start_worker(pin, step).wait(timeout=60) == -signal.SIGKILL
    pin.refresh_from_db()
    assert pin.status == (PinStatus.SCHEDULED if step == "claimed" else PinStatus.CREATING)

    settle(pin)
    assert_exactly_one(shop, pin)


@pytest.mark.parametrize("kind", ["carousel", "video_pin"])
@pytest.mark.parametrize("step", ["before", "after"])
def test_a_worker_killed_around_the_creation_of_another_kind_leaves_exactly_one_pin(shop, step, kind):
    pin = make_processed(shop, kind)

    assert start_worker(pin, step).wait(timeout=60) == -signal.SIGKILL
    pin.refresh_from_db()
    assert pin.status == PinStatus.CREATING

    settle(pin)
    assert_exactly_one(shop, pin)
    assert len(shop.sandbox.requests("upload")) == (1 if kind == "video_pin" else 0)


@pytest.mark.parametrize("step", ["registered", "uploading", "uploaded"])
def test_a_worker_killed_during_the_upload_costs_an_attempt(shop, step):
    shop.sandbox.options(processing_seconds=0)
    pin = shop.video_pin(content=mp4_bytes(5_000_000))

    assert start_worker(pin, step).wait(timeout=60) == -signal.SIGKILL
    pin.refresh_from_db()
    assert (pin.status, bool(pin.pinterest_media_id)) == (PinStatus.UPLOADING, step != "registered")

    settle(pin)
    assert pin.attempts == 1
    assert_exactly_one(shop, pin)


@pytest.mark.parametrize("step", ["polling", "polled"])
def test_a_worker_killed_while_it_asks_for_the_video_loses_nothing(shop, step):
    shop.sandbox.options(processing_seconds=0)
    pin = shop.video_pin()
    publishing_worker.advance(pin.pk)
    Pin.objects.filter(pk=pin.pk).update(next_attempt_at=timezone.now())

    assert start_worker(pin, step).wait(timeout=60) == -signal.SIGKILL
    pin.refresh_from_db()
    assert (pin.status, pin.media_ready_at) == (PinStatus.PROCESSING, None)

    settle(pin)
    assert pin.attempts == 0
    assert len(shop.sandbox.requests("upload")) == 1
    assert_exactly_one(shop, pin)


def make_processed(shop, kind):
    """A pin of this kind whose next step is its creation."""
    pin = getattr(shop, kind)()
    if kind == "video_pin":
        shop.sandbox.options(processing_seconds=0)
        publishing_worker.advance(pin.pk)
        now = timezone.now()
        Pin.objects.filter(pk=pin.pk).update(media_ready_at=now, next_attempt_at=now)
    return pin


def test_a_worker_that_hangs_ends_itself(shop):
    shop.sandbox.fault("pins/create", "latency", seconds=3)
    pin = shop.pin()

    assert start_worker(pin, "hanging").wait(timeout=60) == -signal.SIGKILL

    settle(pin)
    assert_exactly_one(shop, pin)


@pytest.mark.parametrize("number", ROUNDS)
@pytest.mark.parametrize("fault", ["latency", "latency_after"])
def test_a_worker_killed_while_pinterest_works_leaves_exactly_one_pin(shop, fault, number):
    shop.sandbox.fault("pins/create", fault, seconds=1)
    pin = shop.pin(title=f"Chair {fault} {number}")
    worker = start_worker(pin, "none")
    wait_until(lambda: shop.sandbox.in_flight()["now"] == 1)

    worker.kill()
    assert worker.wait(timeout=60) == -signal.SIGKILL
    wait_until(lambda: shop.sandbox.in_flight()["now"] == 0)

    settle(pin)
    assert_exactly_one(shop, pin)


@pytest.mark.parametrize("number", ROUNDS)
def test_a_lost_answer_and_then_a_killed_worker_leave_exactly_one_pin(shop, number):
    shop.sandbox.fault("pins/create", "answer_lost")
    pin = shop.pin(title=f"Chair lost {number}")

    assert start_worker(pin, "none").wait(timeout=60) == 0
    pin.refresh_from_db()
    assert pin.status == PinStatus.VERIFYING

    settle(pin)
    assert_exactly_one(shop, pin)


def wait_until(is_true):
    deadline = time.monotonic() + 30
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.02)
