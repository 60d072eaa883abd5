"""The search: a page of its own, and the results alone for the dialog of any page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from accounts.middleware import WorkspaceRequest
from postiz_pins.common.params import search_text

from .services import search


@require_GET
@vary_on_headers("HX-Request")
def search_page(request: WorkspaceRequest) -> HttpResponse:
    """Show what `?q=` finds in the current workspace."""
    query = search_text(request)
    context = {"query": query, "results": search(request.workspace, query)}
    return render(request, "pins/_search_results.html" if request.htmx else "pins/search.html", context)
