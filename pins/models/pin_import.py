"""Files of pins while they are checked and made into pins (pins/imports/)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Board, PinterestAccount, ScopedQuerySet, Workspace
from pins import limits
from postiz_pins.common.leases import LeaseQuerySet

from .media import MediaFile
from .pin import Pin
from .presets import LinkPreset

# So long the unsent pins of an import can be deleted all at once.
DELETABLE_FOR = timedelta(days=7)


class ImportStatus(models.TextChoices):
    """What is being done with an import."""

    # It waits for a person.
    REVIEW = "review", "In review"
    FETCHING = "fetching", "Fetching media"
    CREATING = "creating", "Creating pins"


class Destination(models.TextChoices):
    """What the rows of an import become; pins of a user who needs an approval are proposed instead of sent out."""

    DRAFT = "draft", "Drafts"
    SCHEDULE = "schedule", "Scheduled at their dates"
    QUEUE = "queue", "Added to the queue"
    PROPOSE = "propose", "Proposed for approval"


class EmptyDate(models.TextChoices):
    """What becomes of a row without a date."""

    DRAFT = "draft", "Keep as a draft"
    QUEUE = "queue", "Add to the queue"


class PinImportQuerySet(ScopedQuerySet, LeaseQuerySet):
    """Imports by what is to be done with them."""

    def under_way(self) -> Self:
        """Return the imports that workers have something to do for."""
        return self.exclude(status=ImportStatus.REVIEW)


class PinImport(models.Model):
    """A file of pins, and at the same time the job of fetching its media and creating its pins."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="pin_imports")
    # NULL: that user was deleted.
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    delimiter = models.CharField(max_length=1, default=",")
    # The names of the columns as they are in the file, and for each the key of imports/columns.py or "".
    header = models.JSONField(default=list)
    mapping = models.JSONField(default=list)
    # Sentences about how the file was read.
    notes = models.JSONField(default=list, blank=True)

    # For rows that name none. NULL: a row without one has a problem.
    account = models.ForeignKey(PinterestAccount, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    board = models.ForeignKey(Board, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # For the links of new pins. NULL: the preset of their board or the default, if those are used, or else none.
    link_preset = models.ForeignKey(LinkPreset, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    uses_default_presets = models.BooleanField(default=True, db_default=False)
    # The name of the preset that was chosen. Left alone, that preset was deleted since, and the import asks again.
    link_preset_name = models.CharField(max_length=limits.NAME_LENGTH, blank=True, default="", db_default="")
    # Of times that name no zone.
    time_zone = models.CharField(max_length=64)
    # Which number of a date such as 3/4/2027 is the day (imports/values.py). Empty: it was not said.
    date_order = models.CharField(max_length=3, blank=True, default="")
    destination = models.CharField(max_length=10, choices=Destination, default=Destination.SCHEDULE)
    empty_date = models.CharField(max_length=10, choices=EmptyDate, default=EmptyDate.DRAFT)
    # Whether keywords are added to descriptions that have room for them.
    appends_keywords = models.BooleanField(default=False)

    status = models.CharField(max_length=10, choices=ImportStatus, default=ImportStatus.REVIEW)
    # For whom workers act: who has begun it last. NULL: it was not begun, or that user was deleted.
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    # Whether its pins are created as soon as its media are there, as a program has asked.
    creates_at_once = models.BooleanField(default=False)
    # When the last pins were created. NULL: none were.
    pins_created_at = models.DateTimeField(null=True, blank=True)
    # A sentence about what has interrupted it. Empty: nothing.
    error = models.CharField(max_length=500, blank=True, default="")
    # Of the one worker that is at it, which renews the lease while it works.
    claim_token = models.UUIDField(null=True, blank=True, editable=False)
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)

    objects = PinImportQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-id"], name="pin_import_list"),
            models.Index(fields=["workspace", "sha256"], name="pin_import_file"),
            models.Index(fields=["id"], name="pin_import_under_way", condition=~Q(status="review")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ImportStatus.values), name="pin_import_status_known"),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone of times that name none."""
        return ZoneInfo(self.time_zone)

    @property
    def is_under_way(self) -> bool:
        """Return whether workers have something to do for it."""
        return self.status != ImportStatus.REVIEW

    def can_delete_pins(self, now: datetime) -> bool:
        """Return whether its unsent pins may still be deleted all at once."""
        return self.pins_created_at is not None and self.pins_created_at > now - DELETABLE_FOR


class PinImportRowQuerySet(ScopedQuerySet):
    """Rows of imports by what has become of them."""

    workspace_path = "pin_import__workspace"

    def open(self) -> Self:
        """Return the rows that no pin was created from."""
        return self.filter(status=RowStatus.OPEN)


class RowStatus(models.TextChoices):
    """What has become of a row."""

    OPEN = "open", "Not created yet"
    SKIPPED = "skipped", "Skipped"
    CREATED = "created", "Created"
    # Its cell `Pin id` names the pin that it has changed.
    UPDATED = "updated", "Updated"


class PinImportRow(models.Model):
    """A row of a file; it becomes one pin, once."""

    pin_import = models.ForeignKey(PinImport, on_delete=models.CASCADE, related_name="rows")
    # The line of the file in which it begins.
    number = models.PositiveIntegerField()
    # Its texts, as many as the file has columns or more.
    cells = models.JSONField(default=list)
    status = models.CharField(max_length=10, choices=RowStatus, default=RowStatus.OPEN)
    # What the last check found: [{"code", "field", "message", "is_warning", "choices"}] (imports/problems.py).
    problems = models.JSONField(default=list, blank=True)
    has_problems = models.BooleanField(default=False)
    # Whether media of it are yet to be fetched.
    needs_media = models.BooleanField(default=False)
    # The pin that it has become. NULL: none, or it was deleted since.
    pin = models.ForeignKey(Pin, on_delete=models.SET_NULL, null=True, blank=True, related_name="import_rows")

    objects = PinImportRowQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["pin_import", "number"], name="pin_import_row_once"),
            models.CheckConstraint(
                condition=Q(status="created") | Q(pin__isnull=True), name="pin_import_row_with_pin_is_created"
            ),
        ]

    def __str__(self) -> str:
        return f"Row {self.number} of {self.pin_import}"

    @property
    def errors(self) -> list[dict[str, Any]]:
        """Return the problems that keep it from becoming a pin."""
        return [problem for problem in self.problems if not problem["is_warning"]]


class PinImportMediaQuerySet(ScopedQuerySet):
    """Media of imports by what is known of them."""

    workspace_path = "pin_import__workspace"

    def waiting(self) -> Self:
        """Return those that are yet to be fetched."""
        return self.filter(media=None, code="")


class PinImportMedia(models.Model):
    """An address that rows of an import name, fetched once for all of them; or a frame of the video behind it."""

    pin_import = models.ForeignKey(PinImport, on_delete=models.CASCADE, related_name="media")
    address = models.TextField()
    # The place of the frame. NULL: the file itself.
    at_seconds = models.FloatField(null=True, blank=True)
    # The SHA-256 of both, since an address may be too long for an index.
    key = models.CharField(max_length=64)
    # NULL until it is there.
    media = models.ForeignKey(MediaFile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # Why it cannot be fetched: a stable code, and a sentence. Empty: nothing is wrong.
    code = models.CharField(max_length=40, blank=True, default="")
    message = models.TextField(blank=True, default="")

    objects = PinImportMediaQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pin_import", "key"], name="pin_import_media_once")]
        verbose_name_plural = "pin import media"

    def __str__(self) -> str:
        return self.address
