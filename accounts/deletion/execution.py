"""Erasing what of a workspace, a Pinterest account or a person is kept in this app, once the waiting period is over.

Everything can be repeated: whatever dies in between, the next go finds what is left. Generators stop after each of
their transactions, so that their caller may end its turn there (postiz_pins/data/deletion.py has the order of it
all).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from allauth.usersessions.models import UserSession
from django.core.files.storage import Storage
from django.db import transaction
from django.db.models import QuerySet

from accounts.audit import services as audit
from accounts.connections import services as connections
from accounts.models import (
    DELETION_PREFIX,
    ApiKey,
    AuditAction,
    Board,
    Export,
    Invitation,
    Membership,
    Notification,
    PinterestAccount,
    User,
    WebhookDelivery,
    WebhookEndpoint,
    Workspace,
)
from accounts.models.exports import export_storage
from accounts.workspaces.locks import lock_all_of
from postiz_pins.storage.base import batches, store_of

from . import requests as deletion_requests

log = logging.getLogger(__name__)

# Rows of one transaction: SQLite lets one write at a time, and publishing must not wait long for its turn.
BATCH = 500


def in_batches(rows: QuerySet[Any]) -> Iterator[None]:
    """Delete the rows, BATCH in a transaction, in any order, since sorting would read them all each time."""
    remaining = rows.order_by().values_list("pk", flat=True)
    while keys := list(remaining[:BATCH]):
        rows.model._default_manager.filter(pk__in=keys).delete()
        yield


def empty_folder(storage: Storage, folder: str) -> Iterator[None]:
    """Delete the files in the folder, those without a row included, and the folder itself.

    A folder in it is not ours (NAS devices make some), and must not keep a workspace from being deleted.
    """
    try:
        _, names = storage.listdir(folder)
    except FileNotFoundError:
        return
    for batch in batches(names):
        store_of(storage).delete_many(f"{folder}/{name}" for name in batch)
        yield
    try:
        storage.delete(folder)
    except OSError as error:
        log.warning("The folder %s could not be deleted, look at what is in it: %s", folder, error.strerror)


def begin_workspace_deletion(workspace: Workspace, now: datetime) -> bool:
    """End all memberships and whatever else could write; return False if the deletion is not due.

    Without members, it can no longer be canceled. Keys, invitations, webhooks, waiting exports and the connections to
    Pinterest end too.
    """
    with transaction.atomic():
        if not Workspace.objects.select_for_update(no_key=True).filter(pk=workspace.pk, delete_at__lte=now).exists():
            return False
        for rows in (Membership, Invitation, ApiKey):
            rows.objects.filter(workspace=workspace).delete()
        WebhookEndpoint.objects.in_workspace(workspace).update(switched_off_at=now)
        Export.objects.in_workspace(workspace).under_way().unclaimed(now).delete()
        connections.forget_tokens(PinterestAccount.objects.in_workspace(workspace))
    return True


def is_exporting(workspace: Workspace, now: datetime) -> bool:
    """Return whether a worker is writing a zip file of it at this moment."""
    return Export.objects.in_workspace(workspace).under_way().claimed(now).exists()


def delete_exports(workspace: Workspace) -> Iterator[None]:
    """Delete the workspace's exports with their files, yielding after each step."""
    yield from empty_folder(export_storage(), str(workspace.pk))
    yield from in_batches(Export.objects.in_workspace(workspace))


def delete_notifications(workspace: Workspace) -> Iterator[None]:
    """Delete the workspace's notifications, yielding after each batch."""
    yield from in_batches(Notification.objects.in_workspace(workspace))


def delete_webhooks(workspace: Workspace) -> Iterator[None]:
    """Delete the workspace's webhooks with their deliveries, yielding after each batch."""
    yield from in_batches(WebhookDelivery.objects.in_workspace(workspace))
    yield from in_batches(WebhookEndpoint.objects.in_workspace(workspace))


def finish_workspace_deletion(workspace: Workspace, now: datetime) -> None:
    """Delete the row itself, in the caller's transaction; the audit log outlives it.

    The caller has locked the row and made sure that nothing is left.
    """
    Workspace.objects.filter(pk=workspace.pk).delete()
    audit.record(workspace.pk, AuditAction.ERASED, f"workspace “{workspace}”", by=None, now=now)


def begin_account_deletion(account: PinterestAccount, now: datetime) -> bool:
    """Take Pinterest's id from the row and disconnect it; return False if the deletion is not due.

    Connecting that account again then creates a row of its own instead of canceling the deletion.
    """
    due = PinterestAccount.objects.filter(pk=account.pk, delete_at__lte=now)
    with transaction.atomic():
        if due.update(pinterest_user_id=f"{DELETION_PREFIX}{account.pk}") == 0:
            return False
        connections.forget_tokens(due)
    return True


def delete_boards(account: PinterestAccount) -> Iterator[None]:
    """Delete the account's boards, yielding after each batch."""
    yield from in_batches(Board.objects.filter(account=account))


def finish_account_deletion(account: PinterestAccount, now: datetime, *, is_recorded: bool) -> None:
    """Delete the row itself.

    An account that goes with its workspace is not recorded separately (`is_recorded`). Raises ProtectedError if a pin
    is left.
    """
    with transaction.atomic():
        deleted, _ = PinterestAccount.objects.filter(pk=account.pk).delete()
        if deleted and is_recorded:
            audit.record(account.workspace_id, AuditAction.ERASED, str(account), by=None, now=now)


def begin_user_deletion(user: User, now: datetime) -> bool:
    """Close the account for good; return False if the deletion is not due.

    Sessions, memberships and keys end, and the workspaces without another member become due too. Raises DeletionError
    if another user has to take over first.
    """
    with transaction.atomic():
        # Until it is decided which of them go along. Nor does the person make another one, which takes a lock of the
        # person's own row.
        lock_all_of(user)
        if not User.objects.select_for_update().filter(pk=user.pk, delete_at__lte=now).exists():
            return False
        deletion_requests.require_replaceable(user)
        _let_go_along(user, now)
        for membership in Membership.objects.filter(user=user):
            audit.record(
                membership.workspace_id, AuditAction.LEFT, str(user), by=user, now=now, detail="Account deleted."
            )
        Membership.objects.filter(user=user).delete()
        ApiKey.objects.usable().filter(created_by=user).update(revoked_at=now)
        Invitation.objects.open().filter(invited_by=user).update(cancelled_at=now)
        # An accepted invitation holds the person's address.
        Invitation.objects.filter(accepted_by=user).delete()
        for session in UserSession.objects.filter(user=user):
            session.end()
        User.objects.filter(pk=user.pk).update(is_active=False)
    return True


def finish_user_deletion(user: User, now: datetime) -> Iterator[None]:
    """Delete the row with its addresses, authenticators and entries in the administration's log."""
    yield from in_batches(Notification.objects.filter(user=user))
    with transaction.atomic():
        # A request that was let in before the beginning may have made a workspace since, which no user could open.
        User.objects.select_for_update().filter(pk=user.pk).first()
        _let_go_along(user, now)
        deleted, _ = User.objects.filter(pk=user.pk).delete()
        if deleted:
            audit.record(None, AuditAction.ERASED, f"account of {user}", by=None, now=now)


def _let_go_along(user: User, now: datetime) -> None:
    """Make those workspaces due that no other user could open."""
    going_along = list(deletion_requests.going_along(user).values_list("pk", flat=True))
    Workspace.objects.filter(pk__in=going_along).update(delete_at=now)
