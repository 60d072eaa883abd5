"""Zip files with all that a workspace holds (exports/jobs.py)."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Self

from django.conf import settings
from django.core.files.storage import Storage
from django.db import models
from django.db.models import Q
from django.utils import timezone

from postiz_pins.common.leases import LeaseQuerySet
from postiz_pins.storage.folder import FolderStorage

from .users import User
from .workspaces import ScopedQuerySet, Workspace


class ExportStatus(models.TextChoices):
    """How far an export has come."""

    WAITING = "waiting", "Waiting"
    BUILDING = "building", "Being built"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"
    EXPIRED = "expired", "Expired"


UNDER_WAY = (ExportStatus.WAITING, ExportStatus.BUILDING)


def export_storage() -> Storage:
    """Return the storage of exports, apart from the media, which need no login."""
    if settings.S3_BUCKET:
        from postiz_pins.storage.bucket import BucketStorage  # only where its packages are installed

        return BucketStorage(location=f"{settings.S3_PREFIX}exports", is_private=True)
    return FolderStorage(location=settings.EXPORT_ROOT, base_url=None)


def export_path(export: Export, filename: str) -> str:
    """Return a name for the export's file in the storage, which cannot be guessed."""
    return f"{export.workspace_id}/{secrets.token_urlsafe(24)}.zip"


class ExportQuerySet(ScopedQuerySet, LeaseQuerySet):
    """Exports, which a worker claims for as long as it builds them."""

    def under_way(self) -> Self:
        """Return the exports that wait or are being built."""
        return self.filter(status__in=UNDER_WAY)


class Export(models.Model):
    """A zip file that an admin asked for: all that a workspace holds, built in the background."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="exports")
    asked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    status = models.CharField(max_length=10, choices=ExportStatus, default=ExportStatus.WAITING)
    # Empty until it is ready, and again once it has expired.
    file = models.FileField(storage=export_storage, upload_to=export_path, max_length=200, blank=True, default="")
    # NULL until it is ready.
    size_bytes = models.PositiveBigIntegerField(null=True, blank=True)
    ready_at = models.DateTimeField(null=True, blank=True)
    # When the file is deleted. NULL until it is ready.
    expires_at = models.DateTimeField(null=True, blank=True)
    # A sentence for people. Empty unless it has failed.
    error = models.CharField(max_length=500, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    # Of the one worker that builds it, which renews the lease while it works.
    claim_token = models.UUIDField(null=True, blank=True, editable=False)
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ExportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ExportStatus.values), name="export_status_known"),
            models.CheckConstraint(
                condition=~Q(status="ready") | (~Q(file="") & Q(expires_at__isnull=False)), name="export_ready_has_file"
            ),
            # One at a time: each may be as large as all media of the workspace.
            models.UniqueConstraint(
                fields=["workspace"], condition=Q(status__in=["waiting", "building"]), name="export_one_under_way"
            ),
        ]

    def __str__(self) -> str:
        return f"Export of {self.workspace}, {self.asked_at:%Y-%m-%d}"

    @property
    def is_under_way(self) -> bool:
        """Return whether it waits or is being built."""
        return self.status in UNDER_WAY

    def is_claimed(self, now: datetime) -> bool:
        """Return whether a worker builds it; a claim whose lease is over was a worker's that has died."""
        return self.claimed_until is not None and self.claimed_until > now

    def has_file(self, now: datetime) -> bool:
        """Return whether it can be downloaded at `now`; a file that is over time is refused before it is removed."""
        return self.status == ExportStatus.READY and self.expires_at is not None and self.expires_at > now

    def has_expired(self, now: datetime) -> bool:
        """Return whether its file was there once and can no longer be downloaded at `now`."""
        return self.status == ExportStatus.EXPIRED or (self.status == ExportStatus.READY and not self.has_file(now))
