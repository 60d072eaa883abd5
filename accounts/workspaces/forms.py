"""Forms around workspaces and their API keys."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Weekday, Workspace
from postiz_pins.common.time_zones import time_zone_names, validate_time_zone

SETTINGS = ("name", "time_zone", "first_weekday", "requires_approval", "asks_for_alt_text")


def time_zone_choices() -> list[tuple[str, str]]:
    """Return the time zones as choices, with spaces instead of underscores."""
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
    """A workspace for a user who has none."""

    name = forms.CharField(max_length=100, label="Workspace", help_text="The name of your team, brand or company.")
    time_zone = TimeZoneField()


class WorkspaceSettingsForm(WorkspaceForm):
    """The settings of a workspace.

    The values that the form was opened with come along, so that only what the user has changed is written, and no other
    admin's change is undone.
    """

    first_weekday = forms.TypedChoiceField(
        choices=Weekday.choices,
        coerce=int,
        required=False,
        empty_value=None,
        label="First day of the week",
        help_text="Calendars begin with this day.",
    )
    requires_approval = forms.BooleanField(
        required=False,
        label="Require approval for editors' pins",
        help_text="Editors propose pins; an admin approves them or sends them back with a comment. Already scheduled"
        " pins are published as planned. If you turn this off, proposed pins wait until an editor or admin publishes"
        " them.",
    )

    asks_for_alt_text = forms.BooleanField(
        required=False,
        label="Ask for alt text",
        help_text="The composer shows the field for alt text, and a hint as long as it is empty. Pins without alt text"
        " can still be published.",
    )

    def __init__(self, data: Any = None, *, workspace: Workspace) -> None:
        initial = {name: getattr(workspace, name) for name in SETTINGS}
        super().__init__(data, initial=initial)
        self.fields["name"].label = "Name"
        self.fields["time_zone"].help_text = (
            "All dates and times in the workspace use this time zone. If you change it, publishing times follow the new"
            " clock, and pins that are already scheduled keep their times."
        )
        for field in self.fields.values():
            field.show_hidden_initial = True

    @property
    def changes(self) -> dict[str, Any]:
        """Return what the user has changed, of a valid form."""
        changed = {name: self.cleaned_data[name] for name in self.changed_data}
        return {name: value for name, value in changed.items() if value is not None}  # a form without the day leaves it
