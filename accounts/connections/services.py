"""Connecting Pinterest accounts to a workspace, and disconnecting them."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.audit import services as audit
from accounts.models import AccountStatus, AuditAction, PinterestAccount, PinterestAccountQuerySet, User, Workspace
from accounts.notifications.announcements import announce
from postiz_pins.pinterest.client import UserAccount
from postiz_pins.pinterest.oauth import SCOPES, TokenGrant

from . import tokens


class HeldElsewhere(Exception):
    """Another workspace has connected this Pinterest account."""


def connect(
    workspace: Workspace, profile: UserAccount, grant: TokenGrant, *, by: User, now: datetime
) -> PinterestAccount:
    """Stores the account with its tokens; one that the workspace has had before is updated, and its pins go on. If its
    deletion was asked for, that is called off.

    Without one of the five permissions it is stored as needing a reconnection. Raises HeldElsewhere."""
    missing = [scope for scope in SCOPES if scope not in grant.scopes]
    columns = {
        "username": profile.username,
        "account_type": profile.account_type,
        "avatar_url": profile.avatar_url,
        "scopes": grant.scopes,
        "status": AccountStatus.NEEDS_RECONNECT if missing else AccountStatus.ACTIVE,
        "trouble": missing_scopes_sentence(missing) if missing else "",
        "trouble_since": now if missing else None,
        "connected_at": now,
        "posting_paused_until": None,
        **PinterestAccountQuerySet.UNCLAIMED,
        **tokens.token_columns(grant),
    }
    try:
        with transaction.atomic():
            account, is_new = PinterestAccount.objects.update_or_create(
                workspace=workspace, pinterest_user_id=profile.id, defaults=columns
            )
            detail = ("" if is_new else "Again. ") + (f"Not granted: {', '.join(missing)}." if missing else "")
            audit.record(workspace.pk, AuditAction.CONNECTED, str(account), by=by, now=now, detail=detail)
            cancel_deletion_on_reconnect(account, by=by, now=now)
    except IntegrityError as error:
        raise HeldElsewhere from error
    return account


def missing_scopes_sentence(missing: list[str]) -> str:
    """Names the permissions that were not granted, and what each is for."""
    reasons = "; ".join(f"{scope} ({SCOPES[scope]})" for scope in missing)
    return f"Not granted: {reasons}. Connect again and leave all boxes checked."


def disconnect(account: PinterestAccount, *, by: User, now: datetime) -> bool:
    """Forgets the tokens. Boards, pins and their history stay; scheduled pins wait for a new connection.

    False: it was disconnected before."""
    with transaction.atomic():
        is_new = forget_tokens(PinterestAccount.objects.filter(pk=account.pk)) == 1
        if is_new:
            audit.record(account.workspace_id, AuditAction.DISCONNECTED, str(account), by=by, now=now)
    return is_new


def forget_tokens(accounts: PinterestAccountQuerySet) -> int:
    """Disconnects all of `accounts` that are connected; how many that were."""
    return accounts.held().update(
        status=AccountStatus.DISCONNECTED,
        trouble="",
        trouble_since=None,
        access_token_encrypted="",
        refresh_token_encrypted="",
        access_expires_at=None,
        refresh_expires_at=None,
        **PinterestAccountQuerySet.UNCLAIMED,
    )


def cancel_deletion_on_reconnect(account: PinterestAccount, *, by: User, now: datetime) -> None:
    """The same because the account was connected again, in the caller's transaction."""
    requested = PinterestAccount.objects.filter(pk=account.pk, erase_at__isnull=False)
    if requested.in_use().update(erase_at=None):
        sentence = f"{by} canceled the deletion of the pins and analytics of {account}."
        announce(account, AuditAction.ERASURE_STOPPED, sentence, by=by, now=now)
