"""A chosen time that is probably a slip: it has passed, or is more than a year ahead. A person is asked.

One that has passed just now means now.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from pins.models import Pin
from pins.rules.composition import Problem
from pins.rules.questions import ask
from postiz_pins.common.dates import format_moment_and_zone

PUBLISH_AT_PAST = "publish_at_past"
PUBLISH_AT_FAR = "publish_at_far"
# Seasons are planned a year ahead; a wrong year is farther.
FAR = timedelta(days=366)
# So long a user may type, or the clock of another machine run ahead.
GRACE = timedelta(minutes=15)


def ask_about_past(
    pin: Pin, publish_at: datetime | None, now: datetime, confirmed: Collection[str], *, is_proposal: bool = False
) -> str:
    """Ask, if `publish_at` passed more than GRACE ago, whether the pin should go out now; a proposal, when approved.

    Return what its history tells of a time that has passed all the same; empty if none has. Raises
    ConfirmationNeeded.
    """
    if publish_at is None or publish_at >= now:
        return ""
    at = format_moment_and_zone(publish_at, pin.workspace.zone)
    if not is_just_past(publish_at, now):
        way = "Propose it to be published as soon as it is approved" if is_proposal else "Publish now"
        ask([Problem(PUBLISH_AT_PAST, "publish_at", f"{at} has passed. {way}, or pick another time?")], confirmed)
        return f"Confirmed although {at} had passed."
    return f"Its time, {at}, had just passed: {'published when approved' if is_proposal else 'published now'}."


def ask_about_far(pin: Pin, publish_at: datetime | None, now: datetime, confirmed: Collection[str]) -> str:
    """Ask, if `publish_at` is more than FAR ahead, whether it is meant.

    Return what its history tells of it; empty if it is nearer. Raises ConfirmationNeeded.
    """
    if publish_at is None or publish_at - now <= FAR:
        return ""
    at = format_moment_and_zone(publish_at, pin.workspace.zone)
    message = f"{at} is more than a year away. Schedule it anyway, or pick another time?"
    ask([Problem(PUBLISH_AT_FAR, "publish_at", message)], confirmed)
    return f"Confirmed although {at} is more than a year away."


def is_just_past(publish_at: datetime | None, now: datetime) -> bool:
    """Return whether the time has passed, but so lately that it means now."""
    return publish_at is not None and now - GRACE <= publish_at < now
