"""What people say of publishing times and of a queue that they resume."""

from __future__ import annotations

from datetime import time
from typing import Any

from django import forms

from accounts.models import PinterestAccount, Weekday, Workspace

# A day has no more quarters of an hour between eight and nine o'clock in the evening; and a gap lasts a day at most.
MOST_A_DAY = 50
MINUTES_OF_A_DAY = 24 * 60


def weekdays_of(workspace: Workspace) -> list[tuple[int, str]]:
    """Return the days of the week with their names, from the one on which the workspace's weeks begin."""
    first = workspace.first_weekday
    return [*Weekday.choices[first:], *Weekday.choices[:first]]


class WeekdaysField(forms.TypedMultipleChoiceField):
    """Days of the week, as check boxes."""

    def __init__(self, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(
            choices=weekdays_of(workspace),
            coerce=int,
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": "Choose at least one day.", "invalid_choice": "Choose a day of the week."},
            **kwargs,
        )


class AddTimeForm(forms.Form):
    """A time of day, for several days of the week at once."""

    prefix = "add"

    time = forms.TimeField(
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        input_formats=["%H:%M", "%H:%M:%S"],
        error_messages={"required": "Enter a time like 18:30.", "invalid": "Enter a time like 18:30."},
    )

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["weekdays"] = WeekdaysField(workspace, label="Days")

    def clean_time(self) -> Any:
        return self.cleaned_data["time"].replace(second=0)


class CopyDayForm(forms.Form):
    """The times of one day of the week, for other days."""

    prefix = "copy"

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["weekday"] = forms.TypedChoiceField(
            choices=weekdays_of(workspace),
            coerce=int,
            label="Copy the times of",
            error_messages={"required": "Choose a day.", "invalid_choice": "Choose a day of the week."},
        )
        self.fields["weekdays"] = WeekdaysField(workspace, label="To")


def _hour_of(value: str) -> tuple[int, time]:
    """Return the weekday and the time of an hour as HoursForm writes it."""
    weekday, hour = value.split("-")
    return int(weekday), time(int(hour))


class HoursForm(forms.Form):
    """Hours of the week, each as its weekday and hour, such as 1-18: those that another page offers to take over."""

    hours = forms.TypedMultipleChoiceField(
        choices=[(f"{weekday}-{hour}",) * 2 for weekday in Weekday.values for hour in range(24)],
        coerce=_hour_of,
        error_messages={"required": "Choose at least one hour.", "invalid_choice": "Choose an hour of the week."},
    )


class LimitsForm(forms.Form):
    """How many pins a day the queue plans, and how far apart."""

    prefix = "limits"

    pins_per_day = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST_A_DAY,
        label="Most pins a day",
        help_text="The queue leaves out days that have this many pins. You can still schedule more yourself.",
    )
    least_gap_minutes = forms.IntegerField(
        min_value=0,
        max_value=MINUTES_OF_A_DAY,
        label="Minutes between two pins",
        help_text="A publishing time counts as taken if another pin of the account is closer than this.",
    )

    def __init__(self, data: Any = None, *, account: PinterestAccount) -> None:
        initial = {name: getattr(account, name) for name in ("pins_per_day", "least_gap_minutes")}
        super().__init__(data, initial=initial)


class ResumeForm(forms.Form):
    """What becomes of pins whose time has passed while the queue was paused."""

    NEXT, NOW, DRAFT = "next", "now", "draft"

    overdue = forms.ChoiceField(
        choices=[
            (NEXT, "Move them to the next free times"),
            (NOW, "Publish them now"),
            (DRAFT, "Make them drafts"),
        ],
        initial=NEXT,
        widget=forms.RadioSelect,
        label="Pins whose time has passed",
    )
