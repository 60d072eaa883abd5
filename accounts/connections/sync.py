"""Keeping stored lists like those at Pinterest: the boards of an account, the sections of a board."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Board, BoardSection, PinterestAccount
from postiz_pins.pinterest.client import PinterestClient
from postiz_pins.pinterest.errors import PinterestError, RateLimited, ReconnectNeeded

from . import tokens


@dataclass(frozen=True, kw_only=True)
class Changes:
    """How many rows are offered afterwards, and what has become of the others. `error` is None if the sync worked."""

    offered: int = 0
    added: int = 0
    renamed: int = 0
    returned: int = 0
    missing: int = 0
    error: PinterestError | None = None

    def __str__(self) -> str:
        counts = (
            (self.added, "new"),
            (self.renamed, "renamed"),
            (self.returned, "back"),
            (self.missing, "gone from Pinterest"),
        )
        return ", ".join(f"{count} {word}" for count, word in counts if count) or "no changes"


@dataclass(frozen=True)
class SyncOutcome:
    """What a sync did to the boards of an account or to the sections of a board; as text, a sentence for people."""

    parent: PinterestAccount | Board
    changes: Changes

    def __str__(self) -> str:
        if isinstance(self.parent, Board):
            account, owner, noun = self.parent.account, f"“{self.parent}”", "section"
        else:
            account, owner, noun = self.parent, str(self.parent), "board"
        error, offered = self.changes.error, self.changes.offered
        if error is None:
            return f"{owner}: {offered} {noun}{'' if offered == 1 else 's'}, {self.changes}."
        if isinstance(error, ReconnectNeeded):
            return f"Reconnect {account} to refresh the {noun}s of {owner}."
        wait = _in_words(error.retry_after_seconds if isinstance(error, RateLimited) else 60)
        return f"The {noun}s of {owner} couldn't be refreshed: {error.message} Try again in {wait}."


def _in_words(seconds: int) -> str:
    """Return minutes, or hours where there are many, rounded up."""
    minutes, hours = math.ceil(seconds / 60), math.ceil(seconds / 3600)
    if minutes <= 1:
        return "a minute"
    return f"{minutes} minutes" if minutes <= 90 else f"{hours} hours"


def compare(stored: Iterable[Board | BoardSection], listed: Mapping[str, str]) -> tuple[Changes, list[int]]:
    """Return what changes once the rows are like `listed`, and the keys of rows that are gone.

    Args:
        listed: Names by Pinterest's ids.
    """
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


def sync(
    parent: PinterestAccount | Board,
    fetch: Callable[[PinterestClient], Sequence[Any]],
    columns_of: Callable[[Any], dict[str, Any]],
) -> SyncOutcome:
    """Fetch all boards of an account, or all sections of a board, then write what has changed.

    A fetch that fails changes nothing, and is in the outcome.
    """
    account = parent.account if isinstance(parent, Board) else parent
    try:
        listed = tokens.call(account, fetch)
    except PinterestError as error:
        return SyncOutcome(parent, Changes(error=error))
    return SyncOutcome(parent, _store(parent, {each.id: columns_of(each) for each in listed}, timezone.now()))


@transaction.atomic
def _store(parent: PinterestAccount | Board, listed: dict[str, dict[str, Any]], now: datetime) -> Changes:
    # The parent's row serialises two syncs of it.
    type(parent)._default_manager.select_for_update().get(pk=parent.pk)
    rows: Any = parent.sections if isinstance(parent, Board) else parent.boards
    changes, gone = compare(rows.all(), {key: columns["name"] for key, columns in listed.items()})
    key_columns = [rows.field.name, "pinterest_id"]
    rows.bulk_create(
        [
            rows.model(**dict(zip(key_columns, (parent, key), strict=True)), missing_since=None, **columns)
            for key, columns in listed.items()
        ],
        update_conflicts=True,
        unique_fields=key_columns,
        update_fields=[*next(iter(listed.values()), ()), "missing_since"],
        batch_size=500,
    )
    rows.filter(pk__in=gone).update(missing_since=now)
    synced_column = "sections_synced_at" if isinstance(parent, Board) else "boards_synced_at"
    setattr(parent, synced_column, now)
    parent.save(update_fields=[synced_column])
    return changes
