"""Endpoints of webhooks: added, changed, switched and deleted by admins; and deliveries that are sent again."""

from __future__ import annotations

import base64
import logging
import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.audit import services as audit
from accounts.models import AuditAction, DeliveryStatus, User, WebhookDelivery, WebhookEndpoint, WebhookEvent, Workspace
from accounts.models.webhooks import WebhookDeliveryQuerySet
from postiz_pins.common import encryption

from . import outbox

log = logging.getLogger(__name__)

# As Standard Webhooks writes secrets.
SECRET_PREFIX = "whsec_"  # noqa: S105  what secrets begin with
RANDOM_BYTES = 32
# After a rotation, the secret before it signs as well for so long.
BOTH_SECRETS_FOR = timedelta(days=1)
KEEP = timedelta(days=14)
# Rows of one transaction, so that the table is never locked for long.
BATCH = 1000
# At a time; the next sweep goes on.
MOST_BATCHES = 100


def create(
    workspace: Workspace,
    url: str,
    events: Sequence[str],
    *,
    by: User,
    now: datetime,
    form_token: uuid.UUID | None = None,
) -> tuple[WebhookEndpoint, str]:
    """Return a new endpoint, and its secret, which is shown once; or those that the same form has made before.

    If its person went back and changed it, other events are for the same endpoint; another URL makes another one.
    """
    secret, events = _new_secret(), _in_order(events)
    columns = {"url": url, "created_by": by}
    try:
        with transaction.atomic():
            encrypted = encryption.encrypt(secret)
            endpoint = WebhookEndpoint.objects.create(
                workspace=workspace,
                events=events,
                secret_encrypted=encrypted,
                created_at=now,
                form_token=form_token,
                **columns,
            )
            _audit(endpoint, AuditAction.WEBHOOK_ADDED, by=by, now=now, detail=f"Events: {', '.join(events)}.")
    except IntegrityError:
        if form_token is None:
            raise
        made = WebhookEndpoint.objects.in_workspace(workspace).filter(form_token=form_token, **columns).first()
        if made is None:
            return create(workspace, url, events, by=by, now=now)
        if made.events != events:
            edit(made, url, events, by=by, now=now)
        return made, made.secrets(now)[0]
    return endpoint, secret


def edit(endpoint: WebhookEndpoint, url: str, events: Sequence[str], *, by: User, now: datetime) -> None:
    """Send other events, or to another address; what waits goes there, too."""
    was = str(endpoint)
    with transaction.atomic():
        endpoint.url, endpoint.events = url, _in_order(events)
        endpoint.save(update_fields=["url", "events"])
        before = "" if url == was else f"It was {was}. "
        detail = f"{before}Events: {', '.join(endpoint.events)}."
        _audit(endpoint, AuditAction.WEBHOOK_CHANGED, by=by, now=now, detail=detail)


def rotate_secret(endpoint: WebhookEndpoint, *, by: User, now: datetime, form_token: uuid.UUID | None = None) -> str:
    """Return a new secret, which is shown once; or the one that the same form has made before.

    For a day, the one before signs as well.
    """
    secret, rows = _new_secret(), WebhookEndpoint.objects.filter(pk=endpoint.pk)
    if form_token is not None:
        form_token = uuid.uuid5(form_token, str(endpoint.pk))  # two webhooks never share one
        rows = rows.exclude(form_token=form_token)
    with transaction.atomic():
        is_new = rows.update(
            previous_secret_encrypted=F("secret_encrypted"),
            previous_secret_until=now + BOTH_SECRETS_FOR,
            secret_encrypted=encryption.encrypt(secret),
            form_token=form_token,
        )
        if is_new:
            _audit(endpoint, AuditAction.WEBHOOK_CHANGED, by=by, now=now, detail="Secret rotated.")
    endpoint.refresh_from_db()
    return secret if is_new else endpoint.secrets(now)[0]


def switch(endpoint: WebhookEndpoint, *, is_on: bool, by: User, now: datetime) -> bool:
    """Switch the endpoint on or off; return False if it was so before.

    While it is off, events are not kept for it. What was waiting goes on when it is switched on.
    """
    rows = WebhookEndpoint.objects.filter(pk=endpoint.pk, switched_off_at__isnull=not is_on)
    with transaction.atomic():
        if rows.update(switched_off_at=None if is_on else now, trouble="", failing_since=None) == 0:
            return False
        detail = "Switched on." if is_on else "Switched off."
        _audit(endpoint, AuditAction.WEBHOOK_CHANGED, by=by, now=now, detail=detail)
    return True


def delete(endpoint: WebhookEndpoint, *, by: User, now: datetime) -> None:
    """Delete the endpoint with its secret and its deliveries."""
    with transaction.atomic():
        _audit(endpoint, AuditAction.WEBHOOK_DELETED, by=by, now=now)
        endpoint.delete()


def send_test(endpoint: WebhookEndpoint, *, now: datetime) -> WebhookDelivery:
    """Return a delivery of the event `test`, which workers send within a few seconds."""
    return outbox.write_test(endpoint, now=now)


def send_again(delivery: WebhookDelivery, *, now: datetime) -> bool:
    """Begin the delivery anew, with the same id; return False while a worker is sending it."""
    rows = WebhookDelivery.objects.unclaimed(now).filter(pk=delivery.pk)
    columns = {"status": DeliveryStatus.PENDING, "attempts": 0, "next_attempt_at": now}
    return rows.update(**columns, **WebhookDeliveryQuerySet.UNCLAIMED) == 1


def delete_old(now: datetime) -> int:
    """Delete deliveries of events that are older than KEEP, and return how many; those that still wait are no use."""
    deleted = 0
    for _ in range(MOST_BATCHES):
        old = WebhookDelivery.objects.filter(created_at__lt=now - KEEP).order_by("created_at")
        count, _ = WebhookDelivery.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:BATCH])).delete()
        deleted += count
        if count < BATCH:
            break
    return deleted


def rotate_keys() -> int:
    """Encrypt every secret with the first of TOKEN_ENCRYPTION_KEYS, and return of how many endpoints.

    Secrets that no key opens stay as they are, and are logged.
    """
    rotated = 0
    for pk in list(WebhookEndpoint.objects.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            endpoint = WebhookEndpoint.objects.select_for_update().filter(pk=pk).first()
            if endpoint is None:
                continue  # it was deleted at this moment
            try:
                for name in ("secret_encrypted", "previous_secret_encrypted"):
                    if ciphertext := getattr(endpoint, name):
                        setattr(endpoint, name, encryption.encrypt(encryption.decrypt(ciphertext)))
            except encryption.KeyMissing:
                log.error("No key in TOKEN_ENCRYPTION_KEYS decrypts the secret of webhook %s", pk)
                continue
            endpoint.save(update_fields=["secret_encrypted", "previous_secret_encrypted"])
            rotated += 1
    return rotated


def _new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(RANDOM_BYTES)).decode()


def _in_order(events: Sequence[str]) -> list[str]:
    return [event.value for event in WebhookEvent if event in events]


def _audit(endpoint: WebhookEndpoint, action: AuditAction, *, by: User, now: datetime, detail: str = "") -> None:
    audit.record(endpoint.workspace_id, action, str(endpoint), by=by, now=now, detail=detail)
