"""Ranges as people and programs choose them."""

from datetime import date

import pytest
from django.http import QueryDict

from analytics.account_report.forms import DaysForm, PeriodForm
from analytics.account_report.services import ChosenRange
from analytics.periods import PRESETS, Period

TODAY = date(2026, 11, 25)
NEWEST = date(2026, 11, 23)


def form_of(query, form=PeriodForm):
    return form(QueryDict(query), today=TODAY, newest_on=NEWEST)


def chosen(query, form=PeriodForm):
    filled = form_of(query, form)
    assert filled.is_valid(), filled.errors
    return filled.cleaned_data["range"]


def test_without_a_choice_the_range_is_thirty_days_up_to_the_newest_figures():
    assert chosen("") == ChosenRange(Period(date(2026, 10, 25), NEWEST), 30)
    assert chosen("", DaysForm) == ChosenRange(Period(date(2026, 10, 25), NEWEST), 30)


@pytest.mark.parametrize("days", PRESETS)
def test_every_offered_range_ends_with_the_newest_figures(days):
    assert chosen(f"days={days}") == ChosenRange(Period.ending(NEWEST, days), days)


def test_an_offered_range_does_not_mind_what_is_left_in_the_dates():
    assert chosen("days=7&start=nonsense&end=2031-01-01").preset == 7


@pytest.mark.parametrize("query", ["days=custom&start=2026-03-01&end=2026-03-01", "start=2026-03-01&end=2026-03-01"])
def test_a_range_of_ones_own_may_be_a_single_day(query):
    assert chosen(query) == ChosenRange(Period(date(2026, 3, 1), date(2026, 3, 1)), None)


@pytest.mark.parametrize("form", [PeriodForm, DaysForm])
def test_two_years_with_a_leap_day_are_the_longest_range(form):
    assert chosen("start=2023-03-01&end=2025-02-28", form).period.days == 731
    longer = form_of("start=2023-02-28&end=2025-02-28", form)

    assert longer.errors == {
        "start": ["The range has 732 days; the maximum is two years (731 days). Start on 1 Mar 2023 or later."]
    }


@pytest.mark.parametrize("form", [PeriodForm, DaysForm])
@pytest.mark.parametrize(
    ("query", "name", "sentence"),
    [
        ("start=2026-11-02&end=2026-11-01", "end", "before it starts on 2 Nov 2026. Swap the two dates."),
        ("start=2026-11-26&end=2026-11-25", "start", "26 Nov 2026 is in the future."),
        ("start=2026-11-01&end=2026-11-26", "end", "Choose 25 Nov 2026 (today, in UTC) or an earlier day."),
        ("start=23.11.2026&end=2026-11-24", "start", "Enter the date like this: 2026-11-23."),
        ("start=2026-02-30&end=2026-11-24", "start", "This isn't a date."),
        ("start=2009-12-31&end=2010-01-01", "start", "Pinterest launched in 2010."),
        ("start=2026-11-01", "end", "Choose the last day of the range."),
        ("end=2026-11-01", "start", "Choose the first day of the range."),
    ],
)
def test_a_range_that_cannot_be_is_told_at_the_field(form, query, name, sentence):
    errors = form_of(query, form).errors

    assert list(errors) == [name]
    assert sentence in errors[name][0]


@pytest.mark.parametrize("days", ["0", "732", "-7", "x", "7.5", "10" * 30])
def test_days_for_programs_are_a_number_up_to_two_years(days):
    assert form_of(f"days={days}", DaysForm).sentences == "“days” must be a whole number from 1 to 731."


def test_only_offered_lengths_use_the_kept_totals():
    assert chosen("days=31", DaysForm).preset is None
    assert chosen("days=365", DaysForm).preset == 365
