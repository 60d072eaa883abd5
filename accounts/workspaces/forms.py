"""Forms around workspaces and their API keys."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Workspace
from postiz_pins.common.time_zones import time_zone_names, validate_time_zone


def time_zone_choices() -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in time_zone_names()]


class TimeZoneField(forms.ChoiceField):
    """A time zone by its IANA name."""

    def __init__(self) -> None:
        super().__init__(
            choices=time_zone_choices,
            initial="UTC",
            label="Time zone",
            help_text="All dates and times in the workspace use this time zone.",
        )

    def valid_value(self, value: str) -> bool:
        validate_time_zone(value)  # its sentence says more than "not one of the choices"
        return True


class WorkspaceForm(forms.Form):
    """A workspace for somebody who has none."""

    name = forms.CharField(max_length=100, label="Workspace", help_text="The name of your team, brand or company.")
    time_zone = TimeZoneField()


class WorkspaceSettingsForm(WorkspaceForm):
    """The settings of a workspace. What the form was opened with comes along, so that only what the person has changed
    is written, and nothing that somebody else has changed meanwhile is taken back."""

    requires_approval = forms.BooleanField(
        required=False,
        label="Require approval for editors’ pins",
        help_text="Editors propose pins; an admin approves them or sends them back with a comment. Already scheduled"
        " pins are published as planned. If you turn this off, proposed pins wait until an editor or admin publishes"
        " them.",
    )

    def __init__(self, data: Any = None, *, workspace: Workspace) -> None:
        initial = {name: getattr(workspace, name) for name in ("name", "time_zone", "requires_approval")}
        super().__init__(data, initial=initial)
        self.fields["name"].label = "Name"
        for field in self.fields.values():
            field.show_hidden_initial = True

    @property
    def changes(self) -> dict[str, Any]:
        """What the person has changed. Of a form that is valid."""
        return {name: self.cleaned_data[name] for name in self.changed_data}
