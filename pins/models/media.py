"""The files of the media library, and their places in pins."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import ScopedQuerySet, Workspace

from .. import limits


class MediaKind(models.TextChoices):
    IMAGE = "image", "Image"
    VIDEO = "video", "Video"


def media_path(media: MediaFile, filename: str) -> str:
    """An unguessable name: Pinterest fetches media without a login, so the name is the only key to it."""
    return f"{media.workspace_id}/{secrets.token_urlsafe(24)}{limits.EXTENSIONS[media.content_type]}"


def shown_media(media_files: Sequence[MediaFile]) -> MediaFile | None:
    """The picture that stands for a pin with these files: the first one, which is the cover of a video."""
    pictures = [media for media in media_files if not media.is_video]
    return next(iter([*pictures, *media_files]), None)


def thumbnail_path(media: MediaFile, filename: str) -> str:
    return f"{media.workspace_id}/{secrets.token_urlsafe(24)}-small.jpg"


class MediaFileQuerySet(ScopedQuerySet):
    def in_library(self) -> Self:
        """Files that nobody has deleted."""
        return self.filter(deleted_at=None)

    def unused(self) -> Self:
        """Files that no pin shows."""
        return self.filter(~Exists(Attachment.objects.filter(media=OuterRef("pk"))))

    def matching(self, query: str) -> Self:
        """Files with each word of `query` in their name or their alt text."""
        words = [Q(original_name__icontains=word) | Q(alt_text__icontains=word) for word in query.split()]
        return self.filter(*words)

    def with_used_count(self) -> Self:
        """Adds `used_count`, the number of pins that a file is attached to."""
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
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)

    objects = MediaFileQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["workspace", "-id"], name="media_of_workspace")]
        constraints = [
            # The file itself, not its name, decides whether it is there already.
            models.UniqueConstraint(fields=["workspace", "sha256"], name="media_once_per_workspace"),
            models.UniqueConstraint(fields=["file"], name="media_file_unique"),
            models.UniqueConstraint(fields=["thumbnail"], name="media_thumbnail_unique"),
        ]

    def __str__(self) -> str:
        return self.original_name

    @property
    def has_ideal_shape(self) -> bool:
        """Whether it is as tall for its width as Pinterest recommends, give or take a hundredth."""
        width, height = limits.IDEAL_SIZE
        return abs(self.width / self.height - width / height) < 0.01

    @property
    def notice(self) -> str:
        """What whoever uploads it has to know about what became of it; empty as a rule."""
        if self.is_first_frame:
            return f"Pinterest doesn't show animations, so only the first frame of “{self}” was kept."
        return ""

    @property
    def is_video(self) -> bool:
        return self.kind == MediaKind.VIDEO

    @property
    def duration_text(self) -> str:
        """As players show it, such as 0:42. Empty for an image."""
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
