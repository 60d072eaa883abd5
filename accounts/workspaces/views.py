"""The page of a workspace's settings."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.middleware import SESSION_KEY, WorkspaceRequest, posted_workspace
from accounts.models import Workspace
from accounts.permissions import is_admin, require_admin
from postiz_pins.common.params import parse_key

from . import services as settings_of_workspace
from .forms import WorkspaceForm, WorkspaceSettingsForm
from .services import create_workspace


@require_http_methods(["GET", "POST"])
def workspace_settings(request: WorkspaceRequest) -> HttpResponse:
    """Show the settings to every member, or let an admin change them."""
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
        return "Saved. Editors' pins now need an admin's approval. Already scheduled pins are published as planned."
    return (
        "Saved. Editors can now publish without approval. Proposed pins wait until an editor or admin publishes them."
    )


@require_http_methods(["GET", "POST"])
def workspace_create(request: WorkspaceRequest) -> HttpResponse:
    """Create a workspace for a user who has none."""
    form = WorkspaceForm(request.POST or None)
    if form.is_valid():
        workspace = create_workspace(form.cleaned_data["name"], form.cleaned_data["time_zone"], request.user)
        request.session[SESSION_KEY] = workspace.pk
        return redirect("pins:dashboard")
    return render(request, "accounts/workspace_create.html", {"form": form})


@require_POST
def workspace_switch(request: WorkspaceRequest) -> HttpResponse:
    """Make another workspace the current one of this session."""
    workspaces = Workspace.objects.for_user(request.user)
    workspace = get_object_or_404(workspaces, pk=parse_key(request.POST.get("workspace", "")))
    request.session[SESSION_KEY] = workspace.pk
    return redirect("pins:dashboard")
