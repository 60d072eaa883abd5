"""One row of the table: the cells that were sent change a draft, all others stay as they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString

from pins import limits
from pins.fields import CleanTextField, LinkField, LocalDateTimeField, TextField
from pins.models import Pin
from pins.presets.choices import LinkPresets
from pins.rules.composition import Composition, Problem, check
from pins.tags.services import names_of

from .boards import BoardNames

# The columns in their order, with what they are called.
COLUMNS = {
    "title": "Title",
    "description": "Description",
    "board": "Board",
    "link": "Link",
    "alt_text": "Alt text",
    "publish_at": "Time",
}
TEXTS = ("title", "description", "link", "alt_text")


def prefix_of(pin: Pin) -> str:
    """Return what the names of a row's fields begin with."""
    return f"row-{pin.pk}"


def initial_of(pin: Pin, boards: BoardNames) -> dict[str, Any]:
    """Return what the row of the pin shows."""
    shown: dict[str, Any] = {name: getattr(pin, name) for name in (*TEXTS, "publish_at", "version")}
    return {**shown, "board": boards.name(Composition.of(pin).board, pin.section)}


class CellInput(forms.TextInput):
    """An input of a cell: a page has hundreds, and Django's template for one takes two thirds of the page's time."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Return the element."""
        widget = self.get_context(name, value, attrs)["widget"]
        shown = {} if widget["value"] is None else {"value": widget["value"]}
        return format_html("<input{}>", flatatt({"type": widget["type"], "name": name, **shown, **widget["attrs"]}))


class CellText(forms.Textarea):
    """A text of several lines, as an input of a cell."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Return the element."""
        widget = self.get_context(name, value, attrs)["widget"]
        start = flatatt({"name": name, **widget["attrs"]})
        return format_html("<textarea{}>\n{}</textarea>", start, widget["value"] or "")


class RowForm(forms.Form):
    """Input of one row, with the pin `with_content` that it changes."""

    title = TextField(label="Title", widget=CellInput)
    description = TextField(label="Description", widget=CellText({"rows": 3}))
    board = CleanTextField(
        label="Board", widget=CellInput, required=False, max_length=limits.TITLE_LENGTH * limits.DRAFT_TEXTS
    )
    link = LinkField(label="Link", widget=CellInput({"inputmode": "url", "placeholder": "https://"}))
    alt_text = TextField(label="Alt text", widget=CellText({"rows": 3}))
    version = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput({"autocomplete": "off"}))

    def __init__(self, data: Any = None, *, pin: Pin, boards: BoardNames, number: int = 1) -> None:
        super().__init__(data, prefix=prefix_of(pin), initial=initial_of(pin, boards), use_required_attribute=False)
        self.pin, self.boards, self.number = pin, boards, number
        self.fields["publish_at"] = LocalDateTimeField(
            zone=pin.workspace.zone, widget=CellInput({"type": "datetime-local"}), required=False, label="Time"
        )
        for name, label in COLUMNS.items():
            attributes = {"form": "grid", "aria-label": f"{label}, row {number}", "data-column": name}
            self.fields[name].widget.attrs |= attributes
        for name in ("title", "description", "board", "alt_text"):
            self.fields[name].widget.attrs["dir"] = "auto"
        self.fields["board"].widget.attrs |= {"list": "grid-boards", "autocomplete": "off"}
        self.fields["version"].widget.attrs["form"] = "grid"

    @property
    def cells(self) -> list[forms.BoundField]:
        """Return the fields that are shown, in the order of the columns."""
        return [self[name] for name in COLUMNS]

    def clean_board(self) -> Any:
        """Return the board and its section, or those that the pin has where nothing else was typed."""
        text = self.cleaned_data["board"]
        before = Composition.of(self.pin)
        if not text:
            return None, None
        if text == self.initial["board"]:
            return before.board, before.section
        return self.boards.find(text)

    def clean(self) -> dict[str, Any]:
        """Add what not even a draft may hold to its cell, which then keeps what it has."""
        for problem in check(self.composition, is_draft=True):
            if problem.field in self.cleaned_data:
                self.add_error(problem.field, ValidationError(problem.message, code=problem.code))
        return self.cleaned_data

    def _sent(self, name: str) -> bool:
        return self.is_bound and name in self.cleaned_data and self.add_prefix(name) in self.data

    @property
    def composition(self) -> Composition:
        """Return the pin's content with the cells that were sent and can be read."""
        content = Composition.of(self.pin)
        content = replace(content, **{name: self.cleaned_data[name] for name in TEXTS if self._sent(name)})
        if self._sent("board"):
            board, section = self.cleaned_data["board"]
            content = replace(content, board=board, section=section)
        return content

    @property
    def publish_at(self) -> datetime | None:
        """Return the time of the row; the pin's own to the second where the shown minute was left alone."""
        before = self.pin.publish_at
        if not self._sent("publish_at"):
            return before
        typed: datetime | None = self.cleaned_data["publish_at"]
        is_same = before is not None and typed == before.replace(second=0, microsecond=0)
        return before if is_same else typed

    @property
    def notice(self) -> str:
        """Return what has been made of a time that the clocks skip; empty for any other."""
        field = self.fields["publish_at"]
        if not self.is_bound or not self._sent("publish_at") or not isinstance(field, LocalDateTimeField):
            return ""
        return field.notice_of(self["publish_at"].data)

    def with_link_preset(self, presets: LinkPresets, choice: str, now: datetime) -> Composition:
        """Return the content with the parameters of the chosen link preset. Raises ValidationError."""
        how: dict[str, Any] = {"publish_at": self.publish_at, "tags": names_of(self.pin), "pin_id": self.pin.pk}
        return presets.apply(self.composition, choice, now=now, **how)

    @property
    def problems(self) -> list[Problem]:
        """Return what is in the way of publishing the pin as it is, without the cells that have errors of their own."""
        return [each for each in check(Composition.of(self.pin)) if each.field not in self.errors]
