"""The e-mail that tells a member what has happened: plain text and HTML with the same lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import Notification
from postiz_pins.common.text import collapse_whitespace

from .kinds import ABOUT

# Lines of a whole e-mail, shared among its kinds; no kind gets fewer than the second.
LINES = 20
FEWEST_LINES = 3
SUBJECT_LENGTH = 150


@dataclass(frozen=True)
class Group:
    """What has happened of one kind in one workspace; `more` are not among the lines."""

    # Empty for a single one, which says it all itself.
    heading: str
    # Sentence and address.
    lines: list[tuple[str, str]]
    more: int


@dataclass(frozen=True)
class Section:
    """What happened in one workspace."""

    workspace: str
    groups: list[Group]


def build_message(
    notifications: Sequence[Notification], to: str, connection: BaseEmailBackend | None = None
) -> EmailMultiAlternatives:
    """Return one email about the notifications, at least one, which were read with their workspaces."""
    context: dict[str, Any] = {
        "subject": subject_of(notifications),
        "sections": sections_of(notifications),
        "count": len(notifications),
        # From PUBLIC_URL, as no request is near: these are sent by a worker.
        "list_url": _absolute(reverse("accounts:notification_list")),
        "settings_url": _absolute(reverse("accounts:notification_settings")),
        "public_url": settings.PUBLIC_URL,
    }
    message = EmailMultiAlternatives(
        subject=context["subject"],
        body=render_to_string("accounts/email/notifications.txt", context).strip() + "\n",
        to=[to],
        connection=connection,
        # Where mail programs look for the way out.
        headers={"List-Unsubscribe": f"<{context['settings_url']}>"},
    )
    message.attach_alternative(render_to_string("accounts/email/notifications.html", context), "text/html")
    return message


def subject_of(notifications: Sequence[Notification]) -> str:
    """Return the subject for the notifications: the text of a single one, else their number and workspaces."""
    first, count = notifications[0], len(notifications)
    if count == 1:
        return collapse_whitespace(first.text, SUBJECT_LENGTH)
    workspaces = {notification.workspace_id for notification in notifications}
    kinds = {notification.kind for notification in notifications}
    what = f"{count} {ABOUT[first.kind].many} in" if len(kinds) == 1 else f"{count} updates from"
    name = collapse_whitespace(first.workspace.name)
    where = f"“{name}”" if len(workspaces) == 1 else f"{len(workspaces)} workspaces"
    return f"{what} {where}"


def sections_of(notifications: Sequence[Notification]) -> list[Section]:
    """Return the notifications by workspace, and within it by kind, the most urgent first."""
    urgency = {kind: place for place, kind in enumerate(ABOUT)}

    def place(notification: Notification) -> tuple[str, int, int]:
        return notification.workspace.name.casefold(), notification.workspace_id, urgency[notification.kind]

    ordered = sorted(notifications, key=place)
    most_lines = max(FEWEST_LINES, LINES // len({place(notification) for notification in ordered}))
    return [
        Section(name, [_group(list(of_kind), most_lines) for _, of_kind in groupby(of_workspace, key=place)])
        for (name, _), of_workspace in groupby(ordered, key=lambda each: (each.workspace.name, each.workspace_id))
    ]


def _group(notifications: list[Notification], most_lines: int) -> Group:
    count = len(notifications)
    shown = notifications[: most_lines if count > most_lines + 1 else count]  # no “and 1 more”: it has room itself
    lines = [
        (shown_one.text, _absolute(reverse("accounts:notification_open", args=[shown_one.pk]))) for shown_one in shown
    ]
    heading = f"{count} {ABOUT[notifications[0].kind].many}" if count > 1 else ""
    return Group(heading, lines, more=count - len(shown))


def _absolute(path: str) -> str:
    return f"{settings.PUBLIC_URL}{path}"
