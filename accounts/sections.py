"""Keeping the stored sections of a board like those at Pinterest.

Each board costs a request of its own, so a board is asked for its sections when somebody chooses it, and once a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from postiz_pins.pinterest.errors import PinterestError, RateLimited, ReconnectNeeded

from . import tokens
from .models import Board, BoardSection

FRESH_FOR = timedelta(days=1)


@dataclass(frozen=True)
class SectionOutcome:
    """What a sync did to the sections of one board; as text, a sentence for people. `error` is None if it worked."""

    board: Board
    offered: int = 0
    added: int = 0
    renamed: int = 0
    returned: int = 0
    missing: int = 0
    error: PinterestError | None = None

    def __str__(self) -> str:
        if isinstance(self.error, ReconnectNeeded):
            return (
                f"{self.board.account} has to be connected again before the sections of “{self.board}” can be read. See"
                " Connections."
            )
        if self.error is not None:
            later = "later" if isinstance(self.error, RateLimited) else "in a minute"
            return f"The sections of “{self.board}” could not be read: {self.error.message} Try again {later}."
        changes = (
            (self.added, "new"),
            (self.renamed, "renamed"),
            (self.returned, "back"),
            (self.missing, "gone from Pinterest"),
        )
        said = ", ".join(f"{count} {word}" for count, word in changes if count) or "nothing has changed"
        return f"“{self.board}” has {self.offered} section{'' if self.offered == 1 else 's'}: {said}."


def is_stale(board: Board, now: datetime) -> bool:
    """Whether the sections were never fetched, or more than a day ago."""
    return board.sections_synced_at is None or board.sections_synced_at <= now - FRESH_FOR


def sections_of(board: Board | None, chosen: str) -> list[BoardSection]:
    """The sections to choose from; the one that is chosen already (a primary key) stays among them if it is gone."""
    if board is None:
        return []
    is_chosen = Q(pk=int(chosen)) if chosen.isdecimal() and len(chosen) <= 18 else Q(pk__in=[])
    return list(board.sections.filter(Q(missing_since=None) | is_chosen))


def sync_sections(board: Board) -> SectionOutcome:
    """Fetches all sections, then writes what has changed. A fetch that fails changes nothing, and is in the outcome."""
    try:
        listed = tokens.call(board.account, lambda client: client.fetch_board_sections(board.pinterest_id))
    except PinterestError as error:
        return SectionOutcome(board, error=error)
    longest = BoardSection._meta.get_field("name").max_length
    return _store(board, {section.id: section.name[:longest] for section in listed}, timezone.now())


@transaction.atomic
def _store(board: Board, listed: dict[str, str], now: datetime) -> SectionOutcome:
    # The board's row serialises two syncs of it.
    Board.objects.select_for_update().get(pk=board.pk)
    stored = {section.pinterest_id: section for section in board.sections.all()}
    added = listed.keys() - stored.keys()
    renamed = [key for key in listed.keys() & stored.keys() if stored[key].name != listed[key]]
    returned = [key for key in listed if key in stored and stored[key].missing_since is not None]
    gone = [section.pk for key, section in stored.items() if key not in listed and section.missing_since is None]
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
    return SectionOutcome(board, len(listed), len(added), len(renamed), len(returned), len(gone))
