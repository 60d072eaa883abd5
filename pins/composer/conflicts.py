"""What to say if the pin was changed after the form was opened: by whom, when, and what is different now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accounts.models import User, Workspace
from pins.models import Pin, PinEventKind
from pins.rules.composition import Composition
from postiz_pins.common.dates import format_moment


@dataclass(frozen=True)
class Difference:
    """A field of the pin with another content than the form's."""

    label: str
    # What the pin has now, as people read it.
    current: str


@dataclass(frozen=True)
class Conflict:
    """A change that was saved after the form was opened."""

    # Who changed the pin, as the beginning of a sentence.
    summary: str
    at: datetime
    differences: list[Difference]


def conflict_of(
    pin: Pin, composition: Composition, publish_at: datetime | None, *, reader: User, workspace: Workspace
) -> Conflict:
    """Return the conflict between `pin` as it is now and what `reader` wants to save."""
    by, at = _last_change(pin)
    who = "Someone" if by is None else "You" if by == reader else str(by)
    summary = f"{who} changed this pin" + (" in another window" if by == reader else "")
    return Conflict(summary, at, _differences(pin, composition, publish_at, workspace))


def _last_change(pin: Pin) -> tuple[User | None, datetime]:
    """Return who wrote the pin last, and when; None for a program, or a user who was deleted."""
    event = pin.events.filter(by__isnull=False).select_related("by").order_by("-at", "-pk").first()
    if event is None or event.kind == PinEventKind.DRAFTED:  # its maker may have gone on writing
        return (event.by if event else None), pin.updated_at
    return event.by, event.at


def _differences(
    pin: Pin, composition: Composition, publish_at: datetime | None, workspace: Workspace
) -> list[Difference]:
    now, mine = Composition.of(pin), composition
    pairs = {
        "Files": (_files(now), _files(mine)),
        "Text of individual images": (_image_texts(now), _image_texts(mine)),
        "Title": (now.title, mine.title),
        "Description": (now.description, mine.description),
        "Link": (now.link, mine.link),
        "Alt text": (now.alt_text, mine.alt_text),
        "Dominant color": (now.dominant_color, mine.dominant_color),
        "Board": (str(now.board or ""), str(mine.board or "")),
        "Section": (str(now.section or ""), str(mine.section or "")),
        "Schedule for": (_moment(pin.publish_at, workspace), _moment(publish_at, workspace)),
    }
    return [Difference(label, current or "empty") for label, (current, typed) in pairs.items() if current != typed]


def _files(composition: Composition) -> str:
    return ", ".join(str(attached.media) for attached in composition.attachments)


def _image_texts(composition: Composition) -> str:
    return " · ".join(text for attached in composition.attachments for text in attached.own_texts)


def _moment(moment: datetime | None, workspace: Workspace) -> str:
    return format_moment(moment, workspace.zone)
