"""The kinds of fields that the composer has: boards, moments of the workspace's day, texts for Pinterest."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import Board
from pins.rules.texts import clean_link, clean_text
from postiz_pins.common.dates import first_moment, format_day
from postiz_pins.common.params import parse_keys

LOCAL_FORMAT = "%Y-%m-%dT%H:%M"


class BoardField(forms.ModelChoiceField):
    """A board by its row; or by Pinterest's id, as GET /boards lists it, where only one account has it."""

    def to_python(self, value: Any) -> Board | None:
        """Return the board with this key or Pinterest id.

        Raises ValidationError if there is none, or more than one.
        """
        if value in self.empty_values or isinstance(value, Board):
            return super().to_python(value)
        has_nul = "\0" in str(value)  # PostgreSQL has no text for it
        named = [] if has_nul or self.queryset is None else list(self.queryset.filter(_board_named(str(value)))[:2])
        if len(named) != 1:
            raise ValidationError(self.error_messages["invalid_choice"], code="board_unknown")
        return named[0]

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return the row's key, however the board was named, so that it stays selected after an error elsewhere."""
        try:
            board = self.to_python(data)
        except ValidationError:
            return data
        return str(board.pk) if board else data


def _board_named(value: str) -> Q:
    return Q(pinterest_id=value) | Q(pk__in=parse_keys([value]))


class LocalDateTimeField(forms.CharField):
    """A minute in the workspace's time zone, cleaned to an aware UTC datetime; None when left empty.

    A time that the clocks skip becomes the next one there is, which the field shows then; `notice_of` says so.
    """

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL_FORMAT)

    def __init__(self, *, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.zone = zone

    def clean(self, value: Any) -> datetime | None:
        """Return the moment in UTC. Raises ValidationError."""
        text = super().clean(value)
        if not text:
            return None
        moment = self._moment_of(text)
        if moment is None:
            raise ValidationError("Enter the date and time like this: 2027-03-28 09:30.", code="publish_at_invalid")
        return moment

    def notice_of(self, value: Any) -> str:
        """Return what has been made of a time, as it was typed, that the clocks skip; empty for any other."""
        text = value.strip() if isinstance(value, str) else ""
        moment = self._moment_of(text)
        typed = parse_datetime(text) if moment else None
        if moment is None or typed is None or timezone.is_aware(typed):
            return ""
        there_is = moment.astimezone(self.zone)
        if there_is.replace(tzinfo=None) == typed:
            return ""
        return (
            f"The clocks skip {typed:%H:%M} on {format_day(typed)}, so it's the next time there is: {there_is:%H:%M}."
        )

    def _moment_of(self, text: str) -> datetime | None:
        with suppress(ValueError, OverflowError):  # the 32nd of May, and the years 1 and 9999 near their ends
            typed = parse_datetime(text)
            if typed is None:
                return None
            is_aware = timezone.is_aware(typed)
            moment = typed.astimezone(UTC) if is_aware else first_moment(typed.date(), typed.time(), self.zone)
            return moment if 2000 <= moment.year <= 2999 else None
        return None

    def prepare_value(self, value: Any) -> Any:
        """Return the moment as the input shows it, in the field's time zone."""
        moment = self._moment_of(value.strip()) if self.notice_of(value) else value
        return moment.astimezone(self.zone).strftime(LOCAL_FORMAT) if isinstance(moment, datetime) else value


class CleanTextField(forms.CharField):
    """Text without what cannot be seen and is not meant (rules/texts.py)."""

    clean_text = staticmethod(clean_text)

    def to_python(self, value: Any) -> str:
        """Return the text without what cannot be stored."""
        return self.clean_text(str(super().to_python(value)))


class TextField(CleanTextField):
    """Text whose limits rules/composition.py knows, as Pinterest counts."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.validators = []  # the rules of rules/composition.py say it with their own code and advice


class LinkField(TextField):
    """A link with exactly one scheme (rules/texts.py)."""

    clean_text = staticmethod(clean_link)
