"""What signing up asks for."""

from __future__ import annotations

from typing import Any

from allauth.core import context
from django import forms
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from accounts.team import invitation_session
from accounts.workspaces.forms import TimeZoneField
from accounts.workspaces.services import create_workspace


class WorkspaceSignupForm(forms.Form):
    """What signing up asks for beside email and password (allauth's ACCOUNT_SIGNUP_FORM_CLASS).

    An invited user gets no workspace of their own, and signs up with the address that was invited.
    """

    workspace_name = forms.CharField(
        max_length=100, label="Workspace", help_text="The name of your team, brand or company."
    )
    time_zone = TimeZoneField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # allauth's view does not hand its request to the form.
        self.invitation = invitation_session.for_signup(context.request, timezone.now())
        if self.invitation is not None:
            del self.fields["workspace_name"], self.fields["time_zone"]
            # Of a disabled field Django takes the initial value, whatever is sent.
            self.fields["email"].disabled = True
            self.initial["email"] = self.invitation.email

    def signup(self, request: HttpRequest, user: User) -> None:
        if self.invitation is not None:
            return  # `next` leads back to the invitation
        create_workspace(self.cleaned_data["workspace_name"], self.cleaned_data["time_zone"], user)
