"""The form of a new API key."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import ApiKey, Scope, Workspace


class ApiKeyForm(forms.Form):
    """A new key: its name, by which people recognise it once the key itself is out of sight, and what it may do."""

    name = forms.CharField(
        max_length=100,
        label="Name",
        help_text="What will use it, such as “Shop import”. Create one key per program, so you can revoke each on"
        " its own.",
    )

    scopes = forms.MultipleChoiceField(
        choices=Scope.choices,
        initial=[Scope.READ, Scope.PLAN],
        widget=forms.CheckboxSelectMultiple,
        label="What it may do",
        help_text="Choose no more than it needs. Without publishing, a person confirms each pin.",
        error_messages={"required": "Choose at least one."},
    )
    lifetime = forms.TypedChoiceField(
        choices=[("", "Never"), ("30", "In 30 days"), ("90", "In 90 days"), ("365", "In a year")],
        coerce=lambda days: timedelta(days=int(days)),
        empty_value=None,
        required=False,
        label="Expires",
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
