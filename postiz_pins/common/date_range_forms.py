"""The days from and to which a list is wanted: what the GET forms above lists have in common."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Q
from django.utils import timezone

if TYPE_CHECKING:
    from accounts.models import Workspace

# Pinterest opened in 2010. Far years are slips, and the ends of the calendar cannot be converted between zones.
YEARS = range(2010, 2100)
REVERSED = "The range ends before it starts. Swap the two dates."
NO_DAY = "This isn't a date. Enter it like this: 2026-11-03."


class DayField(forms.DateField):
    """A day of the calendar, within the years that databases and time zones can hold."""

    def __init__(self, label: str) -> None:
        widget = forms.DateInput({"type": "date"}, "%Y-%m-%d")
        super().__init__(required=False, label=label, widget=widget, error_messages={"invalid": NO_DAY})

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        if day and day.year not in YEARS:
            raise forms.ValidationError(f"Choose a day between {YEARS.start} and {YEARS.stop - 1}.")
        return day


class SpanForm(forms.Form):
    """Every field may be empty. A field that cannot be understood narrows nothing, and says so."""

    since = DayField("From")
    until = DayField("To")

    def __init__(self, data: Any, workspace: Workspace) -> None:
        super().__init__(data, label_suffix="")
        self.workspace = workspace

    def clean(self) -> dict[str, Any]:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            self.add_error("until", REVERSED)
        return self.cleaned_data

    @property
    def sentences(self) -> str:
        """Return all complaints, where there is no field to put them at."""
        return " ".join(str(sentence) for errors in self.errors.values() for sentence in errors)

    @property
    def is_narrowing(self) -> bool:
        return any(self.cleaned_data.values())

    def within(self, column: str) -> Q:
        """Return a condition: the moment lies in the selected days of the workspace, both inclusive."""
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        span = Q()
        if since:
            span &= Q(**{f"{column}__gte": self._midnight(since)})
        if until:
            span &= Q(**{f"{column}__lt": self._midnight(until + timedelta(days=1))})
        return span

    def _midnight(self, day: date) -> datetime:
        return timezone.make_aware(datetime.combine(day, time.min), self.workspace.zone)
