"""Rows that name a pin change it: what an export with everything has brought back, edited elsewhere.

What the file has no column for stays as it is, and so does what a pin that was sent has. Each change is shown before it
is made, and a pin that was changed since is not overwritten.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from pins.models import UNSENT_STATUSES, Destination, Pin, PinImport, PinStatus
from pins.rules.composition import Composition, check
from pins.rules.texts import clean_text
from postiz_pins.common.dates import format_moment
from postiz_pins.common.text import collapse_whitespace

from . import values
from .problems import RowProblem

if TYPE_CHECKING:
    from .checking import Plan

UPDATED, UNCHANGED = "pin_updated", "pin_unchanged"
# By the keys of their columns, the parts of a composition that are texts.
TEXTS = {
    "title": "title",
    "description": "description",
    "link": "link",
    "alt_text": "alt_text",
    "color": "dominant_color",
}
SHOWN_CHARACTERS = 60


def compare(plan: Plan, pin: Pin, pin_import: PinImport, now: datetime) -> None:
    """Put together what the pin becomes, and note how that differs from what it is."""
    before = Composition.of(pin)
    after = _merged(plan, before, pin_import)
    plan.composition = after
    plan.publish_at, plan.destination = pin.publish_at, Destination.DRAFT
    if pin.status in (PinStatus.PROPOSED, *UNSENT_STATUSES):
        plan.destination = Destination.PROPOSE if pin.is_proposed else Destination.SCHEDULE
    if "keywords" not in pin_import.mapping:
        plan.keywords = pin.keywords
    if pin.published_at is None and (text := plan.texts.get("publish_at", "")):
        _read_date(plan, text, pin_import, now)
    plan.changes = _changes(plan, before, pin, pin_import)
    if plan.needs_media or plan.has_problems:
        return
    if not plan.changes:
        plan.add(UNCHANGED, "", "This row is the same as its pin, so nothing changes.", is_warning=True)
    elif not pin.is_editable:
        status = pin.get_status_display().lower()
        plan.add("pin_sent", "pin_id", f"This pin is {status}, so it can't be changed anymore. Skip this row.")
    else:
        is_draft = pin.status in (PinStatus.DRAFT, PinStatus.FAILED)
        plan.problems += map(RowProblem.of, check(after, is_draft=is_draft))
        if not plan.has_problems:
            plan.add(UPDATED, "", f"The pin changes. {' '.join(plan.changes)}", is_warning=True)


def _merged(plan: Plan, before: Composition, pin_import: PinImport) -> Composition:
    """Return the pin's content with all that the row says."""
    row, mapped = plan.composition, set(pin_import.mapping)
    texts = {name: getattr(row, name) for key, name in TEXTS.items() if key in mapped}
    after = replace(before, **texts)
    if plan.texts.get("board"):
        is_same_board = before.board is not None and row.board is not None and before.board.pk == row.board.pk
        keeps_section = is_same_board and row.section is None and "section" not in mapped
        after = replace(after, board=row.board, section=before.section if keeps_section else row.section)
    files = [each.media.pk for each in row.attachments]
    if files and files != [each.media.pk for each in before.attachments]:
        after = replace(after, attachments=row.attachments)
    return after


def _read_date(plan: Plan, text: str, pin_import: PinImport, now: datetime) -> None:
    try:
        at = values.parse_moment(text, pin_import.zone, pin_import.date_order)
    except (values.Unreadable, values.AmbiguousDate):
        plan.add("date_unreadable", "publish_at", f"“{text}” isn't a date. Write it as 2027-03-01T10:00:00.")
        return
    if plan.pin is not None and plan.pin.publish_at is not None and at == plan.pin.publish_at.replace(microsecond=0):
        return
    if at < now:
        message = f"{format_moment(at, pin_import.workspace.zone)} has passed. Choose another date."
        plan.add("date_past", "publish_at", message)
    plan.publish_at = at


def _changes(plan: Plan, before: Composition, pin: Pin, pin_import: PinImport) -> list[str]:
    """Return a sentence for each difference."""
    after, zone = plan.composition, pin_import.workspace.zone
    tags = [tag.name for tag in pin.tags.all()]
    if "tags" not in plan.texts or {tag.casefold() for tag in tags} == {tag.casefold() for tag in plan.tags}:
        plan.tags = tags
    names = {"title": "Title", "description": "Description", "link": "Link", "alt_text": "Alt text"}
    pairs = [
        (label, getattr(before, name), getattr(after, name))
        for name, label in {**names, "dominant_color": "Color"}.items()
    ]
    pairs += [
        ("Board", str(before.board or ""), str(after.board or "")),
        ("Section", str(before.section or ""), str(after.section or "")),
        ("Keywords", pin.keywords, plan.keywords),
        ("Tags", _in_order(tags), _in_order(plan.tags)),
        ("Date", format_moment(pin.publish_at, zone), format_moment(plan.publish_at, zone)),
        ("Media", _names(before), _names(after)),
    ]
    return [
        f"{label}: “{_shown(old)}” becomes “{_shown(new)}”."
        for label, old, new in pairs
        if clean_text(old) != new.strip()
    ]


def _names(composition: Composition) -> str:
    return ", ".join(f"{each.media} ({each.media.pk})" for each in composition.attachments)


def _in_order(names: list[str]) -> str:
    return ", ".join(sorted(names, key=str.casefold))


def _shown(text: str) -> str:
    return collapse_whitespace(text, SHOWN_CHARACTERS) or "nothing"
