"""What the side bar tells about the workspace's Pinterest accounts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import NamedTuple

from django.conf import settings
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccountStatus, PinterestAccount, Workspace

from .models import Pin

# More would push the rest of the side bar out of the window; the page of the connections has them all.
MOST_ACCOUNTS = 5


class SideAccount(NamedTuple):
    """A Pinterest account with its health, a word of _side_accounts.html, and the time of its next pin, if any."""

    account: PinterestAccount
    health: str
    next_at: datetime | None


def side_bar(request: HttpRequest) -> dict[str, Callable[[], list[SideAccount]]]:
    """Return the accounts of the side bar as a function.

    Most answers to htmx show none: one query, when and only when a template asks.
    """

    @cache
    def side_accounts() -> list[SideAccount]:
        workspace = getattr(request, "workspace", None)
        return _accounts_of(workspace, timezone.now()) if workspace else []

    return {"side_accounts": side_accounts}


def _accounts_of(workspace: Workspace, now: datetime) -> list[SideAccount]:
    """Return the connected accounts, those that need a person first."""
    # By the index in which workers look for the next pin of an account. It is a span of one account, sorted by it: for
    # an equal account, PostgreSQL would walk through the pins of all workspaces, though this one may have none.
    of_account = Pin.objects.filter(account__gte=OuterRef("pk"), account__lte=OuterRef("pk")).on_their_way()
    in_turn = of_account.order_by("account_id", "next_attempt_at", "-has_video", "pk")
    next_at = in_turn.values("next_attempt_at")[:1]
    accounts = PinterestAccount.objects.in_workspace(workspace).exclude(status=AccountStatus.DISCONNECTED)
    # Of the two statuses that are left, the one that needs a person comes last in the alphabet.
    rows = accounts.annotate(next_at=Subquery(next_at)).order_by("-status", "username", "pk")[:MOST_ACCOUNTS]
    return [SideAccount(account, _health(account, now), account.next_at) for account in rows]


def _health(account: PinterestAccount, now: datetime) -> str:
    if not account.is_active:
        return "reconnect"
    if account.is_posting_paused(now):
        return "paused"
    return "expiring" if account.ends_soon else "connected"


def direct_uploads(request: HttpRequest) -> dict[str, str]:
    """Return where scripts begin uploads that go to the bucket; empty if all of them go through the app."""
    return {"direct_upload_url": reverse("pins:upload_begin") if settings.S3_DIRECT_UPLOADS else ""}
