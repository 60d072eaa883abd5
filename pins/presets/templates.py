"""Templates fill what is empty in a pin, and say what they have filled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from accounts.models import Board, Workspace
from pins.models import PinTemplate
from pins.tags.services import names_of

TEXTS = {"title": "title", "description": "description", "link": "link", "alt_text": "alt text"}


class Filled(NamedTuple):
    """The fields that a template fills, as a form has them, and a sentence about it for people."""

    values: dict[str, str]
    sentence: str


def template_of(board: Board | None, workspace: Workspace) -> PinTemplate | None:
    """Return the template that fills new pins of this board by itself, if there is one."""
    if board is None:
        return None
    return PinTemplate.objects.in_workspace(workspace).filter(boards=board).order_by("pk").first()


def fill(template: PinTemplate, typed: Mapping[str, str | None]) -> Filled:
    """Return what the template puts into those fields of the form that are empty."""
    offered = {name: getattr(template, name) for name in TEXTS} | {"tags": ", ".join(names_of(template))}
    values = {name: text for name, text in offered.items() if text and not (typed.get(name) or "").strip()}
    labels = [TEXTS.get(name, name) for name in values]
    if not labels:
        return Filled({}, f"Nothing to fill in from “{template}”: its fields already have text.")
    return Filled(values, f"Filled in from “{template}”: {', '.join(labels)}.")
