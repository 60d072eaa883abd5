"""The administration of pins: finding what is stuck, why, and setting it going again.

What a pin says is changed in the composer, where its rules are; its status is changed by scheduling/services.py alone.
The library is in media/admin.py.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.timesince import timesince

from accounts.admin_actions import act_on_each
from accounts.audit.admin import acting
from accounts.connections import pausing
from accounts.models import PinterestAccount, User, Workspace
from pins.rules.questions import ConfirmationNeeded
from pins.scheduling.past_times import PUBLISH_AT_PAST
from postiz_pins.common.admin.columns import shortened
from postiz_pins.common.admin.filters import RecentFilter
from postiz_pins.common.admin.read_only import ReadOnlyAdmin

from .admin_filters import JobFilter
from .composer import services as composer
from .media import admin as media_admin  # noqa: F401  registers the library
from .models import Attachment, CalendarFeed, Pin, PinEvent, PinStatus, PostingSlot
from .scheduling import services as scheduling

# Why an action did nothing although it seemed possible a moment before.
CHANGED = "changed in the meantime"


class ReadOnlyInline(admin.TabularInline):
    """Rows on the page of another, which the administration shows and never changes."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True  # to a user who may see the pin


class AttachmentInline(ReadOnlyInline):
    """The media files of a pin, in their order."""

    model = Attachment
    fields = ["position", "picture", "title", "description", "link"]
    readonly_fields = ["picture"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attachment]:
        return super().get_queryset(request).select_related("media", "pin")

    @admin.display(description="media file")
    def picture(self, attachment: Attachment) -> str:
        address = reverse("admin:pins_mediafile_change", args=[attachment.media_id])
        return format_html('<a href="{}">{} {}</a>', address, attachment.media_id, attachment.media)


class PinEventInline(ReadOnlyInline):
    """The history of a pin, the newest event first."""

    model = PinEvent
    fields = ["at", "kind", "by", "text"]
    verbose_name_plural = "history"

    def get_queryset(self, request: HttpRequest) -> QuerySet[PinEvent]:
        return super().get_queryset(request).select_related("by")


@admin.register(Pin)
class PinAdmin(ReadOnlyAdmin):
    """No date hierarchy: for its links it would look at every row, on each visit."""

    list_display = [
        *(shortened("__str__", "pin"), "workspace", "status", "account", shortened("board"), "publish_at", "lateness"),
        *("attempts", "error_code"),
    ]
    list_filter = [JobFilter, "status", ("workspace", RecentFilter), ("account", RecentFilter)]
    list_select_related = ["workspace", "account", "board"]
    search_fields = [
        *("title", "=pinterest_pin_id", "id__exact", "=account__username", "=error_code", "workspace__name"),
    ]
    ordering = ["-pk"]
    actions = ["publish_now", "retry", "cancel", "release_claim", "pause_accounts"]
    inlines = [AttachmentInline, PinEventInline]
    fieldsets = [
        (
            None,
            {"fields": ["workspace", "account", "board", "section", "status", "publish_at", "published_at", "links"]},
        ),
        ("Content", {"fields": ["title", "description", "link", "alt_text", "dominant_color", "version", "found"]}),
        ("Approval", {"fields": ["proposed_by", "review_comment"]}),
        (
            "Publishing",
            {
                "fields": [
                    *("next_attempt_at", "lateness", "attempts", "sent_at", "looks", "claim_token", "claimed_until"),
                    *("pinterest_media_id", "uploads", "upload_percent", "processing_since", "media_ready_at"),
                    *("error_code", "error_text", "created_by", "created_at", "updated_at"),
                ]
            },
        ),
    ]

    def has_publish_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may run the actions: with Django's permission to change pins."""
        return request.user.has_perm("pins.change_pin")

    @admin.action(description="Publish the selected scheduled pins now", permissions=["publish"])
    def publish_now(self, request: HttpRequest, queryset: QuerySet[Pin]) -> None:
        act_on_each(self, request, queryset, _try(scheduling.publish_now, _why_not_now), "will be published now")

    @admin.action(description="Retry the selected pins", permissions=["publish"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Pin]) -> None:
        # Many at once, after an outage: other times are not picked.
        now = partial(scheduling.retry, confirmed=[PUBLISH_AT_PAST])
        act_on_each(self, request, queryset, _try(now, _why_not_retried), "will be retried now")

    @admin.action(description="Cancel the selected pins: make them drafts", permissions=["publish"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Pin]) -> None:
        act_on_each(self, request, queryset, _try(_cancel, _why_not_canceled), "canceled")

    @admin.action(description="Release the claim on the selected pins", permissions=["publish"])
    def release_claim(self, request: HttpRequest, queryset: QuerySet[Pin]) -> None:
        act_on_each(
            self, request, queryset, _try(scheduling.release_claim, lambda pin: "not claimed by a worker"), "released"
        )

    @admin.action(description="Pause publishing for the accounts of the selected pins", permissions=["pause"])
    def pause_accounts(self, request: HttpRequest, queryset: QuerySet[Pin]) -> None:
        accounts = PinterestAccount.objects.filter(pk__in=queryset.values("account"))
        for account in accounts:
            if pausing.pause(account, by=acting(request), now=timezone.now()):
                self.message_user(request, f"Publishing for {account} is paused.", messages.SUCCESS)
            else:
                self.message_user(request, f"Publishing for {account} is already paused.", messages.WARNING)

    def has_pause_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may pause accounts: with Django's permission to change them."""
        return request.user.has_perm("accounts.change_pinterestaccount")

    @admin.display(description="late by")
    def lateness(self, pin: Pin) -> str:
        """Return how long ago the pin could have been taken a step further, if it waits for that."""
        late_at, now = pin.next_attempt_at, timezone.now()
        if not pin.is_on_its_way or late_at is None or late_at > now:
            return "-"
        seconds = int((now - late_at).total_seconds())
        return timesince(late_at, now) if seconds >= 60 else f"{seconds} second{pluralize(seconds)}"

    @admin.display(description="open")
    def links(self, pin: Pin) -> str:
        links = [(reverse("pins:pin_detail", args=[pin.pk]), "in Postiz Pins (for members)")]
        if pin.permalink:
            links.append((pin.permalink, "on Pinterest"))
        return format_html_join(" · ", '<a href="{}" rel="noreferrer">{}</a>', links)

    @admin.display(description="warnings")
    def found(self, pin: Pin) -> str:
        return "\n".join(warning["message"] for warning in pin.warnings) or "-"

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list[Any], dict[Any, Any], set[Any], list]:
        """Return pins that must not be deleted as protected: then Django deletes nothing."""
        deleted, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        in_doubt = [f"{pin}: Pinterest may be creating it at this moment" for pin in objs if not pin.can_delete]
        return deleted, counts, perms_needed, [*protected, *in_doubt]

    def delete_model(self, request: HttpRequest, obj: Pin) -> None:
        composer.delete_pin(obj, by=acting(request), now=timezone.now())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Pin]) -> None:
        for pin in queryset:
            composer.delete_pin(pin, by=acting(request), now=timezone.now())


def _try(act: Callable[..., bool], why_not: Callable[[Pin], str]) -> Callable[..., str]:
    """Return `act` with the reason for doing nothing as its result. Questions are asked on the pin's own page."""

    def tried(pin: Pin, **how: Any) -> str:
        try:
            return "" if act(pin, **how) else why_not(pin)
        except ConfirmationNeeded as needed:
            codes = ", ".join(question.code for question in needed.questions)
            return f"needs a confirmation on the pin's page ({codes})"

    return tried


def _cancel(pin: Pin, *, by: User, now: datetime) -> bool:
    return scheduling.cancel(pin, by=by)


def _why_not_canceled(pin: Pin) -> str:
    return CHANGED if pin.can_cancel else "not waiting to be published"


def _why_not_now(pin: Pin) -> str:
    return CHANGED if pin.status == PinStatus.SCHEDULED else "only scheduled pins can be published now"


def _why_not_retried(pin: Pin) -> str:
    if pin.status != PinStatus.FAILED:
        return "only failed pins can be retried"
    return "no board" if pin.board_id is None else CHANGED


@admin.register(PostingSlot)
class PostingSlotAdmin(ReadOnlyAdmin):
    """The posting slots and who holds them, read-only."""

    list_display = ["__str__", "holder", "held_until", "account"]
    list_select_related = ["account"]
    search_fields = ["=account__username"]
    ordering = ["number"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(CalendarFeed)
class CalendarFeedAdmin(ReadOnlyAdmin):
    """Links that members have made for their calendars; the hash of what makes a link work is shown nowhere."""

    list_display = ["member", "workspace", "account", "created_at"]
    list_select_related = ["membership__user", "membership__workspace", "account"]
    search_fields = ["=membership__user__email", "=membership__workspace__name", "=account__username"]
    ordering = ["-pk"]
    fields = ["membership", "account", "created_at"]

    @admin.display(ordering="membership__user__email")
    def member(self, feed: CalendarFeed) -> str:
        return str(feed.membership.user)

    @admin.display(ordering="membership__workspace__name")
    def workspace(self, feed: CalendarFeed) -> Workspace:
        return feed.membership.workspace
