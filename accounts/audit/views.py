"""The audit log of a workspace, for its admins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.middleware import WorkspaceRequest
from accounts.models import AuditAction, AuditEntry, User
from accounts.models.audit import AuditEntryQuerySet
from accounts.permissions import require_admin
from postiz_pins.common.csv_files import Cell, csv_response
from postiz_pins.common.pagination import page_of

from . import services as audit
from .forms import TrailForm

ENTRIES_PER_PAGE = 50
CSV_HEADER = ("When", "Who", "What", "Target", "Detail")
ROWS_PER_FETCH = 2000


@require_GET
def audit_trail(request: WorkspaceRequest) -> HttpResponse:
    """Show the audit log of the current workspace to its admins, filtered and in pages."""
    require_admin(request, request.workspace)
    form = TrailForm(request.GET, request.workspace)
    form.is_valid()  # a field that cannot be understood narrows nothing, and says so
    page = page_of(form.narrow(AuditEntry.objects.in_workspace(request.workspace)), request, ENTRIES_PER_PAGE)
    members = User.objects.filter(memberships__workspace=request.workspace).order_by("email")
    context = {
        "form": form,
        "page": page,
        "people": [*members.values_list("email", flat=True), audit.THE_APP],
        "query_string": request.GET.urlencode(),
    }
    return render(request, "accounts/audit_trail.html", context)


@require_GET
def audit_trail_csv(request: WorkspaceRequest) -> HttpResponseBase:
    """Return all entries that fit as CSV, the newest first; the export is an entry itself."""
    workspace, now = request.workspace, timezone.now()
    require_admin(request, workspace)
    form = TrailForm(request.GET, workspace)
    if not form.is_valid():  # a file carries no complaint, so it must not hold other entries than it was asked for
        return HttpResponse(form.sentences, status=400, content_type="text/plain; charset=utf-8")
    action = AuditAction.EXPORTED
    audit.record(workspace.pk, action, "audit log", by=request.user, now=now, detail=form.in_words)
    entries = form.narrow(AuditEntry.objects.in_workspace(workspace))
    return csv_response(f"audit-trail-{now:%Y-%m-%d}", CSV_HEADER, _csv_rows(entries, workspace.zone))


def _csv_rows(entries: AuditEntryQuerySet, zone: ZoneInfo) -> Iterator[Sequence[Cell]]:
    """Yield the entries by their keys, so that no query stays open however slowly the file is received."""
    entries, older = entries.order_by("-pk"), Q()
    while batch := list(entries.filter(older)[:ROWS_PER_FETCH]):
        for entry in batch:
            at = entry.at.astimezone(zone).isoformat(timespec="seconds")
            yield at, entry.by_name, entry.get_action_display(), entry.target, entry.detail
        older = Q(pk__lt=batch[-1].pk)
