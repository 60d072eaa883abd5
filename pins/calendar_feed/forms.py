"""The form of a new calendar feed."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms

from accounts.models import Membership, PinterestAccount
from pins.models import CalendarFeed

# Of a member in one workspace.
MOST_FEEDS = 20


class CalendarFeedForm(forms.Form):
    """A new feed, of one account or of all."""

    form_token = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)
    account = forms.ModelChoiceField(
        PinterestAccount.objects.none(),
        required=False,
        empty_label="All accounts",
        label="Account",
        error_messages={"invalid_choice": "This account isn't in the workspace. Choose one from the list."},
    )

    def __init__(self, data: Any = None, *, membership: Membership) -> None:
        super().__init__(data)
        self.membership = membership
        accounts = PinterestAccount.objects.in_workspace(membership.workspace).in_use().order_by("username", "pk")
        self.fields["account"].queryset = accounts  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any] | None:
        """Refuse one more than a member may have; of one form, each account has a token of its own."""
        others = CalendarFeed.objects.filter(membership=self.membership)
        token, account = self.cleaned_data.get("form_token"), self.cleaned_data.get("account")
        if token and account:
            token = self.cleaned_data["form_token"] = uuid.uuid5(token, str(account.pk))
        # A feed that the form has made before (a double click) is not one more.
        if (others.exclude(form_token=token) if token else others).count() >= MOST_FEEDS:
            message = f"You can have {MOST_FEEDS} feeds in each workspace. Revoke one that you no longer use first."
            raise forms.ValidationError(message, code="too_many_feeds")
        return super().clean()
