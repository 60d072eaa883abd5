"""The pages on which a workspace, a Pinterest account's data and one's own account are deleted, and kept after all."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.middleware import WorkspaceRequest, posted_workspace
from accounts.models import Membership, PinterestAccount, Workspace
from accounts.permissions import require_admin

from . import requests as deletion_requests
from .forms import WorkspaceDeletionForm


@never_cache
@require_http_methods(["GET", "POST"])
def workspace_delete(request: WorkspaceRequest) -> HttpResponse:
    """Show what would be deleted, or request the workspace's deletion."""
    workspace = posted_workspace(request)
    require_admin(request, workspace)
    return _request_workspace_deletion(request, workspace)


@reauthentication_required
def _request_workspace_deletion(request: WorkspaceRequest, workspace: Workspace) -> HttpResponse:
    """Show the page or request the deletion.

    The role is checked before, or an outsider would be asked for a password first.
    """
    now = timezone.now()
    form = WorkspaceDeletionForm(request.POST or None, workspace=workspace)
    if form.is_valid():
        try:
            deletion_requests.request_workspace_deletion(workspace, by=request.user, now=now)
        except deletion_requests.DeletionError as error:
            messages.error(request, str(error))
        return redirect("pins:dashboard")  # whose banner says when, and how to call it off
    context = {
        "erased": workspace,
        "form": form,
        "delete_at": now + deletion_requests.WAITING_PERIOD,
        "counts": {
            "pin": workspace.pins.count(),
            "media file": workspace.media_files.count(),
            "Pinterest account": workspace.pinterest_accounts.count(),
            "member": workspace.memberships.count(),
        },
    }
    return render(request, "accounts/workspace_delete.html", context)


@require_POST
def workspace_deletion_cancel(request: WorkspaceRequest) -> HttpResponse:
    """Cancel the deletion of the workspace."""
    workspace = posted_workspace(request)
    require_admin(request, workspace)
    try:
        deletion_requests.cancel_workspace_deletion(workspace, by=request.user, now=timezone.now())
    except deletion_requests.DeletionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Deletion canceled. “{workspace}” will be kept.")
    return redirect("pins:dashboard")


@require_http_methods(["GET", "POST"])
def account_delete(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Show what would be deleted, or request the deletion of a disconnected account's data."""
    account = _administered_account(request, pk)
    now = timezone.now()
    if request.method == "GET":
        context = {
            "account": account,
            "delete_at": now + deletion_requests.WAITING_PERIOD,
            "pin_count": account.pins.count(),
        }
        return render(request, "accounts/account_delete.html", context)
    try:
        deletion_requests.request_account_deletion(account, by=request.user, now=now)
    except deletion_requests.DeletionError as error:
        messages.error(request, str(error))
    else:
        day = deletion_requests.day_of(now + deletion_requests.WAITING_PERIOD, account.workspace)
        messages.success(request, f"The pins and analytics of {account} will be deleted here on {day}.")
    return redirect("accounts:connection_list")


@require_POST
def account_deletion_cancel(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Cancel the deletion of the account's data."""
    account = _administered_account(request, pk)
    try:
        deletion_requests.cancel_account_deletion(account, by=request.user, now=timezone.now())
    except deletion_requests.DeletionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Deletion canceled. The pins and analytics of {account} will be kept.")
    return redirect("accounts:connection_list")


@never_cache
@require_http_methods(["GET", "POST"])
@reauthentication_required
def user_delete(request: WorkspaceRequest) -> HttpResponse:
    """Show what would be deleted, or request the deletion of one's own account; no workspace is needed."""
    user, now = request.user, timezone.now()
    if request.method == "POST":
        try:
            deletion_requests.request_user_deletion(user, now=now)
        except deletion_requests.DeletionError as error:
            messages.error(request, str(error))
        return redirect("accounts:user_delete")
    going_along = list(deletion_requests.going_along(user))
    context = {
        "delete_at": now + deletion_requests.WAITING_PERIOD,
        "to_hand_over": deletion_requests.to_hand_over(user),
        "is_last_superuser": deletion_requests.is_last_superuser(user),
        "going_along": going_along,
        "left": Membership.objects.filter(user=user).exclude(workspace__in=going_along).select_related("workspace"),
    }
    return render(request, "accounts/user_delete.html", context)


@require_POST
def user_deletion_cancel(request: WorkspaceRequest) -> HttpResponse:
    """Cancel the deletion of one's own account."""
    try:
        deletion_requests.cancel_user_deletion(request.user, now=timezone.now())
    except deletion_requests.DeletionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Deletion canceled. Your account will be kept.")
    return redirect("pins:dashboard")


def _administered_account(request: WorkspaceRequest, pk: int) -> PinterestAccount:
    accounts = PinterestAccount.objects.for_user(request.user).select_related("workspace")
    account = get_object_or_404(accounts, pk=pk)
    require_admin(request, account.workspace)
    return account
