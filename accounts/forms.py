"""Forms around workspaces and their API keys."""

from __future__ import annotations

from typing import Any

from allauth.core import context
from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from . import audit, invited
from .models import ApiKey, AuditAction, Membership, Role, User, Workspace
from .time_zones import time_zone_names, validate_time_zone


def time_zone_choices() -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in time_zone_names()]


class TimeZoneField(forms.ChoiceField):
    """A time zone by its IANA name."""

    def __init__(self) -> None:
        super().__init__(
            choices=time_zone_choices,
            initial="UTC",
            label="Time zone",
            help_text="Dates and times are shown, and typed, in this zone.",
        )

    def valid_value(self, value: str) -> bool:
        validate_time_zone(value)  # its sentence says more than "not one of the choices"
        return True


@transaction.atomic
def create_workspace(name: str, time_zone: str, admin: User) -> Workspace:
    workspace = Workspace.objects.create(name=name, time_zone=time_zone)
    Membership.objects.create(user=admin, workspace=workspace, role=Role.ADMIN)
    detail = "As admin, who made the workspace."
    audit.record(workspace.pk, AuditAction.JOINED, str(admin), by=admin, now=workspace.created_at, detail=detail)
    return workspace


class WorkspaceSignupForm(forms.Form):
    """What signing up asks for beside e-mail and password (allauth's ACCOUNT_SIGNUP_FORM_CLASS).

    Somebody who was invited gets no workspace of their own, and signs up with the address that was invited."""

    workspace_name = forms.CharField(
        max_length=100, label="Workspace", help_text="The name of your team, brand or company."
    )
    time_zone = TimeZoneField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # allauth's view does not hand its request to the form.
        self.invitation = invited.for_signup(context.request, timezone.now())
        if self.invitation is not None:
            del self.fields["workspace_name"], self.fields["time_zone"]
            # Of a disabled field Django takes the initial value, whatever is sent.
            self.fields["email"].disabled = True
            self.initial["email"] = self.invitation.email

    def signup(self, request: HttpRequest, user: User) -> None:
        if self.invitation is not None:
            return  # `next` leads back to the invitation
        create_workspace(self.cleaned_data["workspace_name"], self.cleaned_data["time_zone"], user)


class WorkspaceForm(forms.Form):
    """A workspace for somebody who has none."""

    name = forms.CharField(max_length=100, label="Workspace", help_text="The name of your team, brand or company.")
    time_zone = TimeZoneField()


class WorkspaceSettingsForm(WorkspaceForm):
    """The settings of a workspace. What the form was opened with comes along, so that only what the person has changed
    is written, and nothing that somebody else has changed meanwhile is taken back."""

    requires_approval = forms.BooleanField(
        required=False,
        label="Editors’ pins need an admin’s approval",
        help_text="Editors propose pins; an admin approves them or sends them back with a comment. Pins that are"
        " scheduled when you switch it on go out as planned. When you switch it off, pins that are proposed wait until"
        " an editor or an admin publishes them.",
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


class ApiKeyForm(forms.Form):
    """The name of a new key: what people recognise it by once the key itself is out of sight."""

    name = forms.CharField(
        max_length=100,
        label="Name",
        help_text="What will use it, such as “Shop import”. Each program gets a key of its own, so that you can revoke"
        " one without the others.",
    )

    def __init__(self, data: Any = None, *, workspace: Workspace) -> None:
        super().__init__(data)
        self.workspace = workspace

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        # Two alike could not be told apart; and a page that is loaded anew sends the form again, but makes no second.
        if ApiKey.objects.in_workspace(self.workspace).usable().filter(name__iexact=name).exists():
            raise ValidationError(
                f"There is a key “{name}” already. Choose another name, or revoke that key first.", code="name_taken"
            )
        return name
