"""What the admins of a workspace decide for it: its name, its time zone, and what is asked of pins."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.audit import services as audit
from accounts.models import AuditAction, Membership, Role, User, Weekday, Workspace

from .locks import locked

LABELS = {
    "name": "name",
    "time_zone": "time zone",
    "first_weekday": "first day of the week",
    "requires_approval": "approval of editors' pins",
    "asks_for_alt_text": "asking for alt text",
}


def change(workspace: Workspace, changes: dict[str, Any], *, by: User, now: datetime) -> bool:
    """Write `changes` (new values by setting), leaving other settings as they are; return whether any differs.

    Raises PermissionDenied for a user who is no longer an admin.
    """
    with locked(workspace, admin=by) as fresh:  # so that the audit trail tells what each change has replaced
        before = {name: getattr(fresh, name) for name in changes}
        changed = [name for name in changes if before[name] != changes[name]]
        for name in changed:
            setattr(fresh, name, changes[name])
        fresh.save(update_fields=changed)
        if changed:
            detail = "; ".join(f"{LABELS[name]}: {_said(name, before)} → {_said(name, changes)}" for name in changed)
            audit.record(fresh.pk, AuditAction.SETTINGS_CHANGED, str(fresh), by=by, now=now, detail=detail)
    return bool(changed)


def _said(name: str, values: dict[str, Any]) -> str:
    value = values[name]
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"“{Weekday(value).label if name == 'first_weekday' else value}”"


@transaction.atomic
def create_workspace(name: str, time_zone: str, admin: User) -> Workspace:
    """Create a workspace with the user as its admin, and return it."""
    workspace = Workspace.objects.create(name=name, time_zone=time_zone)
    Membership.objects.create(user=admin, workspace=workspace, role=Role.ADMIN)
    detail = "As admin and creator of the workspace."
    audit.record(workspace.pk, AuditAction.JOINED, str(admin), by=admin, now=workspace.created_at, detail=detail)
    return workspace
