"""A limit for uploads that takes effect while they arrive, so that nobody fills the disk with a 2 GB picture."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from . import limits


class SizeLimitHandler(FileUploadHandler):
    """Drops a file as soon as it passes the limit, and notes its name for `oversized_uploads`."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.received_bytes = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received_bytes += len(raw_data)
        if self.received_bytes > limits.IMAGE_BYTES:
            if self.request is not None:
                self.request.META.setdefault("oversized_uploads", []).append((self.field_name, self.file_name))
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def oversized_uploads(request: HttpRequest, field_name: str) -> list[str]:
    """Names of the files that were sent in this field and dropped because of their size."""
    request.FILES  # noqa: B018  reading it is what receives the upload
    return [name for field, name in request.META.get("oversized_uploads", []) if field == field_name]
