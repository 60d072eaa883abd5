"""Finding out whether a pin whose answer was lost has been created: the board's newest pins are compared with ours."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from datetime import timedelta

from postiz_pins.pinterest.client import BoardPin

from .models import Pin

# When to look, counted from the moment of sending; after the last look the pin counts as never created.
LOOKS = (timedelta(seconds=15), timedelta(seconds=45), timedelta(seconds=120))
# Pinterest's clock and ours differ, and its `created_at` has whole seconds only.
CLOCK_SKEW = timedelta(minutes=15)


def find_created_pin(pin: Pin, listed: Iterable[BoardPin], owned_ids: Collection[str]) -> BoardPin | None:
    """The pin on the board that our lost request made: the oldest with our content that no other row owns.

    `listed` are the board's pins since the moment of sending, in any order."""
    candidates = [found for found in listed if found.id not in owned_ids and _has_content_of(found, pin)]
    return min(candidates, key=lambda found: found.created_at, default=None)


def _has_content_of(found: BoardPin, pin: Pin) -> bool:
    return (
        _plain(found.title) == _plain(pin.title)
        and _plain(found.description) == _plain(pin.description)
        and found.link.rstrip("/") == pin.link.rstrip("/")
        and found.media_type == media_type_of(pin)
    )


def media_type_of(pin: Pin) -> str:
    """What Pinterest calls a pin with these attachments (`media.media_type`)."""
    if pin.video is not None:
        return "video"
    return "image" if len(pin.media_files) == 1 else "multiple_images"


def _plain(text: str) -> str:
    """`text` without the differences in white space and Unicode form that storing it at Pinterest may make."""
    return " ".join(unicodedata.normalize("NFC", text).split())
