"""What a row of the table of errors is made of (catalogue.py)."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from postiz_pins.pinterest.errors import PinterestError


class Remedy(enum.Enum):
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
        statuses = (self.status,) if isinstance(self.status, int) else self.status
        return (
            (statuses is None or error.status in statuses)
            and (self.code is None or self.code == error.code)
            and (self.text is None or self.text.lower() in error.message.lower())
        )


@dataclass(frozen=True)
class Explanation:
    """A row of the table: a stable code, what to say about it, and which answers mean it.

    `advice` stands on the pin's page and says what to do; `steps` are the likely causes, for those who want to know
    more. `operator_advice` is for whoever runs this server, and shown to nobody else."""

    code: str
    remedy: Remedy
    title: str
    advice: str
    steps: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    operator_advice: str = ""

    @property
    def anchor(self) -> str:
        """Of its place on the help page."""
        return self.code.replace("_", "-")
