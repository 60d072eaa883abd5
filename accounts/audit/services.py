"""The audit trail: who did what in a workspace. Entries are only ever added."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from accounts.models import AuditAction, AuditEntry, User
from accounts.models.audit import DETAIL_LENGTH, TARGET_LENGTH
from postiz_pins.common.text import collapse_whitespace

# Who did what no user has asked for at that moment: workers, schedules.
THE_APP = "Postiz Pins"


def record(
    workspace_id: int | None,
    action: AuditAction,
    target: str,
    *,
    by: User | None,
    now: datetime,
    detail: str = "",
) -> None:
    """Add an entry, in the caller's transaction: what is rolled back has not happened.

    Args:
        target: What it was done to, as people call it.
        by: None for the app itself.
    """
    record_all([(workspace_id, action, target, detail)], by=by, now=now)


def record_all(done: Iterable[tuple[int | None, AuditAction, str, str]], *, by: User | None, now: datetime) -> None:
    """Add an entry for each workspace, action, target and detail, in the caller's transaction."""
    AuditEntry.objects.bulk_create(
        AuditEntry(
            workspace_id=workspace_id,
            action=action,
            target=collapse_whitespace(target, TARGET_LENGTH),
            detail=collapse_whitespace(detail, DETAIL_LENGTH),
            by=by,
            by_name=THE_APP if by is None else str(by),
            at=now,
        )
        for workspace_id, action, target, detail in done
    )
