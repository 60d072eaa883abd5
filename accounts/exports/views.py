"""The page of a workspace's exports, and the way to their files."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods
from django.views.decorators.vary import vary_on_headers

from accounts.middleware import WorkspaceRequest, linked_workspace, posted_workspace
from accounts.models import Export, Workspace
from accounts.permissions import require_admin

from . import jobs as export_jobs

SHOWN = 20


@never_cache
@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def export_list(request: WorkspaceRequest) -> HttpResponse:
    """Show the workspace's exports, or start one; htmx polls it while one is in progress."""
    if request.method == "POST":
        return _ask(request, posted_workspace(request))
    workspace = linked_workspace(request)
    require_admin(request, workspace)
    timezone.activate(workspace.zone)  # it may be another workspace than the current one
    rows = list(Export.objects.in_workspace(workspace).select_related("asked_by").order_by("-pk")[:SHOWN])
    under_way = next((export for export in rows if export.is_under_way), None)
    state = f"{under_way.pk} {under_way.status}" if under_way else ""
    if request.htmx and request.GET.get("state") == state:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)  # the page is left in peace until there is something new
    context = {"exports": rows, "under_way": under_way, "state": state, "export_workspace": workspace}
    return render(request, "accounts/_exports.html" if request.htmx else "accounts/export_list.html", context)


@never_cache
@require_GET
def export_download(request: WorkspaceRequest, pk: int) -> HttpResponseBase:
    """Return the zip file of an export, or the way to it, and record the download."""
    exports = Export.objects.for_user(request.user).select_related("workspace")
    export = get_object_or_404(exports, pk=pk)
    require_admin(request, export.workspace)
    now = timezone.now()
    day = timezone.localdate(export.asked_at, export.workspace.zone)
    name = f"{slugify(export.workspace.name) or 'workspace'}-{day}.zip"
    try:
        address = export_jobs.address_of(export, now, name)
        file = None if address else export_jobs.open_file(export, now)
    except export_jobs.NoFile as error:
        messages.error(request, str(error))
        return redirect(export_jobs.path_of_list(export.workspace_id))
    export_jobs.record_download(export, by=request.user, now=now)
    if file is None:
        return redirect(address)
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")


def _ask(request: WorkspaceRequest, workspace: Workspace) -> HttpResponse:
    require_admin(request, workspace)
    _, is_new = export_jobs.request_export(workspace, by=request.user, now=timezone.now())
    if not is_new:
        messages.info(request, "An export is already being built. You'll find it here when it's ready.")
    return redirect(export_jobs.path_of_list(workspace.pk))
