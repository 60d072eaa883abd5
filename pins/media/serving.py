"""Hands out the bytes of media files, in parts where a player asks for them: Safari plays no video without."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import MissingFileError, Response, SlicedFile, StaticFile

from accounts.middleware import WorkspaceRequest


class MediaContent(StaticFile):
    """WhiteNoise's answers to GET and HEAD, with and without a range, except that a range may be one byte long."""

    def get_range_response(self, range_header: str, base_headers: Any, file_handle: Any) -> Response:
        headers = dict(base_headers)
        size = int(headers["Content-Length"])
        start, end = self.get_byte_range(range_header, size)
        if start > end:
            unsatisfiable: Response = self.get_range_not_satisfiable_response(file_handle, size)
            return unsatisfiable
        headers |= {"Content-Range": f"bytes {start}-{end}/{size}", "Content-Length": str(end - start + 1)}
        part = SlicedFile(file_handle, start, end) if file_handle is not None else None
        return Response(HTTPStatus.PARTIAL_CONTENT, list(headers.items()), part)


def serve(request: WorkspaceRequest, stored: FieldFile, content_type: str) -> FileResponse:
    """The file, or what the request wants of it. Raises Http404 if it is not in the storage."""
    try:
        path = stored.path
    except NotImplementedError:  # a storage elsewhere, which is asked for files directly as a rule
        return FileResponse(stored.open("rb"), content_type=content_type)
    headers = [("Content-Type", content_type), ("Accept-Ranges", "bytes")]
    try:
        response: FileResponse = WhiteNoiseMiddleware.serve(MediaContent(path, headers), request)
    except (MissingFileError, FileNotFoundError) as error:
        raise Http404("The file is missing on the server.") from error
    return response
