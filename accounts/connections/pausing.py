"""Pausing an account's publishing, as an operator does in the administration."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.audit import services as audit
from accounts.models import AuditAction, PinterestAccount, User


def pause(account: PinterestAccount, *, by: User, now: datetime) -> bool:
    """Hold the account's pins until `resume`; what is being sent at this moment is still published.

    Returns False if it is paused.
    """
    return _write(account, None, now, "Publishing paused.", by=by, now=now)


def resume(account: PinterestAccount, *, by: User, now: datetime) -> bool:
    """Let the account's pins be published again, except those more than 24 hours late.

    Returns False if it is not paused.
    """
    return account.publishing_paused_at is not None and _write(
        account, account.publishing_paused_at, None, "Publishing resumed.", by=by, now=now
    )


@transaction.atomic
def _write(
    account: PinterestAccount, before: datetime | None, after: datetime | None, detail: str, *, by: User, now: datetime
) -> bool:
    rows = PinterestAccount.objects.filter(pk=account.pk, publishing_paused_at=before)
    if rows.update(publishing_paused_at=after) == 0:
        return False
    audit.record(
        account.workspace_id,
        AuditAction.SETTINGS_CHANGED,
        str(account),
        by=by,
        now=now,
        detail=f"{detail} By an administrator.",
    )
    return True
