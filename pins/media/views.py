"""The pages of the media library, and the files themselves. What is made of a file is in editing_views.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import Q
from django.db.models.functions import Lower
from django.http import Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from accounts.middleware import WorkspaceRequest, posted_workspace
from accounts.models import Workspace
from accounts.permissions import can_edit, require_editor
from pins import limits
from pins.models import MediaFile, Pin, Tag
from pins.models.media import THUMBNAIL_CONTENT_TYPE, THUMBNAIL_SIZES
from pins.tags.services import suggested_names
from postiz_pins.storage.base import MediaUnavailable

from . import editing as media_editing
from .forms import LinkForm, MediaForm
from .inspection import too_large
from .library import KINDS, NEWEST, SELECTION_ACTIONS, SORTS, UNUSED, USES, LibraryQuery, library_page
from .quota import quota_of
from .remote import store_link
from .serving import FOREVER, THUMBNAIL_TYPE, scaled_thumbnail, serve
from .storage import UNAVAILABLE, MediaRefused, now_in_library, store_upload
from .uploads import dropped_uploads, is_within_rate

FILES_PER_PAGE = 48
FILES_PER_CHOICE = 24
PINS_SHOWN = 20
TOO_MANY_UPLOADS = MediaRefused(
    "too_many_uploads",
    "You've uploaded 300 files within ten minutes, which is the limit. Wait ten minutes, then upload the rest.",
)
FILE_POLICY = "default-src 'none'; sandbox"
CHOICE_FILTERS = {**KINDS, UNUSED: USES[UNUSED]}


@require_GET
def media_list(request: WorkspaceRequest) -> HttpResponse:
    """Show the media library of the current workspace."""
    context = _files(request, request.workspace, FILES_PER_PAGE)
    asked: LibraryQuery = context["asked"]
    # Ids of its own, as the composer's choice of files brings the same form.
    link_form = LinkForm(auto_id="library_%s")
    context |= {"link_form": link_form, "quota": quota_of(request.workspace), **_links(request, asked)}
    context |= {
        "bulk_actions": [{"name": name, "label": label} for name, label in SELECTION_ACTIONS.items()],
        "list_query": asked.query_string,
        "here": request.get_full_path(),
    }
    return render(request, "pins/media_list.html", context)


@require_GET
def media_choose(request: WorkspaceRequest) -> HttpResponse:
    """Return a fragment for the composer: the library to choose from, of the workspace that it names."""
    workspaces = {str(membership.workspace_id): membership.workspace for membership in request.memberships}
    named = request.GET.get("workspace", "")
    if named and named not in workspaces:
        raise Http404("No such workspace.")
    workspace = workspaces.get(named, request.workspace)
    context = _files(request, workspace, FILES_PER_CHOICE)
    current = UNUSED if context["asked"].use == UNUSED else context["asked"].kind
    context["filters"] = [(value, label, value == current) for value, label in CHOICE_FILTERS.items()]
    context["query"], context["kind"] = context["asked"].text, current
    context["link_form"] = LinkForm() if can_edit(request, workspace) else None
    return render(request, "pins/media_choose.html", context)


def _files(request: WorkspaceRequest, workspace: Workspace, files_per_page: int) -> dict[str, Any]:
    """Return a page of the library, as the query string asks for it."""
    query = LibraryQuery.of(request.GET)
    page = library_page(query.files(workspace), request, SORTS[query.sort], files_per_page)
    return {
        "media_files": page.rows,
        "next_url": page.next_url,
        "newest_url": page.newest_url,
        "asked": query,
        "media_workspace": workspace,
        "limits": limits,
    }


def _links(request: WorkspaceRequest, asked: LibraryQuery) -> dict[str, Any]:
    """Return what the library can be narrowed to and sorted by, each with its address."""

    def choices(name: str, options: Mapping[Any, str], current: Any, default: str = "") -> list[tuple[str, str, bool]]:
        query = {"kind": asked.kind, "use": asked.use, "tag": asked.tag, "sort": request.GET.get("sort", "")}
        query["q"] = asked.text
        links = ({**query, name: "" if value == default else value} for value in options)
        urls = (f"?{urlencode({key: value for key, value in link.items() if value})}" for link in links)
        return [(label, url, value == current) for (value, label), url in zip(options.items(), urls, strict=True)]

    tags = dict(Tag.objects.in_workspace(request.workspace).order_by(Lower("name")).values_list("pk", "name"))
    sorts = {value: sort.label for value, sort in SORTS.items()}
    return {
        "kinds": choices("kind", KINDS, asked.kind),
        "uses": choices("use", USES, asked.use),
        "tags": choices("tag", {"": "All tags", **tags}, asked.tag or "") if tags else [],
        "sorts": choices("sort", sorts, asked.sort, default=NEWEST),
    }


@require_http_methods(["GET", "POST"])
def media_detail(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Show one file; a POST changes its tags, and the alt text that is offered with it."""
    media = find_media(request, pk)
    form = MediaForm(instance=media)
    if request.method == "POST":
        require_editor(request, media.workspace)
        form = MediaForm(request.POST, instance=media)
        if form.is_valid():
            form.save()
            messages.success(request, "Saved. The alt text is filled in whenever you add the file to a pin.")
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
        "tag_names": suggested_names(media.workspace),
        "limits": limits,
    }
    return render(request, "pins/media_detail.html", context)


@require_http_methods(["GET", "POST"])
def media_delete(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Ask for confirmation, then delete the file; list the unpublished pins that need it instead."""
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


def find_media(request: WorkspaceRequest, pk: int, *, for_editing: bool = False) -> MediaFile:
    """Return the file, if it is in a library of the user.

    Raises Http404 for an outsider; for editing, PermissionDenied for a viewer.
    """
    files = MediaFile.objects.for_user(request.user).in_library()
    media = get_object_or_404(files.select_related("workspace", "original", "uploaded_by"), pk=pk)
    if for_editing:
        require_editor(request, media.workspace)
    return media


@require_POST
def media_upload(request: WorkspaceRequest) -> HttpResponse:
    """Store the files of the field `file`; one that the library has is said to be there already.

    A script sends one at a time and gets it as an attachment, or 400 with a sentence; a plain form gets the library,
    with one message.
    """
    workspace = posted_workspace(request)
    require_editor(request, workspace)
    arrived_at = timezone.now()
    stored, refusals = receive_uploads(request, "file", workspace)
    if is_script(request):
        if len(stored) == 1:
            return for_script(stored[0], was_there=stored[0].uploaded_at < arrived_at)
        if [refusal.code for refusal in refusals] == [UNAVAILABLE]:
            return sentence(refusals[0].message, status=503)
        return sentence(refusals[0].message if refusals else "No file was received. Choose it again.")
    if stored or refusals:
        _report_uploads(request, stored, refusals, arrived_at)
    else:
        messages.error(request, "Choose files first, then press “Upload”.")
    return redirect("pins:media_list")


def _report_uploads(
    request: WorkspaceRequest, stored: list[MediaFile], refusals: list[MediaRefused], arrived_at: datetime
) -> None:
    """Show one message: how many files were uploaded, then a line for each that was not, or was changed."""
    new = [media for media in stored if media.uploaded_at >= arrived_at]
    duplicates = [media for media in stored if media.uploaded_at < arrived_at]
    lines = [now_in_library(new[0], arrived_at)] if len(new) == 1 else [f"{len(new)} files uploaded."] if new else []
    lines += [*(now_in_library(media, arrived_at) for media in duplicates), *(refusal.message for refusal in refusals)]
    lines += [media.notice for media in stored if media.notice]
    level = messages.SUCCESS if not refusals else messages.WARNING if stored else messages.ERROR
    messages.add_message(request, level, format_html_join(mark_safe("<br>"), "{}", ((line,) for line in lines)))


@require_http_methods(["GET", "POST"])
def media_fetch(request: WorkspaceRequest) -> HttpResponse:
    """Store the file behind the field `address` (“Add from link”).

    A script gets it as an attachment, or 400 with a sentence; a plain form leads to the library, or comes back with
    what was typed.
    """
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
                return for_script(media)
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
    """Return whether a script of ours asks, and wants a fragment or a sentence instead of a page."""
    return request.headers.get("X-Requested-With") == "XMLHttpRequest"


def for_script(media: MediaFile, *, was_there: bool = False) -> JsonResponse:
    """Return what a script learns of a file that was stored; `was_there`: it was in the library before."""
    return JsonResponse({"id": media.pk, "name": str(media), "notice": media.notice, "was_there": was_there})


def sentence(text: str, *, status: int = 400) -> HttpResponse:
    """Return why it could not be done, for a script to show; 503: the same may work in a minute."""
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")


def receive_uploads(
    request: WorkspaceRequest, field_name: str, workspace: Workspace
) -> tuple[list[MediaFile], list[MediaRefused]]:
    """Store the uploads of a field; return the files that were stored, and why the others were not."""
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
def media_content(request: WorkspaceRequest, name: str) -> HttpResponseBase:
    """Return the bytes of a media file or its thumbnail, without a login: Pinterest fetches images here.

    What lies in a bucket is only led to, by an address that stays the same for an hour.
    """
    if "\0" in name:
        raise Http404("No file has a name like that.")
    media = get_object_or_404(MediaFile, Q(file=name, deleted_at=None) | Q(thumbnail=name))
    is_file = media.file.name == name
    response = serve(
        request,
        media.file if is_file else media.thumbnail,
        media.content_type if is_file else THUMBNAIL_CONTENT_TYPE,
    )
    # What a stranger has made never runs as a page of ours, whatever a browser takes it for.
    response["Content-Security-Policy"] = FILE_POLICY
    return response


@login_not_required
@require_safe
def media_thumbnail(request: WorkspaceRequest, size: str, name: str) -> HttpResponse:
    """Return the thumbnail of that name in one of THUMBNAIL_SIZES; it is as unguessable as the file's."""
    if "\0" in name or size not in THUMBNAIL_SIZES:
        raise Http404("There is no thumbnail like that.")
    media = get_object_or_404(MediaFile, thumbnail=name)
    try:
        content = scaled_thumbnail(media.thumbnail, size)
    except MediaUnavailable:
        return HttpResponse(status=503, headers={"Retry-After": "30"})
    except OSError as error:
        raise Http404("The thumbnail is missing on the server.") from error
    response = HttpResponse(content, content_type=THUMBNAIL_TYPE)
    patch_cache_control(response, **FOREVER)
    response["Content-Security-Policy"] = FILE_POLICY
    return response
