"""The page of a workspace's API keys."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.middleware import WorkspaceRequest, posted_workspace
from accounts.models import ApiKey, Scope
from accounts.permissions import is_admin, require_admin

from . import services as api_keys
from .forms import ApiKeyForm


@never_cache
@require_http_methods(["GET", "POST"])
def api_key_list(request: WorkspaceRequest) -> HttpResponse:
    """Show the keys, or create one.

    The response to that POST is the only page that ever shows the key, so there is no redirect.
    """
    workspace, now = posted_workspace(request), timezone.now()
    context: dict[str, Any] = {"keys_workspace": workspace, "api_url": f"{settings.PUBLIC_URL}/api"}
    form = ApiKeyForm(workspace=workspace)
    if request.method == "POST":
        require_admin(request, workspace)
        form = ApiKeyForm(request.POST, workspace=workspace)
        if form.is_valid():
            lifetime = form.cleaned_data["lifetime"]
            context["made"], context["key"] = api_keys.create(
                workspace,
                form.cleaned_data["name"],
                by=request.user,
                now=now,
                scopes=[Scope(value) for value in form.cleaned_data["scopes"]],
                expires_at=now + lifetime if lifetime else None,
            )
            form = ApiKeyForm(workspace=workspace)
    context["api_keys"] = api_keys.listed(workspace, now)
    context["form"] = form
    context["is_admin"] = is_admin(request, workspace)
    return render(request, "accounts/api_key_list.html", context)


@require_http_methods(["GET", "POST"])
def api_key_revoke(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Ask for confirmation, then revoke the key."""
    keys = ApiKey.objects.for_user(request.user).select_related("workspace")
    api_key = get_object_or_404(keys, pk=pk)
    require_admin(request, api_key.workspace)
    if request.method == "GET":
        return render(request, "accounts/api_key_revoke.html", {"api_key": api_key})
    api_keys.revoke(api_key, by=request.user, now=timezone.now())
    messages.success(request, f"“{api_key.name}” revoked. Programs that use it no longer have access.")
    return redirect("accounts:api_key_list")
