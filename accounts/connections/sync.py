"""What a sync has changed in a list that Pinterest keeps: the boards of an account, the sections of a board."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from accounts.models import Board, BoardSection, PinterestAccount
from postiz_pins.pinterest.errors import PinterestError, RateLimited, ReconnectNeeded


@dataclass(frozen=True, kw_only=True)
class Changes:
    """How many rows are offered afterwards, and what has become of the others. `error` is None if the sync worked."""

    offered: int = 0
    added: int = 0
    renamed: int = 0
    returned: int = 0
    missing: int = 0
    error: PinterestError | None = None

    def tell(self, owner: str, noun: str) -> str:
        """A sentence for people, as in tell("@shop", "board")."""
        changes = (
            (self.added, "new"),
            (self.renamed, "renamed"),
            (self.returned, "back"),
            (self.missing, "gone from Pinterest"),
        )
        said = ", ".join(f"{count} {word}" for count, word in changes if count) or "no changes"
        return f"{owner}: {self.offered} {noun}{'' if self.offered == 1 else 's'}, {said}."


def tell_failure(error: PinterestError, account: PinterestAccount, things: str) -> str:
    """A sentence for people about `things` of the account that could not be read."""
    if isinstance(error, ReconnectNeeded):
        return f"Reconnect {account} to refresh {things}."
    wait = _in_words(error.retry_after_seconds if isinstance(error, RateLimited) else 60)
    return f"{things[0].upper()}{things[1:]} couldn't be refreshed: {error.message} Try again in {wait}."


def _in_words(seconds: int) -> str:
    """Return minutes, or hours where there are many, rounded up."""
    minutes, hours = math.ceil(seconds / 60), math.ceil(seconds / 3600)
    if minutes <= 1:
        return "a minute"
    return f"{minutes} minutes" if minutes <= 90 else f"{hours} hours"


def compare(stored: Iterable[Board | BoardSection], listed: Mapping[str, str]) -> tuple[Changes, list[int]]:
    """What will have changed once the rows are like `listed` (Pinterest's ids and names), and the keys of those that
    are gone."""
    rows = {row.pinterest_id: row for row in stored}
    gone = [row.pk for key, row in rows.items() if key not in listed and row.missing_since is None]
    changes = Changes(
        offered=len(listed),
        added=len(listed.keys() - rows.keys()),
        renamed=sum(rows[key].name != name for key, name in listed.items() if key in rows),
        returned=sum(rows[key].missing_since is not None for key in listed if key in rows),
        missing=len(gone),
    )
    return changes, gone
