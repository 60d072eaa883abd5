"""What there is at the simulated Pinterest, and how it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .world import World


@dataclass
class Answer:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    # Called when it has arrived.
    when_told: list[Callable[[World], None]] = field(default_factory=list)


@dataclass
class Member:
    """A Pinterest account. Tokens are named after it."""

    user_id: str
    username: str
    access: dict[str, float] = field(default_factory=dict)
    refresh: set[str] = field(default_factory=set)
    made: int = 0


@dataclass
class BoardAtPinterest:
    id: str
    owner: Member
    name: str
    is_dead: bool = False


@dataclass
class PinAtPinterest:
    id: str
    board_id: str
    content: dict[str, Any]
    media_type: str
    created_at: float
    visible_at: float
    is_ours: bool = True

    @property
    def key(self) -> str:
        """Which of our rows it was made for: nothing that the app compares tells it."""
        return str(self.content.get("alt_text", ""))
