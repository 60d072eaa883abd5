"""Who may do what. Who may see what is decided by the scope of the query, see models.ScopedQuerySet."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db.models import Q

from .middleware import WorkspaceRequest
from .models import EDITING_ROLES, Membership, Role, User, Workspace


def can_edit(request: WorkspaceRequest, workspace: Workspace) -> bool:
    """Return whether the user may change things in the workspace, current or not, without a query."""
    return any(each.can_edit for each in request.memberships if each.workspace_id == workspace.pk)


def require_editor(request: WorkspaceRequest, workspace: Workspace) -> None:
    """Raise PermissionDenied, with a sentence, for a user who may only view."""
    if not can_edit(request, workspace):
        raise PermissionDenied(
            f"You can view “{workspace}” but not make changes. Ask one of its admins to make you an editor."
        )


def is_admin(request: WorkspaceRequest, workspace: Workspace) -> bool:
    """Return whether the user is an admin of the workspace, current or not."""
    return any(each.is_admin for each in request.memberships if each.workspace_id == workspace.pk)


def require_admin(request: WorkspaceRequest, workspace: Workspace) -> None:
    """Raise PermissionDenied, with a sentence, for a user who is not an admin of the workspace."""
    if not is_admin(request, workspace):
        raise PermissionDenied(f"Only admins of “{workspace}” can do this. Ask one of them.")


def can_publish(request: WorkspaceRequest, workspace: Workspace) -> bool:
    """Return whether to offer the user publishing without another member's approval.

    What is done then is decided by `may_publish`.
    """
    return any(each.can_publish for each in request.memberships if each.workspace_id == workspace.pk)


def may_publish(user: User, workspace: Workspace) -> bool:
    """Return whether the user may publish without approval, by role and setting as the database has them now."""
    freely = Q(role=Role.ADMIN) | Q(role__in=EDITING_ROLES, workspace__requires_approval=False)
    return Membership.objects.filter(freely, user=user, workspace=workspace).exists()


def require_can_publish(request: WorkspaceRequest, workspace: Workspace) -> None:
    """Raise PermissionDenied, with a sentence, where publishing is not offered to the user, without a query."""
    if not can_publish(request, workspace):
        raise PermissionDenied(_needs_approval(workspace))


def require_publisher(user: User, workspace: Workspace) -> None:
    """Raise PermissionDenied, with a sentence, for a user whose pins need another member's approval."""
    if not may_publish(user, workspace):
        raise PermissionDenied(_needs_approval(workspace))


def _needs_approval(workspace: Workspace) -> str:
    return f"Pins in “{workspace}” need an admin's approval. Propose the pin instead."


def require_still_admin(user: User, workspace: Workspace) -> None:
    """Raise PermissionDenied unless the user is an admin by the database: the role may have changed since."""
    if not Membership.objects.filter(user=user, workspace=workspace, role=Role.ADMIN).exists():
        raise PermissionDenied(f"You are no longer an admin of “{workspace}”. Ask one of its admins.")
