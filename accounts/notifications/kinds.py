"""What the pages and e-mails call each kind of notification."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import NotificationKind


@dataclass(frozen=True)
class About:
    """How a kind of notification is shown and explained."""

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
    NotificationKind.QUEUE_LOW: About(
        "queue",
        "queues almost empty",
        "The last pin of a queue is published within three days.",
        "admins and editors",
    ),
    NotificationKind.COMMENTED: About(
        "comment",
        "comments",
        "A member commented on a pin, or mentioned you.",
        "the members mentioned, the pin's author and commenters, and admins while it waits for approval",
    ),
    NotificationKind.WEBHOOK_OFF: About(
        "connections",
        "webhooks switched off",
        "A webhook was switched off, because its receiver failed for five days or is gone.",
        "admins",
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
