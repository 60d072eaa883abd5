"""The form that deletes a workspace."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Workspace


class WorkspaceDeletionForm(forms.Form):
    """Asks for the workspace's name, so that no admin deletes the wrong one."""

    name = forms.CharField(
        label="Workspace name", widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    )

    def __init__(self, data: Any = None, *, workspace: Workspace) -> None:
        super().__init__(data)
        self.workspace = workspace
        self.fields["name"].help_text = f"Type “{workspace}” to confirm."

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name != self.workspace.name.strip():
            raise ValidationError(
                f"This workspace is called “{self.workspace}”. Type its name exactly like that.", code="another_name"
            )
        return name
