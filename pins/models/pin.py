"""Pins. Only lifecycle/transitions.py changes the status of a pin."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Length
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone

from accounts.models import Board, BoardSection, PinterestAccount, Workspace

from .. import limits
from .family import PinFamily
from .media import MediaFile, shown_media
from .pin_queryset import NEEDS_UPLOAD, PinQuerySet
from .presets import Tag
from .shown_at import shown_at, title_key
from .statuses import (
    ACTIVE_STATUSES,
    ASK_AFTER,
    EDITABLE_STATUSES,
    MOVABLE_STATUSES,
    UNSENT_STATUSES,
    UNSURE_STATUSES,
    PinStatus,
)


class Pin(models.Model):
    """A pin from draft to published, and at the same time the job of publishing it (docs/architecture.md)."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="pins")
    # NULL only while a draft has no board yet.
    account = models.ForeignKey(PinterestAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="pins")
    board = models.ForeignKey(Board, on_delete=models.PROTECT, null=True, blank=True, related_name="pins")
    # NULL: the board itself, outside its sections.
    section = models.ForeignKey(BoardSection, on_delete=models.PROTECT, null=True, blank=True, related_name="pins")
    # As typed: a draft may break the rules for a while, so the limits hold once it is scheduled (see the constraint).
    title = models.TextField(blank=True, default="")
    description = models.TextField(blank=True, default="")
    link = models.TextField(blank=True, default="")
    alt_text = models.TextField(blank=True, default="")
    dominant_color = models.TextField(blank=True, default="")
    # For people only, as Pinterest's API has no place for them: what an import has brought (pins/imports/).
    keywords = models.TextField(blank=True, default="", db_default="")
    media = models.ManyToManyField(MediaFile, through="Attachment", related_name="pins")
    tags = models.ManyToManyField(Tag, related_name="pins", blank=True)
    # Whether a video is attached: of pins that are due at the same moment those go first.
    has_video = models.BooleanField(default=False, db_default=False, editable=False)
    # The pins that it was made with, and its place among them, from 1 on. NULL: it was made alone.
    family = models.ForeignKey(
        PinFamily, on_delete=models.SET_NULL, null=True, blank=True, related_name="pins", db_index=False, editable=False
    )
    family_position = models.SmallIntegerField(null=True, blank=True, editable=False)

    status = models.CharField(max_length=12, choices=PinStatus, default=PinStatus.DRAFT)
    # What is compared to keep pins apart that are alike (pins/spacing/): the link without what changes nothing about
    # it, and the files by their content. Empty: no link, no files.
    link_key = models.CharField(max_length=255, default="", db_default="", editable=False)
    picture_key = models.CharField(max_length=64, default="", db_default="", editable=False)
    # Which warnings about that a person has answered with "keep it", and for what (spacing/kept.py). NULL: none.
    spacing_kept = models.JSONField(null=True, editable=False)

    # The moment that a person chose. NULL: not chosen yet (draft), or as soon as it is approved (proposed).
    publish_at = models.DateTimeField(null=True, blank=True)
    # Whether `publish_at` is a place that the queue gave it, and so may change (pins/queue/).
    is_queued = models.BooleanField(default=False, db_default=False, editable=False)
    # NULL until Pinterest holds the pin.
    published_at = models.DateTimeField(null=True, blank=True)
    pinterest_pin_id = models.CharField(max_length=30, blank=True, default="")

    # Of the video, once it is registered (POST /media). Empty: nothing has been uploaded for this pin, or it is to be
    # uploaded anew.
    pinterest_media_id = models.CharField(max_length=30, blank=True, default="")
    # How often the video has been uploaded since the pin was scheduled.
    uploads = models.PositiveSmallIntegerField(default=0)
    # How much of the video is at Pinterest. NULL: no upload is under way.
    upload_percent = models.PositiveSmallIntegerField(null=True, blank=True)
    # When the upload ended and Pinterest began to process it. NULL before.
    processing_since = models.DateTimeField(null=True, blank=True)
    # When Pinterest said that the video is ready. NULL before.
    media_ready_at = models.DateTimeField(null=True, blank=True)

    # Failures so far that count against the retries; a wait that Pinterest asked for (429) does not.
    attempts = models.PositiveSmallIntegerField(default=0)
    # Earliest moment that a worker may take the pin. NULL: there is nothing to do.
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    # Moment of the first POST /pins whose outcome is unknown, or since when it is asked whether there was one
    # (overdue_since). Only an answer empties it. NULL: nothing is in doubt.
    sent_at = models.DateTimeField(null=True, blank=True)
    # The moment at which it was due while it is unknown whether it was sent (PinQuerySet.overdue): the board is
    # searched for it as of then. NULL: it was sent, or nothing is in doubt.
    overdue_since = models.DateTimeField(null=True, blank=True, editable=False)
    # The earliest moment by Pinterest's clock at which that request can have made a pin. NULL: not known.
    created_since = models.DateTimeField(null=True, blank=True, editable=False)
    # How often the board was searched for a pin whose answer was lost; see VERIFICATION_DELAYS.
    looks = models.PositiveSmallIntegerField(default=0)
    # Who has the pin. Every later write of a worker is conditional on its token.
    claim_token = models.UUIDField(null=True, blank=True)
    # End of the lease. Beyond it any worker may take the pin: a living holder would have renewed.
    claimed_until = models.DateTimeField(null=True, blank=True)
    # The process that has the pin (publishing/processes.py). Empty: none has it, or nothing can be known of that
    # process.
    claimed_by = models.CharField(max_length=80, blank=True, default="", db_default="", editable=False)
    # For which reason its people were told last that it is held (lifecycle/notifications.py). Empty: they were not, or
    # it has moved on.
    held_notice = models.CharField(max_length=12, blank=True, default="", editable=False)
    # What went wrong last: a code of errors/lookup.py and Pinterest's own words. Empty: nothing.
    error_code = models.CharField(max_length=40, blank=True, default="")
    error_text = models.TextField(blank=True, default="")

    # Who asked for approval last. NULL: no user did, or that user was deleted.
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Why the pin was sent back. Empty: it was not, or it has been proposed or sent out since.
    review_comment = models.TextField(blank=True, default="")

    # Counts the edits: a form that was opened on an older version must not overwrite a newer one unseen.
    version = models.PositiveIntegerField(default=1)
    # When the next check before publishing is due (publishing/preflight.py). NULL: none is.
    preflight_at = models.DateTimeField(null=True, blank=True)
    # What the last check found while there is time to mend: [{"code", "field", "message"}].
    warnings = models.JSONField(default=list, blank=True)
    has_warnings = models.BooleanField(default=False, db_default=False, editable=False)
    # Of the composer's form that made the pin. NULL: it was not made in the composer.
    form_token = models.UUIDField(null=True, blank=True, editable=False)
    # Of the JSON API's request that made the pin: the same Idempotency-Key with another content is refused. Empty: it
    # was made otherwise.
    request_sha256 = models.CharField(max_length=64, blank=True, default="", editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PinQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-id"], name="pin_list"),
            models.Index(F("workspace"), shown_at(), F("id"), name="pin_shown"),
            models.Index(F("workspace"), F("status"), shown_at(), F("id"), name="pin_shown_by_status"),
            models.Index(F("workspace"), F("status"), title_key(), F("id"), name="pin_title_by_status"),
            models.Index(
                fields=["workspace", "-published_at", "-id"], name="pin_published", condition=Q(status="published")
            ),
            models.Index(fields=["workspace", "publish_at"], name="pin_calendar"),
            models.Index(fields=["account", "publish_at"], name="pin_account_plan"),
            models.Index(fields=["family", "family_position"], name="pin_family", condition=Q(family__isnull=False)),
            # Pins that are alike, by the time at which they are or were published.
            models.Index(F("account"), F("link_key"), Coalesce("published_at", "publish_at"), name="pin_same_link"),
            models.Index(fields=["account", "picture_key"], name="pin_same_picture"),
            # What workers look for, each second: small parts of the table, whatever has been published. By these
            # conditions, and not by the statuses, SQLite knows that a comparison with a parameter is within.
            models.Index(
                fields=["next_attempt_at", "-has_video", "id"],
                name="pin_next",
                condition=Q(next_attempt_at__isnull=False),
            ),
            models.Index(
                fields=["account", "next_attempt_at", "-has_video", "id"],
                name="pin_next_of_account",
                condition=Q(next_attempt_at__isnull=False),
            ),
            # The same where no further video may be sent: those that wait are not walked.
            models.Index(
                fields=["next_attempt_at", "-has_video", "id"],
                name="pin_next_no_upload",
                condition=~NEEDS_UPLOAD & Q(next_attempt_at__isnull=False),
            ),
            models.Index(
                fields=["account", "next_attempt_at", "-has_video", "id"],
                name="pin_no_upload_of_account",
                condition=~NEEDS_UPLOAD & Q(next_attempt_at__isnull=False),
            ),
            models.Index(
                fields=["next_attempt_at", "id"],
                name="pin_under_way",
                condition=~Q(status="scheduled") & Q(next_attempt_at__isnull=False),
            ),
            models.Index(fields=["claimed_until"], name="pin_claimed", condition=Q(claimed_until__isnull=False)),
            models.Index(fields=["publish_at"], name="pin_proposed", condition=Q(status="proposed")),
            # What people see on their dashboards.
            models.Index(
                fields=["workspace", "publish_at", "id"], name="pin_up_next", condition=Q(next_attempt_at__isnull=False)
            ),
            models.Index(fields=["workspace", "publish_at", "id"], name="pin_warned", condition=Q(has_warnings=True)),
            models.Index(
                fields=["workspace", "-updated_at", "-id"],
                name="pin_sent_back",
                condition=Q(status="draft") & ~Q(review_comment=""),
            ),
            models.Index(
                fields=["preflight_at"],
                name="pin_preflight",
                condition=Q(status="scheduled", preflight_at__isnull=False),
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
                condition=Q(status__in=["draft", "proposed", "published", "failed"]) | Q(next_attempt_at__isnull=False),
                violation_error_message="A pin that is on its way needs the moment of its next attempt.",
            ),
            models.CheckConstraint(
                name="pin_in_doubt_is_not_scheduled",
                condition=Q(status__in=["creating", "verifying", "failed"]) | Q(sent_at__isnull=True),
                violation_error_message="Find out what became of the pin before you send it again.",
            ),
            models.CheckConstraint(
                name="pin_processing_has_media",
                condition=~Q(status="processing") | (~Q(pinterest_media_id="") & Q(processing_since__isnull=False)),
                violation_error_message="Only an uploaded video can be processed.",
            ),
            models.CheckConstraint(
                name="pin_active_is_within_limits",
                condition=Q(status__in=["draft", "failed"])
                | (
                    Q(LessThanOrEqual(Length("title"), limits.TITLE_LENGTH))
                    & Q(LessThanOrEqual(Length("description"), limits.DESCRIPTION_LENGTH))
                    & Q(LessThanOrEqual(Length("link"), limits.LINK_LENGTH))
                    & Q(LessThanOrEqual(Length("alt_text"), limits.ALT_TEXT_LENGTH))
                    & Q(LessThanOrEqual(Length("dominant_color"), limits.COLOR_LENGTH))
                ),
                violation_error_message="A text of the pin is longer than Pinterest allows. Shorten it first.",
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
        """Return whether its content may change: not while Pinterest may hold a pin that is found by it."""
        return self.status in EDITABLE_STATUSES and self.sent_at is None

    @property
    def is_on_its_way(self) -> bool:
        """Return whether workers have something to do with it, now or later."""
        return self.status in ACTIVE_STATUSES

    @property
    def can_retry(self) -> bool:
        """Return whether it has failed, and still has a board to go to."""
        return self.status == PinStatus.FAILED and self.board_id is not None

    @property
    def has_failed_in_doubt(self) -> bool:
        """Return whether it has failed although Pinterest may have it: the board is searched before a retry."""
        return self.status == PinStatus.FAILED and self.sent_at is not None

    def is_late(self, now: datetime) -> bool:
        """Return whether it waits for a person to say that it may still go out."""
        due_at = self.next_attempt_at
        return self.status in UNSENT_STATUSES and due_at is not None and due_at <= now - ASK_AFTER

    @property
    def is_held_by_queue(self) -> bool:
        """Return whether its account's queue, in which it is, has been paused by a person."""
        is_waiting = self.is_queued and self.status in UNSENT_STATUSES
        return is_waiting and self.account is not None and self.account.queue_paused_at is not None

    @property
    def is_proposed(self) -> bool:
        """Return whether it waits for an approval."""
        return self.status == PinStatus.PROPOSED

    @property
    def can_cancel(self) -> bool:
        """Return whether it can be made a draft again: nothing was sent to Pinterest yet."""
        return self.is_proposed or self.status in UNSENT_STATUSES

    @property
    def can_move(self) -> bool:
        """Return whether it may get another time: not once Pinterest has or may have it."""
        return self.status in MOVABLE_STATUSES and self.sent_at is None

    @property
    def can_move_to_now(self) -> bool:
        """Return whether its time may become now: it is scheduled or was, so its content has been released."""
        return self.can_move and self.status not in (PinStatus.DRAFT, PinStatus.PROPOSED)

    @property
    def can_delete(self) -> bool:
        """Return whether it may be deleted: not while Pinterest may be creating it."""
        return self.status not in UNSURE_STATUSES

    @property
    def open_warnings(self) -> list[dict[str, str]]:
        """Return what the last check found, while it can be fixed in time (PinQuerySet.with_warnings)."""
        return self.warnings if self.status == PinStatus.SCHEDULED else []

    @property
    def permalink(self) -> str:
        """Return its public address, empty before it is published."""
        return permalink_of(self.pinterest_pin_id)

    @property
    def media_files(self) -> list[MediaFile]:
        """Return the attached files in their order."""
        return [attachment.media for attachment in self.attachments.all()]

    @property
    def shown_media(self) -> MediaFile | None:
        """Return the image that stands for it."""
        return shown_media(self.media_files)

    @property
    def video(self) -> MediaFile | None:
        """Return the video of a video pin."""
        return next((media for media in self.media_files if media.is_video), None)


def permalink_of(pinterest_pin_id: str) -> str:
    """Return a pin's public address at Pinterest (docs/pinterest.md), empty before it is published."""
    if not pinterest_pin_id:
        return ""
    if settings.PINTEREST_SANDBOX:
        return f"{settings.SANDBOX_URL}/pin/{pinterest_pin_id}/"
    return f"https://www.pinterest.com/pin/{pinterest_pin_id}/"
