"""Where events are sent, and each event on its way (webhooks/delivery.py)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from postiz_pins.common import encryption
from postiz_pins.common.leases import LeaseQuerySet

from .users import User
from .workspaces import ScopedQuerySet, Workspace

URL_LENGTH = 500
# Of what a receiver answers; for people who look for a fault.
EXCERPT_LENGTH = 500


class WebhookEvent(models.TextChoices):
    """What receivers are told of. The value is what programs read; a value that has landed stays."""

    PIN_CREATED = "pin.created", "Pin created"
    PIN_SCHEDULED = "pin.scheduled", "Pin scheduled"
    PIN_PROPOSED = "pin.proposed", "Pin proposed for approval"
    PIN_APPROVED = "pin.approved", "Pin approved"
    PIN_SENT_BACK = "pin.sent_back", "Pin sent back"
    PIN_PUBLISHED = "pin.published", "Pin published"
    PIN_FAILED = "pin.failed", "Pin failed"
    PIN_ON_HOLD = "pin.on_hold", "Pin on hold"
    PIN_REMOVED = "pin.removed", "Pin deleted"
    ACCOUNT_RECONNECT_NEEDED = "account.reconnect_needed", "Account needs reconnecting"
    ACCOUNT_RECONNECTED = "account.reconnected", "Account reconnected"
    IMPORT_FINISHED = "import.finished", "Import finished"
    TEST = "test", "Test"


class WebhookEndpointQuerySet(ScopedQuerySet):
    """Endpoints by whether they are sent anything."""

    def switched_on(self, now: datetime) -> Self:
        """Return the endpoints that are on, without those of workspaces whose deletion is due."""
        stays = Q(workspace__delete_at=None) | Q(workspace__delete_at__gt=now)
        return self.filter(stays, switched_off_at=None)


class WebhookEndpoint(models.Model):
    """An address that is sent the events which its admins have chosen, signed with a secret of its own."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="webhook_endpoints")
    url = models.CharField(max_length=URL_LENGTH)
    # Values of WebhookEvent; the test event is always sent.
    events = models.JSONField(default=list)
    secret_encrypted = models.TextField(editable=False)
    # The secret before the last rotation, which signs as well until `previous_secret_until`. Empty: there is none.
    previous_secret_encrypted = models.TextField(blank=True, default="", editable=False)
    previous_secret_until = models.DateTimeField(null=True, blank=True, editable=False)
    # NULL while it is on.
    switched_off_at = models.DateTimeField(null=True, blank=True)
    # Why the app itself has switched it off, as a sentence. Empty: it is on, or a person has done it.
    trouble = models.CharField(max_length=200, blank=True, default="")
    # The first failure since the last delivery that arrived. NULL: the last one arrived.
    failing_since = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    # Of the form that has added it or rotated its secret, so that a second click does nothing more.
    form_token = models.UUIDField(null=True, blank=True, editable=False)

    objects = WebhookEndpointQuerySet.as_manager()

    class Meta:
        verbose_name = "webhook"
        constraints = [models.UniqueConstraint(fields=["workspace", "form_token"], name="webhook_once_per_form")]

    def __str__(self) -> str:
        return self.url

    @property
    def is_on(self) -> bool:
        """Return whether it is sent events."""
        return self.switched_off_at is None

    @property
    def event_labels(self) -> list[str]:
        """Return the chosen events in words, in the order of WebhookEvent."""
        return [event.label for event in WebhookEvent if event in self.events]

    def has_two_secrets(self, now: datetime) -> bool:
        """Return whether the secret before the last rotation still signs."""
        return self.previous_secret_until is not None and self.previous_secret_until > now

    def secrets(self, now: datetime) -> list[str]:
        """Return the secrets that sign what is sent at `now`, the newest first.

        Raises KeyMissing if no configured key opens them.
        """
        ciphertexts = [self.secret_encrypted]
        if self.has_two_secrets(now):
            ciphertexts.append(self.previous_secret_encrypted)
        return [encryption.decrypt(ciphertext) for ciphertext in ciphertexts]


class DeliveryStatus(models.TextChoices):
    """How far a delivery has come."""

    PENDING = "pending", "Waiting"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Failed"


class WebhookDeliveryQuerySet(ScopedQuerySet, LeaseQuerySet):
    """Deliveries, each of which a worker claims for as long as it sends it."""

    workspace_path = "endpoint__workspace"

    def due(self, now: datetime) -> Self:
        """Return the deliveries that wait for nothing but a worker."""
        on = WebhookEndpoint.objects.switched_on(now)
        return self.unclaimed(now).filter(next_attempt_at__lte=now, endpoint__in=on.values("pk"))


class WebhookDelivery(models.Model):
    """An event on its way to one endpoint. It is written with the event, in one transaction, so none is lost."""

    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries")
    # The header webhook-id: the same for each attempt, by which receivers know a repetition.
    event_id = models.CharField(max_length=40)
    event = models.CharField(max_length=30, choices=WebhookEvent)
    # The JSON as it is signed and sent.
    body = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)
    status = models.CharField(max_length=10, choices=DeliveryStatus, default=DeliveryStatus.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    # NULL: it is over.
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    # NULL: not yet.
    last_attempt_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    # Of the last attempt. NULL: there was no answer.
    response_status = models.PositiveSmallIntegerField(null=True, blank=True)
    # The beginning of the answer, or why there was none.
    response_excerpt = models.CharField(max_length=EXCERPT_LENGTH, blank=True, default="")
    claim_token = models.UUIDField(null=True, blank=True, editable=False)
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "webhook deliveries"
        indexes = [
            models.Index(fields=["endpoint", "-id"], name="delivery_list"),
            models.Index(
                fields=["next_attempt_at"], name="delivery_pending", condition=Q(next_attempt_at__isnull=False)
            ),
            models.Index(fields=["created_at"], name="delivery_created"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event_id"], name="delivery_once_per_endpoint"),
            models.CheckConstraint(condition=Q(status__in=DeliveryStatus.values), name="delivery_status_known"),
            models.CheckConstraint(
                condition=Q(status="pending", next_attempt_at__isnull=False)
                | (~Q(status="pending") & Q(next_attempt_at=None)),
                name="delivery_pending_has_next_attempt",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.endpoint}"

    @property
    def readable_body(self) -> str:
        """Return the body with line breaks, for people."""
        return json.dumps(json.loads(self.body), indent=2, ensure_ascii=False)
