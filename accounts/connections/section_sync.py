"""Syncing the stored sections of a board with Pinterest.

Each board costs a request of its own, so its sections are fetched when it is selected in the composer, at most once a
day.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from accounts.models import Board, BoardSection
from postiz_pins.common.params import parse_keys

from .sync import SyncOutcome, sync

FRESH_FOR = timedelta(days=1)


def is_stale(board: Board, now: datetime) -> bool:
    """Return whether the sections were never fetched, or more than a day ago."""
    return board.sections_synced_at is None or board.sections_synced_at <= now - FRESH_FOR


def sections_of(board: Board | None, selected: str) -> list[BoardSection]:
    """Return the sections to choose from; the selected one (a primary key) stays even if Pinterest lost it."""
    if board is None:
        return []
    return list(board.sections.filter(Q(missing_since=None) | Q(pk__in=parse_keys([selected]))))


def sync_sections(board: Board) -> SyncOutcome:
    """Sync all sections of the board."""
    longest = BoardSection._meta.get_field("name").max_length
    return sync(
        board,
        lambda client: client.fetch_board_sections(board.pinterest_id),
        lambda section: {"name": section.name[:longest]},
    )
