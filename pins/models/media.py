"""The files of the media library, and their places in pins."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Lower
from django.urls import reverse
from django.utils import timezone

from accounts.models import ScopedQuerySet, Workspace

from .. import limits
from .presets import Tag


@dataclass(frozen=True)
class ThumbnailSize:
    """A box in pixels, of screens with two for each of a page; `is_filled`: the picture is cut to fill it."""

    pixels: tuple[int, int]
    is_filled: bool


# The picture of a row, and that of a card.
THUMBNAIL_SIZES = {
    "row": ThumbnailSize((64, 96), is_filled=True),
    "card": ThumbnailSize((320, 480), is_filled=False),
}


# What is always shown of a file's name: its extension, and what tells "chair-1" from "chair-2".
NAME_END = 10


class MediaKind(models.TextChoices):
    """Whether a media file is an image or a video."""

    IMAGE = "image", "Image"
    VIDEO = "video", "Video"


def media_path(media: MediaFile, filename: str) -> str:
    """Return a name that cannot be guessed: Pinterest fetches media by it, without a login."""
    return f"{media.workspace_id}/{secrets.token_urlsafe(24)}{limits.EXTENSIONS[media.content_type]}"


def shown_media(media_files: Sequence[MediaFile]) -> MediaFile | None:
    """Return the image that stands for a pin with these files: the first one, which is the cover of a video."""
    pictures = [media for media in media_files if not media.is_video]
    return next(iter([*pictures, *media_files]), None)


THUMBNAIL_CONTENT_TYPE = "image/jpeg"


def thumbnail_path(media: MediaFile, filename: str) -> str:
    """Return a name for the thumbnail that cannot be guessed."""
    return f"{media.workspace_id}/{secrets.token_urlsafe(24)}-small.jpg"


class MediaFileQuerySet(ScopedQuerySet):
    """Media files by their use."""

    def in_library(self) -> Self:
        """Return the files that were not deleted."""
        return self.filter(deleted_at=None)

    def unused(self) -> Self:
        """Return files that no pin shows."""
        return self.filter(~Exists(Attachment.objects.filter(media=OuterRef("pk"))))

    def used(self) -> Self:
        """Files that some pin shows."""
        return self.filter(Exists(Attachment.objects.filter(media=OuterRef("pk"))))

    def matching(self, query: str) -> Self:
        """Return files with each word of `query` in their name or their alt text."""
        words = [Q(original_name__icontains=word) | Q(alt_text__icontains=word) for word in query.split()]
        return self.filter(*words)

    def with_used_count(self) -> Self:
        """Add `used_count`, the number of pins that a file is attached to."""
        uses = Attachment.objects.filter(media=OuterRef("pk")).order_by().values("media")
        count = uses.annotate(count=Count("pk")).values("count")
        return self.annotate(used_count=Coalesce(Subquery(count), 0))


class MediaFile(models.Model):
    """A file of the workspace's media library, checked and stored by media/storage.py."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="media_files")
    kind = models.CharField(max_length=10, choices=MediaKind)
    file = models.FileField(upload_to=media_path, max_length=200)
    thumbnail = models.FileField(upload_to=thumbnail_path, max_length=200)
    original_name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=50)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size_bytes = models.PositiveBigIntegerField()
    # Of the file as it was uploaded; what is stored may have been converted, or freed of metadata.
    sha256 = models.CharField(max_length=64)
    # NULL for an image.
    duration_seconds = models.FloatField(null=True, blank=True)
    # In FFmpeg's words: h264, hevc. Empty for an image.
    video_codec = models.CharField(max_length=20, blank=True, default="")
    # Offered when the file is put into a pin.
    alt_text = models.TextField(blank=True, default="")
    # The colour that prevails in the picture, as #RRGGBB.
    dominant_color = models.CharField(max_length=limits.COLOR_LENGTH, blank=True, default="")
    # Of an animation that was uploaded; Pinterest shows still images, so the others were dropped.
    is_first_frame = models.BooleanField(db_default=False, default=False)
    # The image that this one was cropped from, or the video whose frame it is. NULL: it was uploaded itself.
    original = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="derived")
    # Its bytes are gone; row and thumbnail stay for the published pins that show them. NULL while it is in the library.
    deleted_at = models.DateTimeField(null=True, blank=True)
    tags = models.ManyToManyField(Tag, related_name="media_files", blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)

    objects = MediaFileQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-id"], name="media_of_workspace"),
            models.Index(F("workspace"), Lower("original_name"), F("id"), name="media_by_name"),
            models.Index(fields=["workspace", "-size_bytes", "-id"], name="media_by_size"),
        ]
        constraints = [
            # The file itself, not its name, decides whether it is there already.
            models.UniqueConstraint(fields=["workspace", "sha256"], name="media_once_per_workspace"),
            models.UniqueConstraint(fields=["file"], name="media_file_unique"),
            models.UniqueConstraint(fields=["thumbnail"], name="media_thumbnail_unique"),
        ]

    def __str__(self) -> str:
        return self.original_name

    @property
    def name_parts(self) -> tuple[str, str]:
        """The name in two parts: where there is little room, the end of the first one is left out."""
        return self.original_name[:-NAME_END], self.original_name[-NAME_END:]

    @property
    def thumbnail_urls(self) -> dict[str, str]:
        """Return the address of the thumbnail in each of THUMBNAIL_SIZES."""
        return {size: reverse("pins:media_thumbnail", args=[size, self.thumbnail.name]) for size in THUMBNAIL_SIZES}

    @property
    def has_ideal_shape(self) -> bool:
        """Return whether it is as tall for its width as Pinterest recommends, give or take a hundredth."""
        width, height = limits.IDEAL_SIZE
        return abs(self.width / self.height - width / height) < 0.01

    @property
    def notice(self) -> str:
        """Return what the uploader has to know about changes that were made to the file; usually empty."""
        if self.is_first_frame:
            return f"Pinterest doesn't show animations, so only the first frame of “{self}” was kept."
        return ""

    @property
    def is_video(self) -> bool:
        """Return whether it is a video."""
        return self.kind == MediaKind.VIDEO

    @property
    def duration_text(self) -> str:
        """Return the duration as players show it, such as 0:42; empty for an image."""
        if self.duration_seconds is None:
            return ""
        minutes, seconds = divmod(round(self.duration_seconds), 60)
        return f"{minutes}:{seconds:02}"


class Attachment(models.Model):
    """The place of a media file in a pin; positions start at 0. The texts are those of one image of a carousel."""

    pin = models.ForeignKey("pins.Pin", on_delete=models.CASCADE, related_name="attachments")
    media = models.ForeignKey(MediaFile, on_delete=models.PROTECT, related_name="attachments")
    position = models.PositiveSmallIntegerField()
    title = models.TextField(blank=True, default="")
    description = models.TextField(blank=True, default="")
    link = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["pin", "position"], name="attachment_position_unique")]

    def __str__(self) -> str:
        return f"{self.media} at {self.position} of {self.pin}"


class PendingUpload(models.Model):
    """A file that a browser sends to the bucket in parts; any web process can finish it (pins/direct_uploads)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="pending_uploads")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=255)
    size_bytes = models.PositiveBigIntegerField()
    # The object, until it has been read and stored, and the bucket's name for its parts.
    key = models.CharField(max_length=300)
    upload_id = models.CharField(max_length=1024)
    begun_at = models.DateTimeField(default=timezone.now, db_index=True)
    # What has become of it, so that asking twice to finish it does no harm. NULL until then.
    media = models.ForeignKey(MediaFile, on_delete=models.CASCADE, null=True, blank=True, related_name="+")

    objects = ScopedQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name
