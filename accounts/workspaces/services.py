"""What the admins of a workspace decide for it: its name, its time zone, and whether pins need an approval."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.audit import services as audit
from accounts.models import AuditAction, Membership, Role, User, Workspace

from .locks import locked

LABELS = {"name": "name", "time_zone": "time zone", "requires_approval": "approval of editors’ pins"}


def change(workspace: Workspace, changes: dict[str, Any], *, by: User, now: datetime) -> bool:
    """Writes `changes` (a new value by the name of the setting) and leaves the other settings as they are by now.

    False: all of it was so already. Raises PermissionDenied for somebody who is no admin any more."""
    with locked(workspace, admin=by) as fresh:  # so that the audit trail tells what each change has replaced
        before = {name: getattr(fresh, name) for name in changes}
        changed = [name for name in changes if before[name] != changes[name]]
        for name in changed:
            setattr(fresh, name, changes[name])
        fresh.save(update_fields=changed)
        if changed:
            detail = "; ".join(f"{LABELS[name]}: {_said(before[name])} → {_said(changes[name])}" for name in changed)
            audit.record(fresh.pk, AuditAction.SETTINGS_CHANGED, str(fresh), by=by, now=now, detail=detail)
    return bool(changed)


def _said(value: Any) -> str:
    return {True: "on", False: "off"}.get(value, f"“{value}”")


@transaction.atomic
def create_workspace(name: str, time_zone: str, admin: User) -> Workspace:
    workspace = Workspace.objects.create(name=name, time_zone=time_zone)
    Membership.objects.create(user=admin, workspace=workspace, role=Role.ADMIN)
    detail = "As admin and creator of the workspace."
    audit.record(workspace.pk, AuditAction.JOINED, str(admin), by=admin, now=workspace.created_at, detail=detail)
    return workspace
