"""Keeping the stored boards like those at Pinterest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

from django.db.models import Count
from django.utils import timezone

from accounts.models import Board, BoardPrivacy, BoardSection, PinterestAccount, Workspace
from postiz_pins.pinterest.client import ListedBoard, PinterestClient
from postiz_pins.pinterest.errors import PinterestClientError

from . import tokens
from .sync import SyncOutcome, sync

# What the column holds on every database.
MOST_PINS = 2**31 - 1


def accounts_named(workspace: Workspace, name: str) -> list[PinterestAccount]:
    """Return the accounts of the workspace with this user name (with or without @) or primary key.

    Compared here, because a database cannot look for everything that can be typed. A user name may look like a key, and
    two accounts may have swapped their names: then both are returned.
    """
    accounts = PinterestAccount.objects.in_workspace(workspace)
    return [account for account in accounts if name in (account.username, str(account), str(account.pk))]


def sync_workspace(workspace: Workspace) -> list[SyncOutcome]:
    """Sync every connected account of the workspace; one that fails does not stop the others."""
    accounts = PinterestAccount.objects.in_workspace(workspace).active().order_by("pk")
    return [sync_account(account) for account in accounts]


def sync_account(account: PinterestAccount) -> SyncOutcome:
    """Sync all boards of the account."""
    return sync(account, PinterestClient.fetch_boards, _columns)


def check_board(board: Board) -> None:
    """Ask Pinterest for this one board, and mark it as missing if Pinterest does not know it, or as back if it does.

    Costs one request, where a sync costs one for each 250 boards. Raises the PinterestErrors that leave it open.
    """
    try:
        tokens.call(board.account, lambda client: client.fetch_board(board.pinterest_id))
    except PinterestClientError as error:
        if error.status != 404:
            raise
        Board.objects.filter(pk=board.pk, missing_since=None).update(missing_since=timezone.now())
    else:
        Board.objects.filter(pk=board.pk).exclude(missing_since=None).update(missing_since=None)
    board.refresh_from_db(fields=["missing_since"])


def tell_apart(boards: Collection[Board]) -> None:
    """Set `distinction` on boards with the same name and account: owner, pins, sections, or the id."""
    names = Counter((board.account_id, board.name.casefold()) for board in boards)
    twins = [board for board in boards if names[board.account_id, board.name.casefold()] > 1]
    if not twins:
        return
    sections = BoardSection.objects.offered().filter(board__in=twins).values_list("board")
    section_counts = dict(sections.annotate(Count("pk")))
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
    """Return a listed board as columns; one with an unknown privacy is offered like a public one."""
    return {
        "name": board.name[: Board._meta.get_field("name").max_length],
        "privacy": board.privacy if board.privacy in BoardPrivacy.values else BoardPrivacy.PUBLIC,
        "owner": board.owner[: Board._meta.get_field("owner").max_length],
        "pin_count": board.pin_count if board.pin_count is None else min(board.pin_count, MOST_PINS),
    }
