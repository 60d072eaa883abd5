"""What base.html shows on every page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def navigation(request: HttpRequest) -> dict[str, Any]:
    """What base.html shows on every page; no query of its own."""
    memberships = getattr(request, "memberships", ())
    workspaces = [membership.workspace for membership in memberships]
    return {
        "workspace": getattr(request, "workspace", None),
        "membership": getattr(request, "membership", None),
        "workspaces": sorted(workspaces, key=lambda workspace: workspace.name.casefold()),
        # Of all workspaces: whoever works for five of them must not look into each.
        "unread_count": sum(membership.unread_count for membership in memberships),
        "is_sandbox": settings.PINTEREST_SANDBOX,
        "sandbox_url": settings.SANDBOX_URL,
    }
