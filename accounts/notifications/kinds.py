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
        "warnings about connections",
        "A Pinterest account needs reconnecting, or will in 14, 7 or 1 days.",
        "admins and editors",
    ),
    NotificationKind.FAILED: About(
        "alert",
        "pins failed",
        "A pin could not be published. Its page says why and what to do.",
        "whoever made the pin, and admins",
    ),
    NotificationKind.HELD: About(
        "clock",
        "messages about pins that wait",
        "Pins wait for an account to be connected again or, though their time has come, for an approval; or they are so"
        " late that somebody is asked first.",
        "whoever made the pins, and admins",
    ),
    NotificationKind.APPROVAL_ASKED: About(
        "question",
        "requests for approval",
        "Somebody asks for a pin to be approved.",
        "admins",
    ),
    NotificationKind.REVIEWED: About(
        "check",
        "answers to proposals",
        "A pin was approved, or sent back with a comment.",
        "whoever made the pin or asked for its approval",
    ),
    NotificationKind.WORKSPACE: About(
        "box",
        "messages about exports and deletions",
        "An export is ready, or something will be deleted.",
        "those whom it concerns",
    ),
    NotificationKind.PUBLISHED: About(
        "pin",
        "pins published",
        "A pin is on Pinterest.",
        "whoever made the pin or asked for its approval",
    ),
}
