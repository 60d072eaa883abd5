"""The kinds of fields that the composer has: boards, moments of the workspace's day, texts for Pinterest."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import Board
from pins.rules.texts import clean_link, clean_text
from postiz_pins.common.dates import format_day
from postiz_pins.common.params import parse_keys

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
    return Q(pinterest_id=value) | Q(pk__in=parse_keys([value]))


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
            raise ValidationError("Enter the date and time like this: 2027-03-28 09:30.", code="publish_at_invalid")
        if timezone.is_aware(local):
            return moment
        if moment.astimezone(self.zone).replace(tzinfo=None) != local:
            raise ValidationError(
                f"{local:%H:%M} does not exist on {format_day(local)} in {self.zone.key}: the clocks move forward past"
                f" it. Choose {moment.astimezone(self.zone):%H:%M} or another time.",
                code="publish_at_in_gap",
            )
        return moment

    def _in_utc(self, local: datetime) -> datetime:
        aware = local if timezone.is_aware(local) else local.replace(tzinfo=self.zone)
        return aware.astimezone(ZoneInfo("UTC"))

    def prepare_value(self, value: Any) -> Any:
        return value.astimezone(self.zone).strftime(LOCAL_FORMAT) if isinstance(value, datetime) else value


class CleanTextField(forms.CharField):
    """Text without what cannot be seen and is not meant (rules/texts.py)."""

    clean_text = staticmethod(clean_text)

    def to_python(self, value: Any) -> str:
        return self.clean_text(str(super().to_python(value)))


class TextField(CleanTextField):
    """Text whose limits rules/composition.py knows, as Pinterest counts."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.validators = []  # the rules of rules/composition.py say it with their own code and advice


class LinkField(TextField):
    clean_text = staticmethod(clean_link)
