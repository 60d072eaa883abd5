"""Keeping the stored boards like those at Pinterest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from accounts.models import Board, BoardPrivacy, BoardSection, PinterestAccount, Workspace
from postiz_pins.pinterest.client import ListedBoard
from postiz_pins.pinterest.errors import PinterestError, Refused

from . import tokens
from .sync import Changes, compare, tell_failure

# What the column holds on every database.
MOST_PINS = 2**31 - 1


@dataclass(frozen=True)
class SyncOutcome:
    """What a sync did to one account's boards; as text, a sentence for people."""

    account: PinterestAccount
    changes: Changes

    def __str__(self) -> str:
        if self.changes.error is not None:
            return tell_failure(self.changes.error, self.account, f"the boards of {self.account}")
        return self.changes.tell(str(self.account), "board")


def accounts_named(workspace: Workspace, name: str) -> list[PinterestAccount]:
    """The accounts of the workspace that are meant by a user name (with or without @) or a primary key.

    Compared here, because not all that can be typed is something that a database can look for. A user name may look
    like a key, and two accounts may have swapped their names: then both are meant."""
    held = PinterestAccount.objects.in_workspace(workspace)
    return [account for account in held if name in (account.username, str(account), str(account.pk))]


def sync_workspace(workspace: Workspace) -> list[SyncOutcome]:
    """Syncs every connected account of the workspace; one that fails does not stop the others."""
    accounts = PinterestAccount.objects.in_workspace(workspace).active().order_by("pk")
    return [sync_account(account) for account in accounts]


def sync_account(account: PinterestAccount) -> SyncOutcome:
    """Fetches all boards, then writes what has changed. A fetch that fails changes nothing, and is in the outcome."""
    try:
        listed = tokens.call(account, lambda client: client.fetch_boards())
    except PinterestError as error:
        return SyncOutcome(account, Changes(error=error))
    columns = {board.id: _columns(board) for board in listed}
    return SyncOutcome(account, _store(account, columns, timezone.now()))


def check_board(board: Board) -> None:
    """Asks Pinterest for this one board, and marks it as missing if Pinterest does not know it, or as back if it does.

    Costs one request, where a sync costs one for each 250 boards. Raises the PinterestErrors that leave it open."""
    try:
        tokens.call(board.account, lambda client: client.fetch_board(board.pinterest_id))
    except Refused as error:
        if error.status != 404:
            raise
        Board.objects.filter(pk=board.pk, missing_since=None).update(missing_since=timezone.now())
    else:
        Board.objects.filter(pk=board.pk).exclude(missing_since=None).update(missing_since=None)
    board.refresh_from_db(fields=["missing_since"])


def tell_apart(boards: Collection[Board]) -> None:
    """Fills `distinction` of those that share their name and account with another: owner, pins, sections, or the id."""
    names = Counter((board.account_id, board.name.casefold()) for board in boards)
    twins = [board for board in boards if names[board.account_id, board.name.casefold()] > 1]
    if not twins:
        return
    known = BoardSection.objects.offered().filter(board__in=twins).values_list("board")
    section_counts = dict(known.annotate(Count("pk")))
    for board in twins:
        board.distinction = _distinction(board, section_counts.get(board.pk, 0))
    repeated = Counter((board.account_id, board.name.casefold(), board.distinction) for board in twins)
    for board in twins:
        if repeated[board.account_id, board.name.casefold(), board.distinction] > 1:
            board.distinction = f"{board.distinction} · ID {board.pinterest_id}".removeprefix(" · ")


def _distinction(board: Board, section_count: int) -> str:
    parts = []
    if board.owner and board.owner != board.account.username:
        parts.append(f"by @{board.owner}")
    if board.pin_count is not None:
        parts.append(f"{board.pin_count:,} pin{'' if board.pin_count == 1 else 's'}")
    if board.sections_synced_at is not None:
        parts.append(f"{section_count} section{'' if section_count == 1 else 's'}")
    return " · ".join(parts)


def _columns(board: ListedBoard) -> dict[str, Any]:
    """What is listed, as the columns hold it. An unknown privacy is not ours to judge: the board is offered."""
    return {
        "name": board.name[: Board._meta.get_field("name").max_length],
        "privacy": board.privacy if board.privacy in BoardPrivacy.values else BoardPrivacy.PUBLIC,
        "owner": board.owner[: Board._meta.get_field("owner").max_length],
        "pin_count": board.pin_count if board.pin_count is None else min(board.pin_count, MOST_PINS),
    }


@transaction.atomic
def _store(account: PinterestAccount, listed: dict[str, dict[str, Any]], now: datetime) -> Changes:
    # The account's row serialises two syncs of it.
    PinterestAccount.objects.select_for_update().get(pk=account.pk)
    changes, gone = compare(account.boards.all(), {key: columns["name"] for key, columns in listed.items()})
    Board.objects.bulk_create(
        [Board(account=account, pinterest_id=key, missing_since=None, **columns) for key, columns in listed.items()],
        update_conflicts=True,
        unique_fields=["account", "pinterest_id"],
        update_fields=["name", "privacy", "owner", "pin_count", "missing_since"],
        batch_size=500,
    )
    account.boards.filter(pk__in=gone).update(missing_since=now)
    account.boards_synced_at = now
    account.save(update_fields=["boards_synced_at"])
    return changes
