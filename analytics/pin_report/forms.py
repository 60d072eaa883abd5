"""What narrows the table of pins: its GET form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.forms.models import ModelChoiceIterator

from accounts.connections.board_sync import tell_apart
from accounts.models import Board, PinterestAccount, Workspace
from analytics.models import PinKind, PinSummary
from postiz_pins.common.date_range_forms import DayField, SpanForm

NO_SUCH = "This isn't in your workspace. Choose from the list."


class BoardChoices(ModelChoiceIterator):
    def __iter__(self) -> Iterator[Any]:
        yield "", self.field.empty_label
        boards = list(cast(QuerySet[Board], self.queryset))
        tell_apart(boards)
        yield from map(self.choice, boards)


class BoardField(forms.ModelChoiceField):
    iterator = BoardChoices

    def label_from_instance(self, board: Board) -> str:
        return " · ".join(filter(None, [board.name, str(board.account), board.distinction]))


class PinFilterForm(SpanForm):
    field_order = ("q", "account", "board", "kind", "since", "until")

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
        error_messages={"invalid_choice": "Unknown type. Choose from the list."},
    )
    since = DayField("Published from")

    def __init__(self, data: Any, workspace: Workspace) -> None:
        super().__init__(data, workspace)
        account = cast(forms.ModelChoiceField, self.fields["account"])
        board = cast(forms.ModelChoiceField, self.fields["board"])
        account.queryset = PinterestAccount.objects.in_workspace(workspace).order_by("username")
        # Also boards without pins: to leave them out, databases read all pins.
        boards = Board.objects.in_workspace(workspace).select_related("account")
        board.queryset = boards.order_by("name", "pk")

    def narrow(self, summaries: QuerySet[PinSummary]) -> QuerySet[PinSummary]:
        """The rows that fit all that was understood."""
        given = self.cleaned_data
        equal = {name: given[name] for name in ("account", "board", "kind") if given.get(name)}
        summaries = summaries.filter(self.within("published_at"), **equal)
        for word in (given.get("q") or "").split():
            summaries = summaries.filter(pin__title__icontains=word)
        return summaries
