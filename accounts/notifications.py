"""Telling members what has happened: in the app, and by e-mail as each has chosen."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q
from django.utils.text import Truncator

from .models import Membership, Notification, NotificationKind, Role, User
from .models.notifications import TEXT_LENGTH


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
    """Tells the members of the workspace with one of `roles`, and those of `users` (primary keys) that are members;
    not the person who did it. In the caller's transaction. `path` is a page of this app, without its origin."""
    concerned = Q(role__in=roles) | Q(user__in=[user for user in users if user is not None])
    members = Membership.objects.filter(concerned, workspace=workspace_id, user__is_active=True)
    if except_for is not None:
        members = members.exclude(user=except_for)
    Notification.objects.bulk_create(
        Notification(
            user_id=member.user_id,
            workspace_id=workspace_id,
            kind=kind,
            text=Truncator(text).chars(TEXT_LENGTH),
            path=path,
            at=now,
            wants_email=kind not in member.muted_kinds,
        )
        for member in members
    )
