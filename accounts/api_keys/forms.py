"""The form of a new API key."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import ApiKey, Workspace


class ApiKeyForm(forms.Form):
    """The name of a new key: what people recognise it by once the key itself is out of sight."""

    name = forms.CharField(
        max_length=100,
        label="Name",
        help_text="What will use it, such as “Shop import”. Create one key per program, so you can revoke each on"
        " its own.",
    )

    def __init__(self, data: Any = None, *, workspace: Workspace) -> None:
        super().__init__(data)
        self.workspace = workspace

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        # Two alike could not be told apart; and a page that is loaded anew sends the form again, but makes no second.
        if ApiKey.objects.in_workspace(self.workspace).usable().filter(name__iexact=name).exists():
            raise ValidationError(
                f"There is already a key named “{name}”. Choose another name, or revoke that key first.",
                code="name_taken",
            )
        return name
