"""Boards and their sections by what people type for them, such as “Chairs” or “Chairs / Oak”."""

from __future__ import annotations

import difflib
from collections import defaultdict

from django.core.exceptions import ValidationError

from accounts.connections import board_sync
from accounts.models import Board, BoardSection, Workspace
from postiz_pins.common.text import collapse_whitespace

NEAREST = 3
Place = tuple[Board, BoardSection | None]


class BoardNames:
    """What the boards of a workspace are called in the table. Two queries, however many rows there are."""

    def __init__(self, workspace: Workspace) -> None:
        self._boards = list(
            Board.objects.in_workspace(workspace).offered().select_related("account").order_by("name", "pk")
        )
        board_sync.tell_apart(self._boards)
        sections = BoardSection.objects.in_workspace(workspace).offered().order_by("name", "pk")
        self._sections: defaultdict[int, list[BoardSection]] = defaultdict(list)
        for section in sections:
            self._sections[section.board_id].append(section)
        self._named: defaultdict[str, list[Board]] = defaultdict(list)
        for board in self._boards:
            self._named[_folded(board.name)].append(board)
        self._places: dict[str, list[Place]] = defaultdict(list)
        for board in self._boards:
            self._add(board)

    def _add(self, board: Board) -> None:
        for section in (None, *self._sections[board.pk]):
            self._places[_folded(self.name(board, section))].append((board, section))

    @property
    def all(self) -> list[str]:
        """Return every name that can be typed, for the field's suggestions."""
        return [self.name(*places[0]) for places in self._places.values()]

    def name(self, board: Board | None, section: BoardSection | None) -> str:
        """Return what the table shows; the account is named where two boards have the same name."""
        if board is None:
            return ""
        parts = [board.name]
        if len(self._named[_folded(board.name)]) > 1:
            parts = [f"{board.name} (@{board.account.username})"]
            if board.distinction:
                parts = [f"{parts[0]} · {board.distinction}"]
        return " / ".join([*parts, *([section.name] if section else [])])

    def find(self, text: str) -> Place:
        """Return the board and the section that the text names. Raises ValidationError with the nearest names."""
        typed = _folded(text)
        found = self._places.get(typed)
        if found is None and len(self._named.get(typed, ())) > 1:
            names = ", ".join(f"“{self.name(board, None)}”" for board in self._named[typed])
            message = f"More than one board is called “{text}”. Choose one of {names}."
            raise ValidationError(message, code="board_ambiguous")
        if found is None:
            raise ValidationError(self._unknown(text), code="board_unknown")
        return found[0]

    def _unknown(self, text: str) -> str:
        if not self._boards:
            return f"“{text}” is none of your boards: no boards are connected yet. See Connections."
        by_folded = {_folded(name): name for name in self.all}
        nearest = difflib.get_close_matches(_folded(text), by_folded, n=NEAREST, cutoff=0)
        return f"“{text}” is none of your boards. The nearest names are {_listed([by_folded[n] for n in nearest])}."


def _folded(name: str) -> str:
    """Return the name without the differences that people do not see or mean: case, and blanks around slashes."""
    return "/".join(collapse_whitespace(part).casefold() for part in name.split("/"))


def _listed(names: list[str]) -> str:
    quoted = [f"“{name}”" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
