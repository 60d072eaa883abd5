"""Who may sign in, and whose session goes on: both are asked of these at each request."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend as AllauthBackend
from django.contrib.auth.backends import ModelBackend

from accounts.auth import demo_login


class _NoDemoLogin:
    def user_can_authenticate(self, user: Any) -> bool:
        return super().user_can_authenticate(user) and demo_login.may_sign_in(user)  # type: ignore[misc]


class PasswordBackend(_NoDemoLogin, ModelBackend):
    """Django's backend, without the demo's login where that may not sign in."""


class EmailBackend(_NoDemoLogin, AllauthBackend):
    """Allauth's backend, without the demo's login where that may not sign in."""
