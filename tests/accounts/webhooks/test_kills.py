"""A worker that is killed after a receiver has got its request, and before the answer is written."""

import signal
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts import tasks
from accounts.models import DeliveryStatus, WebhookDelivery
from accounts.webhooks import delivery
from tests import process_helpers
from tests.webhook_factories import WebhookDeliveryFactory, WebhookEndpointFactory


@pytest.mark.django_db(transaction=True)
def test_what_a_killed_worker_has_sent_is_sent_again_with_the_same_id(receiver):
    receiver.hangs.add("/hook")
    endpoint = WebhookEndpointFactory(url=f"{receiver.url}/hook")
    event_id = WebhookDeliveryFactory(endpoint=endpoint).event_id
    worker = process_helpers.start("accounts.webhooks.killed_courier")
    receiver.wait_for(1)
    worker.kill()
    assert worker.wait(timeout=60) == -signal.SIGKILL
    receiver.hangs.clear()

    tasks.deliver_webhooks()
    assert len(receiver.requests) == 1  # the claim of the dead one still lasts
    with time_machine.travel(timezone.now() + timedelta(seconds=delivery.TURN_LEASE_SECONDS)):
        tasks.deliver_webhooks()

    assert [request.headers["webhook-id"] for request in receiver.requests] == [event_id, event_id]
    assert WebhookDelivery.objects.get().status == DeliveryStatus.DELIVERED
