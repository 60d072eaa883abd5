"""allauth's forms around passkeys, in our words, and deaf to answers that no browser would send."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)


@contextmanager
def _malformed_is_wrong() -> Iterator[None]:
    """fido2 takes the answer apart without looking first, and allauth expects only some of what it then raises."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, struct.error) as error:
        raise get_adapter().validation_error("incorrect_passkey") from error


class AddPasskeyForm(AddWebAuthnForm):
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
    pass


class LoginPasskeyForm(_Careful, LoginWebAuthnForm):
    pass


class ReauthenticatePasskeyForm(_Careful, ReauthenticateWebAuthnForm):
    pass
