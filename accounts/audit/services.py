"""The audit trail: who did what in a workspace. Entries are only ever added."""

from __future__ import annotations

from datetime import datetime

from accounts.models import AuditAction, AuditEntry, User
from accounts.models.audit import DETAIL_LENGTH, TARGET_LENGTH
from postiz_pins.common.text import collapse_whitespace

# Who did what nobody has asked for at that moment: workers, schedules.
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
    """Adds an entry, in the caller's transaction: what is rolled back has not happened.

    `target` is what it was done to, as people call it; `by` None stands for the app itself."""
    AuditEntry.objects.create(
        workspace_id=workspace_id,
        action=action,
        target=collapse_whitespace(target, TARGET_LENGTH),
        detail=collapse_whitespace(detail, DETAIL_LENGTH),
        by=by,
        by_name=THE_APP if by is None else str(by),
        at=now,
    )
