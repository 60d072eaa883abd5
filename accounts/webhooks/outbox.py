"""Events for webhooks: written as rows in the transaction of what they tell of, and sent by workers (delivery.py)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.core.serializers.json import DjangoJSONEncoder

from accounts.models import PinterestAccount, WebhookDelivery, WebhookEndpoint, WebhookEvent

Key = TypeVar("Key", bound=Hashable)
# Rows of one INSERT.
BATCH = 100


def tell(
    workspace_id: int,
    happened: Sequence[tuple[WebhookEvent, Key]],
    describe: Callable[[Collection[Key]], Mapping[Key, dict[str, Any]]],
    *,
    now: datetime,
) -> None:
    """Write a delivery of each event for each endpoint that has chosen it, in the caller's transaction.

    Where no endpoint has, it costs one query.

    Args:
        happened: Each event, and the key of what it happened to.
        describe: Returns the `data` of each key. It is called once, with the keys that an endpoint wants to hear of.
    """
    endpoints = list(WebhookEndpoint.objects.switched_on(now).filter(workspace=workspace_id))
    wanted = [(event, key) for event, key in happened if any(event in endpoint.events for endpoint in endpoints)]
    if not wanted:
        return
    described = describe({key for _, key in wanted})
    deliveries: list[WebhookDelivery] = []
    for event, key in wanted:
        if key in described:
            receivers = [endpoint for endpoint in endpoints if event in endpoint.events]
            deliveries += _deliveries(receivers, event, described[key], now)
    WebhookDelivery.objects.bulk_create(deliveries, batch_size=BATCH)


def tell_account(account: PinterestAccount, event: WebhookEvent, *, now: datetime) -> None:
    """Write deliveries of an event of the account, which has been read since it happened."""
    described = {
        "account": {"username": account.username, "status": account.status, "trouble": account.trouble or None}
    }
    tell(account.workspace_id, [(event, account.pk)], lambda keys: dict.fromkeys(keys, described), now=now)


def write_test(endpoint: WebhookEndpoint, *, now: datetime) -> WebhookDelivery:
    """Write and return a delivery of the event `test`."""
    described = {"message": f"This is a test from the workspace “{endpoint.workspace}”."}
    (delivery,) = _deliveries([endpoint], WebhookEvent.TEST, described, now)
    delivery.save()
    return delivery


def _deliveries(
    endpoints: Sequence[WebhookEndpoint], event: WebhookEvent, described: dict[str, Any], now: datetime
) -> list[WebhookDelivery]:
    """Return the deliveries of one event: with one id, by which a receiver of several endpoints knows it again."""
    event_id = f"msg_{uuid.uuid4().hex}"
    content = {"type": event, "timestamp": now.astimezone(UTC), "data": described}
    body = json.dumps(content, ensure_ascii=False, cls=DjangoJSONEncoder)  # it writes moments as the API does
    return [
        WebhookDelivery(
            endpoint=endpoint, event_id=event_id, event=event, body=body, created_at=now, next_attempt_at=now
        )
        for endpoint in endpoints
    ]
