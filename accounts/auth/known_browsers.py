"""Browsers in which a user has signed in before, by a signed cookie: strangers cannot lock those out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import constant_time_compare, get_random_string, salted_hmac

from accounts.models import User

COOKIE = "known_browser"
SALT = "accounts.known_browsers"  # as in the cookies that browsers have
LIFETIME = timedelta(days=365)
# Browsers are shared; the cookie must not grow with each person.
MOST_PEOPLE = 5


def remember(request: HttpRequest, response: HttpResponseBase, user: User) -> None:
    """Note in the response's cookie that the person has signed in in this browser."""
    others = [entry for entry in _entries(request) if entry[0] != user.pk]
    entry = (user.pk, get_random_string(12), _fingerprint(user))
    response.set_cookie(
        COOKIE,
        signing.dumps([entry, *others][:MOST_PEOPLE], salt=SALT),
        max_age=LIFETIME,
        # Only pages of signing in read it.
        path="/accounts/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def known_as(request: HttpRequest, email: str) -> str:
    """Return what tells this browser from others of the user with this address.

    Empty if the user has never signed in here, or has changed the password since.
    """
    entries = _entries(request)
    user = User.objects.filter(email__iexact=email, pk__in=[entry[0] for entry in entries]).first() if entries else None
    return _name(user, entries) if user else ""


def is_known(request: HttpRequest) -> bool:
    """Return whether a user who still has the same password has signed in here."""
    entries = _entries(request)
    users = User.objects.filter(pk__in=[entry[0] for entry in entries]) if entries else ()
    return any(_name(user, entries) for user in users)


def _entries(request: HttpRequest) -> list[tuple[int, str, str]]:
    try:
        entries: list[Any] = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=LIFETIME)
    except signing.BadSignature:
        return []
    return [(key, name, fingerprint) for key, name, fingerprint in entries]


def _name(user: User, entries: list[tuple[int, str, str]]) -> str:
    names = (name for key, name, mark in entries if key == user.pk and constant_time_compare(mark, _fingerprint(user)))
    return next(names, "")


def _fingerprint(user: User) -> str:
    """Return a hash that changes with the password."""
    return salted_hmac(SALT, f"{user.pk}:{user.password}", algorithm="sha256").hexdigest()[:32]
