"""The first page: figures, the week ahead, what needs attention; before the first pin, the first steps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.middleware import WorkspaceRequest
from accounts.models import Board, PinterestAccount
from analytics.account_report.account_selection import accounts_to_choose, selected_account
from analytics.account_report.kpis import best_pins, kpis
from analytics.models import AccountFeed
from pins.models import Pin, PinQuerySet, PinStatus
from pins.models.shown_at import shown_at

from .attention import accounts_in_trouble, attention
from .week import week_ahead

DAYS = 30
BEST_PINS = 5


@require_GET
def dashboard(request: WorkspaceRequest) -> HttpResponse:
    """Show the workspace, or one of its accounts if the query names it."""
    workspace, now = request.workspace, timezone.now()
    selected = selected_account(request) if request.GET.get("account") else None
    accounts = [account for account in accounts_to_choose(workspace) if not account.is_being_deleted]
    pins = Pin.objects.in_workspace(workspace)
    trouble = accounts_in_trouble(workspace, accounts)
    context = {
        "now": now,
        "accounts": accounts,
        "selected": selected,
        "has_account": any(account.is_active for account in accounts),
        "trouble_accounts": trouble,
    }
    if not trouble and not pins.exists():
        context |= {
            "has_board": Board.objects.in_workspace(workspace).offered().exists(),
            "offers_sample": settings.PINTEREST_SANDBOX and request.membership.is_admin,
        }
        return render(request, "analytics/dashboard/first_steps.html", context)
    shown = [selected] if selected else accounts
    planned = pins.filter(account=selected) if selected else pins
    drafts = pins.filter(status=PinStatus.DRAFT).order_by(shown_at(), "pk")
    context |= {
        "attention": attention(workspace, request.membership, request.user, now),
        "week": week_ahead(planned, workspace.zone, now),
        "figures_url": _figures_url(selected),
        "has_draft": bool(drafts.values("pk")[:1]),
        **_figures(shown, planned, now, selected),
    }
    return render(request, "analytics/dashboard/dashboard.html", context)


def _figures_url(selected: PinterestAccount | None, **query: str) -> str:
    if selected:
        query["account"] = str(selected.pk)
    return f"{reverse('analytics:overview')}?{urlencode(query)}" if query else reverse("analytics:overview")


def _figures(
    accounts: Sequence[PinterestAccount], pins: PinQuerySet, now: datetime, selected: PinterestAccount | None
) -> dict[str, Any]:
    """Return the tiles, the best pins and how fresh they are; without a single figure, the newest published pins."""
    feeds = AccountFeed.objects.in_bulk([account.pk for account in accounts])
    figures = kpis(accounts, DAYS, now)
    best = best_pins(accounts, DAYS, BEST_PINS, now)
    return {
        "tiles": [(tile, _figures_url(selected, metric=tile.figure.metric.column)) for tile in figures.tiles],
        "has_figures": figures.has_figures,
        "best_pins": best,
        "recent_pins": [] if best else pins.published().with_content().order_by("-published_at", "-pk")[:BEST_PINS],
        "health": [(account, feeds.get(account.pk)) for account in accounts],
        "days": DAYS,
    }
