"""The media library."""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast

from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, File, Query, Schema, Status
from ninja import UploadedFile as DocumentedFile

from accounts.middleware import WorkspaceRequest
from accounts.models import Scope
from pins.media import editing
from pins.media.remote import store_link
from pins.media.storage import MediaRefused
from pins.media.uploads import is_within_rate
from pins.media.views import TOO_MANY_UPLOADS, receive_uploads
from pins.models import MediaFile, MediaKind
from pins.rules.composition import Problem
from postiz_pins.common.text import strip_nul

from ..application import REFUSALS, ApiRequest, WorkspaceKey, api
from ..errors import ApiValidationError, ErrorsAnswer
from ..input_schemas import MediaLinkInput
from ..inputs import BIGGEST_ID
from ..schemas import MediaAnswer, MediaPage

# What is missing, or one too many, gets a sentence from us; for readers of openapi.json the file is required.
NO_FILE = cast(DocumentedFile, None)
ONE_FILE = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": {"required": ["file"]}}}}}


@api.post(
    "/media",
    response={201: MediaAnswer, 400: ErrorsAnswer, **REFUSALS},
    auth=WorkspaceKey(Scope.PLAN),
    operation_id="uploadMedia",
    summary="Upload an image or a video",
    openapi_extra=ONE_FILE,
)
def upload_media(request: ApiRequest, file: Annotated[DocumentedFile, File()] = NO_FILE) -> Any:
    """Store an image or a video in the library.

    If the library has the file already, its id is returned.
    """
    # Read from the request: `file` would be the last of several, and a file over the limit never gets that far.
    stored: list[MediaFile] = []
    if len(request.FILES.getlist("file")) < 2:
        stored, refusals = receive_uploads(cast(WorkspaceRequest, request), "file", request.auth.workspace)
        if refusals:
            status = 429 if TOO_MANY_UPLOADS in refusals else 422
            raise ApiValidationError(
                [Problem(refusal.code, "file", refusal.message) for refusal in refusals], status=status
            )
    if not stored:
        message = "Send exactly one file, as the “file” part of multipart/form-data, with a filename or a content type."
        raise ApiValidationError([Problem("one_file", "file", message)])
    return Status(201, MediaAnswer.of(stored[0]))


@api.post(
    "/media/link",
    response={201: MediaAnswer, 400: ErrorsAnswer, 413: ErrorsAnswer, **REFUSALS},
    auth=WorkspaceKey(Scope.PLAN),
    operation_id="addMediaFromLink",
    summary="Add a file from a link",
)
def add_media_from_link(request: ApiRequest, payload: MediaLinkInput) -> Any:
    """Fetch an image or a video from a public link, and store it in the library.

    If the library has the file already, its id is returned.
    """
    if not is_within_rate(request):
        raise _refused(TOO_MANY_UPLOADS, "link", status=429)
    try:
        media = store_link(payload.link.strip(), workspace=request.auth.workspace, by=request.user)
    except MediaRefused as refusal:
        raise _refused(refusal, "link") from refusal
    return Status(201, MediaAnswer.of(media))


def _refused(refusal: MediaRefused, field: str, *, status: int = 422) -> ApiValidationError:
    return ApiValidationError([Problem(refusal.code, field, refusal.message)], status=status)


MOST_FILES = 100


class MediaFilters(Schema):
    """What the list is narrowed to."""

    q: str = Field("", max_length=200, description="Words that the name or the alt text contains.")
    kind: MediaKind | None = None
    use: Literal["used", "unused"] | None = Field(None, description="Whether some pin shows the file.")
    cursor: int | None = Field(None, ge=1, le=BIGGEST_ID, description="The `next_cursor` of the page before.")
    limit: int = Field(50, ge=1, le=MOST_FILES)


@api.get("/media", response={200: MediaPage, **REFUSALS}, operation_id="listMedia", summary="List the media library")
def list_media(request: ApiRequest, filters: Annotated[MediaFilters, Query()]) -> Any:
    """List the files of the library, the newest first."""
    files = MediaFile.objects.in_workspace(request.auth.workspace).in_library()
    if filters.kind:
        files = files.filter(kind=filters.kind)
    if filters.use:
        files = files.used() if filters.use == "used" else files.unused()
    if filters.q:
        files = files.matching(strip_nul(filters.q))
    if filters.cursor is not None:
        files = files.filter(pk__lt=filters.cursor)
    rows = list(files.order_by("-pk")[: filters.limit + 1])
    shown = rows[: filters.limit]
    return MediaPage(
        media=[MediaAnswer.of(media) for media in shown],
        next_cursor=shown[-1].pk if len(rows) > filters.limit else None,
    )


@api.delete(
    "/media/{int:id}",
    response={204: None, 404: ErrorsAnswer, 409: ErrorsAnswer, **REFUSALS},
    auth=WorkspaceKey(Scope.PLAN),
    operation_id="deleteMedia",
    summary="Delete an unused file",
)
def delete_media(request: ApiRequest, id: int) -> Any:
    """Delete a file that no pin shows from the library."""
    files = MediaFile.objects.in_workspace(request.auth.workspace).in_library()
    media = get_object_or_404(files.select_related("workspace"), pk=id)
    if media.attachments.exists() or editing.delete_media(media, by=request.user, now=timezone.now()):
        message = (
            "A pin shows this file, so it was not deleted. A person can delete files of published pins in the app."
        )
        raise ApiValidationError([Problem("media_in_use", "", message)], status=409)
    return Status(204, None)
