"""What people say of the spacing of an account's pins."""

from __future__ import annotations

from typing import Any

from django import forms

from .limits import SpacingLimits

# Longer than a season is no rule of thumb anymore; and no account publishes more.
MOST_DAYS = 365
MOST_PINS = 1_000
MOST_BOARDS = 1_000


def _number(label: str, most: int, help_text: str, *, least: int = 1, required: bool = False) -> forms.IntegerField:
    shown = f"{most:,}"
    what = "a whole number" if required else "a whole number, or leave it empty"
    return forms.IntegerField(
        label=label,
        required=required,
        min_value=least,
        max_value=most,
        help_text=help_text,
        error_messages={
            "required": f"Enter a number from {least} to {shown}.",
            "invalid": f"Enter {what}, from {least} to {shown}.",
            "min_value": f"Enter {what}, from {least} to {shown}.",
            "max_value": f"Enter {what}, from {least} to {shown}.",
        },
    )


class SpacingForm(forms.Form):
    """The limits of an account (limits.SpacingLimits)."""

    link_days = _number("Days between pins with the same link", MOST_DAYS, "0: don't check.", least=0, required=True)
    picture_days = _number(
        "Days before an image goes to another board", MOST_DAYS, "0: don't check.", least=0, required=True
    )
    same_board = forms.BooleanField(label="Warn when an image goes to the same board again", required=False)
    picture_boards = _number("Most boards for one image", MOST_BOARDS, "Empty: no limit.")
    day_hint = _number("Hint above this many pins a day", MOST_PINS, "Empty: no hint.")
    day_warning = _number(
        "Warning above this many pins a day", MOST_PINS, "The queue fills no day beyond this. Empty: no limit."
    )
    hour_warning = _number(
        "Warning above this many pins an hour", MOST_PINS, "The queue fills no hour beyond this. Empty: no limit."
    )

    def __init__(self, data: Any = None, *, limits: SpacingLimits) -> None:
        super().__init__(data, initial=vars(limits))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = self.cleaned_data
        hint, warning = cleaned.get("day_hint"), cleaned.get("day_warning")
        if hint is not None and warning is not None and hint >= warning:
            self.add_error(
                "day_hint", f"The hint comes before the warning: enter less than {warning}, or leave it empty."
            )
        return cleaned

    @property
    def limits(self) -> SpacingLimits:
        """Return what was entered; of a form that is valid."""
        return SpacingLimits(**self.cleaned_data)
