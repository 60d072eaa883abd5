"""What a move changes of the calendar that a person looks at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pins.models import Pin

from .chips import Chip
from .days import FIRST_SHOWN_HOUR
from .periods import LIST

HOUR = timedelta(hours=1)


def changed_cells(shown: Mapping[str, Any], pin: Pin, before: datetime | None, zone: ZoneInfo) -> dict[str, Any] | None:
    """Return the days, the hours and whether it is the tray that look different after the pin was moved.

    Besides the pin's own days, those with pins within an hour of it and those with its link or files: their warnings
    come and go with it. None if more than cells changes: days of a list, folded hours, or a tray that comes or goes.

    Args:
        shown: The context of the calendar after the move.
        pin: At its new time, or in the tray.
        before: Its time before the move. None: it was in the tray.
        zone: That of the workspace.
    """
    moments = [at.astimezone(zone) for at in (before, pin.publish_at) if at is not None]
    is_folded = bool(shown["hours"]) and any(at.hour < FIRST_SHOWN_HOUR for at in moments)
    if shown["period"].view == LIST or is_folded or not (pin.publish_at and (before or shown["tray"])):
        return None
    near = {(at + distance).date() for at in moments for distance in (-HOUR, timedelta(), HOUR)}
    changed = [day for day in shown["days"] if day.on in near or any(_is_like(chip, pin) for chip in day.chips)]
    return {
        "changed_days": changed,
        # All of them: others may have moved pins out of hours that are empty now since the page was shown.
        "changed_hours": [(hour, cell) for hour, cells in shown["hours"] for cell in cells if cell.day in changed],
        "is_tray_changed": before is None,
    }


def _is_like(chip: Chip, pin: Pin) -> bool:
    return bool({chip.link_key, chip.picture_key} & ({pin.link_key, pin.picture_key} - {""}))
