"""Connecting Pinterest accounts to a workspace, and disconnecting them."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.audit import services as audit
from accounts.models import (
    AccountStatus,
    AuditAction,
    PinterestAccount,
    PinterestAccountQuerySet,
    User,
    WebhookEvent,
    Workspace,
)
from accounts.notifications.announcements import announce
from accounts.webhooks import outbox
from postiz_pins.pinterest.client import UserAccount
from postiz_pins.pinterest.oauth import SCOPES, TokenGrant

from . import tokens


class HeldElsewhere(Exception):
    """Another workspace has connected this Pinterest account."""


def connect(
    workspace: Workspace, profile: UserAccount, grant: TokenGrant, *, by: User, now: datetime
) -> PinterestAccount:
    """Store the account with its tokens; an account that the workspace had before is updated.

    Its pins go on, and a requested deletion is canceled. Without one of the five permissions it is stored as needing a
    reconnection.

    Raises HeldElsewhere if another workspace has the account.
    """
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
            before = PinterestAccount.objects.filter(workspace=workspace, pinterest_user_id=profile.id).first()
            account, is_new = PinterestAccount.objects.update_or_create(
                workspace=workspace, pinterest_user_id=profile.id, defaults=columns
            )
            detail = ("" if is_new else "Again. ") + (f"Not granted: {', '.join(missing)}." if missing else "")
            audit.record(workspace.pk, AuditAction.CONNECTED, str(account), by=by, now=now, detail=detail)
            cancel_requested_deletion(account, by=by, now=now)
            if account.is_active and before is not None and not before.is_active:
                outbox.tell_account(account, WebhookEvent.ACCOUNT_RECONNECTED, now=now)
            elif missing and (before is None or before.is_active):
                outbox.tell_account(account, WebhookEvent.ACCOUNT_RECONNECT_NEEDED, now=now)
    except IntegrityError as error:
        raise HeldElsewhere from error
    return account


def missing_scopes_sentence(missing: list[str]) -> str:
    """Name the permissions that were not granted, and what each is for."""
    reasons = "; ".join(f"{scope} ({SCOPES[scope]})" for scope in missing)
    return f"Not granted: {reasons}. Connect again and leave all boxes checked."


def disconnect(account: PinterestAccount, *, by: User, now: datetime) -> bool:
    """Forget the tokens. Boards, pins and their history stay; scheduled pins wait for a new connection.

    False: it was disconnected before.
    """
    with transaction.atomic():
        is_new = forget_tokens(PinterestAccount.objects.filter(pk=account.pk)) == 1
        if is_new:
            audit.record(account.workspace_id, AuditAction.DISCONNECTED, str(account), by=by, now=now)
    return is_new


def forget_tokens(accounts: PinterestAccountQuerySet) -> int:
    """Disconnect all of `accounts` that are connected; how many that were."""
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


def cancel_requested_deletion(account: PinterestAccount, *, by: User, now: datetime) -> None:
    """Cancel a requested deletion that has not begun, in the caller's transaction; none is fine too."""
    requested = PinterestAccount.objects.filter(pk=account.pk, delete_at__isnull=False)
    if requested.in_use().update(delete_at=None):
        sentence = f"{by} canceled the deletion of the pins and analytics of {account}."
        announce(account, AuditAction.DELETION_CANCELED, sentence, by=by, now=now)
