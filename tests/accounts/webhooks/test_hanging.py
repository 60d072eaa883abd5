"""Receivers that hang, each in its own way: they cost one worker ten seconds, and keep no others waiting."""

import socket
import threading
from datetime import UTC, datetime

import pytest

from accounts import tasks
from accounts.models import DeliveryStatus, WebhookDelivery
from accounts.webhooks import delivery, sending

from .test_delivery import endpoint_of, happen

pytestmark = pytest.mark.django_db


def test_one_that_hangs_costs_one_worker_its_time_limit_and_keeps_no_other_waiting(team, receiver, monkeypatch):
    monkeypatch.setattr(sending, "TIMEOUT_SECONDS", 3)
    monkeypatch.setattr(delivery, "AT_ONCE_PER_ENDPOINT", 8)
    receiver.hangs.add("/slow")
    endpoint_of(team, f"{receiver.url}/slow")
    endpoint_of(team, f"{receiver.url}/quick")
    for _ in range(20):
        happen(team)

    tasks.deliver_webhooks()

    slow = WebhookDelivery.objects.filter(endpoint__url__endswith="/slow")
    quick = WebhookDelivery.objects.filter(endpoint__url__endswith="/quick")
    assert set(quick.values_list("status", flat=True)) == {DeliveryStatus.DELIVERED}
    tried = slow.filter(attempts=1)
    assert tried.count() == 8
    assert set(tried.values_list("response_excerpt", flat=True)) == {"The receiver didn't answer within 3 seconds."}
    assert max(row.delivered_at for row in quick) < min(row.last_attempt_at for row in tried)
    assert not WebhookDelivery.objects.due(datetime.now(UTC)).exists()  # the others wait, too


def test_one_that_sends_a_byte_now_and_then_costs_no_more_than_one_that_hangs(team, receiver, monkeypatch):
    monkeypatch.setattr(sending, "TIMEOUT_SECONDS", 1)
    receiver.trickles = True
    endpoint_of(team, receiver.url)
    happen(team)

    tasks.deliver_webhooks()

    assert "didn't answer within 1 seconds" in WebhookDelivery.objects.get().response_excerpt
    assert not [thread for thread in threading.enumerate() if thread.name == delivery.THREAD_NAME]


def test_threads_that_wait_for_the_address_of_a_name_are_left_behind_but_never_many(team, receiver, monkeypatch):
    let_go, asked, look_up = threading.Event(), [], socket.getaddrinfo

    def never_found(host, *args, **kwargs):
        if host != "hooks.invalid":
            return look_up(host, *args, **kwargs)  # of the database or Redis
        asked.append(host)
        let_go.wait(30)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", never_found)
    monkeypatch.setattr(sending, "TIMEOUT_SECONDS", 0.2)
    monkeypatch.setattr(delivery, "AT_ONCE", 2)
    for number in range(3):
        endpoint_of(team, f"http://hooks.invalid/{number}")
    happen(team)

    tasks.deliver_webhooks()
    assert WebhookDelivery.objects.filter(attempts=1).count() == 2
    tasks.deliver_webhooks()
    assert len(asked) == 2
    let_go.set()
    for thread in threading.enumerate():
        if thread.name == delivery.THREAD_NAME:
            thread.join()
    tasks.deliver_webhooks()

    assert WebhookDelivery.objects.filter(attempts=1).count() == 3
