"""Telling members what has happened: in the app, and by e-mail as each has chosen (digests.py)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts.models import Membership, Notification, NotificationKind, NotificationQuerySet, Role, User
from accounts.models.notifications import TEXT_LENGTH
from postiz_pins.common.text import collapse_whitespace

KEEP = timedelta(days=90)
# How many old ones are deleted at a time, so that the table is never locked for long.
BATCH = 1000


def notify(
    workspace_id: int,
    kind: NotificationKind,
    text: str,
    *,
    path: str,
    now: datetime,
    roles: Collection[Role] = (),
    users: Collection[int | None] = (),
    except_for: User | None = None,
) -> None:
    """Notify the members with one of `roles`, and those of `users` (primary keys), but not `except_for`.

    In the caller's transaction. `path` is a page of this app, without its origin.
    """
    concerned = Q(role__in=roles) | Q(user__in=[user for user in users if user is not None])
    members = Membership.objects.filter(concerned, workspace=workspace_id, user__is_active=True)
    if except_for is not None:
        members = members.exclude(user=except_for)
    Notification.objects.bulk_create(
        Notification(
            user_id=member.user_id,
            workspace_id=workspace_id,
            kind=kind,
            text=collapse_whitespace(text, TEXT_LENGTH),
            path=path,
            at=now,
            wants_email=kind not in member.muted_kinds,
        )
        for member in members
    )


def mark_read(notifications: NotificationQuerySet, now: datetime) -> int:
    """Mark as read, and return how many had not been; what was read here needs no email."""
    return notifications.unread().update(read_at=now, wants_email=False)


def mark_seen(memberships: Iterable[Any], workspace_id: int, path: str, now: datetime) -> None:
    """Mark as read what led to the page at `path`, since the user has opened it some other way.

    `memberships` are a request's, with their `unread_count`; no query for a user who has read everything there.
    """
    for membership in memberships:
        if membership.workspace_id == workspace_id and membership.unread_count:
            notifications = Notification.objects.filter(user=membership.user_id, workspace=workspace_id)
            membership.unread_count -= mark_read(notifications.filter(path=path), now)


def choose_emails(membership: Membership, kinds: Collection[str]) -> None:
    """Email the member about these kinds only, from now on; what waits to be sent is no exception."""
    muted = [kind for kind in NotificationKind.values if kind not in kinds]
    with transaction.atomic():
        Membership.objects.filter(pk=membership.pk).update(muted_kinds=muted)
        notifications = Notification.objects.filter(user=membership.user_id, workspace=membership.workspace_id)
        notifications.to_email().filter(kind__in=muted).update(wants_email=False)


def delete_old(now: datetime) -> int:
    """Delete some of those that are older than KEEP, and return how many.

    Keys grow with time, so the oldest are found by them, without an index of the moments.
    """
    oldest = Notification.objects.order_by("pk")
    oldest_at = oldest.values_list("at", flat=True).first()
    if oldest_at is None or oldest_at >= now - KEEP:
        return 0
    deleted, _ = Notification.objects.filter(pk__in=oldest.values("pk")[:BATCH], at__lt=now - KEEP).delete()
    return deleted
