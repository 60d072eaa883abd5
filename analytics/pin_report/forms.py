"""What narrows the table of pins: its GET form."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.forms import BoundField
from django.forms.models import ModelChoiceIterator
from django.http import QueryDict
from django.utils import timezone

from accounts.connections.board_sync import tell_apart
from accounts.models import Board, PinterestAccount, Workspace
from analytics.account_report.forms import CUSTOM
from analytics.account_report.range_control import RangeControl, kept_parameters, range_links
from analytics.models import PinKind, PinSummary
from analytics.periods import PRESETS
from pins.models import Tag
from postiz_pins.common.date_range_forms import DayField, SpanForm
from postiz_pins.common.params import parse_number

NO_SUCH = "This isn't in your workspace. Choose from the list."


class BoardChoices(ModelChoiceIterator):
    """Boards as choices; those that share their name are told apart."""

    def __iter__(self) -> Iterator[Any]:
        yield "", self.field.empty_label
        boards = list(cast(QuerySet[Board], self.queryset))
        tell_apart(boards)
        yield from map(self.choice, boards)


class BoardField(forms.ModelChoiceField):
    """A choice of boards, with their accounts."""

    iterator = BoardChoices

    def label_from_instance(self, board: Board) -> str:
        return " · ".join(filter(None, [board.name, str(board.account), board.distinction]))


class PinFilterForm(SpanForm):
    """The filters of the table of pins."""

    field_order = ("q", "account", "board", "tag", "kind", "since", "until")

    q = forms.CharField(
        required=False,
        max_length=200,
        label="Title",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Search titles"}),
    )
    account = forms.ModelChoiceField(
        PinterestAccount.objects.none(),
        required=False,
        empty_label="All accounts",
        error_messages={"invalid_choice": NO_SUCH},
    )
    board = BoardField(
        Board.objects.none(), required=False, empty_label="All boards", error_messages={"invalid_choice": NO_SUCH}
    )
    tag = forms.ModelChoiceField(
        Tag.objects.none(), required=False, empty_label="All tags", error_messages={"invalid_choice": NO_SUCH}
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
        tag = cast(forms.ModelChoiceField, self.fields["tag"])
        tag.queryset = Tag.objects.in_workspace(workspace).order_by(Lower("name"))

    @property
    def choices(self) -> list[BoundField]:
        """Return the fields beside the search and the days of publication."""
        return [self[name] for name in ("account", "board", "tag", "kind")]

    def narrow(self, summaries: QuerySet[PinSummary]) -> QuerySet[PinSummary]:
        """Return the rows that match every valid field."""
        data = self.cleaned_data
        equal = {name: data[name] for name in ("account", "board", "kind") if data.get(name)}
        if data.get("tag"):
            equal["pin__tags"] = data["tag"]
        summaries = summaries.filter(self.within("published_at"), **equal)
        for word in (data.get("q") or "").split():
            summaries = summaries.filter(pin__title__icontains=word)
        return summaries


def published_within(parameters: QueryDict, now: datetime) -> QueryDict:
    """Return the parameters with the days of publication that a range of another page means."""
    days, changed = parse_number(parameters.get("days", "")), parameters.copy()
    if days in PRESETS:
        changed["since"] = (timezone.localtime(now).date() - timedelta(days=days - 1)).isoformat()
        changed["until"] = ""
    for name, ours in (("start", "since"), ("end", "until")):
        if parameters.get(name):
            changed[ours] = str(parameters[name])
    return changed


def published_control(form: PinFilterForm, parameters: QueryDict) -> RangeControl:
    """Return the control of the days of publication, which are all of them unless one is chosen."""
    hidden = kept_parameters(parameters)
    days = parameters.get("days", "")
    is_custom = parse_number(days) not in PRESETS and any(form.cleaned_data.get(name) for name in ("since", "until"))
    offered = [("", "All"), *((str(days), label) for days, label in PRESETS.items())]
    shown = CUSTOM if is_custom else days if parse_number(days) in PRESETS else ""
    return RangeControl(
        fields=[form["since"], form["until"]],
        errors=[],
        links=range_links(hidden, offered, shown),
        kept=hidden,
        query=urlencode({"days": days} if days else {}),
        is_custom=is_custom,
    )
