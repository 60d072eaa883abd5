"""The audit trail: who did what in a workspace. Entries are only ever added."""

from __future__ import annotations

from datetime import datetime

from django.utils.text import Truncator

from .models import AuditAction, AuditEntry, User
from .models.audit import DETAIL_LENGTH, TARGET_LENGTH

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
        target=_one_line(target, TARGET_LENGTH),
        detail=_one_line(detail, DETAIL_LENGTH),
        by=by,
        by_name=THE_APP if by is None else str(by),
        at=now,
    )


def _one_line(text: str, length: int) -> str:
    return Truncator(" ".join(text.replace("\0", "").split())).chars(length)
