"""What the script of an upload in parts asks for; answers are JSON, or a sentence for people."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.middleware import WorkspaceRequest, posted_workspace
from accounts.permissions import require_editor
from pins.media.storage import UNAVAILABLE, MediaRefused
from pins.media.uploads import is_within_rate
from pins.media.views import TOO_MANY_UPLOADS, for_script, sentence
from pins.models import PendingUpload
from postiz_pins.common.params import parse_key
from postiz_pins.storage.base import MediaUnavailable
from postiz_pins.storage.bucket import PART_BYTES

from . import services

AWAY = "The file storage isn't available right now. Try again in a minute."


@require_POST
def upload_begin(request: WorkspaceRequest) -> HttpResponse:
    """Begin an upload; return its id, and in how many parts of which size it is to arrive."""
    workspace = posted_workspace(request)
    require_editor(request, workspace)
    if not is_within_rate(request):
        return sentence(TOO_MANY_UPLOADS.message)
    size_bytes = parse_key(request.POST.get("size", "")) or 0
    try:
        upload = services.begin(workspace, request.user, request.POST.get("name", ""), size_bytes)
    except MediaRefused as refusal:
        return _refused(refusal)
    return JsonResponse({"id": upload.pk, "parts": services.parts_of(upload).count, "part_bytes": PART_BYTES})


@never_cache
@require_GET
def upload_part(request: WorkspaceRequest, pk: UUID, number: int) -> HttpResponse:
    """Return where that part is to be sent."""
    upload = _find(request, pk)
    try:
        return JsonResponse({"url": services.parts_of(upload).address_of(number)})
    except ValueError as error:
        raise Http404("The upload has no such part.") from error
    except MediaUnavailable:
        return sentence(AWAY, status=503)


@require_POST
def upload_finish(request: WorkspaceRequest, pk: UUID) -> HttpResponse:
    """Store what has arrived; asking again returns the same file."""
    upload = _find(request, pk)
    try:
        media = services.finish(upload)
    except MediaRefused as refusal:
        return _refused(refusal)
    return for_script(media, was_there=media.uploaded_at < upload.begun_at)


@require_POST
def upload_cancel(request: WorkspaceRequest, pk: UUID) -> HttpResponse:
    """Forget the upload."""
    services.drop(_find(request, pk))
    return HttpResponse(status=204)


def _find(request: WorkspaceRequest, pk: UUID) -> PendingUpload:
    """Return an upload of the user's own."""
    uploads = PendingUpload.objects.for_user(request.user).filter(by=request.user)
    upload = get_object_or_404(uploads.select_related("workspace", "by", "media"), pk=pk)
    require_editor(request, upload.workspace)
    return upload


def _refused(refusal: MediaRefused) -> HttpResponse:
    return sentence(refusal.message, status=503 if refusal.code == UNAVAILABLE else 400)
