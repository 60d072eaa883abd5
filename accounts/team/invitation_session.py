"""The invitation that a browser has opened.

The link's token is taken out of the address at once: on all further pages the session knows the invitation, by the
hash that the database knows it by. So no log, no `next` and no Referer carries what opens it.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest
from django.urls import reverse

from accounts.models import Invitation, User

from . import services as teams

SESSION_KEY = "invitation_hash"


def remember(request: HttpRequest, token: str) -> None:
    """Keep the invitation of the opened link in the session, by its hash."""
    request.session[SESSION_KEY] = teams.token_hash(token)


def forget(request: HttpRequest) -> None:
    """Remove the invitation from the session."""
    request.session.pop(SESSION_KEY, None)


def opened(request: HttpRequest) -> Invitation | None:
    """Return the invitation that was opened last, usable or not."""
    known_hash = request.session.get(SESSION_KEY)
    if known_hash is None:
        return None
    return Invitation.objects.filter(token_hash=known_hash).select_related("workspace", "invited_by").first()


def for_signup(request: HttpRequest, now: datetime) -> Invitation | None:
    """Return the usable invitation from whose page the user came to sign up.

    Without that page in `next` it is an ordinary sign-up, although an invitation may have been opened in this browser
    before.
    """
    following = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME)
    if following != reverse("accounts:invitation"):
        return None
    return _pending(request, now)


def waits_for(request: HttpRequest, user: User, now: datetime) -> bool:
    """Return whether the user has a usable invitation to return to, such as after confirming an address."""
    invitation = _pending(request, now)
    return invitation is not None and teams.is_for(invitation, user)


def _pending(request: HttpRequest, now: datetime) -> Invitation | None:
    invitation = opened(request)
    is_pending = invitation is not None and Invitation.objects.pending(now).filter(pk=invitation.pk).exists()
    return invitation if is_pending else None
