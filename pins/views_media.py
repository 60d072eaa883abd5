"""The media library's pages, and the files themselves."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.models import Workspace
from accounts.permissions import require_editor
from accounts.workspaces import WorkspaceRequest, posted_workspace

from . import limits
from .media import MediaRefused, file_too_large, store_upload
from .models import MediaFile
from .paging import page_of
from .uploads import oversized_uploads

FILES_PER_PAGE = 48


@require_GET
def media_list(request: WorkspaceRequest) -> HttpResponse:
    files = MediaFile.objects.in_workspace(request.workspace).with_used_count()
    page = page_of(files, request, FILES_PER_PAGE)
    context = {
        "media_files": page.rows,
        "next_url": page.next_url,
        "newest_url": page.newest_url,
        "limits": limits,
    }
    return render(request, "pins/media_list.html", context)


@require_POST
def media_upload(request: WorkspaceRequest) -> HttpResponse:
    """Stores the files of the field `file`. The composer's script sends one at a time and gets its list item, or 400
    with a sentence; a plain form gets the library, with a message for each file."""
    workspace = posted_workspace(request)
    require_editor(request, workspace)
    stored, refusals = receive_uploads(request, "file", workspace)
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        if len(stored) == 1:
            return render(request, "pins/_attachment.html", {"media": stored[0]})
        sentence = refusals[0].message if refusals else "No file arrived. Choose it again."
        return HttpResponse(sentence, status=400, content_type="text/plain; charset=utf-8")
    for media in stored:
        messages.success(request, f"“{media}” is in the library.")
    for refusal in refusals:
        messages.error(request, refusal.message)
    if not stored and not refusals:
        messages.error(request, "Choose a picture first, then press “Upload”.")
    return redirect("pins:media_list")


def receive_uploads(
    request: WorkspaceRequest, field_name: str, workspace: Workspace
) -> tuple[list[MediaFile], list[MediaRefused]]:
    """Stores the uploads of a field in the workspace; the files that were taken, and why the others were not."""
    stored: list[MediaFile] = []
    refusals = [file_too_large(name) for name in oversized_uploads(request, field_name)]
    uploads: list[UploadedFile] = request.FILES.getlist(field_name)
    for upload in uploads:
        try:
            stored.append(store_upload(upload, workspace=workspace, by=request.user))
        except MediaRefused as refusal:
            refusals.append(refusal)
    return stored, refusals


@login_not_required
@require_safe
@cache_control(public=True, max_age=31_536_000, immutable=True)
def media_content(request: WorkspaceRequest, name: str) -> FileResponse:
    """The bytes of a media file or its thumbnail, and of nothing else; Pinterest fetches pictures here."""
    if "\0" in name:
        raise Http404("No file has such a name.")
    media = get_object_or_404(MediaFile, Q(file=name) | Q(thumbnail=name))
    stored = media.file if media.file.name == name else media.thumbnail
    content_type = media.content_type if stored is media.file else "image/jpeg"
    try:
        return FileResponse(stored.open("rb"), content_type=content_type)
    except OSError as error:
        raise Http404("The file is not in the storage.") from error
