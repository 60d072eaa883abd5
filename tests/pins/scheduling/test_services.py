from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from django_q.brokers import get_broker

from pins.models import Pin, PinEventKind, PinStatus
from pins.publishing import dispatch
from pins.publishing.slots import claim_slot
from pins.scheduling import services as scheduling
from postiz_pins import queueing
from tests.factories import BoardFactory, PinFactory, PinterestAccountFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def messages(monkeypatch):
    """The pins that the workers were told of."""
    sent = []
    monkeypatch.setattr(queueing, "async_task", lambda task, pin_id: sent.append(pin_id))
    return sent


@pytest.fixture
def now():
    return timezone.now()


def events(pin):
    return [(event.kind, event.by) for event in pin.events.all()]


def test_publish_now_is_a_schedule_for_now(team, now, messages, django_capture_on_commit_callbacks):
    pin = PinFactory(board=team.board, status=PinStatus.DRAFT, publish_at=None)

    with django_capture_on_commit_callbacks(execute=True):
        assert scheduling.schedule(pin, now, by=team.alice, now=now)

    pin.refresh_from_db()
    assert (pin.status, pin.publish_at, pin.next_attempt_at) == (PinStatus.SCHEDULED, now, now)
    assert events(pin) == [(PinEventKind.SCHEDULED, team.alice)]
    assert messages == [pin.pk]


def test_a_later_pin_is_left_to_the_clock(team, now, messages, django_capture_on_commit_callbacks):
    pin = PinFactory(board=team.board, status=PinStatus.DRAFT, publish_at=None)

    with django_capture_on_commit_callbacks(execute=True):
        scheduling.schedule(pin, now + timedelta(hours=1), by=team.alice, now=now)

    assert messages == []


def test_a_past_moment_means_now(team, now):
    pin = PinFactory(board=team.board, status=PinStatus.DRAFT, publish_at=None)

    scheduling.schedule(pin, now - timedelta(minutes=15), by=team.alice, now=now)

    assert pin.publish_at == now


@pytest.mark.parametrize("status", [PinStatus.CREATING, PinStatus.VERIFYING, PinStatus.PUBLISHED])
def test_a_pin_that_pinterest_has_or_may_have_is_not_scheduled_again(team, now, status):
    pin = PinFactory(board=team.board, status=status)

    assert not scheduling.schedule(pin, now, by=team.alice, now=now)
    pin.refresh_from_db()
    assert pin.status == status


def test_a_broker_that_is_down_does_not_lose_the_pin(team, now, monkeypatch, django_capture_on_commit_callbacks):
    def refuse(*args):
        raise ConnectionError("no broker")

    monkeypatch.setattr(queueing, "async_task", refuse)
    pin = PinFactory(board=team.board, status=PinStatus.DRAFT, publish_at=None)

    with django_capture_on_commit_callbacks(execute=True):
        scheduling.schedule(pin, now, by=team.alice, now=now)

    pin.refresh_from_db()
    assert pin.status == PinStatus.SCHEDULED


def test_cancelling_makes_a_draft(team):
    pin = PinFactory()

    assert scheduling.cancel(pin, by=team.alice)

    pin.refresh_from_db()
    assert (pin.status, pin.next_attempt_at) == (PinStatus.DRAFT, None)
    assert events(pin) == [(PinEventKind.CANCELLED, team.alice)]


def test_a_double_click_on_retry_retries_once(team, now):
    pin = PinFactory(status=PinStatus.FAILED, attempts=5, error_code="refused")
    same = type(pin).objects.get(pk=pin.pk)

    assert scheduling.retry(pin, by=team.alice, now=now)
    assert not scheduling.retry(same, by=team.alice, now=now)

    pin.refresh_from_db()
    assert (pin.status, pin.attempts, pin.error_code) == (PinStatus.SCHEDULED, 0, "")
    assert len(events(pin)) == 1


def test_retrying_a_pin_in_doubt_looks_before_it_sends(team, now):
    pin = PinFactory(status=PinStatus.FAILED, sent_at=now - timedelta(hours=2), error_code="unverified")

    assert scheduling.retry(pin, by=team.alice, now=now)

    assert pin.status == PinStatus.VERIFYING


def test_releasing_a_claim_lets_another_worker_have_the_pin(team, now):
    pin = PinFactory(
        publish_at=now, claim_token="8f14e45f-ceea-4f7e-9b5c-0d2f3c4b5a69", claimed_until=now + timedelta(minutes=1)
    )
    assert not type(pin).objects.due(now).exists()
    pin.refresh_from_db()

    assert scheduling.release_claim(pin, by=team.alice, now=now)

    assert type(pin).objects.due(now).get() == pin
    assert not scheduling.release_claim(pin, by=team.alice, now=now)


def test_the_clock_sends_a_message_for_each_free_slot(now, messages, settings, django_capture_on_commit_callbacks):
    pins = [PinFactory(publish_at=now - timedelta(minutes=9 - number)) for number in range(5)]
    PinFactory(publish_at=now + timedelta(minutes=1))
    claim_slot(now)

    with django_capture_on_commit_callbacks(execute=True):
        sent = dispatch.enqueue_due(now)

    assert sent == settings.PINTEREST_MAX_CONCURRENT_POSTS - 1
    assert messages == [pin.pk for pin in pins[:2]]


def test_the_clock_needs_no_slot_for_pins_in_doubt(now, messages, settings, django_capture_on_commit_callbacks):
    for _ in range(settings.PINTEREST_MAX_CONCURRENT_POSTS):
        claim_slot(now)
    pin = PinFactory(status=PinStatus.VERIFYING, publish_at=now, sent_at=now)

    with django_capture_on_commit_callbacks(execute=True):
        dispatch.enqueue_due(now)

    assert messages == [pin.pk]


def test_the_clock_sends_nothing_more_into_a_queue_that_nobody_empties(now, messages, monkeypatch):
    PinFactory()
    monkeypatch.setattr(type(get_broker()), "queue_size", lambda broker: queueing.QUEUE_LIMIT)

    assert dispatch.enqueue_due(now) == 0


@pytest.mark.parametrize("fields", [{"status": "needs_reconnect"}, {"status": "disconnected"}])
def test_the_clock_leaves_pins_of_an_account_that_is_not_connected(now, fields):
    PinFactory(board=BoardFactory(account=PinterestAccountFactory(**fields)))

    assert dispatch.enqueue_due(now) == 0


def test_what_holds_a_pin_is_said(now):
    def reason(**fields):
        return scheduling.hold_reason(PinFactory(board=BoardFactory(account=PinterestAccountFactory(**fields))), now)

    assert reason() == ""
    assert "Reconnect" in reason(status="needs_reconnect")
    assert "disconnected" in reason(status="disconnected")
    assert "rate limit" in reason(posting_paused_until=now + timedelta(minutes=1))


def test_pins_that_wait_in_vain_are_noticed(now):
    PinFactory(publish_at=now)

    assert not dispatch.has_stalled(now + timedelta(seconds=80))
    assert dispatch.has_stalled(now + timedelta(seconds=100))


def test_a_queue_behind_busy_slots_has_not_stalled(now):
    PinFactory(publish_at=now)
    claim_slot(now + timedelta(seconds=60))

    assert not dispatch.has_stalled(now + timedelta(seconds=100))


def test_workers_that_look_at_boards_have_not_stalled(now):
    later = now + timedelta(seconds=100)
    PinFactory(publish_at=now)
    assert dispatch.has_stalled(later)

    PinFactory(status=PinStatus.VERIFYING, sent_at=now, claimed_until=later + timedelta(seconds=30))

    assert not dispatch.has_stalled(later)


def test_pins_of_tomorrow_and_held_pins_have_not_stalled(now):
    PinFactory(publish_at=now + timedelta(days=1))
    PinFactory(publish_at=now, board=BoardFactory(account=PinterestAccountFactory(status="needs_reconnect")))

    assert not dispatch.has_stalled(now + timedelta(hours=1))


def test_the_clock_asks_about_videos_without_a_slot_and_posts_the_processed_with_one(
    now, messages, settings, django_capture_on_commit_callbacks
):
    for _ in range(settings.PINTEREST_MAX_CONCURRENT_POSTS - 1):
        claim_slot(now)
    asked_about = [PinFactory(status=PinStatus.PROCESSING, publish_at=now) for _ in range(5)]
    ready = PinFactory(status=PinStatus.PROCESSING, publish_at=now, media_ready_at=now)
    PinFactory(publish_at=now)
    PinFactory(status=PinStatus.PROCESSING, publish_at=now, next_attempt_at=now + timedelta(seconds=30))

    with django_capture_on_commit_callbacks(execute=True):
        dispatch.enqueue_due(now)

    assert messages == [ready.pk, *(pin.pk for pin in asked_about[: dispatch.MOST_ASKING])]


def test_the_clock_wakes_no_more_workers_to_ask_than_are_free_for_it(now, messages, django_capture_on_commit_callbacks):
    unsure = {"status": PinStatus.VERIFYING, "sent_at": now, "publish_at": now}
    PinFactory(**unsure, claimed_until=now + timedelta(seconds=30))
    pins = [PinFactory(**unsure) for _ in range(5)]

    with django_capture_on_commit_callbacks(execute=True):
        dispatch.enqueue_due(now)

    assert messages == [pins[0].pk]


def test_scheduling_retrying_and_cancelling_forget_what_was_uploaded(team, now):
    uploaded = {"pinterest_media_id": "5212", "processing_since": now, "media_ready_at": now, "uploads": 2}
    scheduled = PinFactory(board=team.board, status=PinStatus.PROCESSING, **uploaded)
    retried = PinFactory(status=PinStatus.FAILED, **uploaded)
    cancelled = PinFactory(status=PinStatus.UPLOADING, upload_percent=40, pinterest_media_id="5212")
    in_doubt = PinFactory(status=PinStatus.FAILED, sent_at=now, **uploaded)

    assert scheduling.schedule(scheduled, now, by=team.alice, now=now)
    assert scheduling.retry(retried, by=team.alice, now=now)
    assert scheduling.cancel(cancelled, by=team.alice)
    assert scheduling.retry(in_doubt, by=team.alice, now=now)

    for pin in (scheduled, retried, cancelled):
        pin.refresh_from_db()
        assert (pin.pinterest_media_id, pin.uploads, pin.upload_percent) == ("", 0, None)
        assert (pin.processing_since, pin.media_ready_at) == (None, None)
    in_doubt.refresh_from_db()
    assert (in_doubt.pinterest_media_id, in_doubt.uploads) == ("5212", 2)


def test_a_pause_does_not_hold_an_upload_that_is_under_way(now):
    board = BoardFactory(account=PinterestAccountFactory(posting_paused_until=now + timedelta(minutes=9)))
    uploading = PinFactory(status=PinStatus.UPLOADING, board=board, claimed_until=now + timedelta(seconds=50))
    processing = PinFactory(status=PinStatus.PROCESSING, board=board)

    assert scheduling.hold_reason(uploading, now) == ""
    assert "rate limit" in scheduling.hold_reason(processing, now)


def test_a_pin_whose_worker_died_a_moment_ago_has_not_stalled(now):
    """Its turn came long ago, but only since its claim has ended can another worker take it."""
    PinFactory(
        status=PinStatus.UPLOADING,
        publish_at=now - timedelta(hours=2),
        claim_token="8f14e45f-ceea-4f7e-9b5c-0d2f3c4b5a69",
        claimed_until=now,
    )

    assert not dispatch.has_stalled(now + timedelta(seconds=20))
    assert dispatch.has_stalled(now + timedelta(seconds=40))


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by what the tables hold.")
@pytest.mark.parametrize(
    ("pins", "index"),
    [
        (lambda now: Pin.objects.due(now).to_post(now).in_posting_order(), "pin_next"),
        (lambda now: Pin.objects.due(now).to_ask_about(now).oldest_first(), "pin_under_way"),
        (Pin.objects.late, "pin_next"),
        (Pin.objects.claimed, "pin_claimed"),
        (lambda now: Pin.objects.proposed().order_by().filter(publish_at__lte=now), "pin_proposed"),
    ],
)
def test_what_is_looked_for_each_second_is_found_among_those_that_wait(pins, index):
    plan = pins(timezone.now()).explain()

    assert f"USING INDEX {index} " in plan
    assert "TEMP B-TREE" not in plan
