"""The page of a workspace's team, and what its admins do there."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.middleware import WorkspaceRequest, posted_workspace
from accounts.models import Invitation, Membership, Role, Workspace
from accounts.permissions import is_admin, require_admin

from . import emails as invitation_emails
from . import services as teams
from .forms import InvitationForm, RoleForm


@never_cache
@require_http_methods(["GET", "POST"])
def team(request: WorkspaceRequest) -> HttpResponse:
    """Show members and invitations, or invite.

    The response to that POST is the only page that shows the link.
    """
    workspace = posted_workspace(request)
    if request.method == "GET":
        return _team_page(request, workspace, InvitationForm())
    require_admin(request, workspace)
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _team_page(request, workspace, form)
    email, role = form.cleaned_data["email"], form.cleaned_data["role"]
    try:
        invitation, token = teams.invite(workspace, email, role, by=request.user, now=timezone.now())
    except teams.TeamError as error:
        form.add_error("email", str(error))
        return _team_page(request, workspace, form)
    return _sent_page(request, invitation, token)


@never_cache
@require_http_methods(["GET", "POST"])
def invitation_resend(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Send a new link.

    GET is for users who load the response's address again, or had to sign in first.
    """
    invitation = _administered_invitation(request, pk)
    if request.method == "GET":
        return redirect("accounts:team")
    try:
        token = teams.renew(invitation, by=request.user, now=timezone.now())
    except teams.TeamError as error:
        messages.error(request, str(error))
        return redirect("accounts:team")
    return _sent_page(request, invitation, token)


@require_POST
def invitation_cancel(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Cancel an invitation, so that its link stops working."""
    invitation = _administered_invitation(request, pk)
    try:
        teams.cancel(invitation, by=request.user, now=timezone.now())
    except teams.TeamError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"The invitation for {invitation.email} canceled. Its link no longer works.")
    return redirect("accounts:team")


@require_POST
def member_role(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Change the role of a member."""
    membership = _administered_membership(request, pk)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose one of the roles.")
        return redirect("accounts:team")
    try:
        teams.change_role(membership, form.cleaned_data["role"], by=request.user, now=timezone.now())
    except teams.TeamError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{membership.user} is now {_a_role(membership.role)} of “{membership.workspace}”.")
    return redirect("accounts:team")


@require_http_methods(["GET", "POST"])
def member_remove(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Ask for confirmation, then remove the member."""
    membership = _administered_membership(request, pk)
    if request.method == "GET":
        return render(request, "accounts/member_remove.html", {"member": membership})
    try:
        teams.remove(membership, by=request.user, now=timezone.now())
    except teams.TeamError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{membership.user} is no longer a member of “{membership.workspace}”.")
    return redirect("accounts:team")


@require_http_methods(["GET", "POST"])
def team_leave(request: WorkspaceRequest) -> HttpResponse:
    """Ask for confirmation, then leave the workspace."""
    workspace = posted_workspace(request)
    membership = next(each for each in request.memberships if each.workspace_id == workspace.pk)
    if request.method == "GET":
        return render(request, "accounts/team_leave.html", {"member": membership})
    try:
        teams.leave(membership, now=timezone.now())
    except teams.TeamError as error:
        messages.error(request, str(error))
        return redirect("accounts:team")
    messages.success(request, f"You left “{workspace}”.")
    return redirect("pins:dashboard")


def _sent_page(request: WorkspaceRequest, invitation: Invitation, token: str) -> HttpResponse:
    """Return the team page with the link of the invitation, after its email was tried."""
    sent = {
        "invitation": invitation,
        "is_taken": invitation_emails.send(invitation, token),
        "is_printed": invitation_emails.is_printed(),
        "link": invitation_emails.link_of(token),
    }
    return _team_page(request, invitation.workspace, InvitationForm(), sent)


def _team_page(
    request: WorkspaceRequest, workspace: Workspace, form: InvitationForm, sent: dict[str, Any] | None = None
) -> HttpResponse:
    now = timezone.now()
    members = Membership.objects.in_workspace(workspace).select_related("user").order_by("user__email")
    invitations = list(
        Invitation.objects.in_workspace(workspace).open().select_related("invited_by").order_by(F("created_at").desc())
    )
    context = {
        "team_workspace": workspace,
        "members": members,
        "roles": Role.choices,
        "pending": [each for each in invitations if not each.has_expired(now)],
        "expired": [each for each in invitations if each.has_expired(now)],
        "form": form,
        "sent": sent,
        "is_admin": is_admin(request, workspace),
    }
    return render(request, "accounts/team.html", context)


def _administered_membership(request: WorkspaceRequest, pk: int) -> Membership:
    memberships = Membership.objects.for_user(request.user).select_related("workspace", "user")
    membership = get_object_or_404(memberships, pk=pk)
    require_admin(request, membership.workspace)
    return membership


def _administered_invitation(request: WorkspaceRequest, pk: int) -> Invitation:
    """Return the invitation for one of the workspace's admins.

    Accepted and canceled ones too: an admin who was slower than another gets a sentence, not a 404.
    """
    invitations = Invitation.objects.for_user(request.user).select_related("workspace", "invited_by")
    invitation = get_object_or_404(invitations, pk=pk)
    require_admin(request, invitation.workspace)
    return invitation


def _a_role(role: str) -> str:
    return {Role.ADMIN: "an admin", Role.EDITOR: "an editor", Role.VIEWER: "a viewer"}[Role(role)]
