"""What base.html shows on every page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

# The entry of the side bar to which a page belongs, by how the name of its view begins; the first that fits decides.
SECTIONS = (
    ("pins:dashboard", "dashboard"),
    ("pins:calendar", "calendar"),
    ("pins:queue", "queue"),
    ("pins:publishing_times", "settings"),
    ("pins:spacing", "settings"),
    ("pins:pin_create", "new"),
    ("pins:pin_", "pins"),
    ("pins:bulk_", "pins"),
    ("pins:media_", "media"),
    ("pins:help", ""),
    ("pins:search", "search"),
    *((f"pins:{name}_", "settings") for name in ("preset", "tag", "link_preset", "snippet", "template")),
    ("analytics:", "analytics"),
    ("accounts:notification_list", "notifications"),
    ("accounts:user_", "my_account"),
    ("accounts:workspace_create", ""),
    ("accounts:privacy", ""),
    ("accounts:invitation", ""),
    ("accounts:", "settings"),
    ("account_", "my_account"),
    ("mfa_", "my_account"),
    ("usersessions_", "my_account"),
)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Return what base.html shows on every page, without a query of its own."""
    memberships = getattr(request, "memberships", ())
    workspaces = [membership.workspace for membership in memberships]
    view_name = request.resolver_match.view_name if request.resolver_match else ""
    return {
        "workspace": getattr(request, "workspace", None),
        "membership": getattr(request, "membership", None),
        "workspaces": sorted(workspaces, key=lambda workspace: workspace.name.casefold()),
        # Of all workspaces: a member of five of them need not look into each.
        "unread_count": sum(membership.unread_count for membership in memberships),
        "view_name": view_name,
        "section": next((section for prefix, section in SECTIONS if view_name.startswith(prefix)), ""),
        "has_passkeys": settings.HAS_PASSKEYS,
        "is_sandbox": settings.PINTEREST_SANDBOX,
        "sandbox_url": settings.SANDBOX_URL,
    }
