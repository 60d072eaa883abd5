"""The account whose figures a page shows."""

from __future__ import annotations

from django.db.models import Case, QuerySet, When
from django.http import Http404

from accounts.connections.board_sync import accounts_named
from accounts.middleware import WorkspaceRequest
from accounts.models import AccountStatus, PinterestAccount, Workspace
from analytics.models import AccountFeed


def accounts_to_choose(workspace: Workspace) -> QuerySet[PinterestAccount]:
    """All accounts of the workspace: a disconnected one keeps its history. Active ones come first."""
    is_away = Case(When(status=AccountStatus.ACTIVE, then=0), default=1)
    return PinterestAccount.objects.in_workspace(workspace).select_related("workspace").order_by(is_away, "pk")


def chosen_account(request: WorkspaceRequest) -> PinterestAccount | None:
    """The account that `account` names (primary key, or user name with or without @), else the workspace's first one;
    None if the workspace has none. Raises Http404 for an account of somebody else."""
    named = (request.POST if request.method == "POST" else request.GET).get("account", "")
    if not named:
        return accounts_to_choose(request.workspace).first()
    found = accounts_named(request.workspace, named)
    if not found:
        raise Http404("This workspace has no such Pinterest account. Use its username as shown under Connections.")
    return found[0]


def feed_of(account: PinterestAccount | None) -> AccountFeed | None:
    """What ingestion knows about the account. None: nothing was ever asked for."""
    return AccountFeed.objects.filter(account=account).first() if account else None
