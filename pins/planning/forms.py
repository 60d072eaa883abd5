"""What may be asked of the calendar, and where a pin is moved to."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Value

from accounts.models import Board, PinterestAccount, Workspace
from pins.fields import LocalDateTimeField
from pins.models import Pin, PinQuerySet, PinStatus, Tag
from postiz_pins.common.dates import format_time

from .periods import FIRST_DAY, LAST_DAY, VIEWS

PANEL = ("account", "board", "tag", "status")
PASSED_TODAY = "publish_at_passed_today"
SEARCH = {"placeholder": "Search titles", "type": "search", "dir": "auto"}


class DayField(forms.DateField):
    """A day that the calendar can show."""

    def __init__(self, *, required: bool = False) -> None:
        errors = {"invalid": "Write the day like 2027-03-28.", "required": "Choose a day of the calendar."}
        super().__init__(required=required, input_formats=["%Y-%m-%d"], error_messages=errors)

    def clean(self, value: Any) -> date | None:
        """Return the day. Raises ValidationError."""
        on: date | None = super().clean(value)
        # The first and the last month would need days of years that are none.
        if on is not None and not FIRST_DAY <= on <= LAST_DAY:
            raise ValidationError(f"Choose a day between {FIRST_DAY.year} and {LAST_DAY.year}.")
        return on


class CalendarForm(forms.Form):
    """The query of `/calendar/`: every field may be missing, and what is wrong is said beside it and left out."""

    view = forms.ChoiceField(choices=[(view, view.title()) for view in VIEWS], required=False)
    on = DayField()
    status = forms.ChoiceField(choices=[("", "All statuses"), *PinStatus.choices], required=False)
    q = forms.CharField(required=False, max_length=100, label="Title", widget=forms.TextInput(SEARCH))

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Read once, for the list and for the limits of their spacing.
        self.accounts = PinterestAccount.objects.in_workspace(workspace).order_by("username").in_bulk()
        choices: dict[str, list[tuple[str, str]]] = {
            "account": [(str(pk), str(account)) for pk, account in self.accounts.items()],
            "board": [],
            "tag": [],
        }
        # Of boards and tags only the names are needed, so one query reads both.
        boards = Board.objects.in_workspace(workspace).offered()
        tags = Tag.objects.in_workspace(workspace)
        named = [
            rows.order_by().values_list(Value(kind), "pk", "name") for kind, rows in (("board", boards), ("tag", tags))
        ]
        for kind, pk, name in sorted(named[0].union(named[1], all=True), key=lambda row: row[2].casefold()):
            choices[kind].append((str(pk), name))
        for kind, found in choices.items():
            self.fields[kind] = forms.ChoiceField(choices=[("", f"All {kind}s"), *found], required=False)
        self.order_fields(["account", "board", "tag"])

    @property
    def panel(self) -> list[forms.BoundField]:
        """Return the fields behind the button "Filters"."""
        return [self[name] for name in PANEL]

    @property
    def has_panel_errors(self) -> bool:
        """Return whether something behind that button needs to be corrected."""
        return any(field.errors for field in self.panel)

    @property
    def chosen_count(self) -> int:
        """Return how many of the fields behind that button are set."""
        return sum(bool(self.cleaned_data.get(name)) for name in PANEL)

    @property
    def other_errors(self) -> list[str]:
        """Return what is wrong with the fields that stand elsewhere or nowhere on the page."""
        return [str(error) for name in ("view", "on", "q") for error in self[name].errors]

    def filtered(self, pins: PinQuerySet) -> PinQuerySet:
        """Return those of the pins that the fields ask for."""
        names = {"account": "account", "board": "board", "tag": "tags", "status": "status", "q": "title__icontains"}
        lookups = {lookup: self.cleaned_data.get(name) for name, lookup in names.items()}
        return pins.filter(**{lookup: value for lookup, value in lookups.items() if value})


class MoveForm(forms.Form):
    """A new time for a pin. `version` is that of the pin as the person saw it."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    def __init__(self, *args: Any, pin: Pin, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._now, self._zone = now, pin.workspace.zone
        # Buttons that go before the field: one publishes the pin at once, one takes a draft's time.
        self._is_now, self._has_no_date = "now" in self.data, "no_date" in self.data
        self._can_be_now = pin.can_move_to_now
        self.fields["publish_at"] = LocalDateTimeField(
            zone=self._zone,
            required=not (self._is_now or self._has_no_date),
            label="New time",
            error_messages={"required": "Choose a date and time."},
            help_text=f"Time zone of the workspace: {pin.workspace.time_zone}.",
        )

    def clean_publish_at(self) -> datetime | None:
        if self._has_no_date:
            return None
        if self._is_now:
            if not self._can_be_now:
                raise ValidationError("Only a scheduled pin can be published now from here.", code="not_scheduled")
            return self._now
        publish_at: datetime = self.cleaned_data["publish_at"]
        if publish_at <= self._now:
            if _is_same_day(publish_at, self._now, self._zone):
                at = format_time(publish_at, self._zone)
                raise ValidationError(f"{at} has already passed today. Choose another time.", code=PASSED_TODAY)
            raise ValidationError("This time has passed. Choose a later one.", code="publish_at_past")
        return publish_at

    @property
    def notice(self) -> str:
        """Return what has been made of a time that the clocks skip; empty for any other."""
        field = self.fields["publish_at"]
        return field.notice_of(self["publish_at"].data) if isinstance(field, LocalDateTimeField) else ""

    @property
    def has_passed_today(self) -> bool:
        """Return whether the time is one of today that is gone: the next free one, or now, may be meant."""
        return self.has_error("publish_at", PASSED_TODAY)


def _is_same_day(one: datetime, other: datetime, zone: ZoneInfo) -> bool:
    return one.astimezone(zone).date() == other.astimezone(zone).date()
