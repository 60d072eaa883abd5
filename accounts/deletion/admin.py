"""How the administration deletes what a team or a person depends on: as everybody does, with the waiting period."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.audit.admin import acting
from accounts.models import PinterestAccount, User, Workspace

from . import requests as deletion_requests

Act = Callable[[Any, User], None]


class DeletionAdmin(admin.ModelAdmin):
    """Rows that are too much for one transaction: two actions replace Django's own deletion.

    They may hold other people's work, so a deletion waits. The operator need not be a member of the workspace.
    """

    actions: tuple[str, ...] = ("request_deletion", "cancel_deletion")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_schedule_deletion_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may run the actions: with Django's permission to delete such rows."""
        return request.user.has_perm(f"{self.opts.app_label}.delete_{self.opts.model_name}")

    @admin.action(description="Delete after the waiting period of 14 days", permissions=["schedule_deletion"])
    def request_deletion(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._act_on_each(
            request, queryset, _request, "will be deleted in 14 days. Until then you can cancel the deletion"
        )

    @admin.action(description="Cancel the deletion", permissions=["schedule_deletion"])
    def cancel_deletion(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._act_on_each(request, queryset, _cancel, "will not be deleted")

    def _act_on_each(self, request: HttpRequest, queryset: QuerySet[Any], act: Act, done: str) -> None:
        for row in queryset:
            try:
                act(row, acting(request))
            except deletion_requests.DeletionError as error:
                self.message_user(request, str(error), messages.WARNING)
            else:
                self.message_user(request, f"{row} {done}.", messages.SUCCESS)


def _request(row: Model, by: User) -> None:
    now = timezone.now()
    if isinstance(row, Workspace):
        deletion_requests.request_workspace_deletion(row, by=by, now=now, is_operator=True)
    elif isinstance(row, PinterestAccount):
        deletion_requests.request_account_deletion(row, by=by, now=now, is_operator=True)
    elif isinstance(row, User):
        deletion_requests.request_user_deletion(row, by=by, now=now)


def _cancel(row: Workspace | PinterestAccount | User, by: User) -> None:
    if row.delete_at is None:
        raise deletion_requests.DeletionError(f"No deletion of {row} is pending.")
    now = timezone.now()
    if isinstance(row, Workspace):
        deletion_requests.cancel_workspace_deletion(row, by=by, now=now, is_operator=True)
    elif isinstance(row, PinterestAccount):
        deletion_requests.cancel_account_deletion(row, by=by, now=now, is_operator=True)
    elif isinstance(row, User):
        deletion_requests.cancel_user_deletion(row, by=by, now=now)
