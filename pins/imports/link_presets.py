"""The link presets of an import: what they make of the link of each row, which the dry run shows.

A row that changes a pin keeps the link that it has: what was exported comes back without a difference.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError

from pins.models import PinImport, PinImportRow
from pins.presets.choices import NO_PRESET, PRESET_UNKNOWN, LinkPresets
from pins.rules.texts import clean_link

from .columns import texts_of

if TYPE_CHECKING:
    from .checking import Plan

COLUMNS = ("link_preset", "uses_default_presets", "link_preset_name")
# The choice of an import whose preset was deleted since; no preset has such a key.
DELETED = "deleted"


def choices_for(presets: LinkPresets, pin_import: PinImport) -> list[tuple[str, str]]:
    """Return what an import can be told about link presets."""
    unmade = [(DELETED, "Choose a link preset")] if choice_of(pin_import) == DELETED else []
    names = [(str(preset.pk), preset.name) for preset in presets.all]
    return [*unmade, ("", "The preset of the board, or the default"), (NO_PRESET, "No preset"), *names]


def choice_of(pin_import: PinImport) -> str:
    """Return what was chosen for the import."""
    if pin_import.link_preset_id is not None:
        return str(pin_import.link_preset_id)
    if pin_import.uses_default_presets:
        return ""
    return DELETED if pin_import.link_preset_name else NO_PRESET


def deleted_message(pin_import: PinImport) -> str:
    """Return what to do about the chosen preset that was deleted since; empty if none was, or no open row needs one."""
    message = _deleted_message(pin_import)
    return message if message and _is_needed(pin_import) else ""


def _deleted_message(pin_import: PinImport) -> str:
    if choice_of(pin_import) != DELETED:
        return ""
    return f"The link preset “{pin_import.link_preset_name}” was deleted. Choose another one, or “No preset”."


def _is_needed(pin_import: PinImport) -> bool:
    """Return whether an open row is to become a new pin with a link.

    Rows with other problems are left out: once corrected, they are checked again and report the missing preset.
    """
    rows = pin_import.rows.open().only("cells", "problems").iterator()
    return any(_is_new_link(texts_of(pin_import, row)) for row in rows if not _has_other_problems(row))


def _has_other_problems(row: PinImportRow) -> bool:
    codes = {problem["code"] for problem in row.errors}
    return bool(codes) and PRESET_UNKNOWN not in codes


def _is_new_link(texts: dict[str, str]) -> bool:
    return bool(clean_link(texts.get("link", "")) and not texts.get("pin_id"))


def choose(pin_import: PinImport, presets: LinkPresets, choice: str) -> None:
    """Note the choice on the import, which is not saved yet. Raises ValidationError for an unknown preset."""
    pin_import.uses_default_presets = choice == ""
    pin_import.link_preset = presets.chosen(choice, None) if choice else None
    pin_import.link_preset_name = pin_import.link_preset.name if pin_import.link_preset else ""


def add_parameters(plan: Plan, presets: LinkPresets, pin_import: PinImport, now: datetime) -> None:
    """Put the parameters into the link of a row that becomes a new pin; a link that gets too long is noted."""
    before, choice = plan.composition, choice_of(pin_import)
    if not before.link or any(problem.key == "link" and not problem.is_warning for problem in plan.problems):
        return
    with_number = partial(presets.apply, before, choice, publish_at=plan.publish_at, tags=plan.tags, now=now)
    try:
        plan.composition = with_number(pin_id=None)
        if with_number(pin_id=1) != plan.composition:
            plan.awaits_number, plan.with_number = True, with_number
    except ValidationError as error:
        # A missing preset is the fault of the import's choice, and of no cell of the row.
        key, message = ("", _deleted_message(pin_import)) if error.code == PRESET_UNKNOWN else ("link", "")
        plan.add(error.code or "", key, message or error.messages[0])
    plan.has_parameters = plan.awaits_number or plan.composition.link != before.link
