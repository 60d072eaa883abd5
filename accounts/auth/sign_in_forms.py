"""Allauth's forms to sign up and in: in our words, and without errors for answers that no browser sends."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm, ResetPasswordKeyForm, SignupForm
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)

# What AUTH_PASSWORD_VALIDATORS ask for.
RULES = "At least 8 characters, not only digits, nothing common and nothing like your email address."


class PasswordLoginForm(LoginForm):
    """Allauth's form to sign in with a password, in our words; in its first field the focus begins."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autofocus"] = True
        self.fields["remember"].label = "Keep me signed in"


class _PlainRules:
    """The rules for a new password as one sentence in place of Django's list."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = RULES  # type: ignore[attr-defined]  # of allauth's form


class PasswordSignupForm(_PlainRules, SignupForm):
    """Allauth's form to sign up."""


class PasswordChangeForm(_PlainRules, ChangePasswordForm):
    """Allauth's form to change one's password."""


class PasswordResetForm(_PlainRules, ResetPasswordKeyForm):
    """Allauth's form to choose a password in place of a forgotten one."""


@contextmanager
def _malformed_is_wrong() -> Iterator[None]:
    """Turn what fido2 raises for malformed answers into the error of a wrong passkey.

    Allauth expects only some of it.
    """
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, struct.error) as error:
        raise get_adapter().validation_error("incorrect_passkey") from error


class AddPasskeyForm(AddWebAuthnForm):
    """Allauth's form to add a passkey, with our texts and one that can sign in alone by default."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].help_text = "Helps you tell your passkeys apart."
        passwordless = self.fields["passwordless"]
        passwordless.label = "Sign in without a password"
        passwordless.help_text = "Your device will ask for your fingerprint, face or PIN."
        passwordless.initial = True

    def clean(self) -> dict[str, Any]:
        with _malformed_is_wrong():
            return super().clean()


class _Careful:
    def clean_credential(self) -> Authenticator:
        with _malformed_is_wrong():
            return super().clean_credential()  # type: ignore[misc]  # one of allauth's forms comes after


class AuthenticatePasskeyForm(_Careful, AuthenticateWebAuthnForm):
    """Allauth's form for a passkey as second factor."""


class LoginPasskeyForm(_Careful, LoginWebAuthnForm):
    """Allauth's form to sign in with a passkey alone."""


class ReauthenticatePasskeyForm(_Careful, ReauthenticateWebAuthnForm):
    """Allauth's form to confirm one's identity with a passkey."""
