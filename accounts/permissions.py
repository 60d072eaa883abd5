"""Who may do what. Who may see what is decided by the scope of the query, see models.ScopedQuerySet."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db.models import Q

from .middleware import WorkspaceRequest
from .models import EDITING_ROLES, Membership, Role, User, Workspace


def can_edit(request: WorkspaceRequest, workspace: Workspace) -> bool:
    """Whether the person may change things in the workspace, which needs not be the current one. Costs no query."""
    return any(each.can_edit for each in request.memberships if each.workspace_id == workspace.pk)


def require_editor(request: WorkspaceRequest, workspace: Workspace) -> None:
    """Raises PermissionDenied, with a sentence, for a person who may only look."""
    if not can_edit(request, workspace):
        raise PermissionDenied(
            f"You can view “{workspace}” but not make changes. Ask one of its admins to make you an editor."
        )


def is_admin(request: WorkspaceRequest, workspace: Workspace) -> bool:
    """Whether the person is an admin of the workspace, which needs not be the current one."""
    return any(each.is_admin for each in request.memberships if each.workspace_id == workspace.pk)


def require_admin(request: WorkspaceRequest, workspace: Workspace) -> None:
    """Raises PermissionDenied, with a sentence, for everybody but the admins of the workspace."""
    if not is_admin(request, workspace):
        raise PermissionDenied(f"Only admins of “{workspace}” can do this. Ask one of them.")


def can_publish(request: WorkspaceRequest, workspace: Workspace) -> bool:
    """Whether what the person sends out goes out without somebody else's approval: what the page offers. What is done
    then is decided by `may_publish`."""
    return any(each.can_publish for each in request.memberships if each.workspace_id == workspace.pk)


def may_publish(user: User, workspace: Workspace) -> bool:
    """The same by what the database says now; both the role and the workspace's setting may have changed."""
    freely = Q(role=Role.ADMIN) | Q(role__in=EDITING_ROLES, workspace__requires_approval=False)
    return Membership.objects.filter(freely, user=user, workspace=workspace).exists()


def require_publisher(user: User, workspace: Workspace) -> None:
    """Raises PermissionDenied, with a sentence, for everybody whose pins need somebody else's approval."""
    if not may_publish(user, workspace):
        raise PermissionDenied(f"Pins in “{workspace}” need an admin's approval. Propose the pin instead.")


def require_still_admin(user: User, workspace: Workspace) -> None:
    """As `require_admin`, by what the database says now: another admin may have changed the roles since."""
    if not Membership.objects.filter(user=user, workspace=workspace, role=Role.ADMIN).exists():
        raise PermissionDenied(f"You are no longer an admin of “{workspace}”. Ask one of its admins.")
