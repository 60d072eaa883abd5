"""Recording in a workspace's audit log what operators do in the administration.

Django's own history of it is for operators only.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import AuditAction, Membership, User

from . import services as audit

WHERE = "By an administrator."
# What is lost with a row, and in whose trail it says so: the workspace's primary key, what happened, and to what.
Loss = tuple[int, AuditAction, str]


def acting(request: HttpRequest) -> User:
    """Return the operator who made the request."""
    return cast(User, request.user)  # the administration lets no anonymous user in


class AuditedDeletion(admin.ModelAdmin):
    """The administration of rows whose deletion concerns workspaces."""

    def losses(self, row: Any) -> Iterable[Loss]:
        raise NotImplementedError

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with transaction.atomic():
            self._record_losses(request, obj)
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        with transaction.atomic():
            for row in queryset:
                self._record_losses(request, row)
            super().delete_queryset(request, queryset)

    def _record_losses(self, request: HttpRequest, row: Any) -> None:
        for workspace_id, action, target in self.losses(row):
            audit.record(workspace_id, action, target, by=acting(request), now=timezone.now(), detail=WHERE)


class AuditedMemberships(admin.ModelAdmin):
    """A page with the memberships of a person or of a workspace."""

    def save_formset(self, request: HttpRequest, form: forms.ModelForm, formset: Any, change: bool) -> None:
        rows = Membership.objects.filter(**{formset.fk.name: form.instance}).select_related("user")
        before = {membership.pk: membership for membership in rows}
        super().save_formset(request, form, formset, change)
        after = {membership.pk: membership for membership in rows.all()}
        now = timezone.now()
        for pk in sorted(before | after):
            record_membership(before.get(pk), after.get(pk), by=acting(request), now=now)


def record_membership(before: Membership | None, after: Membership | None, *, by: User, now: datetime) -> None:
    """Record what became of a membership.

    Args:
        before: None if there was none.
        after: None if it was deleted.
    """
    if before and after and (before.user_id, before.workspace_id) == (after.user_id, after.workspace_id):
        if before.role != after.role:
            detail = f"{before.role} → {after.role}. {WHERE}"
            audit.record(after.workspace_id, AuditAction.ROLE_CHANGED, str(after.user), by=by, now=now, detail=detail)
        return
    if before:
        detail = f"Was {before.role}. {WHERE}"
        audit.record(before.workspace_id, AuditAction.REMOVED, str(before.user), by=by, now=now, detail=detail)
    if after:
        detail = f"As {after.role}. {WHERE}"
        audit.record(after.workspace_id, AuditAction.JOINED, str(after.user), by=by, now=now, detail=detail)


def record_settings(form: forms.ModelForm, *, by: User, now: datetime) -> None:
    """Tell which fields of a workspace's form were changed, from what, to what."""
    changes = [f"{form[name].label}: {form.initial[name]} → {form.cleaned_data[name]}." for name in form.changed_data]
    if changes:
        workspace, action = form.instance, AuditAction.SETTINGS_CHANGED
        detail = " ".join([*changes, WHERE])
        audit.record(workspace.pk, action, f"workspace “{workspace}”", by=by, now=now, detail=detail)
