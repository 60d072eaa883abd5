"""The control of the range that the pages of analytics share: links that apply themselves, and a form for two dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.forms import BoundField
from django.http import QueryDict

from .forms import CUSTOM, PeriodForm

# What a new range replaces; a place in a list of other length means nothing.
REPLACED = ("days", "start", "end", "since", "until", "after")


@dataclass(frozen=True)
class RangeControl:
    """For templates/analytics/_range.html."""

    # The two dates, with what is wrong with them.
    fields: Sequence[BoundField]
    # What is wrong with the range as a whole.
    errors: Sequence[str]
    # Label, address, whether it is the one that is shown.
    links: Sequence[tuple[str, str, bool]]
    # What the form for two dates sends along.
    kept: Sequence[tuple[str, str]]
    # Of the range, for links to other pages: `days=90`; empty for the usual one.
    query: str
    # Whether two dates are shown, not one of the offered ranges.
    is_custom: bool

    @property
    def has_errors(self) -> bool:
        """Return whether the dates are to be corrected."""
        return bool(self.errors) or any(field.errors for field in self.fields)


def range_control(form: PeriodForm, parameters: QueryDict) -> RangeControl:
    """Return the control for a page whose address has these parameters, all of which but the range are kept."""
    hidden = kept_parameters(parameters)
    return RangeControl(
        fields=[form["start"], form["end"]],
        errors=[str(error) for error in form.errors.get("days", ())],
        links=range_links(hidden, form.offered, form.key),
        kept=hidden,
        query=urlencode(form.query),
        is_custom=form.key == CUSTOM,
    )


def kept_parameters(parameters: QueryDict) -> list[tuple[str, str]]:
    """Return the parameters that another range does not replace."""
    return [(name, value) for name in parameters if name not in REPLACED for value in parameters.getlist(name)]


def range_links(
    kept: Sequence[tuple[str, str]], offered: Sequence[tuple[str, str]], shown: str
) -> list[tuple[str, str, bool]]:
    """Return a link for each offered range, a pair of its value of `days` and its label."""
    return [(label, f"?{urlencode([*kept, ('days', key)])}", key == shown) for key, label in offered]
