"""Telling the people of a workspace, and its audit trail, what has been decided about it."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from accounts.audit import services as audit
from accounts.models import EDITING_ROLES, AuditAction, NotificationKind, PinterestAccount, User, Workspace

from .services import notify


def announce(row: Workspace | PinterestAccount, action: AuditAction, sentence: str, *, by: User, now: datetime) -> None:
    """Record a requested or canceled deletion, and notify everyone who can edit in the workspace."""
    if isinstance(row, Workspace):
        workspace, target, page = row, f"workspace “{row}”", "accounts:workspace_delete"
    else:
        workspace, target, page = row.workspace, str(row), "accounts:connection_list"
    audit.record(workspace.pk, action, target, by=by, now=now)
    notify(
        workspace.pk,
        NotificationKind.WORKSPACE,
        sentence,
        path=reverse(page),
        now=now,
        roles=EDITING_ROLES,
        except_for=by,
    )
