"""Keeping the stored boards like those at Pinterest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from postiz_pins.pinterest.client import ListedBoard
from postiz_pins.pinterest.errors import PinterestError, RateLimited, ReconnectNeeded

from . import tokens
from .models import Board, BoardPrivacy, PinterestAccount, Workspace


@dataclass(frozen=True)
class SyncOutcome:
    """What a sync did to one account's boards; as text, a sentence for people. `error` is None if it worked."""

    account: PinterestAccount
    offered: int = 0
    added: int = 0
    renamed: int = 0
    returned: int = 0
    missing: int = 0
    error: PinterestError | None = None

    def __str__(self) -> str:
        if isinstance(self.error, ReconnectNeeded):
            return f"{self.account} has to be connected again before its boards can be read. See Connections."
        if self.error is not None:
            later = "later" if isinstance(self.error, RateLimited) else "in a minute"
            return f"The boards of {self.account} could not be read: {self.error.message} Try again {later}."
        changes = (
            (self.added, "new"),
            (self.renamed, "renamed"),
            (self.returned, "back"),
            (self.missing, "gone from Pinterest"),
        )
        said = ", ".join(f"{count} {word}" for count, word in changes if count) or "nothing has changed"
        return f"{self.account} has {self.offered} board{'' if self.offered == 1 else 's'}: {said}."


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
        return SyncOutcome(account, error=error)
    return _store(account, {board.id: _columns(board) for board in listed}, timezone.now())


def _columns(board: ListedBoard) -> tuple[str, str]:
    """Name and privacy as the columns hold them. An unknown privacy is not ours to judge: the board is offered."""
    privacy = board.privacy if board.privacy in BoardPrivacy.values else BoardPrivacy.PUBLIC
    return board.name[: Board._meta.get_field("name").max_length], privacy


@transaction.atomic
def _store(account: PinterestAccount, listed: dict[str, tuple[str, str]], now: datetime) -> SyncOutcome:
    # The account's row serialises two syncs of it.
    PinterestAccount.objects.select_for_update().get(pk=account.pk)
    stored = {board.pinterest_id: board for board in account.boards.all()}
    added = listed.keys() - stored.keys()
    renamed = {key for key in listed.keys() & stored.keys() if stored[key].name != listed[key][0]}
    returned = [key for key in listed if key in stored and stored[key].missing_since is not None]
    gone = [board.pk for key, board in stored.items() if key not in listed and board.missing_since is None]
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
    return SyncOutcome(account, len(listed), len(added), len(renamed), len(returned), len(gone))
