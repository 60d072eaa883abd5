"""What the composer's page shows of further pins: each with its board, its moment and how far it is from the others."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from accounts.connections import section_sync
from accounts.models import Board, PinterestAccount, Workspace
from pins.models import MOST_DAYS_BETWEEN, MOST_MEMBERS, Pin
from pins.queue.places import FreePlaces
from pins.rules.composition import Composition, Problem
from pins.spacing.checks import check_many
from pins.spacing.clearance import Likeness
from pins.spacing.findings import Finding
from pins.spacing.planned import Planned as Spaced
from postiz_pins.common.params import parse_keys

from . import services as families
from .planning import Places, Planned, plan_series
from .series import TypedSeries, read_series

# What a row that has just been added must not be told.
UNFINISHED = ("board_required",)


def series_context(
    typed: TypedSeries,
    first: Composition,
    *,
    pin: Pin | None,
    workspace: Workspace,
    boards: Sequence[Board],
    first_at: datetime | None,
    is_first_queued: bool,
    is_refused: bool,
    now: datetime,
) -> dict[str, Any]:
    """Return what the page shows.

    Args:
        typed: What the form or the draft says.
        first: The content of the form.
        pin: The pin that the form shows. None: a new one.
        workspace: Where all of them belong.
        boards: Those that can be chosen.
        first_at: When the first one is published, as far as the form says it.
        is_first_queued: Whether it gets the next free publishing time instead.
        is_refused: Whether a button was pressed that needs everything in order.
        now: The present.
    """
    family = pin.family if pin is not None else None
    others = families.open_others(pin).count() if pin is not None else 0
    context: dict[str, Any] = {
        "series": replace(typed, token=typed.token or str(uuid.uuid4())),
        "series_rows": [],
        "most_days_between": MOST_DAYS_BETWEEN,
        "open_others": others,
        "can_add_board": 1 + len(typed.rows) + (family.size - 1 if family else 0) < MOST_MEMBERS,
        "can_split": not typed.rows and 1 < len(first.attachments) <= MOST_MEMBERS and not _has_video(first),
    }
    if not typed.rows:
        return context
    without = [pin.pk] if pin is not None else []
    series = read_series(typed, first, workspace=workspace, now=now, family=family, without=without)

    def places_of(account: PinterestAccount, likenesses: list[Likeness]) -> FreePlaces:
        account.workspace = workspace
        return FreePlaces(account, now=now, without=without, likenesses=likenesses)

    places = Places(series, first, places_of)
    if first.board is not None and is_first_queued:
        first_at = places.take_first(first.board)
    elif first.board is not None and first_at is not None and not series.keeps_time:
        places.note_first(first.board, first_at)
    planned = plan_series(series, first_at, places, workspace.zone)
    findings = _findings(first, first_at, planned, pin, workspace.zone)
    shown = [
        {**_shown_row(each, boards, is_refused=is_refused), "findings": found}
        for each, found in zip(planned, findings, strict=True)
    ]
    return context | {
        "series_rows": shown,
        "series_problems": [problem.message for problem in series.problems],
        "is_at_once": series.days_between == 0,
        "is_later": any(each.is_place and (each.days or 0) > (series.days_between or 0) for each in planned),
    }


def _findings(
    first: Composition, first_at: datetime | None, planned: Sequence[Planned], pin: Pin | None, zone: ZoneInfo
) -> list[list[Finding]]:
    """Return for each further pin what the spacing guard says of it, beside the first one and the others."""
    moments = [(first, first_at, pin), *((each.row.composition(first), each.at, None) for each in planned)]
    spaced = [Spaced.composed(content, at, own) if at is not None else None for content, at, own in moments]
    found = iter(check_many([each for each in spaced if each is not None], zone, beside=True))
    return [next(found) if each is not None else [] for each in spaced][1:]


def _has_video(composition: Composition) -> bool:
    return any(attached.media.is_video for attached in composition.attachments)


def _shown_row(planned: Planned, boards: Sequence[Board], *, is_refused: bool) -> dict[str, Any]:
    row = planned.row
    problems = [each for each in row.problems if is_refused or each.code not in UNFINISHED]
    if planned.is_queue_full and row.board is not None:
        message = f"{row.board.account} has no free publishing time then. Enter a time, or choose the same time of day."
        problems.append(Problem("queue_full", "publish_at", message))
    is_listed = row.board is None or row.board in boards
    return {
        "typed": row.typed,
        "notice": row.notice,
        "board": row.board,
        "boards": boards if is_listed else [*boards, row.board],
        "sections": section_sync.sections_of(row.board, row.typed.section),
        "media": row.media,
        "at": planned.at,
        "days": planned.days,
        "problems": [problem.message for problem in problems],
    }


def sync_new_sections(typed: TypedSeries, workspace: Workspace) -> None:
    """Fetch the sections of boards of the rows that have never been asked for them."""
    keys = parse_keys(row.board for row in typed.rows)
    rows = Board.objects.in_workspace(workspace).filter(pk__in=keys, sections_synced_at=None, missing_since=None)
    for board in rows.select_related("account"):
        section_sync.sync_sections(board)
