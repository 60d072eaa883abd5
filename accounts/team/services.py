"""Who belongs to a workspace: inviting, joining, changing roles, removing, leaving.

All of it takes place under a lock on the workspace's row, so that what was counted there is still true when it is
written: how many invitations are open, and that an admin is left.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress

from accounts.audit import services as audit
from accounts.models import AuditAction, Invitation, Membership, Role, User, Workspace
from accounts.workspaces.locks import locked

INVITATION_LIFE = timedelta(days=7)
# Not more than one e-mail per invitation in this time.
RESEND_PAUSE = timedelta(minutes=1)
# Per workspace; and per person over all workspaces, because cancelling makes room for the next one.
MOST_OPEN_INVITATIONS = 50
MOST_INVITATIONS_PER_DAY = 100
TOKEN_BYTES = 32


class TeamError(Exception):
    """It cannot be done; the sentence says why, and what to do."""


class LastAdmin(TeamError):
    """No admin would be left to invite people and to change roles."""


class InvitationUnusable(TeamError):
    """Used, expired, cancelled, or for another address."""


def token_hash(token: str) -> str:
    """Return the hash under which a token is stored; it is too random to need a slow one."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def invite(workspace: Workspace, email: str, role: str, *, by: User, now: datetime) -> tuple[Invitation, str]:
    """Return the row of a new invitation, and the token of its link, which cannot be had again.

    No email is sent yet. Whether a user has this address makes no difference, so an admin cannot learn it here.

    Raises TeamError, and PermissionDenied for a user who is not an admin.
    """
    email = email.lower()
    with locked(workspace, admin=by):
        if Membership.objects.in_workspace(workspace).filter(user__email=email).exists():
            raise TeamError(f"{email} is already a member of this workspace.")
        invitations = Invitation.objects.in_workspace(workspace)
        if invitations.pending(now).filter(email=email).exists():
            raise TeamError(f"{email} has already been invited. Resend that invitation or cancel it first.")
        invitations.open().filter(email=email).update(cancelled_at=now)  # it has expired
        _require_room(workspace, by, now)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        invitation = Invitation.objects.create(
            workspace=workspace,
            email=email,
            role=role,
            token_hash=token_hash(token),
            invited_by=by,
            created_at=now,
            sent_at=now,
            expires_at=now + INVITATION_LIFE,
        )
        audit.record(workspace.pk, AuditAction.INVITED, email, by=by, now=now, detail=f"As {role}.")
    return invitation, token


def renew(invitation: Invitation, *, by: User, now: datetime) -> str:
    """Return the token of a new link, which works for the whole time again; the earlier link stops working.

    Raises TeamError.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with locked(invitation.workspace, admin=by):
        invitation.refresh_from_db()
        _require_open(invitation)
        if invitation.sent_at > now - RESEND_PAUSE:
            raise TeamError(
                f"The invitation for {invitation.email} was sent less than a minute ago. Wait a minute, then resend it."
            )
        invitation.token_hash = token_hash(token)
        invitation.sent_at, invitation.expires_at = now, now + INVITATION_LIFE
        invitation.save(update_fields=["token_hash", "sent_at", "expires_at"])
        detail = f"Again, as {invitation.role}."
        audit.record(invitation.workspace_id, AuditAction.INVITED, invitation.email, by=by, now=now, detail=detail)
    return token


def cancel(invitation: Invitation, *, by: User, now: datetime) -> None:
    """Cancel the invitation, so that its link leads to a sentence.

    Raises TeamError if it was used or canceled before.
    """
    with locked(invitation.workspace, admin=by):
        invitation.refresh_from_db()
        _require_open(invitation)
        _cancel(invitation, by=by, now=now)


def is_for(invitation: Invitation, user: User) -> bool:
    """Return whether the invitation was sent to an address of this user, to sign in with or confirmed."""
    if user.email.lower() == invitation.email:
        return True
    return EmailAddress.objects.filter(user=user, email=invitation.email, verified=True).exists()


def accept(invitation: Invitation, user: User, *, now: datetime) -> Membership:
    """Return the membership that the invitation leads to, once.

    A user who is a member already keeps the role, and uses the invitation up. Raises InvitationUnusable.
    """
    if not is_for(invitation, user):
        raise InvitationUnusable(f"This invitation is for {invitation.email}, but you're signed in as {user.email}.")
    with locked(invitation.workspace):
        # The hash, too: a newer e-mail has replaced the link.
        same = Invitation.objects.filter(pk=invitation.pk, token_hash=invitation.token_hash)
        if same.pending(now).update(accepted_at=now, accepted_by=user) == 0:
            raise InvitationUnusable("This invitation is no longer valid.")
        membership, is_new = Membership.objects.get_or_create(
            user=user, workspace=invitation.workspace, defaults={"role": invitation.role, "joined_at": now}
        )
        if is_new:
            detail = f"As {membership.role}."
            audit.record(membership.workspace_id, AuditAction.JOINED, str(user), by=user, now=now, detail=detail)
    return membership


def change_role(membership: Membership, role: str, *, by: User, now: datetime) -> None:
    """Give the member another role.

    Raises LastAdmin, and TeamError if the user is no longer a member.
    """
    with locked(membership.workspace, admin=by):
        _refresh(membership)
        if role == membership.role:
            return
        if role != Role.ADMIN:
            require_admins_left([(membership, None)])
            _cancel_invitations_of(membership, by=by, now=now)
        detail = f"{membership.role} → {role}"
        membership.role = role
        membership.save(update_fields=["role"])
        who = str(membership.user)
        audit.record(membership.workspace_id, AuditAction.ROLE_CHANGED, who, by=by, now=now, detail=detail)


def remove(membership: Membership, *, by: User, now: datetime) -> None:
    """Remove the member, whose next request is an outsider's.

    Raises LastAdmin, and TeamError if another admin was faster.
    """
    with locked(membership.workspace, admin=by):
        _end(membership, AuditAction.REMOVED, by=by, now=now)


def leave(membership: Membership, *, now: datetime) -> None:
    """End the user's own membership, whatever the role.

    Raises as `remove` does.
    """
    with locked(membership.workspace):
        _end(membership, AuditAction.LEFT, by=membership.user, now=now)


def _end(membership: Membership, action: AuditAction, *, by: User, now: datetime) -> None:
    _refresh(membership)
    require_admins_left([(membership, None)])
    _cancel_invitations_of(membership, by=by, now=now)
    detail = f"Was {membership.role}."
    audit.record(membership.workspace_id, action, str(membership.user), by=by, now=now, detail=detail)
    membership.delete()


def _refresh(membership: Membership) -> None:
    fresh = Membership.objects.filter(pk=membership.pk).first()
    if fresh is None:
        raise TeamError(f"{membership.user} is no longer a member of “{membership.workspace}”.")
    membership.role = fresh.role


def require_admins_left(changes: Iterable[tuple[Membership | None, Membership | None]]) -> None:
    """Raise LastAdmin if a workspace would have no admin left after these changes, which are made together.

    Each change is a membership before and after; None: there was none, or there will be none. The workspaces stay
    locked until the end of the caller's transaction. People whose account is closed cannot act, and those who are
    deleting theirs will not: they do not count.
    """
    changes = list(changes)
    losing = [before for before, after in changes if before and before.is_admin and not _is_same_admin(before, after)]
    gaining = {after.workspace_id for _, after in changes if after and after.is_admin and _can_act(after.user)}
    touched = {membership.workspace_id for membership in losing} - gaining
    list(Workspace.objects.select_for_update(no_key=True).filter(pk__in=touched).order_by("pk"))
    admins = Membership.objects.filter(role=Role.ADMIN, user__is_active=True, user__delete_at=None)
    staying = admins.exclude(pk__in=[membership.pk for membership in losing])
    for membership in losing:
        if membership.workspace_id in touched and not staying.filter(workspace=membership.workspace_id).exists():
            raise LastAdmin(
                f"{membership.user} is the only admin of “{membership.workspace}”. Make another member an admin first."
            )


def _is_same_admin(before: Membership, after: Membership | None) -> bool:
    return (
        after is not None
        and after.is_admin
        and (after.user_id, after.workspace_id) == (before.user_id, before.workspace_id)
    )


def _can_act(user: User) -> bool:
    return user.is_active and user.delete_at is None


def _cancel_invitations_of(membership: Membership, *, by: User, now: datetime) -> None:
    """Cancel the member's open invitations, or a removed admin could return by one made before."""
    invitations = Invitation.objects.in_workspace(membership.workspace).open()
    for invitation in invitations.filter(invited_by=membership.user_id):
        _cancel(invitation, by=by, now=now, detail=f"{membership.user}, who sent it, is no longer an admin.")


def _cancel(invitation: Invitation, *, by: User, now: datetime, detail: str = "") -> None:
    invitation.cancelled_at = now
    invitation.save(update_fields=["cancelled_at"])
    action = AuditAction.INVITATION_CANCELLED
    audit.record(invitation.workspace_id, action, invitation.email, by=by, now=now, detail=detail)


def _require_open(invitation: Invitation) -> None:
    if invitation.accepted_at is not None:
        raise TeamError(f"{invitation.email} has already joined.")
    if invitation.cancelled_at is not None:
        raise TeamError(f"The invitation for {invitation.email} was already canceled.")


def _require_room(workspace: Workspace, by: User, now: datetime) -> None:
    if Invitation.objects.in_workspace(workspace).open().count() >= MOST_OPEN_INVITATIONS:
        raise TeamError(
            f"{MOST_OPEN_INVITATIONS} invitations are pending, which is the limit for a workspace. Cancel some first."
        )
    sent = Invitation.objects.filter(invited_by=by, created_at__gt=now - timedelta(days=1)).count()
    if sent >= MOST_INVITATIONS_PER_DAY:
        raise TeamError(
            f"You've sent {MOST_INVITATIONS_PER_DAY} invitations within a day, which is the limit. Try again tomorrow."
        )
