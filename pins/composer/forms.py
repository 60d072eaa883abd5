"""The composer's form: typed text becomes a composition, and every broken rule lands at its field."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils import timezone

from accounts.models import Board, BoardSection, Workspace
from pins.families.series import Series, TypedSeries, read_series
from pins.fields import BoardField, LinkField, LocalDateTimeField, TextField
from pins.models import Pin, PinStatus
from pins.rules.composition import AttachedMedia, Composition, check
from pins.tags.fields import TagsField
from pins.tags.services import names_of


class When(TextChoices):
    """When the pin goes out: the choice of the composer, which its primary button carries out."""

    NOW = "now", "Now"
    QUEUE = "queue", "Next free time"
    TIME = "time", "Pick a time"


# The buttons that send the pin on its way, and so need all rules kept.
FINAL_ACTIONS = ("schedule", "publish", "propose", "queue", "first")


# What is wrong is listed in the order in which the page shows it.
ORDER_ON_THE_PAGE = (
    *("attachments", "title", "description", "link", "board", "section"),
    *("when", "publish_at", "tags", "alt_text", "dominant_color"),
)


class PinForm(forms.Form):
    """Input of the composer.

    `attachments` come with their texts and in their order: attachments.py reads them, and the view has stored the
    uploads of this request already.
    """

    board = BoardField(
        queryset=Board.objects.none(),
        required=False,
        error_messages={"invalid_choice": "This board isn't in your workspace. Choose one from the list."},
    )
    section = forms.ModelChoiceField(
        queryset=BoardSection.objects.none(),
        required=False,
        error_messages={"invalid_choice": "This section no longer exists. Choose another one, or none."},
    )
    title = TextField()
    description = TextField(widget=forms.Textarea(attrs={"rows": 5}))
    link = LinkField(widget=forms.URLInput(attrs={"placeholder": "https://", "inputmode": "url"}))
    alt_text = TextField(label="Alt text", widget=forms.Textarea(attrs={"rows": 2}))
    dominant_color = TextField(label="Dominant color", widget=forms.TextInput(attrs={"placeholder": "#FF5722"}))
    tags = TagsField()
    # The key of one, "none", or empty for that of the board.
    link_preset = forms.CharField(required=False, max_length=20, widget=forms.Select)
    # A form without it, such as one that was kept before there was the choice, means what its time says.
    when = forms.ChoiceField(choices=When.choices, required=False, widget=forms.RadioSelect)
    # Of a pin that was made with others.
    also_others = forms.BooleanField(required=False)
    # Made with the empty form: the same form sent twice (a double click, "Back") is one pin.
    form_token = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)
    # Of the pin that the form shows; 1 is what a pin has that the form is about to make. The browser must not bring an
    # older one back ("Back", reloading): what was saved meanwhile would be overwritten unseen.
    version = forms.IntegerField(
        required=False, min_value=1, widget=forms.HiddenInput(attrs={"autocomplete": "off"}), initial=1
    )

    def __init__(
        self,
        data: Any = None,
        *,
        workspace: Workspace,
        attachments: Sequence[AttachedMedia],
        action: str = "draft",
        pin: Pin | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.action = action
        self.workspace, self.pin = workspace, pin
        # What is said of further pins; those that are to be made, once a final action has been cleaned.
        self.typed_series = TypedSeries.posted(data) if data is not None else None
        self.series = Series()
        self.attachments = attachments
        boards: forms.ModelChoiceField = self.fields["board"]  # type: ignore[assignment]  # it is declared as one
        # A missing board is refused by its rule, with more to say than "not in the list". So is a missing section.
        boards.queryset = Board.objects.in_workspace(workspace).select_related("account")
        sections: forms.ModelChoiceField = self.fields["section"]  # type: ignore[assignment]  # likewise
        sections.queryset = BoardSection.objects.in_workspace(workspace)
        self.fields["publish_at"] = LocalDateTimeField(zone=workspace.zone, required=False, label="Schedule for")
        self.fields["attachments"] = forms.Field(required=False, label="Media")
        self.order_fields(ORDER_ON_THE_PAGE)

    @property
    def is_final(self) -> bool:
        return self.action in FINAL_ACTIONS

    @property
    def composition(self) -> Composition:
        return self.composition_over(Composition())

    def composition_over(self, before: Composition) -> Composition:
        """Return the input as content; a field that cannot be read keeps what it had `before`."""
        cleaned = self.cleaned_data
        board = cleaned.get("board", before.board)
        return Composition(
            board=board,
            section=cleaned.get("section", before.section) if board else None,
            title=cleaned.get("title", before.title),
            description=cleaned.get("description", before.description),
            link=cleaned.get("link", before.link),
            alt_text=cleaned.get("alt_text", before.alt_text),
            dominant_color=cleaned.get("dominant_color", before.dominant_color),
            attachments=tuple(self.attachments) if "attachments" in cleaned else before.attachments,
        )

    @property
    def tag_names(self) -> list[str] | None:
        """Return the names of the tags; None if the form has no such field, or it cannot be read."""
        return self.cleaned_data.get("tags") if "tags" in self.data else None

    def has_tags_of(self, pin: Pin) -> bool:
        return self.tag_names is None or set(self.tag_names) == set(names_of(pin))

    @property
    def time_notice(self) -> str:
        """Return what has been made of a time that the clocks skip; empty for any other, and if none is picked."""
        field, shown = self.fields["publish_at"], self["publish_at"]
        is_picked = self["when"].value() not in (When.NOW, When.QUEUE)
        if not is_picked or not isinstance(field, LocalDateTimeField):
            return ""
        return field.notice_of(shown.data if self.is_bound else shown.initial)

    @property
    def notices(self) -> list[str]:
        """Return the same for all pins that the form makes."""
        return list(filter(None, [self.time_notice, *(row.notice for row in self.series.rows)]))

    def publish_at_over(self, before: datetime | None) -> datetime | None:
        return self.cleaned_data.get("publish_at", before)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = self.cleaned_data
        if cleaned.get("when") in (When.NOW, When.QUEUE):  # whatever stands in the field that is not shown
            cleaned["publish_at"] = None
            self.errors.pop("publish_at", None)
        for problem in check(self.composition, is_draft=not self.is_final):
            if problem.field == "attachments" or problem.field not in self.errors:
                self.add_error(problem.field, ValidationError(problem.message, code=problem.code))
        needs_time = self.action == "schedule" or (self.action == "propose" and cleaned.get("when") == When.TIME)
        if needs_time and not cleaned.get("publish_at") and "publish_at" not in self.errors:
            message = "Choose a date and time, or choose “Now”."
            self.add_error("publish_at", ValidationError(message, code="publish_at_required"))
        if self.is_final and self.typed_series is not None:
            self._clean_series(self.typed_series)
        return cleaned

    def _clean_series(self, typed: TypedSeries) -> None:
        pin = self.pin
        family, without = (pin.family, [pin.pk]) if pin is not None else (None, [])
        self.series = read_series(
            typed, self.composition, workspace=self.workspace, now=timezone.now(), family=family, without=without
        )
        for problem in self.series.all_problems[:1]:
            self.add_error(None, ValidationError(f"Other boards: {problem.message}", code=problem.code))

    @property
    def is_empty(self) -> bool:
        """Return whether nothing has been typed or attached; of a form that has been cleaned.

        A board alone is nothing: that of the latest pin is offered.
        """
        board, section = self.composition.board, self.composition.section
        is_untouched = self.composition == Composition(board=board, section=section)
        return is_untouched and not self.errors and not self.tag_names and self.publish_at_over(None) is None

    @classmethod
    def initial_for(cls, pin: Pin) -> dict[str, Any]:
        fields = (
            *("board", "section", "title", "description", "link", "alt_text", "dominant_color"),
            *("publish_at", "version", "form_token"),
        )
        has_time = pin.publish_at is not None and pin.status != PinStatus.FAILED
        chosen = {"when": When.TIME if has_time else When.NOW, "tags": names_of(pin)}
        return {field: getattr(pin, field) for field in fields} | chosen
