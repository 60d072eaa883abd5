"""The help page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.middleware import WorkspaceRequest

from .help_topics import GROUPS, TOPICS


@require_GET
def help_page(request: WorkspaceRequest) -> HttpResponse:
    """Show all errors with their causes and fixes."""
    return render(request, "pins/help.html", {"topics": TOPICS, "groups": GROUPS})
