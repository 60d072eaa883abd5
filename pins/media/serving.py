"""Hands out the bytes of media files, in parts where a player asks for them: Safari plays no video without."""

from __future__ import annotations

import time
from http import HTTPStatus
from io import BytesIO
from typing import Any

from django.conf import settings
from django.db.models.fields.files import FieldFile
from django.http import Http404, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control
from PIL import Image, ImageOps
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import MissingFileError, Response, SlicedFile, StaticFile

from accounts.middleware import WorkspaceRequest
from pins.models.media import THUMBNAIL_SIZES
from postiz_pins.storage.base import STABLE_SECONDS, store_of

THUMBNAIL_TYPE = "image/webp"
# A file never changes, and its name is never used again.
FOREVER = {"public": True, "max_age": 31_536_000, "immutable": True}
# At these sizes, no difference from higher qualities is seen, and a row costs some 2 KB.
QUALITY = 72
# Of six: slower ones save 5 % of the bytes for twice the time.
METHOD = 2


class MediaContent(StaticFile):
    """WhiteNoise's answers to GET and HEAD, with and without a range, except that a range may be one byte long."""

    def get_range_response(self, range_header: str, base_headers: Any, file_handle: Any) -> Response:
        """Return the requested part of the file, or a 416 for one that it does not have."""
        headers = dict(base_headers)
        size = int(headers["Content-Length"])
        start, end = self.get_byte_range(range_header, size)
        if start > end:
            unsatisfiable: Response = self.get_range_not_satisfiable_response(file_handle, size)
            return unsatisfiable
        headers |= {"Content-Range": f"bytes {start}-{end}/{size}", "Content-Length": str(end - start + 1)}
        part = SlicedFile(file_handle, start, end) if file_handle is not None else None
        return Response(HTTPStatus.PARTIAL_CONTENT, list(headers.items()), part)


def serve(request: WorkspaceRequest, stored: FieldFile, content_type: str) -> HttpResponseBase:
    """Return the file, or the requested part of it, or the way to the bucket in which it lies.

    Raises Http404 if it is not in the folder.
    """
    address = store_of(stored).address(str(stored.name), settings.S3_PRESIGN_SECONDS, method=str(request.method))
    if address:
        way = HttpResponseRedirect(address)
        patch_cache_control(way, public=True, max_age=STABLE_SECONDS - int(time.time()) % STABLE_SECONDS)
        return way
    path = stored.path
    headers = [("Content-Type", content_type), ("Accept-Ranges", "bytes")]
    try:
        response: HttpResponseBase = WhiteNoiseMiddleware.serve(MediaContent(path, headers), request)
    except (MissingFileError, FileNotFoundError) as error:
        raise Http404("The file is missing on the server.") from error
    patch_cache_control(response, **FOREVER)
    return response


def scaled_thumbnail(stored: FieldFile, size: str) -> bytes:
    """Return the stored thumbnail as WebP in one of THUMBNAIL_SIZES.

    Unlike the files themselves, which only a process of its own reads, the thumbnail was written by that process.

    Raises:
        OSError: it is not in the storage, or is no JPEG.
    """
    box = THUMBNAIL_SIZES[size]
    with store_of(stored).stream(str(stored.name)) as content, Image.open(content, formats=["JPEG"]) as image:
        image.draft("RGB", box.pixels)
        picture = image.convert("RGB")
    if box.is_filled:
        picture = ImageOps.fit(picture, box.pixels)
    else:
        picture.thumbnail(box.pixels)
    scaled = BytesIO()
    picture.save(scaled, "WEBP", quality=QUALITY, method=METHOD)
    return scaled.getvalue()
