"""Boards, their sections and the next free publishing times."""

from __future__ import annotations

from typing import Annotated, Any

from django.utils import timezone
from ninja import Path, Query

from accounts.connections import section_sync
from accounts.connections.board_sync import accounts_named
from accounts.models import Board
from pins.queue.places import next_free_times
from pins.rules.composition import Problem

from ..application import REFUSALS, ApiRequest, api
from ..errors import ApiValidationError
from ..inputs import account_unknown, board_named
from ..schemas import BoardAnswer, NextTimeAnswer, SectionAnswer

MOST_NEXT_TIMES = 50


@api.get("/boards", response={200: list[BoardAnswer], **REFUSALS}, operation_id="listBoards", summary="List the boards")
def list_boards(request: ApiRequest, account: Annotated[str, Query(description="Username of an account.")] = "") -> Any:
    """Return the boards that a pin can go to, of all connected accounts or of one."""
    offered = Board.objects.in_workspace(request.auth.workspace).offered()
    boards = offered.with_section_count().select_related("account")
    if account:
        accounts = accounts_named(request.auth.workspace, account)
        if not accounts:
            raise ApiValidationError([account_unknown(account)])
        boards = boards.filter(account__in=accounts)
    return [BoardAnswer.of(board) for board in boards]


@api.get(
    "/boards/{board}/sections",
    response={200: list[SectionAnswer], **REFUSALS},
    operation_id="listSections",
    summary="List the sections of a board",
)
def list_sections(
    request: ApiRequest,
    board: Annotated[str, Path(description="Pinterest's ID of the board.")],
    account: Annotated[str, Query(description="Username of an account, if several share the board.")] = "",
) -> Any:
    """Return the sections of a board.

    They are fetched from Pinterest at most once a day.
    """
    problems: list[Problem] = []
    board_row = board_named(board, account, request.auth.workspace, problems)
    if board_row is not None and section_sync.is_stale(board_row, timezone.now()):
        outcome = section_sync.sync_sections(board_row)
        if outcome.changes.error is not None:
            problems.append(Problem("sections_unreadable", "board", str(outcome)))
    if board_row is None or problems:
        raise ApiValidationError(problems)
    return [SectionAnswer(id=section.pinterest_id, name=section.name) for section in board_row.sections.offered()]


@api.get(
    "/accounts/{account}/next-times",
    response={200: list[NextTimeAnswer], **REFUSALS},
    operation_id="listNextTimes",
    summary="List the next free publishing times",
)
def list_next_times(
    request: ApiRequest,
    account: Annotated[str, Path(description="Username of the account.")],
    count: Annotated[int, Query(description="How many times to return, 1 to 50.", ge=1, le=MOST_NEXT_TIMES)] = 10,
) -> Any:
    """List the times that the queue would give to the next pins of the account.

    Fewer are returned if there are no more within 180 days.
    """
    accounts = accounts_named(request.auth.workspace, account)
    if len(accounts) != 1:
        raise ApiValidationError([account_unknown(account)])
    accounts[0].workspace = request.auth.workspace
    times = next_free_times(accounts[0], now=timezone.now(), count=count)
    return [NextTimeAnswer(at=at, local=at.astimezone(request.auth.workspace.zone)) for at in times]
