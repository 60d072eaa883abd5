"""What a row of a file cannot become a pin for, or could be better without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pins.rules.composition import Problem

# The fields of a pin (rules/composition.py) by their columns.
FIELD_KEYS = {"dominant_color": "color", "attachments": "media_url"}
SHORTEN = "shorten"


@dataclass(frozen=True)
class Choice:
    """A button that takes a problem away: it puts `value` into the cell, in all rows that have the same in it."""

    label: str
    value: str
    # What it changes: a cell; or for the whole file, the order of days and months ("date_order").
    target: str = "cell"

    def as_json(self) -> dict[str, str]:
        """Return what is stored."""
        return {"label": self.label, "value": self.value, "target": self.target}


@dataclass(frozen=True)
class RowProblem:
    """A problem of a row: its stable code, the key of its column, and a sentence that says what to do."""

    code: str
    key: str
    message: str
    is_warning: bool = False
    choices: Sequence[Choice] = field(default=())

    @classmethod
    def of(cls, problem: Problem) -> RowProblem:
        """Return a broken rule of the composer, which has the same code here."""
        key = FIELD_KEYS.get(problem.field, problem.field)
        is_long = problem.code.endswith("_too_long") and key in ("title", "description", "alt_text")
        choices = (Choice("Shorten at a word", "", SHORTEN),) if is_long else ()
        return cls(problem.code, key, problem.message, choices=choices)

    def as_json(self) -> dict[str, Any]:
        """Return what is stored with the row."""
        return {
            "code": self.code,
            "field": self.key,
            "message": self.message,
            "is_warning": self.is_warning,
            "choices": [choice.as_json() for choice in self.choices],
        }
