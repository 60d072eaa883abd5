"""The account whose figures a page shows."""

from __future__ import annotations

from urllib.parse import urlencode

from django.db.models import Case, QuerySet, When
from django.http import Http404

from accounts.connections.board_sync import accounts_named
from accounts.middleware import WorkspaceRequest
from accounts.models import AccountStatus, PinterestAccount, Workspace
from analytics.models import AccountFeed


def accounts_to_choose(workspace: Workspace) -> QuerySet[PinterestAccount]:
    """Return all accounts of the workspace: a disconnected one keeps its history. Active ones come first."""
    is_away = Case(When(status=AccountStatus.ACTIVE, then=0), default=1)
    return PinterestAccount.objects.in_workspace(workspace).select_related("workspace").order_by(is_away, "pk")


def selected_account(request: WorkspaceRequest) -> PinterestAccount | None:
    """Return the account that `account` names, else the workspace's first one; None if there is none.

    `account` is a primary key, or a username with or without @. Raises Http404 for an account of another workspace.
    """
    named = (request.POST if request.method == "POST" else request.GET).get("account", "")
    if not named:
        return accounts_to_choose(request.workspace).first()
    accounts = accounts_named(request.workspace, named)
    if not accounts:
        raise Http404("This workspace has no such Pinterest account. Use its username as shown under Connections.")
    return accounts[0]


def carried_query(request: WorkspaceRequest, account: PinterestAccount | None) -> str:
    """Return account and range as a query string, for the links from one page of analytics to another."""
    range_given = {name: request.GET[name] for name in ("days", "start", "end") if request.GET.get(name)}
    return urlencode(({"account": account.pk} if account else {}) | range_given)


def feed_of(account: PinterestAccount | None) -> AccountFeed | None:
    """Return what ingestion knows about the account; None if nothing was ever fetched."""
    return AccountFeed.objects.filter(account=account).first() if account else None
