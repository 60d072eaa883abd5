"""What the pages and e-mails call each kind of notification."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import NotificationKind


@dataclass(frozen=True)
class About:
    # A symbol of static/img/icons.svg.
    icon: str
    # What several of them are called, after their number.
    many: str
    description: str
    recipients: str


# The most urgent first: in this order they stand in e-mails and on the page of the settings.
ABOUT: dict[str, About] = {
    NotificationKind.RECONNECT_NEEDED: About(
        "connections",
        "connection warnings",
        "A Pinterest account needs reconnecting, or will within 14 days, 7 days or a day.",
        "admins and editors",
    ),
    NotificationKind.FAILED: About(
        "alert",
        "pins failed",
        "A pin couldn't be published. Its page says why and what to do.",
        "the pin's author and admins",
    ),
    NotificationKind.HELD: About(
        "clock",
        "updates about pins on hold",
        "Pins are waiting for an account to be reconnected, are due but not yet approved, or are more than 24 hours"
        " late.",
        "the pins' authors and admins",
    ),
    NotificationKind.APPROVAL_ASKED: About(
        "question",
        "approval requests",
        "A pin is waiting for approval.",
        "admins",
    ),
    NotificationKind.REVIEWED: About(
        "check",
        "approval decisions",
        "A pin was approved or sent back with a comment.",
        "the people who created the pin or requested its approval",
    ),
    NotificationKind.WORKSPACE: About(
        "box",
        "updates about exports and deletions",
        "An export is ready, or data will be deleted.",
        "the people concerned",
    ),
    NotificationKind.PUBLISHED: About(
        "pin",
        "pins published",
        "A pin is on Pinterest.",
        "the people who created the pin or requested its approval",
    ),
}
