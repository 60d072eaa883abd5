"""The pages of the media library, and the files themselves. What is made of a file is in editing_views.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from accounts.middleware import WorkspaceRequest, posted_workspace
from accounts.models import Workspace
from accounts.permissions import can_edit, require_editor
from pins import limits
from pins.models import MediaFile, MediaKind, Pin
from postiz_pins.common.pagination import page_of
from postiz_pins.common.params import search_text

from . import editing as media_editing
from .forms import AltTextForm, LinkForm
from .inspection import too_large
from .quota import quota_of
from .remote import store_link
from .serving import serve
from .storage import MediaRefused, now_in_library, store_upload
from .uploads import dropped_uploads, is_within_rate

FILES_PER_PAGE = 48
FILES_PER_CHOICE = 24
PINS_SHOWN = 20
TOO_MANY_UPLOADS = MediaRefused(
    "too_many_uploads",
    "You've uploaded 300 files within ten minutes, which is the limit. Wait ten minutes, then upload the rest.",
)
FILE_POLICY = "default-src 'none'; sandbox"
FILTERS = {"": "All", MediaKind.IMAGE: "Images", MediaKind.VIDEO: "Videos", "unused": "Not used yet"}


@require_GET
def media_list(request: WorkspaceRequest) -> HttpResponse:
    context = _files(request, request.workspace, FILES_PER_PAGE)
    context |= {"link_form": LinkForm(), "quota": quota_of(request.workspace)}
    return render(request, "pins/media_list.html", context)


@require_GET
def media_choose(request: WorkspaceRequest) -> HttpResponse:
    """A fragment for the composer: the library to choose from, of the workspace that the composer names."""
    mine = {str(membership.workspace_id): membership.workspace for membership in request.memberships}
    named = request.GET.get("workspace", "")
    if named and named not in mine:
        raise Http404("No such workspace.")
    workspace = mine.get(named, request.workspace)
    context = _files(request, workspace, FILES_PER_CHOICE)
    context["link_form"] = LinkForm() if can_edit(request, workspace) else None
    return render(request, "pins/media_choose.html", context)


def _files(request: WorkspaceRequest, workspace: Workspace, files_per_page: int) -> dict[str, Any]:
    """A page of the library, narrowed by `?q=` and `?kind=`."""
    query, kind = search_text(request), request.GET.get("kind", "")
    kind = kind if kind in FILTERS else ""
    files = MediaFile.objects.in_workspace(workspace).in_library().with_used_count()
    if kind in MediaKind.values:
        files = files.filter(kind=kind)
    if kind == "unused":
        files = files.unused()
    if query:
        files = files.matching(query)
    page = page_of(files, request, files_per_page)
    return {
        "media_files": page.rows,
        "next_url": page.next_url,
        "newest_url": page.newest_url,
        "query": query,
        "kind": kind,
        "filters": [(value, label, value == kind) for value, label in FILTERS.items()],
        "media_workspace": workspace,
        "limits": limits,
    }


@require_http_methods(["GET", "POST"])
def media_detail(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """The page of one file; a POST changes the alt text that is offered with it."""
    media = find_media(request, pk)
    form = AltTextForm(instance=media)
    if request.method == "POST":
        require_editor(request, media.workspace)
        form = AltTextForm(request.POST, instance=media)
        if form.is_valid():
            form.save()
            messages.success(request, "Alt text saved. It's filled in whenever you add the file to a pin.")
            return redirect("pins:media_detail", pk)
    pins = Pin.objects.filter(attachments__media=media).select_related("board", "account").order_by("-pk")
    used_in = list(pins[: PINS_SHOWN + 1])
    context = {
        "media": media,
        "form": form,
        "pins": used_in[:PINS_SHOWN],
        "has_more_pins": len(used_in) > PINS_SHOWN,
        "derived": media.derived.in_library().order_by("-pk")[:PINS_SHOWN],
        "is_ideal": (media.width, media.height) == limits.IDEAL_SIZE,
        "can_edit": can_edit(request, media.workspace),
        "limits": limits,
    }
    return render(request, "pins/media_detail.html", context)


@require_http_methods(["GET", "POST"])
def media_delete(request: WorkspaceRequest, pk: int) -> HttpResponse:
    media = find_media(request, pk, for_editing=True)
    if request.method == "GET":
        return _delete_page(request, media, media_editing.pins_in_need_of(media))
    needed_by = media_editing.delete_media(media, by=request.user, now=timezone.now())
    if needed_by:
        return _delete_page(request, media, needed_by)
    messages.success(request, f"“{media}” deleted.")
    return redirect("pins:media_list")


def _delete_page(request: WorkspaceRequest, media: MediaFile, needed_by: list[Pin]) -> HttpResponse:
    context = {"media": media, "needed_by": needed_by, "is_published": media.pins.published().exists()}
    return render(request, "pins/media_delete.html", context)


@require_GET
def media_attachment(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """A fragment for the composer: one file as an attachment, once it is chosen."""
    return render(request, "pins/_attachment.html", {"media": find_media(request, pk)})


def find_media(request: WorkspaceRequest, pk: int, *, for_editing: bool = False) -> MediaFile:
    """The file, if it is in a library of the person: 404 for an outsider; for editing, 403 for a viewer."""
    files = MediaFile.objects.for_user(request.user).in_library()
    media = get_object_or_404(files.select_related("workspace", "original", "uploaded_by"), pk=pk)
    if for_editing:
        require_editor(request, media.workspace)
    return media


@require_POST
def media_upload(request: WorkspaceRequest) -> HttpResponse:
    """Stores the files of the field `file`. A script sends one at a time and gets it as an attachment, or 400 with a
    sentence; a plain form gets the library, with one message. The same file again is said to be known."""
    workspace = posted_workspace(request)
    require_editor(request, workspace)
    arrived_at = timezone.now()
    stored, refusals = receive_uploads(request, "file", workspace)
    if is_script(request):
        if len(stored) == 1:
            response = render(request, "pins/_attachment.html", {"media": stored[0]})
            if stored[0].uploaded_at < arrived_at:
                response["X-Known-Since"] = stored[0].uploaded_at.isoformat()
            return response
        return sentence(refusals[0].message if refusals else "No file was received. Choose it again.")
    if stored or refusals:
        _report_uploads(request, stored, refusals, arrived_at)
    else:
        messages.error(request, "Choose files first, then press “Upload”.")
    return redirect("pins:media_list")


def _report_uploads(
    request: WorkspaceRequest, stored: list[MediaFile], refusals: list[MediaRefused], arrived_at: datetime
) -> None:
    """One message for all files: how many were uploaded, then a line for each that was not, or not as it came."""
    new = [media for media in stored if media.uploaded_at >= arrived_at]
    known = [media for media in stored if media.uploaded_at < arrived_at]
    lines = [now_in_library(new[0], arrived_at)] if len(new) == 1 else [f"{len(new)} files uploaded."] if new else []
    lines += [*(now_in_library(media, arrived_at) for media in known), *(refusal.message for refusal in refusals)]
    lines += [media.notice for media in stored if media.notice]
    level = messages.SUCCESS if not refusals else messages.WARNING if stored else messages.ERROR
    messages.add_message(request, level, format_html_join(mark_safe("<br>"), "{}", ((line,) for line in lines)))


@require_http_methods(["GET", "POST"])
def media_fetch(request: WorkspaceRequest) -> HttpResponse:
    """“Add from link”: stores the file behind the field `address`. A script gets it as an attachment, or 400 with a
    sentence; a plain form leads to the library, or comes back with what was typed."""
    workspace = posted_workspace(request)
    require_editor(request, workspace)
    form = LinkForm(request.POST or None)
    if form.is_valid():
        arrived_at = timezone.now()
        try:
            media = store_link(form.cleaned_data["address"], workspace=workspace, by=request.user)
        except MediaRefused as refusal:
            form.add_error("address", refusal.message)
        else:
            if is_script(request):
                return render(request, "pins/_attachment.html", {"media": media})
            messages.success(request, now_in_library(media, arrived_at))
            tell_notices(request, [media])
            return redirect("pins:media_list")
    if is_script(request):
        return sentence(" ".join(map(str, form["address"].errors)) or "Paste a link first.")
    return render(request, "pins/media_fetch.html", {"link_form": form, "media_workspace": workspace})


def tell_notices(request: WorkspaceRequest, media_files: Sequence[MediaFile]) -> None:
    """Say on the next page what became of these files, where that is not what their uploader may expect."""
    for media in media_files:
        if media.notice:
            messages.info(request, media.notice)


def is_script(request: WorkspaceRequest) -> bool:
    """Whether a script of ours asks, and wants a fragment or a sentence instead of a page."""
    return request.headers.get("X-Requested-With") == "XMLHttpRequest"


def sentence(text: str) -> HttpResponse:
    """Why it could not be done, for a script to show."""
    return HttpResponse(text, status=400, content_type="text/plain; charset=utf-8")


def receive_uploads(
    request: WorkspaceRequest, field_name: str, workspace: Workspace
) -> tuple[list[MediaFile], list[MediaRefused]]:
    """Stores the uploads of a field in the workspace; the files that were taken, and why the others were not."""
    stored: list[MediaFile] = []
    refusals = [too_large(dropped.kind, dropped.name) for dropped in dropped_uploads(request, field_name)]
    for upload in request.FILES.getlist(field_name):
        if not is_within_rate(request):
            refusals.append(TOO_MANY_UPLOADS)
            break
        try:
            stored.append(store_upload(upload, workspace=workspace, by=request.user))
        except MediaRefused as refusal:
            refusals.append(refusal)
    return stored, refusals


@login_not_required
@require_safe
@cache_control(public=True, max_age=31_536_000, immutable=True)
def media_content(request: WorkspaceRequest, name: str) -> HttpResponseBase:
    """The bytes of a media file or its thumbnail, and of nothing else; Pinterest fetches pictures here."""
    if "\0" in name:
        raise Http404("No file has a name like that.")
    media = get_object_or_404(MediaFile, Q(file=name, deleted_at=None) | Q(thumbnail=name))
    is_file = media.file.name == name
    response = serve(
        request,
        media.file if is_file else media.thumbnail,
        media.content_type if is_file else "image/jpeg",
    )
    # What a stranger has made never runs as a page of ours, whatever a browser takes it for.
    response["Content-Security-Policy"] = FILE_POLICY
    return response
