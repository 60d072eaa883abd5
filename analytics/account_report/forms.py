"""Ranges of days, as people choose them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import QueryDict

from accounts.api_keys.authentication import JsonError
from analytics.periods import DEFAULT_DAYS, LONGEST_DAYS, PRESETS, Period
from postiz_pins.common.dates import format_day

from .services import ChosenRange

CUSTOM, ALL = "custom", "all"
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
        """Return all complaints, for programs."""
        return " ".join(str(sentence) for errors in self.errors.values() for sentence in errors)

    def clean_start(self) -> date | None:
        return self._clean_day("start")

    def clean_end(self) -> date | None:
        return self._clean_day("end")

    def clean_custom(self) -> ChosenRange | None:
        """Return the range from `start` to `end`, or None with the reason at a field."""
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
    """One of the offered ranges, which end with the newest day that has figures, or a range of one's own.

    With `first_on`, the day of the oldest figures, “All” is offered as well.
    """

    days = forms.ChoiceField(
        label="Range", required=False, error_messages={"invalid_choice": "Unknown range. Choose one from the list."}
    )
    field_order = ("days", "start", "end")

    def __init__(
        self,
        data: QueryDict,
        *,
        today: date,
        newest_on: date,
        default: str = str(DEFAULT_DAYS),
        first_on: date | None = None,
    ) -> None:
        self.default, self.first_on = default, first_on
        if not data.get("days"):
            # Dates alone mean a custom range, and an address without a range means the usual one.
            data = data.copy()
            data["days"] = CUSTOM if data.get("start") or data.get("end") else default
        super().__init__(data, today=today, newest_on=newest_on)
        cast(forms.ChoiceField, self.fields["days"]).choices = [*self.offered, (CUSTOM, "Custom range")]

    @property
    def offered(self) -> list[tuple[str, str]]:
        """The ranges that a single link chooses, by their value of `days`."""
        presets = [(str(days), label) for days, label in PRESETS.items()]
        return presets if self.first_on is None else [*presets, (ALL, "All")]

    @property
    def key(self) -> str:
        """The value of `days` that is shown."""
        return str(self.cleaned_data["days"]) if self.is_valid() else self.default

    @property
    def shown(self) -> ChosenRange:
        """The chosen range, or as long as the choice is not clear, the usual one."""
        chosen: ChosenRange = self.cleaned_data["range"] if self.is_valid() else self._offered_range(self.default)
        return chosen

    @property
    def query(self) -> dict[str, str]:
        """What links to other pages carry; nothing for the usual range."""
        if self.key == CUSTOM:
            period = self.shown.period
            return {"start": period.start_on.isoformat(), "end": period.end_on.isoformat()}
        return {} if self.key == self.default else {"days": self.key}

    def clean(self) -> dict[str, Any]:
        days = self.cleaned_data.get("days")
        if days == CUSTOM:
            self.cleaned_data["range"] = self.clean_custom()
        elif days:
            # Dates that are left in the form do not count.
            for name in ("start", "end"):
                self.errors.pop(name, None)
            self.cleaned_data["range"] = self._offered_range(days)
        return self.cleaned_data

    def _offered_range(self, key: str) -> ChosenRange:
        if key == ALL:
            return ChosenRange(Period(min(self.first_on or self.newest_on, self.newest_on), self.newest_on), None)
        return ChosenRange(Period.ending(self.newest_on, int(key)), int(key))


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
        """Return all complaints, each with the parameter that it is about."""
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
