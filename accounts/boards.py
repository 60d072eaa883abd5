"""Keeping the stored boards like those at Pinterest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from postiz_pins.pinterest.client import ListedBoard
from postiz_pins.pinterest.errors import PinterestError, Refused

from . import tokens
from .models import Board, BoardPrivacy, PinterestAccount, Workspace
from .syncing import Changes, compare, tell_failure


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


def _columns(board: ListedBoard) -> tuple[str, str]:
    """Name and privacy as the columns hold them. An unknown privacy is not ours to judge: the board is offered."""
    privacy = board.privacy if board.privacy in BoardPrivacy.values else BoardPrivacy.PUBLIC
    return board.name[: Board._meta.get_field("name").max_length], privacy


@transaction.atomic
def _store(account: PinterestAccount, listed: dict[str, tuple[str, str]], now: datetime) -> Changes:
    # The account's row serialises two syncs of it.
    PinterestAccount.objects.select_for_update().get(pk=account.pk)
    changes, gone = compare(account.boards.all(), {key: name for key, (name, _) in listed.items()})
    Board.objects.bulk_create(
        [
            Board(account=account, pinterest_id=key, name=name, privacy=privacy, missing_since=None)
            for key, (name, privacy) in listed.items()
        ],
        update_conflicts=True,
        unique_fields=["account", "pinterest_id"],
        update_fields=["name", "privacy", "missing_since"],
        batch_size=500,
    )
    account.boards.filter(pk__in=gone).update(missing_since=now)
    account.boards_synced_at = now
    account.save(update_fields=["boards_synced_at"])
    return changes
