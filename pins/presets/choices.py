"""Which link preset a pin gets, and what its links are with it: one rule for composer, table and imports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property

from django.core.exceptions import ValidationError

from accounts.models import Board, Workspace
from pins.models import LinkPreset
from pins.rules.composition import Composition
from postiz_pins.common.params import parse_key

from .links import placeholder_values, with_preset

# The choice of no preset at all; an empty one means the preset of the board, or else the default.
NO_PRESET = "none"
PRESET_UNKNOWN = "link_preset_unknown"


class PresetUnknown(ValidationError):
    """The chosen link preset was deleted, or is another workspace's."""

    def __init__(self) -> None:
        super().__init__("This link preset no longer exists. Choose another one, or none.", code=PRESET_UNKNOWN)


class LinkPresets:
    """The link presets of a workspace, read when they are first needed: two queries, however many pins there are."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    @cached_property
    def all(self) -> Sequence[LinkPreset]:
        """Return all of them by name, each with its boards."""
        presets = LinkPreset.objects.in_workspace(self.workspace)
        return list(presets.prefetch_related("boards").order_by("name", "pk"))

    def usual(self, board: Board | None) -> LinkPreset | None:
        """Return the preset of this board, or else the workspace's default, if there is one."""
        own = [each for each in self.all if board is not None and board in each.boards.all()]
        return next(iter([*own, *(each for each in self.all if each.is_default)]), None)

    def chosen(self, choice: str, board: Board | None) -> LinkPreset | None:
        """Return what the choice means for pins of this board. Raises ValidationError for an unknown preset."""
        if choice in ("", NO_PRESET):
            return None if choice else self.usual(board)
        preset = next((each for each in self.all if each.pk == parse_key(choice)), None)
        if preset is None:
            raise PresetUnknown
        return preset

    def apply(
        self,
        composition: Composition,
        choice: str,
        *,
        publish_at: datetime | None,
        tags: Sequence[str],
        pin_id: int | None,
        now: datetime,
    ) -> Composition:
        """Return the content as it is saved with this choice. Raises ValidationError, with a sentence."""
        if not has_link(composition):
            return composition
        preset = self.chosen(choice, composition.board)
        values = placeholder_values(
            composition, publish_at=publish_at, now=now, workspace=self.workspace, pin_id=pin_id, tags=tags
        )
        return with_preset(composition, preset, values)


def has_link(composition: Composition) -> bool:
    """Return whether the pin or one of its images has a link."""
    return bool(composition.link) or any(each.link for each in composition.attachments)
