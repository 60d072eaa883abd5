"""The administration of media and pins: finding what is stuck, why, and setting it going again.

What a pin says is changed in the composer, where its rules are; its status is changed by scheduling.py alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django_q.admin import QueueAdmin
from django_q.models import OrmQ

from accounts.admin import ReadOnlyAdmin
from accounts.admin_audit import acting
from accounts.models import PinterestAccount

from . import composing, library, scheduling
from .models import Attachment, MediaFile, Pin, PinEvent, PinStatus, PostingSlot
from .questions import ConfirmationNeeded

ACCOUNTS_IN_FILTER = 20


@admin.register(MediaFile)
class MediaFileAdmin(ReadOnlyAdmin):
    list_display = ["small_picture", "original_name", "workspace", "content_type", "width", "height", "used_count"]
    list_display_links = ["original_name"]
    list_filter = ["kind", ("deleted_at", admin.EmptyFieldListFilter)]
    list_select_related = ["workspace"]
    search_fields = ["original_name", "=sha256", "=file", "workspace__name"]
    ordering = ["-pk"]
    fields = [
        *("small_picture", "original_name", "workspace", "kind", "content_type", "width", "height", "size_bytes"),
        *("duration_seconds", "video_codec", "dominant_color", "alt_text", "original", "sha256", "file", "thumbnail"),
        *("uploaded_by", "uploaded_at", "deleted_at", "used_count"),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[MediaFile]:
        return MediaFile.objects.with_used_count().order_by(*self.ordering)

    @admin.display(description="picture")
    def small_picture(self, media: MediaFile) -> str:
        return format_html('<img src="{}" alt="" height="60" loading="lazy">', media.thumbnail.url)

    @admin.display(description="pins")
    def used_count(self, media: Any) -> int:
        return media.used_count

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list[Any], dict[Any, Any], set[Any], list]:
        """Nothing is deleted but the bytes of the files; Django deletes nothing if a file is listed as protected."""
        needed = [f"{media}: needed by “{pin}”" for media in objs for pin in library.pins_in_need_of(media)]
        perms_needed = set() if self.has_delete_permission(request) else {self.opts.verbose_name}
        return [str(media) for media in objs], {self.opts.verbose_name_plural: len(objs)}, perms_needed, needed

    def delete_model(self, request: HttpRequest, obj: MediaFile) -> None:
        library.delete_media(obj, by=acting(request), now=timezone.now())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[MediaFile]) -> None:
        for media in queryset:
            library.delete_media(media, by=acting(request), now=timezone.now())


class RecentAccountsFilter(admin.RelatedFieldListFilter):
    """Offers the accounts connected last, not thousands. Any other is chosen by the link on its own page, or found by
    its name in the search; the one that is chosen is always among them."""

    def field_choices(
        self, field: models.Field[Any, Any], request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[Any]:
        accounts = PinterestAccount.objects.select_related("workspace").order_by("-connected_at", "-pk")
        recent = list(accounts[:ACCOUNTS_IN_FILTER])
        chosen_ids = [int(value) for value in self.lookup_val or [] if value.isdecimal() and len(value) <= 18]
        if not {account.pk for account in recent}.issuperset(chosen_ids):
            recent = [*accounts.filter(pk__in=chosen_ids), *recent]
        return [(str(account.pk), f"{account} · {account.workspace}") for account in recent]


class ReadOnlyInline(admin.TabularInline):
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True  # to whoever may see the pin


class AttachmentInline(ReadOnlyInline):
    model = Attachment
    fields = ["position", "picture"]
    readonly_fields = ["picture"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attachment]:
        return super().get_queryset(request).select_related("media", "pin")

    @admin.display(description="media file")
    def picture(self, attachment: Attachment) -> str:
        address = reverse("admin:pins_mediafile_change", args=[attachment.media_id])
        return format_html('<a href="{}">{} {}</a>', address, attachment.media_id, attachment.media)


class PinEventInline(ReadOnlyInline):
    model = PinEvent
    fields = ["at", "kind", "by", "text"]
    verbose_name_plural = "history"

    def get_queryset(self, request: HttpRequest) -> QuerySet[PinEvent]:
        return super().get_queryset(request).select_related("by")


@admin.register(Pin)
class PinAdmin(ReadOnlyAdmin):
    """No date hierarchy: for its links it would look at every row, on each visit."""

    list_display = ["__str__", "status", "account", "board", "publish_at", "next_attempt_at", "attempts", "error_code"]
    list_filter = ["status", ("account", RecentAccountsFilter)]
    list_select_related = ["account", "board"]
    search_fields = ["title", "=pinterest_pin_id", "id__exact", "=account__username", "=error_code"]
    ordering = ["-pk"]
    actions = ["retry", "release_claim"]
    inlines = [AttachmentInline, PinEventInline]
    fieldsets = [
        (None, {"fields": ["workspace", "account", "board", "status", "publish_at", "published_at", "permalink"]}),
        ("Content", {"fields": ["title", "description", "link", "alt_text", "dominant_color"]}),
        ("Approval", {"fields": ["proposed_by", "review_comment"]}),
        (
            "The job",
            {
                "fields": [
                    *("next_attempt_at", "attempts", "sent_at", "looks", "claim_token", "claimed_until"),
                    *("pinterest_media_id", "uploads", "upload_percent", "processing_since", "media_ready_at"),
                    *("error_code", "error_text", "created_by", "created_at", "updated_at"),
                ]
            },
        ),
    ]

    def has_publish_permission(self, request: HttpRequest) -> bool:
        """Who may run the actions: whoever has Django's permission to change pins."""
        return request.user.has_perm("pins.change_pin")

    @admin.action(description="Retry the selected pins", permissions=["publish"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Pin]) -> None:
        self._report(request, queryset, scheduling.retry, "tried again", _why_not_retried)

    @admin.action(description="Release the claim on the selected pins", permissions=["publish"])
    def release_claim(self, request: HttpRequest, queryset: QuerySet[Pin]) -> None:
        self._report(request, queryset, scheduling.release_claim, "released", lambda pin: "no worker holds it")

    def _report(
        self,
        request: HttpRequest,
        pins: QuerySet[Pin],
        act: Callable[..., bool],
        done: str,
        why_not: Callable[[Pin], str],
    ) -> None:
        """Acts on each pin, and says how many were `done`, and how many were not and why."""
        by, now = acting(request), timezone.now()
        outcomes = Counter(_outcome(partial(act, pin, by=by, now=now), partial(why_not, pin)) for pin in pins)
        for reason, count in sorted(outcomes.items()):
            subject = f"{count} pin{'' if count == 1 else 's'}"
            if reason:
                self.message_user(request, f"{subject} not {done}: {reason}.", messages.WARNING)
            else:
                self.message_user(request, f"{subject} {done}.", messages.SUCCESS)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list[Any], dict[Any, Any], set[Any], list]:
        """Django deletes nothing as long as something is listed as protected."""
        deleted, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        in_doubt = [f"{pin}: Pinterest may be creating it at this moment" for pin in objs if not pin.can_delete]
        return deleted, counts, perms_needed, [*protected, *in_doubt]

    def delete_model(self, request: HttpRequest, obj: Pin) -> None:
        composing.delete_pin(obj, by=acting(request), now=timezone.now())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Pin]) -> None:
        for pin in queryset:
            composing.delete_pin(pin, by=acting(request), now=timezone.now())


def _outcome(act: Callable[[], bool], why_not: Callable[[], str]) -> str:
    """Why it was not done; empty if it was. Questions are asked on the pin's own page."""
    try:
        return "" if act() else why_not()
    except ConfirmationNeeded as needed:
        return f"asks first on its page ({', '.join(question.code for question in needed.questions)})"


def _why_not_retried(pin: Pin) -> str:
    if pin.status != PinStatus.FAILED:
        return "only failed pins can be"
    return "it has no board" if pin.board_id is None else "it changed at this moment"


@admin.register(PostingSlot)
class PostingSlotAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "holder", "held_until", "account"]
    list_select_related = ["account"]
    search_fields = ["=account__username"]
    ordering = ["number"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


if admin.site.is_registered(OrmQ):  # not with Redis
    admin.site.unregister(OrmQ)

    @admin.register(OrmQ)
    class SearchableQueueAdmin(QueueAdmin):
        search_fields = ["id__exact", "key"]
