"""What the composer's form says of further pins: as it was typed, and what it means.

A draft keeps what was typed (`PinFamily.plan`), readable or not. It is read when the pins are made or shown.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime

from django.core.exceptions import ValidationError

from accounts.models import Board, BoardSection, Workspace
from pins.fields import LocalDateTimeField
from pins.models import (
    MOST_DAYS_BETWEEN,
    MOST_MEMBERS,
    USUAL_DAYS_BETWEEN,
    FamilyKind,
    MediaFile,
    PinFamily,
)
from pins.rules.composition import AttachedMedia, Composition, Problem, check
from pins.rules.texts import clean_text
from postiz_pins.common.params import parse_key, parse_number
from postiz_pins.common.text import strip_nul

# The names of the form's fields begin with it: more-days, more-0-board.
PREFIX = "more"
# Of what is typed into one field; no title that a pin may have is longer.
LONGEST = 500
SAME_TIME, PUBLISHING_TIMES = "same", "times"


@dataclass(frozen=True)
class TypedRow:
    """One further pin as it was typed: keys of rows, and a moment of the workspace's clocks."""

    board: str = ""
    section: str = ""
    # Empty: by the interval.
    publish_at: str = ""
    # Empty: the files of the first pin.
    media: str = ""
    title: str = ""


@dataclass(frozen=True)
class TypedSeries:
    """All that was typed about further pins."""

    rows: tuple[TypedRow, ...] = ()
    days: str = str(USUAL_DAYS_BETWEEN)
    keeps_time: bool = False
    # Of the form that makes the pins: sent twice, it makes them once.
    token: str = ""

    @classmethod
    def posted(cls, data: Mapping[str, str]) -> TypedSeries | None:
        """Return what a posted form says, None for one that says nothing about further pins.

        More rows than a family can have are read, and refused later.
        """
        if f"{PREFIX}-token" not in data:
            return None
        days = _cleaned(data.get(f"{PREFIX}-days", str(USUAL_DAYS_BETWEEN)))
        rows = tuple(_posted_rows(data))
        return cls(rows, days, data.get(f"{PREFIX}-at") == SAME_TIME, _cleaned(data.get(f"{PREFIX}-token", "")))

    @classmethod
    def of(cls, family: PinFamily | None) -> TypedSeries:
        """Return what a draft keeps."""
        if family is None:
            return cls()
        names = TypedRow.__dataclass_fields__
        rows = (TypedRow(**{name: str(row.get(name, "")) for name in names}) for row in family.plan)
        return cls(tuple(rows), str(family.days_between), family.keeps_time)

    @property
    def kind(self) -> FamilyKind:
        """Return what the pins have in common."""
        return FamilyKind.VARIATIONS if any(row.media for row in self.rows) else FamilyKind.BOARDS

    @property
    def as_plan(self) -> list[dict[str, str]]:
        """Return the rows as `PinFamily.plan` holds them."""
        return [{name: text for name, text in asdict(row).items() if text} for row in self.rows]

    def after(self, action: str) -> TypedSeries:
        """Return it after a button such as "more_add" or "more_drop:2"; an action that fits nothing changes nothing."""
        name, _, argument = action.partition(":")
        if name == "more_add":
            return replace(self, rows=(*self.rows, TypedRow()))
        number = parse_number(argument)
        if name == "more_drop" and number is not None and number < len(self.rows):
            return replace(self, rows=self.rows[:number] + self.rows[number + 1 :])
        return self

    def split(self, attachments: Sequence[AttachedMedia], board: str, section: str) -> TypedSeries:
        """Return it with one more pin for each of these images, on the same board."""
        rows = (TypedRow(board, section, media=str(each.media.pk), title=each.title) for each in attachments)
        return replace(self, rows=(*self.rows, *rows))


def _posted_rows(data: Mapping[str, str]) -> Iterator[TypedRow]:
    for number in range(2 * MOST_MEMBERS):
        name = f"{PREFIX}-{number}"
        if f"{name}-board" not in data:
            return
        yield TypedRow(**{each: _cleaned(data.get(f"{name}-{each}", "")) for each in TypedRow.__dataclass_fields__})


def _cleaned(text: str) -> str:
    return strip_nul(clean_text(text))[:LONGEST]


@dataclass(frozen=True)
class Row:
    """One further pin as it is meant."""

    typed: TypedRow
    board: Board | None
    section: BoardSection | None
    # NULL: by the interval.
    publish_at: datetime | None
    media: MediaFile | None
    problems: tuple[Problem, ...] = ()
    # What has been made of a time that the clocks skip.
    notice: str = ""

    def composition(self, first: Composition) -> Composition:
        """Return the content of the pin: that of the first one, but for what is its own."""
        own = replace(first, board=self.board, section=self.section)
        if self.media is None:
            return own
        return replace(
            own,
            title=self.typed.title,
            alt_text=self.media.alt_text,
            dominant_color="",
            attachments=(AttachedMedia(self.media),),
        )


@dataclass(frozen=True)
class Series:
    """The further pins, in their order, and how far apart they are."""

    rows: tuple[Row, ...] = ()
    # NULL: it could not be read.
    days_between: int | None = USUAL_DAYS_BETWEEN
    keeps_time: bool = False
    token: uuid.UUID | None = None
    # What concerns all of them.
    problems: tuple[Problem, ...] = ()

    @property
    def kind(self) -> FamilyKind:
        """Return what the pins have in common."""
        return FamilyKind.VARIATIONS if any(row.media for row in self.rows) else FamilyKind.BOARDS

    @property
    def all_problems(self) -> list[Problem]:
        """Return all that stops the pins from being made."""
        return [*self.problems, *(problem for row in self.rows for problem in row.problems)]


def read_series(
    typed: TypedSeries,
    first: Composition,
    *,
    workspace: Workspace,
    now: datetime,
    family: PinFamily | None = None,
    without: Collection[int] = (),
) -> Series:
    """Return what was typed as rows of the workspace, with all that is wrong about it.

    Args:
        first: The content of the pin that the others are made from.
        family: The one that the first pin is in already; the pins of it count.
        without: Keys of pins of the family that do not count, such as the first one, whose content is `first`.
    """
    if not typed.rows:
        return Series()
    reader = _Reader(typed, first, workspace, now)
    problems: list[Problem] = []
    days: int | None = read_days(typed.days)
    if parse_number(typed.days) != days:
        message = f"Pins can be 0 to {MOST_DAYS_BETWEEN} days apart. You entered “{typed.days[:20]}”."
        problems.append(Problem("days_between_invalid", f"{PREFIX}-days", message))
        days = None
    made = [] if family is None else list(family.pins.exclude(pk__in=without).prefetch_related("attachments"))
    too_many = 1 + len(made) + len(typed.rows) - MOST_MEMBERS
    if too_many > 0:
        message = f"A pin can go to up to {MOST_MEMBERS} boards, this one included. Remove {too_many}."
        problems.append(Problem("boards_too_many", PREFIX, message))
    taken = {(pin.board_id, *(each.media_id for each in pin.attachments.all())) for pin in made}
    rows = reader.rows(taken)
    token = _uuid(typed.token)
    return Series(tuple(rows), days, typed.keeps_time, token, tuple(problems))


def read_days(typed: str) -> int:
    """Return the days between two pins; the usual number for what is none, or no possible one."""
    days = parse_number(typed)
    return days if days is not None and days <= MOST_DAYS_BETWEEN else USUAL_DAYS_BETWEEN


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


@dataclass
class _Reader:
    """Reads all rows in one query for each kind of what they name."""

    typed: TypedSeries
    first: Composition
    workspace: Workspace
    now: datetime
    _known: frozenset[tuple[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        self._known = frozenset((problem.code, problem.field) for problem in check(self.first))
        self._moments = LocalDateTimeField(zone=self.workspace.zone, required=False)

    def rows(self, taken: set[tuple[int | None, ...]]) -> list[Row]:
        """Return the rows; `taken` are board and files of pins that are there already."""
        boards = Board.objects.in_workspace(self.workspace).select_related("account").in_bulk(self._keys("board"))
        section_rows = BoardSection.objects.in_workspace(self.workspace)
        sections = section_rows.in_bulk(keys) if (keys := self._keys("section")) else {}
        media_rows = MediaFile.objects.in_workspace(self.workspace)
        media = media_rows.in_bulk(keys) if (keys := self._keys("media")) else {}
        seen = {*taken, self._identity(self.first)}
        found = []
        for typed in self.typed.rows:
            row = Row(
                typed,
                boards.get(parse_key(typed.board) or 0),
                sections.get(parse_key(typed.section) or 0),
                None,
                media.get(parse_key(typed.media) or 0),
            )
            row = replace(row, section=row.section if row.section and row.section.board_id == _pk(row.board) else None)
            found.append(self._checked(row, seen))
            seen.add(self._identity(row.composition(self.first)))
        return found

    def _keys(self, name: str) -> list[int]:
        keys = (parse_key(getattr(row, name)) for row in self.typed.rows)
        return [key for key in keys if key]

    @staticmethod
    def _identity(composition: Composition) -> tuple[int | None, ...]:
        return (_pk(composition.board), *(each.media.pk for each in composition.attachments))

    def _checked(self, row: Row, seen: set[tuple[int | None, ...]]) -> Row:
        problems = []
        if row.board is None:
            is_empty = not row.typed.board
            message = "Choose a board, or remove this row." if is_empty else "This board isn't in your workspace."
            problems.append(Problem("board_required" if is_empty else "board_unknown", "board", message))
        elif self._identity(row.composition(self.first)) in seen:
            message = f"“{row.board}” is already in the list. Choose another board, or remove this row."
            problems.append(Problem("board_repeated", "board", message))
        if row.typed.media and row.media is None:
            message = "This image is no longer in your library. Remove this row."
            problems.append(Problem("attachment_unknown", "media", message))
        if row.board is not None:
            broken = check(row.composition(self.first))
            problems += [each for each in broken if (each.code, each.field) not in self._known]
        publish_at = None
        try:
            publish_at = self._moments.clean(row.typed.publish_at)
        except ValidationError as error:
            problems.append(Problem(error.error_list[0].code or "publish_at_invalid", "publish_at", error.messages[0]))
        if publish_at is not None and publish_at <= self.now:
            message = "This time has passed. Choose a later one, or leave it empty."
            problems.append(Problem("publish_at_past", "publish_at", message))
        notice = self._moments.notice_of(row.typed.publish_at)
        typed = replace(row.typed, publish_at=self._moments.prepare_value(row.typed.publish_at))
        return replace(row, typed=typed, publish_at=publish_at, problems=tuple(problems), notice=notice)


def _pk(board: Board | None) -> int | None:
    return board.pk if board else None
