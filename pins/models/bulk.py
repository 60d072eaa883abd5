"""Changes of many pins or files at once: what was chosen, what is to be done, and what became of each."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import ScopedQuerySet, Workspace
from postiz_pins.common.leases import LeaseQuerySet

from .media import MediaFile
from .pin import Pin

UNDO_FOR = timedelta(days=7)


class BulkStatus(models.TextChoices):
    """How far a change has come."""

    PREVIEW = "preview", "Not confirmed"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    UNDOING = "undoing", "Being undone"
    UNDONE = "undone", "Undone"


UNDER_WAY = (BulkStatus.RUNNING, BulkStatus.UNDOING)


class BulkItemStatus(models.TextChoices):
    """What became of one pin or file."""

    WAITING = "waiting", "Waiting"
    DONE = "done", "Done"
    REFUSED = "refused", "Not changed"
    UNDONE = "undone", "Undone"


class BulkChangeQuerySet(ScopedQuerySet, LeaseQuerySet):
    """Changes, which a worker claims as long as it works on them."""

    def under_way(self) -> Self:
        """Return the changes that a worker has to go on with."""
        return self.filter(status__in=UNDER_WAY)


class BulkChange(models.Model):
    """What one user wants to do with many pins or files. Workers take a long one further, as they do with imports."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="bulk_changes")
    # A name of bulk/actions.py.
    action = models.CharField(max_length=20)
    # What was chosen: keys, or all that a filter of the list finds, as its query string. One of both.
    keys = models.JSONField(default=list, blank=True)
    query = models.TextField(blank=True, default="")
    is_by_query = models.BooleanField(default=False)
    # As the action's form cleaned them, in JSON. NULL: they were not given yet.
    options = models.JSONField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=BulkStatus, default=BulkStatus.PREVIEW)
    # Who has chosen it, or then confirmed it, or taken it back: it is done for this user. NULL: that user was deleted.
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    # NULL: it has not ended.
    finished_at = models.DateTimeField(null=True, blank=True)
    claim_token = models.UUIDField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)

    objects = BulkChangeQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["id"], name="bulk_under_way", condition=Q(status__in=["running", "undoing"]))]
        constraints = [models.CheckConstraint(condition=Q(status__in=BulkStatus.values), name="bulk_status_known")]

    def __str__(self) -> str:
        return f"{self.action} {self.pk}"

    def can_undo(self, now: datetime) -> bool:
        """Return whether the time for taking it back has not passed."""
        return self.status == BulkStatus.DONE and self.finished_at is not None and now < self.finished_at + UNDO_FOR


class BulkItem(models.Model):
    """One pin or file of a change, by its place in the order."""

    change = models.ForeignKey(BulkChange, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    # NULL in both: it was deleted.
    pin = models.ForeignKey(Pin, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    media = models.ForeignKey(MediaFile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # Of the pin or file, for when it is gone.
    name = models.TextField(blank=True, default="")
    status = models.CharField(max_length=8, choices=BulkItemStatus, default=BulkItemStatus.WAITING)
    # Why it was not changed.
    reason = models.TextField(blank=True, default="")
    # The pin's version as it was confirmed, then what is needed to take it back.
    before = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["change", "position"], name="bulk_item_position_unique"),
            models.CheckConstraint(condition=Q(status__in=BulkItemStatus.values), name="bulk_item_status_known"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.status}"
