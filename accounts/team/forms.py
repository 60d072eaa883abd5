"""Forms of the team page. What may be done in the end is decided by services.py, under its lock."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Role

# That of the columns that it ends up in; a form's own limit is longer.
EMAIL_LENGTH = 254
ROLE_HELP = (
    "Viewers can look at everything. Editors can also compose and publish, or propose pins if the workspace requires"
    " approval. Admins can also approve pins, manage the team and create API keys."
)


class InvitationForm(forms.Form):
    """The address to invite and its role."""

    email = forms.EmailField(
        max_length=EMAIL_LENGTH,
        label="Email address",
        widget=forms.EmailInput(attrs={"autocomplete": "off", "placeholder": "colleague@example.com"}),
    )
    role = forms.ChoiceField(choices=Role.choices, initial=Role.EDITOR, label="Role", help_text=ROLE_HELP)

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        if len(email) > EMAIL_LENGTH:  # some capital letters have two small ones, such as the dotted İ
            raise ValidationError("Enter a valid email address.", code="invalid")
        return email


class RoleForm(forms.Form):
    """The new role of a member."""

    role = forms.ChoiceField(choices=Role.choices)
