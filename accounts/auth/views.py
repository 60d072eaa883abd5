"""The overview of one's own account, how lists look for its user, and what allauth's pages answer beyond a limit."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.middleware import WorkspaceRequest
from accounts.models import User


@require_GET
def user_account(request: HttpRequest) -> HttpResponse:
    """Show how the user signs in and where, with the way to each page that changes it."""
    kinds = list(Authenticator.objects.filter(user=request.user).values_list("type", flat=True))
    context = {
        "email_count": EmailAddress.objects.filter(user=request.user).count(),
        "has_app": Authenticator.Type.TOTP in kinds,
        "passkey_count": kinds.count(Authenticator.Type.WEBAUTHN),
        "session_count": UserSession.objects.filter(user=request.user).count(),
        "memberships": getattr(request, "memberships", ()),
    }
    return render(request, "accounts/user_account.html", context)


@require_POST
def user_rows(request: WorkspaceRequest) -> HttpResponse:
    """Make the lines of lists higher for this user, or as low as they were."""
    is_comfortable = request.POST.get("rows") == "comfortable"
    User.objects.filter(pk=request.user.pk).update(has_comfortable_rows=is_comfortable)
    messages.success(request, f"Lists have {'comfortable' if is_comfortable else 'compact'} rows now.")
    return redirect("accounts:user_account")


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """Return the page for a request beyond one of allauth's limits; those that lead here last a minute."""
    response = render(request, "429.html", status=429)
    response["Retry-After"] = "60"
    return response
