"""Requesting, announcing and canceling the deletion of a workspace, an account's data, or a user.

Nothing is deleted here. A request waits for WAITING_PERIOD in the row's `delete_at`; then a schedule deletes it
(postiz_pins/data/deletion.py). Until that has begun it can be canceled: both sides change the row on a condition.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.audit import services as audit
from accounts.connections.services import cancel_requested_deletion
from accounts.models import (
    AccountStatus,
    AuditAction,
    Membership,
    PinterestAccount,
    Role,
    ScopedQuerySet,
    User,
    Workspace,
    WorkspaceQuerySet,
)
from accounts.notifications.announcements import announce
from accounts.workspaces.locks import lock_all_of, locked
from postiz_pins.common.dates import format_day

WAITING_PERIOD = timedelta(days=14)


class DeletionError(Exception):
    """A deletion cannot be requested or canceled; the sentence says why, and what to do."""


def request_workspace_deletion(workspace: Workspace, *, by: User, now: datetime, is_operator: bool = False) -> None:
    """Schedule the deletion of the workspace with all that belongs to it, after the waiting period.

    Raises PermissionDenied for a user who is not an admin of it, unless an operator; DeletionError if it was requested
    before.
    """
    with locked(workspace, admin=None if is_operator else by):
        delete_at = now + WAITING_PERIOD
        if Workspace.objects.filter(pk=workspace.pk, delete_at=None).update(delete_at=delete_at) == 0:
            raise DeletionError(f"Another admin has already requested the deletion of “{workspace}”.")
        sentence = (
            f"{by} requested the deletion of “{workspace}”. Everything in it will be deleted on"
            f" {day_of(delete_at, workspace)}. Any admin can cancel this until then."
        )
        announce(workspace, AuditAction.DELETION_REQUESTED, sentence, by=by, now=now)


def cancel_workspace_deletion(workspace: Workspace, *, by: User, now: datetime, is_operator: bool = False) -> None:
    """Cancel the deletion of the workspace, if it was requested.

    Raises PermissionDenied, also once the deletion has begun, which ends all memberships; for an operator, who needs
    none, DeletionError then.
    """
    with locked(workspace, admin=None if is_operator else by):
        members = Membership.objects.in_workspace(workspace)
        requested = Workspace.objects.filter(pk=workspace.pk, delete_at__isnull=False)
        if requested.filter(Exists(members)).update(delete_at=None):
            sentence = f"{by} canceled the deletion of “{workspace}”."
            announce(workspace, AuditAction.DELETION_CANCELED, sentence, by=by, now=now)
        elif requested.exists():
            raise DeletionError(f"The deletion of “{workspace}” has already started.")


def request_account_deletion(account: PinterestAccount, *, by: User, now: datetime, is_operator: bool = False) -> None:
    """Schedule the deletion of the account's pins, analytics and boards here, not of those on Pinterest.

    Raises PermissionDenied as `request_workspace_deletion` does, and DeletionError while the account is connected.
    """
    workspace = account.workspace
    with locked(workspace, admin=None if is_operator else by):
        delete_at = now + WAITING_PERIOD
        rows = PinterestAccount.objects.filter(pk=account.pk, status=AccountStatus.DISCONNECTED, delete_at=None)
        if rows.update(delete_at=delete_at) == 0:
            raise DeletionError(f"Disconnect {account} first, unless its deletion has already been requested.")
        sentence = (
            f"{by} requested the deletion of the pins and analytics of {account}. They will be deleted here on"
            f" {day_of(delete_at, workspace)}. Any admin can cancel this until then."
        )
        announce(account, AuditAction.DELETION_REQUESTED, sentence, by=by, now=now)


def cancel_account_deletion(account: PinterestAccount, *, by: User, now: datetime, is_operator: bool = False) -> None:
    """Cancel the deletion of the account's data, if it was requested.

    Raises PermissionDenied, and DeletionError once the deletion has begun.
    """
    with locked(account.workspace, admin=None if is_operator else by):
        cancel_requested_deletion(account, by=by, now=now)
        if PinterestAccount.objects.filter(pk=account.pk, delete_at__isnull=False).exists():
            raise DeletionError(f"The deletion of {account} has already started.")


def request_user_deletion(user: User, *, now: datetime, by: User | None = None) -> None:
    """Schedule the deletion of the user, and of the workspaces without another member.

    Args:
        by: The operator who asks for it; None for the user.

    Raises DeletionError if another user has to take over first.
    """
    with transaction.atomic():
        lock_all_of(user)  # or each of two admins who ask at once would count on the other
        require_replaceable(user)
        if User.objects.filter(pk=user.pk, delete_at=None).update(delete_at=now + WAITING_PERIOD) == 0:
            raise DeletionError("The deletion of this account has already been requested.")
        audit.record(None, AuditAction.DELETION_REQUESTED, f"account of {user}", by=by or user, now=now)


def cancel_user_deletion(user: User, *, now: datetime, by: User | None = None) -> None:
    """Cancel the deletion of the user, if it was requested.

    Raises DeletionError once the deletion has begun, which closes the account.
    """
    with transaction.atomic():
        requested = User.objects.filter(pk=user.pk, delete_at__isnull=False)
        if requested.filter(is_active=True).update(delete_at=None):
            audit.record(None, AuditAction.DELETION_CANCELED, f"account of {user}", by=by or user, now=now)
        elif requested.exists():
            raise DeletionError(f"The deletion of the account of {user} has already started.")


def require_replaceable(user: User) -> None:
    """Raise DeletionError if a team would be left without an admin, or the app without a superuser."""
    team = to_hand_over(user).first()
    if team is not None:
        raise DeletionError(f"{user} is the only admin of “{team}”. Make another member an admin first.")
    if is_last_superuser(user):
        raise DeletionError(f"{user} is the only superuser, so this account can't be deleted.")


def to_hand_over(user: User) -> WorkspaceQuerySet:
    """Return the workspaces with other members of whom none is an admin who stays.

    A workspace that is to be deleted itself needs none.
    """
    others = _others_in_workspace(user)
    admins = others.filter(role=Role.ADMIN, user__is_active=True, user__delete_at=None)
    workspaces = Workspace.objects.filter(memberships__user=user, memberships__role=Role.ADMIN, delete_at=None)
    return workspaces.filter(Exists(others), ~Exists(admins)).order_by("name", "pk")


def going_along(user: User) -> WorkspaceQuerySet:
    """Return the workspaces without another member, which no other user could open."""
    return Workspace.objects.for_user(user).filter(~Exists(_others_in_workspace(user))).order_by("name", "pk")


def is_last_superuser(user: User) -> bool:
    """Return whether no other superuser could look after the installation."""
    others = User.objects.filter(is_superuser=True, is_active=True, delete_at=None).exclude(pk=user.pk)
    return user.is_superuser and not others.exists()


def day_of(at: datetime, workspace: Workspace) -> str:
    """Return the day in the workspace's time zone, in words."""
    return format_day(timezone.localtime(at, workspace.zone))


def _others_in_workspace(user: User) -> ScopedQuerySet:
    return Membership.objects.filter(workspace=OuterRef("pk")).exclude(user=user)
