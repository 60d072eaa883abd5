"""The page of exports, and the file for Pinterest's own importer."""

from __future__ import annotations

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.middleware import WorkspaceRequest

from .parts import ROWS_PER_FILE, file_of, parts_of, zipped
from .selection import query_of, selected


@require_GET
def export_page(request: WorkspaceRequest) -> HttpResponse:
    """Say what would be in the files, and what would be left out."""
    pins = selected(request)
    parts = parts_of(pins)
    context = {
        "count": pins.count(),
        "parts": parts,
        "unnamed_count": parts.left_out_count - len(parts.left_out),
        "rows_per_file": ROWS_PER_FILE,
        "query": query_of(request),
        "is_ticked": "pins" in request.GET,
    }
    return render(request, "pins/exports/export.html", context)


@require_GET
def export_pinterest(request: WorkspaceRequest) -> HttpResponseBase:
    """Return one CSV, or a zip of several."""
    pins = selected(request)
    files = parts_of(pins).files
    name = f"pinterest-{timezone.localdate():%Y-%m-%d}"
    if len(files) <= 1:
        response = HttpResponse(file_of(pins, files[0] if files else []), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        return response
    texts = ((f"{name}-{number}.csv", file_of(pins, keys)) for number, keys in enumerate(files, start=1))
    streamed = StreamingHttpResponse(zipped(texts), content_type="application/zip")
    streamed["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    return streamed
