"""Comments are written and deleted, and those whom they concern are notified."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from accounts.models import Membership, NotificationKind, Role, User, Workspace
from accounts.notifications.services import notify
from pins.models import Pin, PinComment

# The page shows the newest ones only.
COMMENTS_SHOWN = 100
# "@erin", "@erin@example.com" and "erin@example.com".
WORD = re.compile(r"[\w.+@-]+")


def add_comment(pin: Pin, text: str, *, by: User, now: datetime) -> PinComment:
    """Add a comment, and notify the members that it mentions and those who have to do with the pin.

    The latter are the people who created it, proposed it or commented on it, and the admins while it waits for them.
    """
    with transaction.atomic():
        comment = PinComment.objects.create(pin=pin, author=by, text=text, created_at=now)
        members = list(Membership.objects.filter(workspace=pin.workspace_id).select_related("user"))
        mentioned = {member.user_id for member in mentioned_in(text, members)}
        about = f"on “{pin}”: {text}"
        _notify(pin, f"{by} mentioned you {about}", mentioned, by=by, now=now)
        _notify(pin, f"{by} commented {about}", _concerned(pin, members) - mentioned, by=by, now=now)
    return comment


def mentioned_in(text: str, members: Iterable[Membership]) -> list[Membership]:
    """Return the members whom the text names: by @ and the first part of their email, or by the whole of it."""
    words = {word.strip(".-").lower() for word in WORD.findall(text)}
    handles = {word.removeprefix("@") for word in words if "@" in word}
    return [
        member
        for member in members
        if member.user.email.lower() in handles or f"@{handle_of(member.user).lower()}" in words
    ]


def handle_of(user: User) -> str:
    """Return what names the user after an @."""
    return user.email.partition("@")[0]


def handles_of(workspace: Workspace, *, except_for: User) -> list[str]:
    """Return what a comment can mention: the other members, each as its shortest name that no other one has."""
    users = User.objects.filter(memberships__workspace=workspace, is_active=True).order_by("email")
    short = [handle_of(user) for user in users]
    return [
        handle if short.count(handle) == 1 else user.email
        for user, handle in zip(users, short, strict=True)
        if user.pk != except_for.pk
    ]


def newest_comments(pin: Pin) -> list[PinComment]:
    """Return the newest comments, oldest of them first: COMMENTS_SHOWN and, if there are more, one more."""
    newest = pin.comments.select_related("author").order_by("-created_at", "-pk")[: COMMENTS_SHOWN + 1]
    return list(newest)[::-1]


def _concerned(pin: Pin, members: Iterable[Membership]) -> set[int]:
    commenters = pin.comments.exclude(author=None).order_by().values_list("author", flat=True).distinct()
    people = {pin.created_by_id, pin.proposed_by_id, *commenters}
    admins = {member.user_id for member in members if member.role == Role.ADMIN} if pin.is_proposed else set()
    return {user for user in people if user is not None} | admins


def _notify(pin: Pin, text: str, users: set[int], *, by: User, now: datetime) -> None:
    path = reverse("pins:pin_detail", args=[pin.pk])
    notify(pin.workspace_id, NotificationKind.COMMENTED, text, path=path, now=now, users=users, except_for=by)
