"""The composer's form: typed text becomes a composition, and every broken rule lands at its field."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Board, BoardSection, Workspace
from pins.fields import BoardField, LinkField, LocalDateTimeField, TextField
from pins.models import Pin
from pins.rules.composition import AttachedMedia, Composition, check

# The buttons that send the pin on its way, and so need all rules kept.
FINAL_ACTIONS = ("schedule", "publish", "propose")


# What is wrong is listed in the order in which the page shows it.
ORDER_ON_THE_PAGE = ("attachments", "alt_text", "dominant_color", "title", "description", "link", "board", "section")


class PinForm(forms.Form):
    """Input of the composer. `attachments` come with their texts and in their order: attachments.py reads them, and the
    view has stored the uploads of this request already."""

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
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.action = action
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
        """What was typed; a field that cannot be read keeps what it had `before`."""
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

    def publish_at_over(self, before: datetime | None) -> datetime | None:
        return self.cleaned_data.get("publish_at", before)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = self.cleaned_data
        for problem in check(self.composition, is_draft=not self.is_final):
            if problem.field == "attachments" or problem.field not in self.errors:
                self.add_error(problem.field, ValidationError(problem.message, code=problem.code))
        if self.action == "schedule" and not cleaned.get("publish_at") and "publish_at" not in self.errors:
            message = "Choose a date and time, or press “Publish now”."
            self.add_error("publish_at", ValidationError(message, code="publish_at_required"))
        return cleaned

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all has been typed, chosen or attached. Of a form that has been cleaned."""
        return self.composition == Composition() and not self.errors and self.publish_at_over(None) is None

    @classmethod
    def initial_for(cls, pin: Pin) -> dict[str, Any]:
        fields = (
            *("board", "section", "title", "description", "link", "alt_text", "dominant_color"),
            *("publish_at", "version", "form_token"),
        )
        return {field: getattr(pin, field) for field in fields}
