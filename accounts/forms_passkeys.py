"""allauth's form for a new passkey, in our words."""

from typing import Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm


class AddPasskeyForm(AddWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].help_text = "So that you can tell your passkeys apart."
        passwordless = self.fields["passwordless"]
        passwordless.label = "Sign in with it alone, without the password"
        passwordless.help_text = "Your device then asks for a fingerprint, a face or a PIN."
        passwordless.initial = True
