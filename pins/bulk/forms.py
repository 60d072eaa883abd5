"""The options of the actions. What a form has cleaned is stored as JSON, and read by actions.py."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import Board, BoardSection, Workspace
from pins.fields import CleanTextField
from pins.models import LinkPreset
from pins.scheduling.forms import COMMENT_LENGTH
from pins.tags.fields import TagsField

from .spreading import MOST_A_DAY, Spread

MOST_DAYS = 365
ORDERS = (
    ("listed", "In the order of the list"),
    ("shuffled", "Shuffled"),
    ("interleaved", "Interleaved by board"),
)


class OptionsForm(forms.Form):
    """Options of one action in a workspace."""

    def __init__(self, data: Any = None, *, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.workspace = workspace

    @property
    def options(self) -> dict[str, Any]:
        """Return what was cleaned, with keys instead of rows."""
        return {name: getattr(value, "pk", value) for name, value in self.cleaned_data.items()}


class ShiftForm(OptionsForm):
    """How far: days keep the time of day, also over a change of the clocks."""

    days = forms.IntegerField(required=False, min_value=-MOST_DAYS, max_value=MOST_DAYS, label="Days", initial=1)
    hours = forms.IntegerField(
        required=False, min_value=-23, max_value=23, label="Hours", help_text="Use a minus sign to shift to earlier."
    )

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if not self.errors and not cleaned.get("days") and not cleaned.get("hours"):
            raise ValidationError("Enter days or hours to shift by.")
        return cleaned


class BoardForm(OptionsForm):
    """Which board, and which of its sections."""

    board = forms.ModelChoiceField(Board.objects.none(), empty_label="Choose a board")
    section = forms.ModelChoiceField(BoardSection.objects.none(), required=False, empty_label="No section")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        boards: Any = self.fields["board"]
        boards.queryset = (
            Board.objects.in_workspace(self.workspace).offered().select_related("account").order_by("name", "pk")
        )
        boards.label_from_instance = lambda board: f"{board.name} · {board.account}"
        sections: Any = self.fields["section"]
        rows = BoardSection.objects.in_workspace(self.workspace).filter(missing_since=None)
        sections.queryset = rows.select_related("board").order_by("board__name", "name", "pk")
        sections.label_from_instance = lambda section: f"{section.board.name} › {section.name}"

    def clean(self) -> dict[str, Any]:
        board, section = self.cleaned_data.get("board"), self.cleaned_data.get("section")
        if board and section and section.board_id != board.pk:
            self.add_error("section", f"This section is not on “{board.name}”. Choose one of its own, or none.")
        return self.cleaned_data


class QueueForm(OptionsForm):
    """In which order the pins get the next free times."""

    order = forms.ChoiceField(choices=ORDERS, widget=forms.RadioSelect, initial="listed", label="Order")


class SpreadForm(OptionsForm):
    """Over which days, how many a day, and between which times."""

    start = forms.DateField(label="First day", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    end = forms.DateField(label="Last day", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    pins_per_day = forms.IntegerField(label="Pins a day", min_value=1, max_value=MOST_A_DAY, initial=3)
    earliest = forms.TimeField(label="From", widget=forms.TimeInput({"type": "time"}, format="%H:%M"), initial=time(8))
    latest = forms.TimeField(label="Until", widget=forms.TimeInput({"type": "time"}, format="%H:%M"), initial=time(21))
    order = forms.ChoiceField(choices=ORDERS, widget=forms.RadioSelect, initial="interleaved", label="Order")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tomorrow = timezone.localdate(timezone=self.workspace.zone) + timedelta(days=1)
        self.fields["start"].initial, self.fields["end"].initial = tomorrow, tomorrow + timedelta(days=29)

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        start, end = cleaned.get("start"), cleaned.get("end")
        if start and start < timezone.localdate(timezone=self.workspace.zone):
            self.add_error("start", "This day has passed. Choose today or a later day.")
        elif start and (start - timezone.localdate(timezone=self.workspace.zone)).days > MOST_DAYS:
            self.add_error("start", "This day is more than a year ahead. Choose an earlier one.")
        if start and end and end < start:
            self.add_error("end", "The last day is before the first one.")
        elif start and end and (end - start).days >= MOST_DAYS:
            self.add_error("end", f"Pins can be spread over up to {MOST_DAYS} days. Choose an earlier last day.")
        if not self.errors:
            self._clean_times(self.spread)
        return cleaned

    def _clean_times(self, spread: Spread) -> None:
        if spread.latest < spread.earliest:
            self.add_error("latest", "This is earlier than the time that the day begins with.")
        elif len(set(spread.times)) < spread.pins_per_day:
            self.add_error(
                "latest",
                f"Between {spread.earliest:%H:%M} and {spread.latest:%H:%M} there aren't {spread.pins_per_day} minutes."
                " Choose a later time, or fewer pins a day.",
            )

    @property
    def spread(self) -> Spread:
        """Return what was chosen, of a form without errors."""
        return Spread(**{name: self.cleaned_data[name] for name in Spread.__dataclass_fields__})

    @property
    def options(self) -> dict[str, Any]:
        """Return what was cleaned, as JSON has it."""
        return {
            name: value.isoformat() if isinstance(value, (date, time)) else value
            for name, value in self.cleaned_data.items()
        }


class PresetForm(OptionsForm):
    """Which link preset."""

    preset = forms.ModelChoiceField(LinkPreset.objects.none(), empty_label="Choose a link preset", label="Link preset")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        presets: Any = self.fields["preset"]
        presets.queryset = LinkPreset.objects.in_workspace(self.workspace).order_by("name", "pk")


class TagsForm(OptionsForm):
    """Which tags."""

    tags = TagsField()

    def clean_tags(self) -> list[str]:
        tags: list[str] = self.cleaned_data["tags"]
        if not tags:
            raise ValidationError("Enter at least one tag.")
        return tags


class CommentForm(OptionsForm):
    """Why the pins are sent back."""

    comment = CleanTextField(
        label="What needs to change?",
        max_length=COMMENT_LENGTH,
        widget=forms.Textarea({"rows": 3, "dir": "auto"}),
        error_messages={"required": "Enter a comment that says what needs to change."},
    )


FORMS: dict[str, type[OptionsForm]] = {
    "shift": ShiftForm,
    "board": BoardForm,
    "queue": QueueForm,
    "spread": SpreadForm,
    "preset": PresetForm,
    "tags": TagsForm,
    "send_back": CommentForm,
    "tag_files": TagsForm,
}
