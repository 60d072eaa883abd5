"""Which worker checks before publishing, when, and how it hears of it."""

import pytest
from django.core.cache import cache
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.brokers import get_broker

from pins import tasks
from pins.publishing import preflight
from postiz_pins import queueing

pytestmark = pytest.mark.django_db


def test_a_turn_checks_all_that_is_due_the_next_to_go_out_first(scheduled):
    pins = [scheduled(minutes=minutes, link=f"https://shop.example/{minutes}") for minutes in (90, 30, 60)]
    looked = []

    preflight.check_due_pins(looked.append)

    assert looked == [f"https://shop.example/{minutes}" for minutes in (30, 60, 90)]
    for pin in pins:
        pin.refresh_from_db()
        assert pin.preflight_at == pin.publish_at - preflight.AHEAD


def test_one_worker_at_a_time_has_the_turn(scheduled):
    scheduled(minutes=30)
    looked = []

    def look_at(link):
        preflight.check_due_pins(looked.append)

    other = scheduled(minutes=60)
    preflight.check_due_pins(look_at)

    assert looked == []
    other.refresh_from_db()
    assert other.preflight_at > timezone.now()


def test_a_turn_ends_so_that_other_work_is_done(scheduled, time_machine):
    pins = [scheduled(minutes=60) for _ in range(3)]

    preflight.check_due_pins(lambda link: time_machine.shift(preflight.TURN / 2))

    due = type(pins[0]).objects.to_check(timezone.now())
    assert due.count() == 1
    assert cache.get(preflight.TURN_KEY) is None


@pytest.fixture
def messages(monkeypatch):
    """The tasks that the workers were told of."""
    sent = []
    monkeypatch.setattr(queueing, "async_task", sent.append)
    return sent


def test_the_clock_asks_for_a_turn_while_checks_are_due_and_nobody_has_it(scheduled, messages, empty_cache):
    assert not tasks.enqueue_checks()
    pin = scheduled(minutes=60)

    assert tasks.enqueue_checks()
    cache.set(preflight.TURN_KEY, True)
    assert not tasks.enqueue_checks()
    empty_cache()
    preflight.check(pin.pk, lambda link: None)
    assert not tasks.enqueue_checks()
    assert messages == ["pins.tasks.check_due_pins"]


def test_the_message_is_a_task_that_checks(scheduled, messages, settings):
    settings.CHECK_LINKS = False
    pin = scheduled(minutes=60, link="https://bit.ly/oak")
    tasks.enqueue_checks()

    [message] = messages
    import_string(message)()

    pin.refresh_from_db()
    assert [warning["code"] for warning in pin.warnings] == ["link_shortener"]


def test_a_queue_that_nobody_empties_gets_no_further_messages(scheduled, messages, monkeypatch):
    scheduled(minutes=60)
    monkeypatch.setattr(type(get_broker()), "queue_size", lambda broker: queueing.QUEUE_LIMIT)

    assert not tasks.enqueue_checks()
    assert messages == []
