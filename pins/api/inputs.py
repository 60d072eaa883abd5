"""What a program sends to make a pin: JSON becomes a composition, and every unknown id has its own sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

from accounts.connections import section_sync
from accounts.connections.board_sync import accounts_named
from accounts.models import Board, BoardSection, Workspace
from pins.models import MediaFile
from pins.rules.composition import AttachedMedia, Composition, Problem, check
from pins.rules.texts import clean_link, clean_text

from .errors import ApiValidationError

# The database's largest key.
BIGGEST_ID = 2**63 - 1
NOW = "now"

# The questions (rules/questions.py) that a program may answer with yes ahead.
ConfirmableCode = Literal["exact_double", "publish_at_past"]

MediaId = Annotated[int, Field(strict=True, description="The `id` returned by POST /api/media.", examples=[42])]


def _as_utf8(text: str) -> str:
    """JSON can write half of a character (\\ud800), which no database holds."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise PydanticCustomError("string_unicode", "half of a character") from error
    return text


Text = Annotated[str, AfterValidator(_as_utf8)]


class AttachmentInput(BaseModel):
    """A media file; the texts are those of one image of a carousel."""

    model_config = ConfigDict(extra="forbid")

    id: MediaId
    title: Text | None = None
    description: Text | None = None
    link: Text | None = None


def _kind(attachment: Any) -> str:
    return "with_texts" if isinstance(attachment, dict) else "id_only"


class PinInput(BaseModel):
    """A new pin. A field that is left out, null or empty is empty in the pin."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "board": "1234567890",
                    "title": "Oak chair",
                    "description": "A chair of solid oak, made by hand.",
                    "link": "https://example.com/chair",
                    "alt_text": "A chair in front of a white wall",
                    "dominant_color": "#FF5722",
                    "attachments": [42],
                    "publish_at": "2027-03-28T09:30:00+02:00",
                }
            ]
        },
    )

    board: Text | None = Field(
        None, description="Pinterest's ID of the board, as listed by GET /api/boards.", examples=["1234567890"]
    )
    account: Text | None = Field(
        None,
        description="Username of the Pinterest account; needed only if several accounts share the board.",
        examples=["chairshop"],
    )
    section: Text | None = Field(
        None, description="Pinterest's ID of a section of the board, as listed by GET /api/boards/{board}/sections."
    )
    title: Text | None = Field(None, description="Up to 100 characters.", examples=["Oak chair"])
    description: Text | None = Field(None, description="Up to 500 characters.")
    link: Text | None = Field(None, description="Where a click leads. Starts with http:// or https://.")
    alt_text: Text | None = Field(None, description="Describes the image for people who can't see it.")
    dominant_color: Text | None = Field(None, examples=["#FF5722"])
    attachments: (
        list[
            Annotated[
                Annotated[MediaId, Tag("id_only")] | Annotated[AttachmentInput, Tag("with_texts")],
                Discriminator(_kind),
            ]
        ]
        | None
    ) = Field(
        None,
        max_length=50,
        description="In order: one image; two to five images of the same size for a carousel; or a video followed by"
        " its cover image.",
    )
    publish_at: Text | None = Field(
        None,
        description="“now”, or an ISO 8601 time with its UTC offset: the pin is scheduled, and all rules apply. A"
        " time up to 15 minutes in the past publishes immediately; an earlier time is refused (`publish_at_past`)."
        " Without it the pin is a draft, which may break rules. If the key's creator needs approval, the pin is"
        " proposed for that time instead.",
        examples=["2027-03-28T09:30:00+02:00", "2027-03-28T07:30:00Z", NOW],
    )
    confirm: list[ConfirmableCode] = Field(
        [],
        description="Codes to confirm: repeat a refused request with its codes to schedule the pin anyway.",
        examples=[["exact_double"]],
    )


@dataclass(frozen=True)
class NewPin:
    composition: Composition
    # None: it stays a draft.
    publish_at: datetime | None
    # Codes of the questions (rules/questions.py) that are answered with yes.
    confirmed: Sequence[str]


def read(sent: PinInput, workspace: Workspace, now: datetime) -> NewPin:
    """What `sent` means in the workspace. Raises ApiValidationError for ids that the workspace does not have, for
    a moment that is none, and for every rule of rules/composition.py that is broken (of a draft: for what cannot be
    stored)."""
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
    if "account" in wrong_already:  # then nobody has looked for the board
        wrong_already.add("board")
    broken = check(composition, is_draft=not sent.publish_at)
    problems += [problem for problem in broken if problem.field not in wrong_already]
    if problems:
        raise ApiValidationError(problems)
    return NewPin(composition, publish_at, sent.confirm)


def board_named(pinterest_id: str, account: str, workspace: Workspace, problems: list[Problem]) -> Board | None:
    """The board of the workspace that both names mean; None if a name is empty, or with a problem if there is no such
    board, or more than one."""
    boards = Board.objects.in_workspace(workspace).select_related("account")
    if account:
        accounts = accounts_named(workspace, account)
        if not accounts:
            problems.append(account_unknown(account))
            return None
        boards = boards.filter(account__in=accounts)
    if not pinterest_id:
        return None
    found = list(boards.filter(pinterest_id=pinterest_id)) if "\0" not in pinterest_id else []
    if len(found) > 1:  # of accounts that share it, one may be disconnected
        offered = Board.objects.offered().values("pk")
        found = list(boards.filter(pinterest_id=pinterest_id, pk__in=offered)) or found
    if not found:
        where = f"The account “{account}”" if account else "This workspace"
        message = (
            f"{where} has no board “{pinterest_id}”. GET /api/boards lists the IDs. New boards appear after a refresh."
        )
        problems.append(Problem("board_unknown", "board", message))
    elif len(found) > 1:
        names = " or ".join(f"“{board.account.username}”" for board in found)
        message = f"Several accounts share the board “{found[0].name}”. Add “account”: {names}."
        problems.append(Problem("board_ambiguous", "board", message))
    return found[0] if len(found) == 1 else None


def account_unknown(account: str) -> Problem:
    message = f"This workspace has no account “{account}”. Use its username as shown under Connections."
    return Problem("account_unknown", "account", message)


def _section(sent: PinInput, board: Board | None, now: datetime, problems: list[Problem]) -> BoardSection | None:
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


def _attachments(sent: PinInput, workspace: Workspace, problems: list[Problem]) -> tuple[AttachedMedia, ...]:
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
    if not sent:
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
            f"“{sent}” is not a valid date and time. Use 2027-03-28T09:30:00+02:00 or “now”, or leave it out for a"
            f" draft."
        )
        problems.append(Problem("publish_at_invalid", "publish_at", message))
        return None
    return moment
