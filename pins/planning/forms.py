"""What may be asked of the calendar, and where a pin is moved to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Board, PinterestAccount, Workspace
from pins.fields import LocalDateTimeField
from pins.models import Pin, PinQuerySet, PinStatus

from .periods import FIRST_DAY, LAST_DAY, MONTH, VIEWS

SEARCH = {"placeholder": "Search in titles", "type": "search", "dir": "auto"}


class CalendarForm(forms.Form):
    """The query of `/calendar/`: every field may be missing, and what is wrong is said beside it and left out."""

    view = forms.ChoiceField(choices=[(view, view.title()) for view in VIEWS], required=False)
    on = forms.DateField(
        required=False, input_formats=["%Y-%m-%d"], error_messages={"invalid": "Write the day like 2027-03-28."}
    )
    status = forms.ChoiceField(choices=[("", "All statuses"), *PinStatus.choices], required=False)
    q = forms.CharField(required=False, max_length=100, label="Title", widget=forms.TextInput(SEARCH))

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts = PinterestAccount.objects.in_workspace(workspace).order_by("username")
        boards = Board.objects.in_workspace(workspace).offered().select_related("account").order_by("name")
        self.fields["account"] = forms.ModelChoiceField(accounts, required=False, empty_label="All accounts")
        self.fields["board"] = forms.ModelChoiceField(boards, required=False, empty_label="All boards")
        self.order_fields(["account", "board"])

    def clean_on(self) -> Any:
        on = self.cleaned_data["on"]
        # The first and the last month would need days of years that are none.
        if on is not None and not FIRST_DAY <= on <= LAST_DAY:
            raise ValidationError(f"Choose a day between {FIRST_DAY.year} and {LAST_DAY.year}.")
        return on

    def clean_view(self) -> str:
        return self.cleaned_data["view"] or MONTH

    def filtered(self, pins: PinQuerySet) -> PinQuerySet:
        """Return those of the pins that the fields ask for."""
        names = {"account": "account", "board": "board", "status": "status", "q": "title__icontains"}
        asked = {lookup: self.cleaned_data.get(name) for name, lookup in names.items()}
        return pins.filter(**{lookup: value for lookup, value in asked.items() if value})


class MoveForm(forms.Form):
    """A new time for a pin. `version` is that of the pin as the person saw it."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    def __init__(self, *args: Any, pin: Pin, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._now = now
        self.fields["publish_at"] = LocalDateTimeField(
            zone=pin.workspace.zone,
            label="New time",
            error_messages={"required": "Choose a date and time."},
            help_text=f"Time zone of the workspace: {pin.workspace.time_zone}.",
        )

    def clean_publish_at(self) -> datetime:
        publish_at = self.cleaned_data["publish_at"]
        if publish_at <= self._now:
            raise ValidationError("This time has passed. Choose a later one.", code="publish_at_past")
        return publish_at
