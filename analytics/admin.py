"""The administration of figures: which accounts are behind and why, and what the day's requests have come to."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import pluralize
from django.utils import timezone

from postiz_pins.common.admin.read_only import ReadOnlyAdmin

from .ingestion import runner
from .models import AccountFeed, CallCount


@admin.register(AccountFeed)
class AccountFeedAdmin(ReadOnlyAdmin):
    """How the analytics of each account are being fetched."""

    list_display = ["account", "trouble", "failures", "latest_on", "days_fetched_at", "days_next_at", "paused_until"]
    list_filter = ["trouble"]
    list_select_related = ["account"]
    search_fields = ["=account__username", "account__workspace__name"]
    ordering = ["-pk"]
    actions = ["fetch_now"]
    fieldsets = [
        (None, {"fields": ["account", "trouble", "trouble_text", "trouble_since", "failures", "latest_on"]}),
        ("Fetched", {"fields": ["days_fetched_at", "revised_at", "lifetime_fetched_at", "pins_fetched_at"]}),
        (
            "Next",
            {
                "fields": [
                    *("days_next_at", "lifetime_next_at", "pins_next_at", "paused_until", "many_pins_refused_until"),
                    *("refreshed_at", "claim_token", "claimed_until"),
                ]
            },
        ),
    ]

    def has_fetch_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may run the action: with Django's permission to change feeds."""
        return request.user.has_perm("analytics.change_accountfeed")

    @admin.action(description="Update the analytics of the selected accounts now", permissions=["fetch"])
    def fetch_now(self, request: HttpRequest, queryset: QuerySet[AccountFeed]) -> None:
        now = timezone.now()
        refused = [runner.request_refresh(feed.account, now) for feed in queryset.select_related("account")]
        too_soon = sum(moment is not None for moment in refused)
        if requested := len(refused) - too_soon:
            text = f"Analytics of {requested} account{pluralize(requested)} will be updated now."
            self.message_user(request, text, messages.SUCCESS)
        if too_soon:
            text = f"{too_soon} account{pluralize(too_soon)} skipped: updated less than ten minutes ago."
            self.message_user(request, text, messages.WARNING)


@admin.register(CallCount)
class CallCountAdmin(ReadOnlyAdmin):
    """Requests to Pinterest by day, read-only."""

    list_display = ["date", "calls"]
    search_fields = ["date"]
    ordering = ["-date"]

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
