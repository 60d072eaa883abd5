"""The page of a workspace's settings."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from . import workspace_settings as settings_of_workspace
from .forms import WorkspaceSettingsForm
from .permissions import is_admin, require_admin
from .workspaces import WorkspaceRequest, posted_workspace


@require_http_methods(["GET", "POST"])
def workspace_settings(request: WorkspaceRequest) -> HttpResponse:
    """Every member may look; admins change."""
    workspace = posted_workspace(request)
    form = WorkspaceSettingsForm(request.POST if request.method == "POST" else None, workspace=workspace)
    if request.method == "POST":
        require_admin(request, workspace)
        if form.is_valid():
            if settings_of_workspace.change(workspace, form.changes, by=request.user, now=timezone.now()):
                messages.success(request, _told(form.changes))
            return redirect("accounts:workspace_settings")
    context = {"settings_workspace": workspace, "form": form, "is_admin": is_admin(request, workspace)}
    return render(request, "accounts/workspace_settings.html", context)


def _told(changes: dict[str, object]) -> str:
    if "requires_approval" not in changes:
        return "Saved."
    if changes["requires_approval"]:
        return "Saved. From now on, editors’ pins wait for an admin. What is scheduled already goes out as planned."
    return (
        "Saved. Editors publish by themselves now. Pins that are still proposed wait until one of them publishes them."
    )
