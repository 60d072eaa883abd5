"""The composer's form: typed text becomes a composition, and every broken rule lands at its field."""

from __future__ import annotations

import uuid
from contextlib import suppress
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.dateparse import parse_datetime

from accounts.models import Board, Workspace

from .composition import AttachedMedia, Composition, check
from .models import MediaFile, Pin

LOCAL_FORMAT = "%Y-%m-%dT%H:%M"


class BoardField(forms.ModelChoiceField):
    """A board by its row; or by Pinterest's id, as GET /boards lists it, where only one account has it."""

    def to_python(self, value: Any) -> Board | None:
        if value in self.empty_values or isinstance(value, Board):
            return super().to_python(value)
        has_nul = "\0" in str(value)  # PostgreSQL has no text for it
        named = [] if has_nul or self.queryset is None else list(self.queryset.filter(_board_named(str(value)))[:2])
        if len(named) != 1:
            raise ValidationError(self.error_messages["invalid_choice"], code="board_unknown")
        return named[0]

    def bound_data(self, data: Any, initial: Any) -> Any:
        """The row's key, whichever way the board was named, so that it is still chosen after an error elsewhere."""
        try:
            board = self.to_python(data)
        except ValidationError:
            return data
        return str(board.pk) if board else data


def _board_named(value: str) -> Q:
    by_pinterest_id = Q(pinterest_id=value)
    return by_pinterest_id | Q(pk=value) if value.isdecimal() and len(value) <= 18 else by_pinterest_id


class LocalDateTimeField(forms.CharField):
    """A minute in the workspace's time zone, cleaned to an aware UTC datetime; None when left empty."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL_FORMAT)

    def __init__(self, *, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.zone = zone

    def clean(self, value: Any) -> datetime | None:
        text = super().clean(value)
        if not text:
            return None
        local = moment = None
        with suppress(ValueError, OverflowError):  # the 32nd of May, and the years 1 and 9999 near their ends
            local = parse_datetime(text)
            moment = self._in_utc(local) if local else None
        if local is None or moment is None or not 2000 <= moment.year <= 2999:
            raise ValidationError("Write date and time like 2027-03-28 09:30.", code="publish_at_invalid")
        if timezone.is_aware(local):
            return moment
        if moment.astimezone(self.zone).replace(tzinfo=None) != local:
            raise ValidationError(
                f"{local:%H:%M} does not exist on {local:%-d %B %Y} in {self.zone.key}: the clocks are put forward over"
                f" it. Choose {moment.astimezone(self.zone):%H:%M} or another time.",
                code="publish_at_in_gap",
            )
        return moment

    def _in_utc(self, local: datetime) -> datetime:
        aware = local if timezone.is_aware(local) else local.replace(tzinfo=self.zone)
        return aware.astimezone(ZoneInfo("UTC"))

    def prepare_value(self, value: Any) -> Any:
        return value.astimezone(self.zone).strftime(LOCAL_FORMAT) if isinstance(value, datetime) else value


class TextField(forms.CharField):
    """Text whose limits composition.py knows: stripped, and with \\n as the line break, as Pinterest counts."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.validators = []  # the rules of composition.py say it with their own code and advice

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n").replace("\r", "\n")


class PinForm(forms.Form):
    """Input of the composer. `attachments` are the media files in their order: those uploaded before come as ids, and
    the view has stored the ones of this request already."""

    board = BoardField(
        queryset=Board.objects.none(),
        required=False,
        error_messages={"invalid_choice": "This board is not one of your workspace's. Choose one from the list."},
    )
    title = TextField()
    description = TextField(widget=forms.Textarea(attrs={"rows": 5}))
    link = TextField(widget=forms.URLInput(attrs={"placeholder": "https://", "inputmode": "url"}))
    alt_text = TextField(label="Alternative text", widget=forms.Textarea(attrs={"rows": 2}))
    dominant_color = TextField(label="Dominant colour", widget=forms.TextInput(attrs={"placeholder": "#FF5722"}))
    # Made with the empty form: the same form sent twice (a double click, "Back") is one pin.
    form_token = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(
        self,
        data: Any = None,
        *,
        workspace: Workspace,
        attachments: list[MediaFile],
        action: str = "draft",
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.action = action
        self.attachments = attachments
        boards: forms.ModelChoiceField = self.fields["board"]  # type: ignore[assignment]  # it is declared as one
        # A missing board is refused by its rule, with more to say than "not in the list".
        boards.queryset = Board.objects.in_workspace(workspace).select_related("account")
        self.fields["publish_at"] = LocalDateTimeField(zone=workspace.zone, required=False, label="Publish at")
        self.fields["attachments"] = forms.Field(required=False, label="Picture")

    @property
    def composition(self) -> Composition:
        cleaned = self.cleaned_data
        return Composition(
            board=cleaned.get("board"),
            title=cleaned.get("title", ""),
            description=cleaned.get("description", ""),
            link=cleaned.get("link", ""),
            alt_text=cleaned.get("alt_text", ""),
            dominant_color=cleaned.get("dominant_color", ""),
            attachments=tuple(AttachedMedia(media) for media in self.attachments),
        )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = self.cleaned_data
        for problem in check(self.composition, is_draft=self.action == "draft"):
            if problem.field not in self.errors:
                self.add_error(problem.field, ValidationError(problem.message, code=problem.code))
        if self.action == "schedule" and not cleaned.get("publish_at") and "publish_at" not in self.errors:
            message = "Choose the date and time at which the pin goes out, or press “Publish now”."
            self.add_error("publish_at", ValidationError(message, code="publish_at_required"))
        return cleaned

    @classmethod
    def initial_for(cls, pin: Pin) -> dict[str, Any]:
        fields = ("board", "title", "description", "link", "alt_text", "dominant_color", "publish_at")
        return {field: getattr(pin, field) for field in fields}


def attachments_from(data: MultiValueDict[str, str], workspace: Workspace) -> list[MediaFile]:
    """The workspace's media files that the posted ids name, in their order and each once; other ids are left out."""
    removed = set(data.getlist("remove_attachment"))
    ids = [value for value in dict.fromkeys(data.getlist("attachments")) if value.isdecimal() and value not in removed]
    media = MediaFile.objects.in_workspace(workspace).in_bulk([int(value) for value in ids if len(value) <= 18])
    return [media[int(value)] for value in ids if int(value) in media]
