"""What a program sends to make a pin: JSON becomes a composition, and every unknown id has its own sentence."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError

from accounts.connections import section_sync
from accounts.connections.board_sync import accounts_named
from accounts.models import Board, BoardSection, Workspace
from pins.families.series import Series, TypedRow, TypedSeries, read_series
from pins.models import MediaFile
from pins.rules.composition import AttachedMedia, Composition, Problem, check
from pins.rules.texts import clean_link, clean_text
from pins.tags.services import check_names, parse_names

from .errors import ApiValidationError
from .input_schemas import NOW, QUEUE, AttachmentInput, BoardInput, PinChangeInput, PinInput

# The database's largest key.
BIGGEST_ID = 2**63 - 1

TEXTS = ("title", "description", "alt_text", "dominant_color")


@dataclass(frozen=True)
class NewPin:
    """A pin as a request asks for it, with rows instead of ids."""

    composition: Composition
    # Names of its tags.
    tags: list[str]
    # None: it stays a draft.
    publish_at: datetime | None
    # Whether it goes to the next free publishing time of its account.
    to_queue: bool
    # Codes of the questions (rules/questions.py) that are answered with yes.
    confirmed: Sequence[str]
    # Further pins. None: there are none.
    series: Series | None


def read(sent: PinInput, workspace: Workspace, now: datetime, token: uuid.UUID | None = None) -> NewPin:
    """Return what `sent` means in the workspace.

    Raises ApiValidationError for ids that the workspace does not have, for a moment that is none, and for every rule of
    rules/composition.py that is broken (of a draft: for what cannot be stored). By `token`, a request that is repeated
    makes its further pins once.
    """
    problems: list[Problem] = []
    board = board_named(sent.board or "", sent.account or "", workspace, problems)
    publish_at = _moment(sent.publish_at, now, problems)
    composition = Composition(
        board=board,
        section=_section(sent, board, now, problems),
        title=clean_text(sent.title or ""),
        description=clean_text(sent.description or ""),
        link=clean_link(sent.link or ""),
        alt_text=clean_text(sent.alt_text or ""),
        dominant_color=clean_text(sent.dominant_color or ""),
        attachments=_attachments(sent, workspace, problems),
    )
    wrong_already = {problem.field for problem in problems}
    if "account" in wrong_already:  # then the board was not looked for
        wrong_already.add("board")
    broken = check(composition, is_draft=not sent.publish_at)
    problems += [problem for problem in broken if problem.field not in wrong_already]
    tags = _tags(sent, problems)
    series = _series(sent, composition, workspace, now, token, problems)
    if problems:
        raise ApiValidationError(problems)
    return NewPin(composition, tags, publish_at, sent.publish_at == QUEUE, sent.confirm, series)


def _series(
    sent: PinInput,
    first: Composition,
    workspace: Workspace,
    now: datetime,
    token: uuid.UUID | None,
    problems: list[Problem],
) -> Series | None:
    """Return the further pins of `boards`; None if there are none, or with problems added."""
    if not sent.boards:
        return None
    if not sent.publish_at:
        message = "A draft has one board. Send “publish_at”, too, or leave “boards” out."
        problems.append(Problem("boards_without_time", "boards", message))
        return None
    found: list[Problem] = []
    rows = []
    for each in sent.boards:
        board = board_named(each.board, each.account or "", workspace, found)
        section = _section(each, board, now, found)
        rows.append(TypedRow(str(board.pk) if board else "", str(section.pk) if section else ""))
    if not found:
        days = str(sent.days_between)
        typed = TypedSeries(tuple(rows), days, sent.same_time, str(token or ""))
        series = read_series(typed, first, workspace=workspace, now=now)
        if not series.all_problems:
            return series
        found = series.all_problems
    problems += [replace(problem, field="boards") for problem in found]
    return None


def read_changes(sent: PinChangeInput, current: Composition, workspace: Workspace, now: datetime) -> Composition:
    """Return the content of a pin with the fields that were sent changed.

    Raises ApiValidationError for ids that the workspace does not have.
    """
    problems: list[Problem] = []
    given = sent.model_fields_set
    changes: dict[str, Any] = {}
    board = current.board
    if {"board", "account"} & given:
        named = sent.board if "board" in given else current.board and current.board.pinterest_id
        board = changes["board"] = board_named(named or "", sent.account or "", workspace, problems)
        changes["section"] = current.section if board == current.board else None
    if "section" in given:
        own = sent if board is None or "board" in given else sent.model_copy(update={"board": board.pinterest_id})
        changes["section"] = _section(own, board, now, problems)
    changes |= {name: clean_text(getattr(sent, name) or "") for name in TEXTS if name in given}
    if "link" in given:
        changes["link"] = clean_link(sent.link or "")
    if "attachments" in given:
        changes["attachments"] = _attachments(sent, workspace, problems)
    if problems:
        raise ApiValidationError(problems)
    return replace(current, **changes)


def read_tags(sent: PinChangeInput) -> list[str] | None:
    """Return the names of the tags that a changed pin is to have; None: those that it has.

    Raises ApiValidationError.
    """
    if "tags" not in sent.model_fields_set:
        return None
    problems: list[Problem] = []
    names = _tags(sent, problems)
    if problems:
        raise ApiValidationError(problems)
    return names


def _tags(sent: PinChangeInput, problems: list[Problem]) -> list[str]:
    names = parse_names(",".join(sent.tags or []))
    try:
        check_names(names)
    except ValidationError as error:
        problems.append(Problem(error.code or "", "tags", error.messages[0]))
    return names


def read_moment(sent: str | None, now: datetime) -> datetime | None:
    """Return the moment that `publish_at` names; None for none, and for the queue.

    Raises ApiValidationError.
    """
    problems: list[Problem] = []
    moment = _moment(sent, now, problems)
    if problems:
        raise ApiValidationError(problems)
    return moment


def board_named(pinterest_id: str, account: str, workspace: Workspace, problems: list[Problem]) -> Board | None:
    """Return the board of the workspace with this id and account; None if an id is empty.

    None too, with a problem added, if there is no such board, or more than one.
    """
    boards = Board.objects.in_workspace(workspace).select_related("account")
    if account:
        accounts = accounts_named(workspace, account)
        if not accounts:
            problems.append(account_unknown(account))
            return None
        boards = boards.filter(account__in=accounts)
    if not pinterest_id:
        return None
    matches = list(boards.filter(pinterest_id=pinterest_id)) if "\0" not in pinterest_id else []
    if len(matches) > 1:  # of accounts that share it, one may be disconnected
        offered = Board.objects.offered().values("pk")
        matches = list(boards.filter(pinterest_id=pinterest_id, pk__in=offered)) or matches
    if not matches:
        where = f"The account “{account}”" if account else "This workspace"
        message = (
            f"{where} has no board “{pinterest_id}”. GET /api/boards lists the IDs. New boards appear after a refresh."
        )
        problems.append(Problem("board_unknown", "board", message))
    elif len(matches) > 1:
        names = " or ".join(f"“{board.account.username}”" for board in matches)
        message = f"Several accounts share the board “{matches[0].name}”. Add “account”: {names}."
        problems.append(Problem("board_ambiguous", "board", message))
    return matches[0] if len(matches) == 1 else None


def account_unknown(account: str) -> Problem:
    """Return the problem of an account that the workspace does not have."""
    message = f"This workspace has no account “{account}”. Use its username as shown under Connections."
    return Problem("account_unknown", "account", message)


def _section(
    sent: PinChangeInput | BoardInput, board: Board | None, now: datetime, problems: list[Problem]
) -> BoardSection | None:
    if not sent.section:
        return None
    if board is None:
        if not sent.board:
            message = "A section belongs to a board. Send the board's ID as “board”, too."
            problems.append(Problem("section_without_board", "section", message))
        return None
    if "\0" in sent.section:
        problems.append(_section_unknown(sent.section, board))
        return None
    section = board.sections.filter(pinterest_id=sent.section).first()
    if section is None and section_sync.is_stale(board, now):
        outcome = section_sync.sync_sections(board)
        if outcome.changes.error is not None:
            problems.append(Problem("sections_unreadable", "section", str(outcome)))
            return None
        section = board.sections.filter(pinterest_id=sent.section).first()
    if section is None:
        problems.append(_section_unknown(sent.section, board))
    return section


def _section_unknown(pinterest_id: str, board: Board) -> Problem:
    message = f"The board “{board.name}” has no section “{pinterest_id}”. Leave it out, or use another ID."
    return Problem("section_unknown", "section", message)


def _attachments(sent: PinChangeInput, workspace: Workspace, problems: list[Problem]) -> tuple[AttachedMedia, ...]:
    wanted = [
        each if isinstance(each, AttachmentInput) else AttachmentInput(id=each) for each in sent.attachments or []
    ]
    ids = [each.id for each in wanted]
    media = MediaFile.objects.in_workspace(workspace).in_bulk([key for key in ids if 0 < key <= BIGGEST_ID])
    for unknown in [key for key in dict.fromkeys(ids) if key not in media]:
        message = f"The library has no media file {unknown}. Upload one with POST /api/media, which returns its ID."
        problems.append(Problem("attachment_unknown", "attachments", message))
    for repeated in sorted({key for key in ids if ids.count(key) > 1}):
        message = f"The media file {repeated} is listed more than once. List it once."
        problems.append(Problem("attachment_repeated", "attachments", message))
    return tuple(
        AttachedMedia(
            media[each.id],
            clean_text(each.title or ""),
            clean_text(each.description or ""),
            clean_link(each.link or ""),
        )
        for each in wanted
        if each.id in media
    )


def _moment(sent: str | None, now: datetime, problems: list[Problem]) -> datetime | None:
    if not sent or sent == QUEUE:
        return None
    if sent == NOW:
        return now
    moment = None
    try:
        written = datetime.fromisoformat(sent)
        if written.tzinfo is not None:
            moment = written.astimezone(UTC)
    except (ValueError, OverflowError):  # the 32nd of May, and the years 1 and 9999 near their ends
        pass
    else:
        if moment is None:
            message = f"“{sent}” has no UTC offset. Use 2027-03-28T09:30:00+02:00 or 2027-03-28T07:30:00Z."
            problems.append(Problem("publish_at_without_offset", "publish_at", message))
            return None
    if moment is None or not 2000 <= moment.year <= 2999:
        message = (
            f"“{sent}” is not a valid date and time. Use 2027-03-28T09:30:00+02:00, “now” or “queue”, or leave it out"
            f" for a draft."
        )
        problems.append(Problem("publish_at_invalid", "publish_at", message))
        return None
    return moment
