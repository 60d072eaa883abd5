"""What the table does with its drafts. It is a view of them: each is read and written as its own composer does."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import Enum
from typing import Any

from django.db import transaction

from accounts.models import User
from pins.composer import services as composer
from pins.composer.conflicts import conflict_of
from pins.composer.services import EditOutcome, Submission
from pins.lifecycle.transitions import lock_unchanged
from pins.limits import CAROUSEL_IMAGES
from pins.models import Pin, PinStatus
from pins.rules.composition import AttachedMedia, Composition
from postiz_pins.common.dates import format_time

from .forms import COLUMNS, RowForm

MOST_ROWS = 100
# A button that fills a column: with what stands above each empty cell, or all cells with the first one's.
FILL, FILL_ALL = "fill:", "fill_all:"
CHANGED = "One of the ticked rows was changed at this moment. Try again."
NOT_A_DRAFT = "It's no longer a draft, so it can't be changed here. Open it to edit it."


class RowState(Enum):
    """What became of a row."""

    UNCHANGED = "unchanged"
    SAVED = "saved"
    # Another user, or another window, has changed the pin since the row was shown; nothing was written.
    CONFLICT = "conflict"
    REFUSED = "refused"


class CarouselRefused(Exception):
    """The ticked rows make no carousel; the sentence says why, and nothing was changed."""


def save_row(
    form: RowForm, content: Composition, *, replaces: int | None, by: User, now: datetime
) -> tuple[RowState, str]:
    """Save a row as the composer saves a draft; return what became of it, with a sentence for people.

    Args:
        form: It has been cleaned. A cell that cannot be read keeps what the pin has. Its pin is as stored afterwards.
        content: What the pin becomes: the form's composition, with or without the parameters of a link preset.
        replaces: The version that the user has seen and overwrites. None: the one of the form.
        by: Who saves.
        now: The present.
    """
    pin = form.pin
    if pin.status != PinStatus.DRAFT:
        return RowState.REFUSED, NOT_A_DRAFT
    publish_at = form.publish_at
    if content == Composition.of(pin) and publish_at == pin.publish_at:
        return RowState.UNCHANGED, f"Saved {format_time(pin.updated_at, pin.workspace.zone)}"
    version = form.cleaned_data.get("version") if replaces is None else replaces
    submission = Submission(composition=content, publish_at=publish_at, by=by, now=now)
    result = composer.save(submission, pin, workspace=pin.workspace, version=version)
    match result.outcome:
        case EditOutcome.SAVED:
            return RowState.SAVED, f"Saved {format_time(now, pin.workspace.zone)}"
        case EditOutcome.GONE:
            return RowState.REFUSED, "This pin was deleted meanwhile. Your changes are saved as a new draft."
        case EditOutcome.CONFLICT:
            conflict = conflict_of(pin, content, publish_at, reader=by, workspace=pin.workspace)
            at = format_time(conflict.at, pin.workspace.zone)
            theirs = "; ".join(f"{each.label}: {each.current}" for each in conflict.differences)
            return RowState.CONFLICT, f"Not saved: {conflict.summary} at {at}. It now has: {theirs}."
    return RowState.REFUSED, NOT_A_DRAFT


def fill(step: str, typed: MutableMapping[str, Any], prefixes: Sequence[str]) -> None:
    """Fill a column of what was typed, as a button says; `prefixes` are those of the rows, from top to bottom."""
    is_all = step.startswith(FILL_ALL)
    column = step.removeprefix(FILL_ALL if is_all else FILL)
    if column not in COLUMNS:
        return
    above = ""
    for number, prefix in enumerate(prefixes):
        name = f"{prefix}-{column}"
        own = typed.get(name, "").strip()
        if own and not (is_all and number):
            above = typed[name]
        elif above or is_all:
            typed[name] = above


@transaction.atomic
def make_carousel(pins: Sequence[Pin], *, by: User, now: datetime) -> Pin:
    """Put the images of these drafts into the first one, each with the texts of its row, and delete the others.

    They were read `with_content`. Raises CarouselRefused.
    """
    files = [(each.media, pin) for pin in pins for each in pin.attachments.all()]
    if len(pins) < 2:
        raise CarouselRefused(f"Tick 2 to {CAROUSEL_IMAGES} rows to make a carousel of them.")
    if len(files) > CAROUSEL_IMAGES:
        raise CarouselRefused(
            f"A carousel can have up to {CAROUSEL_IMAGES} images; the ticked rows have {len(files)}. Tick fewer rows."
        )
    if any(media.is_video for media, _ in files):
        raise CarouselRefused("A carousel has images only, and one of the ticked rows has a video.")
    if len({media.pk for media, _ in files}) < len(files):
        raise CarouselRefused("Two of the ticked rows have the same image. A carousel shows each image once.")
    if any(pin.status != PinStatus.DRAFT for pin in pins):
        raise CarouselRefused("One of the ticked rows is no longer a draft.")
    first = pins[0]
    content = replace(_merged(pins), attachments=tuple(_with_texts(pins)))
    submission = Submission(composition=content, publish_at=first.publish_at, by=by, now=now)
    if len(lock_unchanged(pins)) < len(pins):
        raise CarouselRefused(CHANGED)
    result = composer.save(submission, first, workspace=first.workspace, version=first.version)
    if result.outcome is not EditOutcome.SAVED:
        raise CarouselRefused(CHANGED)
    for pin in pins[1:]:
        composer.delete_pin(pin, by=by, now=now)
    return result.pin


def _merged(pins: Sequence[Pin]) -> Composition:
    """Return the first draft's content; what it lacks comes from the next one that has it."""
    contents = [Composition.of(pin) for pin in pins]
    names = ("title", "description", "link", "alt_text")
    texts: dict[str, Any] = {name: next(filter(None, (getattr(each, name) for each in contents)), "") for name in names}
    placed = next((each for each in contents if each.board is not None), contents[0])
    return replace(contents[0], board=placed.board, section=placed.section, **texts)


def _with_texts(pins: Sequence[Pin]) -> list[AttachedMedia]:
    """Return the images; those of the rows behind the first one keep their title, description and link."""
    attached = list(Composition.of(pins[0]).attachments)
    for content in map(Composition.of, pins[1:]):
        texts: Mapping[str, str] = {name: getattr(content, name) for name in ("title", "description", "link")}
        for each in content.attachments:
            own: dict[str, Any] = {name: getattr(each, name) or text for name, text in texts.items()}
            attached.append(replace(each, **own))
    return attached
