"""Media files, pins, their attachments and their history. Only publishing.py changes the status of a pin."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Count, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Board, PinterestAccount, ScopedQuerySet, Workspace

from . import limits


class MediaKind(models.TextChoices):
    IMAGE = "image", "Image"


def media_path(media: MediaFile, filename: str) -> str:
    """An unguessable name: Pinterest fetches media without a login, so the name is the only key to it."""
    return f"{media.workspace_id}/{secrets.token_urlsafe(24)}{limits.EXTENSIONS[media.content_type]}"


def thumbnail_path(media: MediaFile, filename: str) -> str:
    return f"{media.workspace_id}/{secrets.token_urlsafe(24)}-small.jpg"


class MediaFileQuerySet(ScopedQuerySet):
    def with_used_count(self) -> Self:
        """Adds `used_count`, the number of pins that a file is attached to."""
        uses = Attachment.objects.filter(media=OuterRef("pk")).order_by().values("media")
        count = uses.annotate(count=Count("pk")).values("count")
        return self.annotate(used_count=Coalesce(Subquery(count), 0))


class MediaFile(models.Model):
    """A file of the workspace's media library, checked and stored by media.py."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="media_files")
    kind = models.CharField(max_length=10, choices=MediaKind)
    file = models.FileField(upload_to=media_path, max_length=200)
    thumbnail = models.FileField(upload_to=thumbnail_path, max_length=200)
    original_name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=50)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
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


class PinStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    SCHEDULED = "scheduled", "Scheduled"
    CREATING = "creating", "Creating"
    VERIFYING = "verifying", "Verifying"
    PUBLISHED = "published", "Published"
    FAILED = "failed", "Failed"


# Statuses in which a worker has something to do, now or later.
ACTIVE_STATUSES = (PinStatus.SCHEDULED, PinStatus.CREATING, PinStatus.VERIFYING)
# Statuses in which Pinterest may hold a pin that we do not know of yet: look before creating.
UNSURE_STATUSES = (PinStatus.CREATING, PinStatus.VERIFYING)
EDITABLE_STATUSES = (PinStatus.DRAFT, PinStatus.SCHEDULED, PinStatus.FAILED)

LEGAL_MOVES: dict[str, frozenset[str]] = {
    PinStatus.DRAFT: frozenset({PinStatus.SCHEDULED}),
    PinStatus.SCHEDULED: frozenset({PinStatus.DRAFT, PinStatus.SCHEDULED, PinStatus.CREATING, PinStatus.FAILED}),
    PinStatus.CREATING: frozenset({PinStatus.PUBLISHED, PinStatus.VERIFYING, PinStatus.SCHEDULED, PinStatus.FAILED}),
    PinStatus.VERIFYING: frozenset({PinStatus.PUBLISHED, PinStatus.VERIFYING, PinStatus.SCHEDULED, PinStatus.FAILED}),
    PinStatus.FAILED: frozenset({PinStatus.DRAFT, PinStatus.SCHEDULED, PinStatus.VERIFYING}),
    PinStatus.PUBLISHED: frozenset(),
}


class PinQuerySet(ScopedQuerySet):
    def due(self, now: datetime) -> Self:
        """Pins that a worker may take at `now`: something is to be done, nobody has them, and nothing holds them.

        A claim without an end (NULL) was never made or has been given back. The pin's own columns are compared without
        a join: PostgreSQL checks only such conditions anew when the row has changed under an UPDATE."""
        return self.filter(
            Q(claimed_until=None) | Q(claimed_until__lte=now),
            status__in=ACTIVE_STATUSES,
            next_attempt_at__lte=now,
            account__in=PinterestAccount.objects.postable(now).values("pk"),
        )

    def oldest_first(self) -> Self:
        return self.order_by("next_attempt_at", "pk")

    def published(self) -> Self:
        return self.filter(status=PinStatus.PUBLISHED)

    def with_content(self) -> Self:
        """Adds all that a pin shows, in a number of queries that does not depend on the rows."""
        with_media = Prefetch("attachments", Attachment.objects.select_related("media"))
        return self.select_related("account", "board__account", "workspace").prefetch_related(with_media)


class Pin(models.Model):
    """A pin from draft to published, and at the same time the job of publishing it (docs/architecture.md)."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="pins")
    # NULL only while a draft has no board yet.
    account = models.ForeignKey(PinterestAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="pins")
    board = models.ForeignKey(Board, on_delete=models.PROTECT, null=True, blank=True, related_name="pins")
    title = models.CharField(max_length=limits.TITLE_LENGTH, blank=True, default="")
    description = models.TextField(blank=True, default="")
    link = models.CharField(max_length=limits.LINK_LENGTH, blank=True, default="")
    alt_text = models.TextField(blank=True, default="")
    dominant_color = models.CharField(max_length=7, blank=True, default="")
    media = models.ManyToManyField(MediaFile, through="Attachment", related_name="pins")

    status = models.CharField(max_length=12, choices=PinStatus, default=PinStatus.DRAFT)
    # The moment that a person chose. NULL: not chosen yet (draft).
    publish_at = models.DateTimeField(null=True, blank=True)
    # NULL until Pinterest holds the pin.
    published_at = models.DateTimeField(null=True, blank=True)
    pinterest_pin_id = models.CharField(max_length=30, blank=True, default="")

    # Failures so far that count against the retries; a wait that Pinterest asked for (429) does not.
    attempts = models.PositiveSmallIntegerField(default=0)
    # Earliest moment that a worker may take the pin. NULL: there is nothing to do.
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    # Moment of the first POST /pins whose outcome nobody knows. NULL: nothing is in doubt.
    sent_at = models.DateTimeField(null=True, blank=True)
    # How often the board was searched for a pin whose answer was lost.
    looks = models.PositiveSmallIntegerField(default=0)
    # Who has the pin. Every later write of a worker is conditional on its token.
    claim_token = models.UUIDField(null=True, blank=True)
    # End of the lease. Beyond it any worker may take the pin: a living holder would have renewed.
    claimed_until = models.DateTimeField(null=True, blank=True)
    # What went wrong last: a code of error_catalogue.py and Pinterest's own words. Empty: nothing.
    error_code = models.CharField(max_length=40, blank=True, default="")
    error_text = models.TextField(blank=True, default="")

    # Of the composer's form that made the pin. NULL: it was not made in the composer.
    form_token = models.UUIDField(null=True, blank=True, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PinQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-id"], name="pin_list"),
            models.Index(fields=["workspace", "status", "-id"], name="pin_list_by_status"),
            models.Index(
                fields=["workspace", "-published_at", "-id"], name="pin_published", condition=Q(status="published")
            ),
            models.Index(
                fields=["next_attempt_at", "id"],
                name="pin_due",
                condition=Q(status__in=["scheduled", "creating", "verifying"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=PinStatus.values), name="pin_status_known"),
            models.CheckConstraint(
                name="pin_published_has_pinterest_id",
                condition=~Q(status="published") | (~Q(pinterest_pin_id="") & Q(published_at__isnull=False)),
                violation_error_message="A published pin needs the id that Pinterest gave it.",
            ),
            models.CheckConstraint(
                name="pin_active_has_board",
                condition=Q(status__in=["draft", "failed"]) | Q(board__isnull=False, account__isnull=False),
                violation_error_message="Choose a board before the pin is scheduled.",
            ),
            models.CheckConstraint(
                name="pin_active_has_next_attempt",
                condition=~Q(status__in=["scheduled", "creating", "verifying"]) | Q(next_attempt_at__isnull=False),
                violation_error_message="A pin that is on its way needs the moment of its next attempt.",
            ),
            models.CheckConstraint(
                name="pin_in_doubt_is_not_scheduled",
                condition=~Q(status__in=["draft", "scheduled", "published"]) | Q(sent_at__isnull=True),
                violation_error_message="Find out what became of the pin before you send it again.",
            ),
            models.UniqueConstraint(fields=["workspace", "form_token"], name="pin_once_per_form"),
            # Two rows that mean the same pin at Pinterest would hide that one of them was never published.
            models.UniqueConstraint(
                fields=["pinterest_pin_id"], condition=~Q(pinterest_pin_id=""), name="pin_pinterest_id_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"Pin {self.pk}"

    @property
    def is_editable(self) -> bool:
        """Whether its content may change: not while Pinterest may hold a pin that has yet to be recognised by it."""
        return self.status in EDITABLE_STATUSES and self.sent_at is None

    @property
    def is_on_its_way(self) -> bool:
        return self.status in ACTIVE_STATUSES

    @property
    def can_retry(self) -> bool:
        return self.status == PinStatus.FAILED and self.board_id is not None

    @property
    def can_cancel(self) -> bool:
        return self.status == PinStatus.SCHEDULED

    @property
    def can_delete(self) -> bool:
        """A pin that Pinterest may be creating at this moment stays until its outcome is known."""
        return self.status not in UNSURE_STATUSES

    @property
    def permalink(self) -> str:
        """The pin's public address at Pinterest (facts.md), empty before it is published."""
        if not self.pinterest_pin_id:
            return ""
        if settings.PINTEREST_SANDBOX:
            return f"{settings.SANDBOX_URL}/pin/{self.pinterest_pin_id}/"
        return f"https://www.pinterest.com/pin/{self.pinterest_pin_id}/"

    @property
    def media_files(self) -> list[MediaFile]:
        """The attached files in their order."""
        return [attachment.media for attachment in self.attachments.all()]


class Attachment(models.Model):
    """The place of a media file in a pin; positions start at 0."""

    pin = models.ForeignKey(Pin, on_delete=models.CASCADE, related_name="attachments")
    media = models.ForeignKey(MediaFile, on_delete=models.PROTECT, related_name="attachments")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["pin", "position"], name="attachment_position_unique")]

    def __str__(self) -> str:
        return f"{self.media} at {self.position} of {self.pin}"


class PinEventKind(models.TextChoices):
    DRAFTED = "drafted", "Composed"
    EDITED = "edited", "Edited"
    SCHEDULED = "scheduled", "Scheduled"
    CANCELLED = "cancelled", "Cancelled"
    SENDING = "sending", "Sending to Pinterest"
    WAITING = "waiting", "Waiting to try again"
    VERIFYING = "verifying", "No clear answer: looking at the board"
    PUBLISHED = "published", "Published"
    FAILED = "failed", "Failed"
    RETRIED = "retried", "Tried again"
    RELEASED = "released", "Claim released"


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


class PostingSlotQuerySet(models.QuerySet):
    def held(self, now: datetime) -> Self:
        return self.filter(number__lt=settings.PINTEREST_MAX_CONCURRENT_POSTS, held_until__gt=now)


class PostingSlot(models.Model):
    """One of the PINTEREST_MAX_CONCURRENT_POSTS permissions to post at the same moment, over all machines."""

    number = models.PositiveSmallIntegerField(primary_key=True)
    holder = models.UUIDField(null=True)
    # End of the lease. NULL or past: the slot is free.
    held_until = models.DateTimeField(null=True)
    # The account whose pin was posted under this slot last; NULL before the first and once it is free.
    account = models.ForeignKey(PinterestAccount, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = PostingSlotQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Slot {self.number}"
