"""What narrows the table of pins: its GET form."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Board, PinterestAccount, Workspace

from .models import PinKind, PinSummary

# Pinterest opened in 2010. Far years are slips, and the ends of the calendar cannot be converted between zones.
YEARS = range(2010, 2100)
REVERSED = "The last date is before the first one. Swap them."
NO_DAY = "This is no day. Write it as year, month and day, such as 2026-11-03."
NO_SUCH = "This is none of your workspace’s. Choose from the list."


class BoardField(forms.ModelChoiceField):
    def label_from_instance(self, board: Board) -> str:
        return f"{board.name} · {board.account}"


class PinFilterForm(forms.Form):
    """Every field may be empty. A field that cannot be understood narrows nothing, and says so."""

    q = forms.CharField(required=False, max_length=200, label="Title", widget=forms.TextInput(attrs={"type": "search"}))
    account = forms.ModelChoiceField(
        PinterestAccount.objects.none(),
        required=False,
        empty_label="All accounts",
        error_messages={"invalid_choice": NO_SUCH},
    )
    board = BoardField(
        Board.objects.none(), required=False, empty_label="All boards", error_messages={"invalid_choice": NO_SUCH}
    )
    kind = forms.ChoiceField(
        required=False,
        choices=[("", "All types"), *PinKind.choices],
        label="Type",
        error_messages={"invalid_choice": "There is no such type. Choose from the list."},
    )
    since = forms.DateField(
        required=False,
        label="Published from",
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        error_messages={"invalid": NO_DAY},
    )
    until = forms.DateField(
        required=False,
        label="to",
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        error_messages={"invalid": NO_DAY},
    )

    def __init__(self, data: Any, workspace: Workspace) -> None:
        super().__init__(data, label_suffix="")
        self.workspace = workspace
        account = cast(forms.ModelChoiceField, self.fields["account"])
        board = cast(forms.ModelChoiceField, self.fields["board"])
        account.queryset = PinterestAccount.objects.in_workspace(workspace).order_by("username")
        # Also boards without pins: to leave them out, databases read all pins.
        boards = Board.objects.in_workspace(workspace).select_related("account")
        board.queryset = boards.order_by("name", "pk")

    def clean_since(self) -> date | None:
        return self._sane("since")

    def clean_until(self) -> date | None:
        return self._sane("until")

    def clean(self) -> dict[str, Any]:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            self.add_error("until", REVERSED)
        return self.cleaned_data

    @property
    def sentences(self) -> str:
        """All complaints, where there is no field to put them at."""
        return " ".join(str(sentence) for errors in self.errors.values() for sentence in errors)

    @property
    def is_narrowing(self) -> bool:
        return any(self.cleaned_data.values())

    def narrow(self, summaries: QuerySet[PinSummary]) -> QuerySet[PinSummary]:
        """The rows that fit all that was understood. Dates are days in the workspace's zone, both inclusive."""
        given = self.cleaned_data
        equal = {name: given[name] for name in ("account", "board", "kind") if given.get(name)}
        summaries = summaries.filter(**equal)
        if given.get("since"):
            summaries = summaries.filter(published_at__gte=self._midnight(given["since"]))
        if given.get("until"):
            summaries = summaries.filter(published_at__lt=self._midnight(given["until"] + timedelta(days=1)))
        for word in (given.get("q") or "").split():
            summaries = summaries.filter(pin__title__icontains=word)
        return summaries

    def _sane(self, name: str) -> date | None:
        day: date | None = self.cleaned_data[name]
        if day and day.year not in YEARS:
            raise forms.ValidationError(f"Choose a day between {YEARS.start} and {YEARS.stop - 1}.")
        return day

    def _midnight(self, day: date) -> datetime:
        return timezone.make_aware(datetime.combine(day, time.min), self.workspace.zone)
