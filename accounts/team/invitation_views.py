"""The pages of an invited user, open to people who are not signed in: most have no account yet."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.middleware import SESSION_KEY
from accounts.models import Invitation, Membership

from . import invitation_session
from . import services as teams


# Any method only opens it: a refusal (405, or 403 without a CSRF token) would be logged with the address, which is the
# secret. Nothing is done by it but to remember, in this browser, which invitation to show.
@csrf_exempt
@login_not_required
@never_cache
def invitation_open(request: HttpRequest, token: str) -> HttpResponse:
    """Open the link of the email: keep the token in the session, so that no address holds it."""
    invitation_session.remember(request, token)
    response = redirect("accounts:invitation")
    response["Referrer-Policy"] = "no-referrer"
    return response


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    """Show the invitation that was opened; POST joins, or signs out for another address."""
    opened, now = invitation_session.opened(request), timezone.now()
    if opened is None:
        return render(request, "accounts/invitation.html", {"state": "unknown"}, status=404)
    if request.method == "POST" and request.user.is_authenticated:
        if request.POST.get("action") == "sign_out":
            return _sign_out(request)
        try:
            membership = teams.accept(opened, request.user, now=now)
        except teams.InvitationUnusable:
            opened.refresh_from_db(fields=["accepted_at", "accepted_by", "cancelled_at", "expires_at"])
        else:
            return _enter(request, membership)
    return render(request, "accounts/invitation.html", {"state": _state(request, opened, now), "invitation": opened})


def _state(request: HttpRequest, opened: Invitation, now: datetime) -> str:
    """Return what the page has to say; the order matters where several are true."""
    if request.user.is_authenticated and opened.accepted_by_id == request.user.pk:
        is_member = Membership.objects.filter(user=request.user, workspace=opened.workspace_id).exists()
        return "joined" if is_member else "used"
    if opened.accepted_at is not None:
        return "used"
    if opened.cancelled_at is not None:
        return "cancelled"
    if opened.has_expired(now):
        return "expired"
    if not request.user.is_authenticated:
        return "anonymous"
    return "ready" if teams.is_for(opened, request.user) else "other_address"


def _enter(request: HttpRequest, membership: Membership) -> HttpResponse:
    invitation_session.forget(request)
    request.session[SESSION_KEY] = membership.workspace_id
    messages.success(
        request, f"Welcome to “{membership.workspace}”. Your role is {membership.get_role_display().lower()}."
    )
    return redirect("pins:dashboard")


def _sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out but keep the invitation, which would go with the session."""
    known_hash = request.session[invitation_session.SESSION_KEY]
    logout(request)
    request.session[invitation_session.SESSION_KEY] = known_hash
    return redirect("accounts:invitation")
