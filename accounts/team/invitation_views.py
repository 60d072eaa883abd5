"""What somebody sees who was invited: open to people who are not signed in, since most of them have no account yet."""

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
    """The address in the e-mail."""
    invitation_session.remember(request, token)
    response = redirect("accounts:invitation")
    response["Referrer-Policy"] = "no-referrer"
    return response


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    """The invitation that was opened; POST joins, or signs out for another address."""
    found, now = invitation_session.opened(request), timezone.now()
    if found is None:
        return render(request, "accounts/invitation.html", {"state": "unknown"}, status=404)
    if request.method == "POST" and request.user.is_authenticated:
        if request.POST.get("action") == "sign_out":
            return _sign_out(request)
        try:
            membership = teams.accept(found, request.user, now=now)
        except teams.InvitationUnusable:
            found.refresh_from_db(fields=["accepted_at", "accepted_by", "cancelled_at", "expires_at"])
        else:
            return _enter(request, membership)
    return render(request, "accounts/invitation.html", {"state": _state(request, found, now), "invitation": found})


def _state(request: HttpRequest, found: Invitation, now: datetime) -> str:
    """What the page has to say; the order matters where several are true."""
    if request.user.is_authenticated and found.accepted_by_id == request.user.pk:
        is_member = Membership.objects.filter(user=request.user, workspace=found.workspace_id).exists()
        return "joined" if is_member else "used"
    if found.accepted_at is not None:
        return "used"
    if found.cancelled_at is not None:
        return "cancelled"
    if found.has_expired(now):
        return "expired"
    if not request.user.is_authenticated:
        return "anonymous"
    return "ready" if teams.is_for(found, request.user) else "other_address"


def _enter(request: HttpRequest, membership: Membership) -> HttpResponse:
    invitation_session.forget(request)
    request.session[SESSION_KEY] = membership.workspace_id
    messages.success(
        request, f"Welcome to “{membership.workspace}”. Your role is {membership.get_role_display().lower()}."
    )
    return redirect("pins:dashboard")


def _sign_out(request: HttpRequest) -> HttpResponse:
    """Keeps the invitation, which would go with the session."""
    known_hash = request.session[invitation_session.SESSION_KEY]
    logout(request)
    request.session[invitation_session.SESSION_KEY] = known_hash
    return redirect("accounts:invitation")
