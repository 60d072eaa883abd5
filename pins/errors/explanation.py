"""What a row of the table of errors is made of (catalogue.py)."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from postiz_pins.pinterest.errors import PinterestError


class Remedy(enum.Enum):
    """Who does something about an error, and what."""

    FIX = "a person changes the pin or the board"
    RETRY = "the publisher tries again by itself"
    RECONNECT = "a person connects the account again"
    LOOK = "a person looks, then tries again"


@dataclass(frozen=True)
class Answer:
    """A pattern for answers of Pinterest. None fits any; `text` is looked for in its words, whatever the case."""

    status: int | range | None = None
    code: int | None = None
    text: str | None = None

    def fits(self, error: PinterestError) -> bool:
        """Return whether Pinterest's response has this status, code and text."""
        statuses = (self.status,) if isinstance(self.status, int) else self.status
        return (
            (statuses is None or error.status in statuses)
            and (self.code is None or self.code == error.code)
            and (self.text is None or self.text.lower() in error.message.lower())
        )


@dataclass(frozen=True)
class Explanation:
    """A row of the table: a stable code, what to say about it, and the responses that mean it.

    `advice` stands on the pin's page and says what to do; `steps` are the likely causes, for readers who want to know
    more. `operator_advice` is for the operator of this server alone.
    """

    code: str
    remedy: Remedy
    title: str
    advice: str
    steps: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    operator_advice: str = ""

    @property
    def anchor(self) -> str:
        """Return the id of its place on the help page."""
        return self.code.replace("_", "-")
