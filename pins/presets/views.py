"""The settings pages of tags, link presets, snippets and templates."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.middleware import WorkspaceRequest, posted_workspace
from accounts.models import Workspace
from accounts.permissions import can_edit, require_editor
from pins.tags.services import suggested_names

from .forms import PresetForm
from .kinds import KINDS, Kind, save


@require_GET
def preset_list(request: WorkspaceRequest) -> HttpResponse:
    """Show all that the workspace uses again."""
    workspace = request.workspace
    shown = [(kind, f"pins:{kind.name}_create", list(kind.rows(workspace))) for kind in KINDS.values()]
    return render(request, "pins/presets/list.html", {"kinds": shown, "can_edit": can_edit(request, workspace)})


@require_http_methods(["GET", "POST"])
def preset_create(request: WorkspaceRequest, kind: str) -> HttpResponse:
    """Create a row of this kind."""
    workspace = posted_workspace(request)
    require_editor(request, workspace)
    form = KINDS[kind].form(request.POST or None, workspace=workspace)
    return _saved_or_shown(request, KINDS[kind], form, workspace)


@require_http_methods(["GET", "POST"])
def preset_edit(request: WorkspaceRequest, kind: str, pk: int) -> HttpResponse:
    """Change a row of this kind."""
    row = get_object_or_404(KINDS[kind].model.objects.for_user(request.user).select_related("workspace"), pk=pk)
    require_editor(request, row.workspace)
    form = KINDS[kind].form(request.POST or None, workspace=row.workspace, instance=row)
    return _saved_or_shown(request, KINDS[kind], form, row.workspace)


def _saved_or_shown(request: WorkspaceRequest, kind: Kind, form: PresetForm, workspace: Workspace) -> HttpResponse:
    is_new = form.instance.pk is None
    if form.is_valid():
        row = save(form)
        messages.success(request, f"“{row}” {'created' if is_new else 'saved'}.")
        return redirect("pins:preset_list")
    context = {
        "kind": kind,
        "form": form,
        "row": None if is_new else kind.model.objects.get(pk=form.instance.pk),
        "delete_url_name": f"pins:{kind.name}_delete",
        "form_workspace": workspace,
        "tag_names": suggested_names(workspace) if "tag_names" in form.fields else [],
    }
    return render(request, "pins/presets/form.html", context)


@require_http_methods(["GET", "POST"])
def preset_delete(request: WorkspaceRequest, kind: str, pk: int) -> HttpResponse:
    """Ask for confirmation, then delete a row of this kind; what it was used for stays as it is."""
    row = get_object_or_404(KINDS[kind].model.objects.for_user(request.user).select_related("workspace"), pk=pk)
    require_editor(request, row.workspace)
    if request.method == "GET":
        uses = (row.pins.count(), row.media_files.count()) if kind == "tag" else None
        context = {"kind": KINDS[kind], "row": row, "uses": uses, "edit_url_name": f"pins:{kind}_edit"}
        return render(request, "pins/presets/delete.html", context)
    name = str(row)
    row.delete()
    messages.success(request, f"“{name}” deleted.")
    return redirect("pins:preset_list")
