"""Ranges of days, as people choose them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import QueryDict

from accounts.api_keys.authentication import JsonError
from analytics.periods import DEFAULT_DAYS, LONGEST_DAYS, PRESETS, Period
from postiz_pins.common.dates import format_day

from .services import ChosenRange

CUSTOM = "custom"
# Pinterest opened in March 2010.
FIRST_ON = date(2010, 1, 1)
HOW_TO_WRITE = "Enter the date like this: 2026-11-23."
WRONG_DAYS = f"“days” must be a whole number from 1 to {LONGEST_DAYS}."


class _DayField(forms.DateField):
    def __init__(self, label: str) -> None:
        super().__init__(
            label=label,
            required=False,
            error_messages={"invalid": f"This isn't a date. {HOW_TO_WRITE}"},
            input_formats=["%Y-%m-%d"],
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        )


class RangeForm(forms.Form):
    """From `start` to `end`, both inclusive, in UTC. `today` is the newest day that may be chosen."""

    start = _DayField("From")
    end = _DayField("To")

    def __init__(self, data: QueryDict, *, today: date, newest_on: date) -> None:
        super().__init__(data)
        self.today, self.newest_on = today, newest_on
        for name in ("start", "end"):
            self.fields[name].widget.attrs |= {"max": today.isoformat(), "min": FIRST_ON.isoformat()}

    @property
    def sentences(self) -> str:
        """All complaints, for programs."""
        return " ".join(str(sentence) for errors in self.errors.values() for sentence in errors)

    def clean_start(self) -> date | None:
        return self._clean_day("start")

    def clean_end(self) -> date | None:
        return self._clean_day("end")

    def clean_custom(self) -> ChosenRange | None:
        """The range from `start` to `end`, or None with the reason at a field."""
        start, end = self.cleaned_data.get("start"), self.cleaned_data.get("end")
        for name, day in (("start", start), ("end", end)):
            if day is None and name not in self.errors:
                self.add_error(name, f"Choose the {'first' if name == 'start' else 'last'} day of the range.")
        if start is None or end is None:
            return None
        if end < start:
            self.add_error(
                "end",
                f"The range ends on {format_day(end)}, before it starts on {format_day(start)}. Swap the two dates.",
            )
            return None
        period = Period(start, end)
        if period.days > LONGEST_DAYS:
            earliest = format_day(end - timedelta(days=LONGEST_DAYS - 1))
            self.add_error(
                "start",
                f"The range has {period.days:,} days; the maximum is two years ({LONGEST_DAYS} days). Start on"
                f" {earliest} or later.",
            )
            return None
        return ChosenRange(period, None)

    def _clean_day(self, name: str) -> date | None:
        day: date | None = self.cleaned_data[name]
        if day is not None and day > self.today:
            raise forms.ValidationError(
                f"{format_day(day)} is in the future. Choose {format_day(self.today)} (today, in UTC)"
                " or an earlier day."
            )
        if day is not None and day < FIRST_ON:
            raise forms.ValidationError(f"Pinterest launched in 2010. Choose {format_day(FIRST_ON)} or a later day.")
        return day


class PeriodForm(RangeForm):
    """One of the offered ranges, which end with the newest day that has figures, or a range of one's own."""

    days = forms.ChoiceField(
        label="Range",
        choices=[*((str(days), label) for days, label in PRESETS.items()), (CUSTOM, "Custom range")],
        required=False,
        error_messages={"invalid_choice": "Unknown range. Choose one from the list."},
    )
    field_order = ("days", "start", "end")

    def __init__(self, data: QueryDict, *, today: date, newest_on: date) -> None:
        if not data.get("days"):
            # Whoever gives dates only means them, and an address without a range means the usual one.
            data = data.copy()
            data["days"] = CUSTOM if data.get("start") or data.get("end") else str(DEFAULT_DAYS)
        super().__init__(data, today=today, newest_on=newest_on)

    @property
    def usual(self) -> ChosenRange:
        """What is shown as long as the choice is not clear."""
        return ChosenRange(Period.ending(self.newest_on, DEFAULT_DAYS), DEFAULT_DAYS)

    def clean(self) -> dict[str, Any]:
        days = self.cleaned_data.get("days")
        if days == CUSTOM:
            self.cleaned_data["range"] = self.clean_custom()
        elif days:
            # Dates that are left in the form do not count.
            for name in ("start", "end"):
                self.errors.pop(name, None)
            self.cleaned_data["range"] = ChosenRange(Period.ending(self.newest_on, int(days)), int(days))
        return self.cleaned_data


class DaysForm(RangeForm):
    """Any number of days up to the newest one with figures, or from `start` to `end`; for programs."""

    days = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=LONGEST_DAYS,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), WRONG_DAYS),
    )
    field_order = ("days", "start", "end")

    @property
    def problems(self) -> list[JsonError]:
        """All complaints, each with the parameter that it is about."""
        return [_problem(name, str(sentence)) for name, errors in self.errors.items() for sentence in errors]

    def clean(self) -> dict[str, Any]:
        days = self.cleaned_data.get("days")
        has_dates = bool(self.data.get("start") or self.data.get("end"))
        if self.data.get("days") and has_dates:
            raise forms.ValidationError("Use either “days” or “start” and “end”.")
        if has_dates:
            self.cleaned_data["range"] = self.clean_custom()
        elif "days" not in self.errors:
            days = days or DEFAULT_DAYS
            self.cleaned_data["range"] = ChosenRange(
                Period.ending(self.newest_on, days), days if days in PRESETS else None
            )
        return self.cleaned_data


def _problem(name: str, sentence: str) -> JsonError:
    if name == NON_FIELD_ERRORS:
        return JsonError("range_ambiguous", "", sentence)
    is_named = sentence.startswith(f"“{name}”")
    return JsonError(f"{name}_invalid", name, sentence if is_named else f"“{name}”: {sentence}")
