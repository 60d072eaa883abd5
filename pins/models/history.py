"""What is kept beside a pin: its history, unsaved edits, and that a deleted pin was there."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from .pin import Pin


class PinEventKind(models.TextChoices):
    """What an entry of a pin's history says."""

    DRAFTED = "drafted", "Composed"
    EDITED = "edited", "Edited"
    PROPOSED = "proposed", "Proposed"
    APPROVED = "approved", "Approved"
    SENT_BACK = "sent_back", "Sent back"
    SCHEDULED = "scheduled", "Scheduled"
    CANCELLED = "cancelled", "Canceled"
    CHECKED = "checked", "Checked before publishing"
    UPLOADING = "uploading", "Uploading the video"
    PROCESSING = "processing", "Pinterest is processing the video"
    SENDING = "sending", "Sending to Pinterest"
    WAITING = "waiting", "Waiting to try again"
    VERIFYING = "verifying", "No clear answer: checking the board"
    PUBLISHED = "published", "Published"
    FAILED = "failed", "Failed"
    RETRIED = "retried", "Tried again"
    RELEASED = "released", "Publishing restarted"


class PinEvent(models.Model):
    """What happened to a pin, when, and by whom (NULL: by a worker)."""

    pin = models.ForeignKey(Pin, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=12, choices=PinEventKind)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    text = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} at {self.at:%Y-%m-%d %H:%M:%S}"


class DeletedPin(models.Model):
    """Pinterest's id of a published pin whose row was deleted, so that no other row takes that pin for its own."""

    pinterest_pin_id = models.CharField(max_length=30, unique=True)
    deleted_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.pinterest_pin_id


class UnsavedEdit(models.Model):
    """The unsaved input of a user in the form of a pin that is no draft: the pin itself stays as it is."""

    pin = models.ForeignKey(Pin, on_delete=models.CASCADE, related_name="unsaved_edits")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    # The posted form as a query string, and the version of the pin that it was opened on.
    form = models.TextField()
    version = models.PositiveIntegerField()
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pin", "user"], name="unsaved_edit_once_per_person")]

    def __str__(self) -> str:
        return f"Unsaved edit of {self.pin} by {self.user}"
