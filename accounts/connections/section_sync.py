"""Keeping the stored sections of a board like those at Pinterest.

Each board costs a request of its own, so a board is asked for its sections when somebody chooses it, and once a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Board, BoardSection
from postiz_pins.common.params import parse_keys
from postiz_pins.pinterest.errors import PinterestError

from . import tokens
from .sync import Changes, compare, tell_failure

FRESH_FOR = timedelta(days=1)


@dataclass(frozen=True)
class SectionOutcome:
    """What a sync did to the sections of one board; as text, a sentence for people."""

    board: Board
    changes: Changes

    def __str__(self) -> str:
        if self.changes.error is not None:
            return tell_failure(self.changes.error, self.board.account, f"the sections of “{self.board}”")
        return self.changes.tell(f"“{self.board}”", "section")


def is_stale(board: Board, now: datetime) -> bool:
    """Whether the sections were never fetched, or more than a day ago."""
    return board.sections_synced_at is None or board.sections_synced_at <= now - FRESH_FOR


def sections_of(board: Board | None, chosen: str) -> list[BoardSection]:
    """The sections to choose from; the one that is chosen already (a primary key) stays among them if it is gone."""
    if board is None:
        return []
    return list(board.sections.filter(Q(missing_since=None) | Q(pk__in=parse_keys([chosen]))))


def sync_sections(board: Board) -> SectionOutcome:
    """Fetches all sections, then writes what has changed. A fetch that fails changes nothing, and is in the outcome."""
    try:
        listed = tokens.call(board.account, lambda client: client.fetch_board_sections(board.pinterest_id))
    except PinterestError as error:
        return SectionOutcome(board, Changes(error=error))
    longest = BoardSection._meta.get_field("name").max_length
    names = {section.id: section.name[:longest] for section in listed}
    return SectionOutcome(board, _store(board, names, timezone.now()))


@transaction.atomic
def _store(board: Board, listed: dict[str, str], now: datetime) -> Changes:
    # The board's row serialises two syncs of it.
    Board.objects.select_for_update().get(pk=board.pk)
    changes, gone = compare(board.sections.all(), listed)
    BoardSection.objects.bulk_create(
        [BoardSection(board=board, pinterest_id=key, name=name, missing_since=None) for key, name in listed.items()],
        update_conflicts=True,
        unique_fields=["board", "pinterest_id"],
        update_fields=["name", "missing_since"],
        batch_size=500,
    )
    board.sections.filter(pk__in=gone).update(missing_since=now)
    board.sections_synced_at = now
    board.save(update_fields=["sections_synced_at"])
    return changes
