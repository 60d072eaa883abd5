"""What may be asked of the list of pins."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models.functions import Lower

from accounts.models import Board, PinterestAccount, User, Workspace
from pins.models import PinImport, PinQuerySet, Tag
from postiz_pins.common.dates import format_day

from .orders import ORDERS

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
GRID = "grid"
# The fields behind the button "Filters".
PANEL = ("account", "board", "author", "tag", "since", "until")


class PinListForm(forms.Form):
    """The query of `/pins/`: every field may be missing, and what is wrong is said beside it and left out."""

    q = forms.CharField(
        required=False,
        max_length=100,
        label="Search titles",
        widget=forms.TextInput({"placeholder": "Search titles", "type": "search", "dir": "auto"}),
    )
    since = forms.DateField(required=False, label="From", input_formats=["%Y-%m-%d"], widget=DAY)
    until = forms.DateField(required=False, label="To", input_formats=["%Y-%m-%d"], widget=DAY)
    sort = forms.ChoiceField(required=False, choices=[(order.value, order.label) for order in ORDERS])
    view = forms.ChoiceField(required=False, choices=[(GRID, "Grid")])

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._zone = workspace.zone
        accounts = PinterestAccount.objects.in_workspace(workspace).order_by("username")
        # A board that left Pinterest is offered too: published pins are still on it.
        boards = Board.objects.in_workspace(workspace).select_related("account").order_by("name", "pk")
        people = User.objects.filter(memberships__workspace=workspace).order_by("email")
        self.fields["account"] = forms.ModelChoiceField(accounts, required=False, empty_label="All accounts")
        self.fields["board"] = forms.ModelChoiceField(boards, required=False, empty_label="All boards")
        self.fields["author"] = forms.ModelChoiceField(people, required=False, empty_label="Everyone")
        tags = Tag.objects.in_workspace(workspace).order_by(Lower("name"))
        self.fields["tag"] = forms.ModelChoiceField(tags, required=False, empty_label="All tags")
        # The page of an import leads here; a choice of all of them would only be long.
        imports = PinImport.objects.in_workspace(workspace)
        self.fields["import"] = forms.ModelChoiceField(imports, required=False, widget=forms.HiddenInput)
        self.order_fields(PANEL)

    def clean(self) -> None:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            self.add_error("until", "This day is before the first one.")

    def asked(self) -> dict[str, str]:
        """Return what was asked for and understood, as the query string says it."""
        return {name: self.data[name] for name in self.fields if self.cleaned_data.get(name)}

    @property
    def panel(self) -> list[forms.BoundField]:
        """Return the fields behind the button "Filters"."""
        return [self[name] for name in PANEL]

    @property
    def has_panel_errors(self) -> bool:
        """Return whether something behind that button needs to be corrected."""
        return any(field.errors for field in self.panel)

    def chosen(self) -> list[tuple[str, str]]:
        """Return the name of each filter that is set, and what it is set to, for people."""
        labels = {
            "account": lambda account: str(account),
            "board": lambda board: board.name,
            "author": lambda user: f"by {user}",
            "tag": lambda tag: f"Tag: {tag}",
            "import": lambda pin_import: f"Import: {pin_import}",
            "since": lambda day: f"From {format_day(day)}",
            "until": lambda day: f"To {format_day(day)}",
        }
        values = ((name, self.cleaned_data.get(name)) for name in labels)
        return [(name, labels[name](value)) for name, value in values if value]

    def filtered(self, pins: PinQuerySet) -> PinQuerySet:
        """Return those of the pins (annotated with `shown_at`) that the fields ask for."""
        lookups = {
            "account": self.cleaned_data.get("account"),
            "board": self.cleaned_data.get("board"),
            "created_by": self.cleaned_data.get("author"),
            "tags": self.cleaned_data.get("tag"),
            "import_rows__pin_import": self.cleaned_data.get("import"),
            "title__icontains": self.cleaned_data.get("q"),
            "shown_at__gte": self._midnight("since"),
            "shown_at__lt": self._midnight("until", days_later=1),
        }
        return pins.filter(**{lookup: value for lookup, value in lookups.items() if value})

    def _midnight(self, name: str, days_later: int = 0) -> datetime | None:
        day = self.cleaned_data.get(name)
        return day and datetime.combine(day + timedelta(days=days_later), time.min, self._zone)
