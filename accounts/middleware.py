"""The workspace that a person works in at the moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django_htmx.middleware import HtmxDetails

from .models import Membership, User, Workspace, unread_count

SESSION_KEY = "workspace_id"
# Signed-in people without a workspace may see these pages (beginnings of view names); all others lead to making one.
OPEN_PAGES = (
    *("account_", "mfa_", "usersessions_", "admin"),
    *("accounts:workspace_create", "accounts:workspace_switch", "accounts:user_"),
)


class WorkspaceRequest(HttpRequest):
    """A request of a signed-in member, as the middleware hands it to our views."""

    user: User
    htmx: HtmxDetails
    workspace: Workspace
    membership: Membership
    # All of the person's memberships, the oldest first; of a program, the one of its key.
    memberships: list[Membership]


class WorkspaceMiddleware:
    """Sets `request.workspace` and `request.membership`, and the workspace's time zone for all that is shown."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Run the request in UTC until the view's workspace is known."""
        with timezone.override(None):
            return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Set `memberships`, `membership` and `workspace` on the request, with the workspace's time zone."""
        if not getattr(view, "login_required", True) or not request.user.is_authenticated:
            return None
        # One query serves the page's workspace, the list to switch in and the bell; people have few memberships.
        own_memberships = Membership.objects.filter(user=request.user).select_related("workspace")
        api_key = getattr(request, "api_key", None)
        if api_key is not None:
            # A key reaches no further, whatever its creator may.
            own_memberships = own_memberships.filter(workspace=api_key.workspace_id)
        memberships: list[Membership] = list(own_memberships.annotate(unread_count=unread_count()).order_by("pk"))
        if not memberships:
            return None if _view_name(request).startswith(OPEN_PAGES) else redirect("accounts:workspace_create")
        membership = memberships[0] if api_key else _chosen(memberships, request.session.get(SESSION_KEY))
        request.memberships = memberships  # type: ignore[attr-defined]  # for `navigation`
        request.membership = membership  # type: ignore[attr-defined]  # makes it a WorkspaceRequest
        request.workspace = membership.workspace  # type: ignore[attr-defined]
        # An operator compares the rows of many workspaces, and with the log: the administration keeps to UTC.
        timezone.activate(UTC if _view_name(request).startswith("admin") else membership.workspace.zone)
        return None


def posted_workspace(request: WorkspaceRequest) -> Workspace:
    """Return the workspace that a form names in its field `workspace`, else the current one.

    The user may have switched in another tab meanwhile. Raises Http404 for a workspace that is not the user's.
    """
    return _named_workspace(request, request.POST.get("workspace", ""))


def linked_workspace(request: WorkspaceRequest) -> Workspace:
    """Return the workspace that a link names by `?workspace=`, else the current one.

    A notification may be about another workspace. Raises Http404 for a workspace that is not the user's.
    """
    return _named_workspace(request, request.GET.get("workspace", ""))


def _named_workspace(request: WorkspaceRequest, name: str) -> Workspace:
    if not name:
        return request.workspace
    workspaces = {str(membership.workspace_id): membership.workspace for membership in request.memberships}
    if name not in workspaces:
        raise Http404("No such workspace.")
    return workspaces[name]


def _view_name(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""


def _chosen(memberships: list[Membership], workspace_id: int | None) -> Membership:
    """Return the membership in the workspace that the user selected last, else the oldest one."""
    return next((membership for membership in memberships if membership.workspace_id == workspace_id), memberships[0])
