"""How much of the disk the files of a workspace may take (MEDIA_QUOTA_GB)."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Sum

from accounts.models import Workspace
from pins.models import MediaFile
from pins.rules.amounts import MEGABYTE, size_beyond, size_within

from .inspection import MediaRefused


@dataclass(frozen=True)
class Quota:
    """Thumbnails are not counted: they are ours, and small."""

    used_bytes: int
    allowed_bytes: int

    @property
    def percent(self) -> int:
        """Return how much is used, in percent; 100 only when nothing is left."""
        return min(100, self.used_bytes * 100 // self.allowed_bytes)

    @property
    def free_bytes(self) -> int:
        """Return the bytes that are left."""
        return max(0, self.allowed_bytes - self.used_bytes)

    @property
    def is_nearly_full(self) -> bool:
        """Return whether at least 90 % are used."""
        return self.percent >= 90

    def __str__(self) -> str:
        """Return a text such as “9.8 of 10 GB”."""
        gigabytes = self.used_bytes / 1024**3
        used = f"{gigabytes:.1f}" if gigabytes >= 0.05 or not self.used_bytes else "less than 0.1"
        return f"{used} of {self.allowed_bytes // 1024**3} GB"


def quota_of(workspace: Workspace, *, without: int | None = None) -> Quota | None:
    """Return how much of the quota the library uses; None if no limit is set.

    Args:
        without: The key of a row whose file is lost.
    """
    if not settings.MEDIA_QUOTA_GB:
        return None
    files = MediaFile.objects.in_workspace(workspace).in_library()
    if without is not None:
        files = files.exclude(pk=without)
    used_bytes = files.aggregate(used=Sum("size_bytes"))["used"] or 0
    return Quota(used_bytes, settings.MEDIA_QUOTA_GB * 1024**3)


def require_space(workspace: Workspace, name: str, size_bytes: int, *, without: int | None = None) -> None:
    """Raise MediaRefused if a file of so many bytes is too much.

    Inside a transaction that writes the file's row no other file of the workspace is stored meanwhile, so the limit
    holds to the byte.
    """
    if not settings.MEDIA_QUOTA_GB:
        return
    # Not the whole row: whatever refers to the workspace may be written.
    Workspace.objects.select_for_update(no_key=True).only("pk").get(pk=workspace.pk)
    quota = quota_of(workspace, without=without)
    if quota is not None and quota.used_bytes + size_bytes > quota.allowed_bytes:
        raise MediaRefused(
            "media_quota_exceeded",
            f"This workspace has used {quota}, and “{name}” needs {size_beyond(size_bytes, MEGABYTE)} where"
            f" {size_within(quota.free_bytes, MEGABYTE)} is left. Delete files from the library, or ask your"
            f" administrator for more space.",
        )
