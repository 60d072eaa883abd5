"""Deleting a workspace, a Pinterest account's data, or a person's own account: asked for, announced, called off.

Nothing is deleted here. What was asked for waits for WAITING_PERIOD in the row's `erase_at`; then the schedule erases
it (postiz_pins/data/deletion.py). Until that has begun it can be called off: both sides change the row on a
condition."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.audit import services as audit
from accounts.connections.services import cancel_deletion_on_reconnect
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
    """It cannot be asked for, or called off; the sentence says why, and what to do."""


def request_workspace_deletion(workspace: Workspace, *, by: User, now: datetime, is_operator: bool = False) -> None:
    """Deletes the workspace with all that belongs to it, once the waiting period is over.

    Raises PermissionDenied for somebody who is no admin of it any more, which an operator needs not be;
    DeletionError if it has been asked for already."""
    with locked(workspace, admin=None if is_operator else by):
        erase_at = now + WAITING_PERIOD
        if Workspace.objects.filter(pk=workspace.pk, erase_at=None).update(erase_at=erase_at) == 0:
            raise DeletionError(f"Another admin has already requested the deletion of “{workspace}”.")
        sentence = (
            f"{by} requested the deletion of “{workspace}”. Everything in it will be deleted on"
            f" {day_of(erase_at, workspace)}. Any admin can cancel this until then."
        )
        announce(workspace, AuditAction.ERASURE_ASKED, sentence, by=by, now=now)


def cancel_workspace_deletion(workspace: Workspace, *, by: User, now: datetime, is_operator: bool = False) -> None:
    """Calls its deletion off, if anybody has asked for it. Raises PermissionDenied, also once the erasing has begun,
    which ends all memberships; an operator, who needs none, then gets DeletionError."""
    with locked(workspace, admin=None if is_operator else by):
        members = Membership.objects.in_workspace(workspace)
        requested = Workspace.objects.filter(pk=workspace.pk, erase_at__isnull=False)
        if requested.filter(Exists(members)).update(erase_at=None):
            sentence = f"{by} canceled the deletion of “{workspace}”."
            announce(workspace, AuditAction.ERASURE_STOPPED, sentence, by=by, now=now)
        elif requested.exists():
            raise DeletionError(f"The deletion of “{workspace}” has already started.")


def request_account_deletion(account: PinterestAccount, *, by: User, now: datetime, is_operator: bool = False) -> None:
    """Deletes the account's pins, figures and boards here, once the waiting period is over; not what is on Pinterest.

    Raises PermissionDenied as `request_workspace_deletion` does, and DeletionError while the account is connected."""
    workspace = account.workspace
    with locked(workspace, admin=None if is_operator else by):
        erase_at = now + WAITING_PERIOD
        rows = PinterestAccount.objects.filter(pk=account.pk, status=AccountStatus.DISCONNECTED, erase_at=None)
        if rows.update(erase_at=erase_at) == 0:
            raise DeletionError(f"Disconnect {account} first, unless its deletion has already been requested.")
        sentence = (
            f"{by} requested the deletion of the pins and analytics of {account}. They will be deleted here on"
            f" {day_of(erase_at, workspace)}. Any admin can cancel this until then."
        )
        announce(account, AuditAction.ERASURE_ASKED, sentence, by=by, now=now)


def cancel_account_deletion(account: PinterestAccount, *, by: User, now: datetime, is_operator: bool = False) -> None:
    """Calls that off, if anybody has asked for it. Raises PermissionDenied, and DeletionError once it has begun."""
    with locked(account.workspace, admin=None if is_operator else by):
        cancel_deletion_on_reconnect(account, by=by, now=now)
        if PinterestAccount.objects.filter(pk=account.pk, erase_at__isnull=False).exists():
            raise DeletionError(f"The deletion of {account} has already started.")


def request_user_deletion(user: User, *, now: datetime, by: User | None = None) -> None:
    """Deletes the person's own account once the waiting period is over, and the workspaces in which nobody else is a
    member. `by` is somebody else who has asked for it. Raises DeletionError if somebody has to be found first."""
    with transaction.atomic():
        lock_all_of(user)  # or each of two admins who ask at once would count on the other
        require_replaceable(user)
        if User.objects.filter(pk=user.pk, erase_at=None).update(erase_at=now + WAITING_PERIOD) == 0:
            raise DeletionError("The deletion of this account has already been requested.")
        audit.record(None, AuditAction.ERASURE_ASKED, f"account of {user}", by=by or user, now=now)


def cancel_user_deletion(user: User, *, now: datetime, by: User | None = None) -> None:
    """Calls it off, if it was asked for. Raises DeletionError once the erasing has begun, which closes the account."""
    with transaction.atomic():
        requested = User.objects.filter(pk=user.pk, erase_at__isnull=False)
        if requested.filter(is_active=True).update(erase_at=None):
            audit.record(None, AuditAction.ERASURE_STOPPED, f"account of {user}", by=by or user, now=now)
        elif requested.exists():
            raise DeletionError(f"The deletion of the account of {user} has already started.")


def require_replaceable(user: User) -> None:
    """Raises DeletionError if a team or the installation would be left without anybody to run it."""
    team = to_hand_over(user).first()
    if team is not None:
        raise DeletionError(f"{user} is the only admin of “{team}”. Make another member an admin first.")
    if is_last_superuser(user):
        raise DeletionError(f"{user} is the only superuser, so this account can't be deleted.")


def to_hand_over(user: User) -> WorkspaceQuerySet:
    """The workspaces in which others are members, but nobody else is an admin who stays. One that is to be deleted
    itself needs none."""
    others = _others_in_workspace(user)
    admins = others.filter(role=Role.ADMIN, user__is_active=True, user__erase_at=None)
    mine = Workspace.objects.filter(memberships__user=user, memberships__role=Role.ADMIN, erase_at=None)
    return mine.filter(Exists(others), ~Exists(admins)).order_by("name", "pk")


def going_along(user: User) -> WorkspaceQuerySet:
    """The workspaces in which nobody else is a member: nobody could open them again."""
    return Workspace.objects.for_user(user).filter(~Exists(_others_in_workspace(user))).order_by("name", "pk")


def is_last_superuser(user: User) -> bool:
    others = User.objects.filter(is_superuser=True, is_active=True, erase_at=None).exclude(pk=user.pk)
    return user.is_superuser and not others.exists()


def day_of(at: datetime, workspace: Workspace) -> str:
    """In the time zone of the workspace, whoever reads it."""
    return format_day(timezone.localtime(at, workspace.zone))


def _others_in_workspace(user: User) -> ScopedQuerySet:
    return Membership.objects.filter(workspace=OuterRef("pk")).exclude(user=user)
