"""The administration of webhooks: whether a receiver is sent what it should be, and what it answers.

Neither secrets nor what is sent stand here: an operator looks for what is stuck.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import WebhookDelivery, WebhookEndpoint, Workspace
from postiz_pins.common.admin.columns import shortened
from postiz_pins.common.admin.filters import RecentFilter
from postiz_pins.common.admin.read_only import ReadOnlyAdmin


class WebhookAdmin(ReadOnlyAdmin):
    """Rows that go with their workspace, or when its admins delete a webhook."""

    ordering = ["-pk"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(WebhookAdmin):
    """Receivers, as the admins of workspaces have added them."""

    list_display = [shortened("url"), "workspace", "created_by", "created_at", "failing_since", "switched_off_at"]
    list_filter = [
        *(("switched_off_at", admin.EmptyFieldListFilter), ("failing_since", admin.EmptyFieldListFilter)),
        ("workspace", RecentFilter),
    ]
    list_select_related = ["workspace", "created_by"]
    search_fields = ["url", "=workspace__name", "=created_by__email"]
    fields = [
        *("url", "workspace", "events", "created_by", "created_at"),
        *("failing_since", "switched_off_at", "trouble", "previous_secret_until"),
    ]


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(WebhookAdmin):
    """Events on their way, of the last 14 days."""

    list_display = [
        *("event", shortened("endpoint"), "workspace", "status", "attempts", "response_status", "created_at"),
        "next_attempt_at",
    ]
    list_filter = ["status", "event", ("endpoint", RecentFilter)]
    list_select_related = ["endpoint__workspace"]
    search_fields = ["=event_id", "endpoint__url", "=endpoint__workspace__name"]
    fields = [
        *("event", "event_id", "endpoint", "workspace", "status", "attempts", "created_at", "next_attempt_at"),
        *("last_attempt_at", "delivered_at", "response_status", "response_excerpt"),
    ]

    @admin.display(ordering="endpoint__workspace__name")
    def workspace(self, delivery: WebhookDelivery) -> Workspace:
        return delivery.endpoint.workspace
