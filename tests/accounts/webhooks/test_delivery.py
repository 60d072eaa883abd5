import uuid
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django_q.models import OrmQ
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from accounts import tasks
from accounts.models import (
    AuditAction,
    AuditEntry,
    DeliveryStatus,
    Notification,
    NotificationKind,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookEvent,
)
from accounts.webhooks import delivery, outbox, sending, services
from postiz_pins.common.turns import turn

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def endpoint_of(team, url, events=WebhookEvent.values, now=NOW):
    return services.create(team.workspace, url, events, by=team.alice, now=now)


def happen(team, event=WebhookEvent.PIN_PUBLISHED, now=NOW):
    outbox.tell(team.workspace.pk, [(event, 7)], lambda keys: {7: {"pin": {"id": 7, "title": "Stühle"}}}, now=now)


def test_what_is_sent_is_verified_by_the_standard_library(team, receiver):
    _, secret = endpoint_of(team, f"{receiver.url}/hook", now=datetime.now(UTC))
    happen(team, now=datetime.now(UTC))

    tasks.deliver_webhooks()

    (request,) = receiver.requests
    told = Webhook(secret).verify(request.body, request.headers)
    row = WebhookDelivery.objects.get()
    assert request.path == "/hook"
    assert told["type"] == "pin.published"
    assert told["data"] == {"pin": {"id": 7, "title": "Stühle"}}
    assert timedelta() <= row.created_at - datetime.fromisoformat(told["timestamp"]) < timedelta(milliseconds=1)
    assert request.headers["webhook-id"] == row.event_id
    assert row.status == DeliveryStatus.DELIVERED
    assert (row.response_status, row.attempts, row.next_attempt_at) == (204, 1, None)
    assert row.claim_token is None


def test_a_wrong_secret_and_a_stale_timestamp_are_refused(team, receiver):
    _, secret = endpoint_of(team, receiver.url)
    _, other = endpoint_of(team, f"{receiver.url}/other", [])
    happen(team)
    tasks.deliver_webhooks()
    (request,) = receiver.requests

    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        Webhook(other).verify(request.body, request.headers)
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        Webhook(secret).verify(request.body + " ", request.headers)
    later = datetime.now(UTC) + timedelta(minutes=6)
    with time_machine.travel(later), pytest.raises(WebhookVerificationError, match="too old"):
        Webhook(secret).verify(request.body, request.headers)


def test_for_a_day_after_a_rotation_both_secrets_verify(team, receiver, clock):
    endpoint, old = endpoint_of(team, receiver.url)
    new = services.rotate_secret(endpoint, by=team.alice, now=NOW)
    happen(team)
    tasks.deliver_webhooks()
    clock.shift(timedelta(days=1))
    happen(team, now=NOW + timedelta(days=1))
    tasks.deliver_webhooks()

    both, one = receiver.requests
    clock.move_to(NOW)
    for secret in (old, new):
        assert Webhook(secret).verify(both.body, both.headers)
    clock.move_to(NOW + timedelta(days=1))
    assert Webhook(new).verify(one.body, one.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(one.body, one.headers)


def test_a_failure_is_tried_again_with_the_same_id_after_5_s_1_m_5_m_30_m_2_h_8_h_24_h(team, receiver, clock):
    endpoint_of(team, receiver.url)
    receiver.statuses, receiver.answer = [500] * 8, "Kaputt\0 ☹".encode()
    happen(team)
    delays = [5, 60, 300, 1800, 7200, 28_800, 86_400]
    for attempt, delay in enumerate(delays, start=1):
        tasks.deliver_webhooks()
        row = WebhookDelivery.objects.get()
        assert row.attempts == len(receiver.requests) == attempt
        assert row.next_attempt_at - datetime.now(UTC) == timedelta(seconds=delay)
        assert row.status == DeliveryStatus.PENDING
        clock.shift(timedelta(seconds=delay - 1))
        tasks.deliver_webhooks()
        assert len(receiver.requests) == attempt
        clock.shift(timedelta(seconds=1))
    tasks.deliver_webhooks()

    row = WebhookDelivery.objects.get()
    assert (row.status, row.attempts, row.next_attempt_at) == (DeliveryStatus.FAILED, 8, None)
    assert (row.response_status, row.response_excerpt) == (500, "Kaputt ☹")
    assert {request.headers["webhook-id"] for request in receiver.requests} == {row.event_id}
    assert len({request.headers["webhook-timestamp"] for request in receiver.requests}) == 8
    assert len({request.body for request in receiver.requests}) == 1


def test_redirects_are_not_followed(team, receiver):
    endpoint_of(team, receiver.url)
    receiver.statuses, receiver.location = [302], f"{receiver.url}/elsewhere"
    happen(team)

    tasks.deliver_webhooks()

    row = WebhookDelivery.objects.get()
    assert [request.path for request in receiver.requests] == ["/"]
    assert row.status == DeliveryStatus.PENDING
    assert "redirects" in row.response_excerpt


@pytest.mark.parametrize("url", ["https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://10.1.2.3/hook"])
def test_private_addresses_are_never_connected_to(team, settings, url):
    settings.ALLOW_PRIVATE_WEBHOOKS = False
    endpoint_of(team, url)
    happen(team)

    tasks.deliver_webhooks()

    row = WebhookDelivery.objects.get()
    assert row.response_status is None
    assert "private network" in row.response_excerpt


def test_a_receiver_that_cannot_be_reached_is_tried_again(team, receiver):
    receiver.close()
    endpoint_of(team, receiver.url)
    happen(team)

    tasks.deliver_webhooks()

    row = WebhookDelivery.objects.get()
    assert (row.status, row.response_excerpt) == (DeliveryStatus.PENDING, "The receiver couldn't be reached.")


def test_of_a_failing_endpoint_one_delivery_at_a_time_is_tried(team, receiver, clock):
    endpoint, _ = endpoint_of(team, receiver.url)
    WebhookEndpoint.objects.update(failing_since=NOW)
    for _ in range(5):
        happen(team)

    courier = delivery.Courier()
    courier._start(NOW)

    assert [len(lane.waiting) for lane in courier._lanes] == [1]
    courier.work()
    assert WebhookDelivery.objects.filter(status=DeliveryStatus.DELIVERED).count() == 5
    endpoint.refresh_from_db()
    assert endpoint.failing_since is None


def test_many_events_share_a_few_connections(team, receiver, monkeypatch):
    monkeypatch.setattr(delivery, "LANE_SECONDS", 30)
    endpoint_of(team, receiver.url)
    for _ in range(delivery.AT_ONCE_PER_ENDPOINT * 3):
        happen(team)

    tasks.deliver_webhooks()

    assert len(receiver.requests) == delivery.AT_ONCE_PER_ENDPOINT * 3
    assert receiver.connections == delivery.AT_ONCE_PER_ENDPOINT
    assert len({request.headers["webhook-id"] for request in receiver.requests}) == len(receiver.requests)


def test_what_stands_behind_a_failure_is_not_sent_but_due_as_before(team, receiver, clock, monkeypatch):
    monkeypatch.setattr(delivery, "AT_ONCE_PER_ENDPOINT", 1)
    endpoint_of(team, receiver.url)
    for _ in range(3):
        happen(team)
    receiver.statuses = [204, 500]
    courier = delivery.Courier()
    courier._start(NOW)
    while courier._lanes:
        delivery.record(courier._finished(), NOW)

    rows = WebhookDelivery.objects.order_by("pk")
    assert [row.response_status for row in rows] == [204, 500, None]
    last = rows.last()
    assert (last.attempts, last.next_attempt_at, last.claim_token) == (0, NOW, None)


def test_the_longest_due_go_first_in_as_many_threads_as_an_endpoint_may_have(team, clock):
    first, _ = endpoint_of(team, "https://example.com/")
    for minutes in range(200):
        happen(team, now=NOW - timedelta(minutes=minutes))
    second, _ = endpoint_of(team, "https://example.com/second")
    happen(team)

    lanes = delivery.Courier()._next_lanes(NOW)

    assert [len(lane) for lane in lanes] == [delivery.LANE_LENGTH] * delivery.AT_ONCE_PER_ENDPOINT + [1]
    oldest = WebhookDelivery.objects.filter(endpoint=first).order_by("next_attempt_at")
    assert {pk for lane in lanes[:-1] for pk in lane} == set(oldest.values_list("pk", flat=True)[:128])
    assert lanes[-1] == [WebhookDelivery.objects.get(endpoint=second).pk]


def test_what_a_killed_worker_held_is_sent_again_with_the_same_id(team, receiver, clock):
    endpoint_of(team, receiver.url)
    happen(team)
    row = WebhookDelivery.objects.get()
    WebhookDelivery.objects.update(claim_token=uuid.uuid4(), claimed_until=NOW + delivery.LEASE)

    tasks.deliver_webhooks()
    assert receiver.requests == []
    clock.shift(delivery.LEASE)
    tasks.deliver_webhooks()

    assert [request.headers["webhook-id"] for request in receiver.requests] == [row.event_id]


@pytest.mark.parametrize("status", [204, 410])
def test_a_late_answer_changes_nothing_of_what_another_worker_has_taken(team, clock, status):
    endpoint_of(team, "https://example.com/")
    happen(team)
    WebhookDelivery.objects.update(claim_token=uuid.uuid4(), claimed_until=NOW)
    late = WebhookDelivery.objects.select_related("endpoint").get()
    WebhookDelivery.objects.update(claim_token=uuid.uuid4())

    delivery.record([(late, sending.Answer(status))], NOW)

    assert WebhookDelivery.objects.get().attempts == 0
    assert WebhookEndpoint.objects.get().is_on


def test_a_410_switches_off_at_once_and_tells_the_admins(team, receiver, clock):
    endpoint, _ = endpoint_of(team, receiver.url)
    receiver.statuses = [410]
    happen(team)

    tasks.deliver_webhooks()

    endpoint.refresh_from_db()
    assert (endpoint.switched_off_at, endpoint.trouble) == (NOW, "Its receiver answered 410 Gone.")
    assert WebhookDelivery.objects.get().status == DeliveryStatus.FAILED
    notification = Notification.objects.get(kind=NotificationKind.WEBHOOK_OFF)
    assert notification.user == team.alice
    assert "410 Gone" in notification.text
    entry = AuditEntry.objects.filter(action=AuditAction.WEBHOOK_CHANGED).get()
    assert (entry.by, entry.detail) == (None, "Switched off. Its receiver answered 410 Gone.")


def test_five_days_of_failures_switch_off_and_a_success_between_starts_over(team, receiver, clock):
    endpoint, _ = endpoint_of(team, receiver.url)

    def fail_at(days):
        clock.move_to(NOW + timedelta(days=days))
        WebhookDelivery.objects.all().delete()
        receiver.statuses = [503]
        happen(team, now=datetime.now(UTC))
        tasks.deliver_webhooks()
        endpoint.refresh_from_db()

    fail_at(0)
    fail_at(4.9)
    assert endpoint.is_on
    receiver.statuses = []
    happen(team, now=datetime.now(UTC))
    tasks.deliver_webhooks()
    endpoint.refresh_from_db()
    assert endpoint.failing_since is None

    fail_at(5.1)
    fail_at(10)
    assert endpoint.is_on
    fail_at(10.1)
    assert endpoint.trouble == "Its receiver had failed for five days."
    assert Notification.objects.filter(kind=NotificationKind.WEBHOOK_OFF).count() == 1


def test_the_clock_sends_one_message_for_what_is_due(team, clock, transactional_db):
    assert tasks.enqueue_webhooks() is False
    endpoint_of(team, "https://example.com/")
    happen(team, now=NOW + timedelta(seconds=1))
    assert tasks.enqueue_webhooks() is False
    clock.shift(timedelta(seconds=1))

    assert tasks.enqueue_webhooks() is True
    if not settings.REDIS_URL:  # else the message is there, not in a table
        assert OrmQ.objects.count() == 1
    with turn(delivery.TURN_KEY, 10):  # a worker is at it
        assert tasks.enqueue_webhooks() is False


def test_only_one_worker_at_a_time_sends(team, receiver):
    endpoint_of(team, receiver.url)
    happen(team)

    with turn(delivery.TURN_KEY, 10):
        tasks.deliver_webhooks()

    assert receiver.requests == []


def test_a_workspace_whose_deletion_is_due_sends_nothing(team, receiver, clock):
    endpoint_of(team, receiver.url)
    happen(team)
    team.workspace.delete_at = NOW + timedelta(seconds=1)
    team.workspace.save()
    happen(team)
    assert WebhookDelivery.objects.count() == 2  # it can still be canceled
    clock.shift(timedelta(seconds=1))
    happen(team, now=datetime.now(UTC))

    tasks.deliver_webhooks()

    assert WebhookDelivery.objects.count() == 2
    assert receiver.requests == []


def test_a_secret_that_no_key_opens_fails_with_a_sentence(team, receiver, settings):
    endpoint_of(team, receiver.url)
    happen(team)
    WebhookEndpoint.objects.update(secret_encrypted="gAAAAA")

    tasks.deliver_webhooks()

    row = WebhookDelivery.objects.get()
    assert (receiver.requests, row.attempts) == ([], 1)
    assert "Rotate it" in row.response_excerpt
