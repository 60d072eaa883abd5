"""Uploads on their way in: straight to the disk, and dropped as soon as they pass their limit."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from allauth.core import ratelimit
from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, TemporaryFileUploadHandler
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict

from pins import limits
from postiz_pins.http.multipart import UploadParser

from .file_types import SNIFFED_BYTES, FileKind, kind_of

# A form with several videos may take hours on a slow line, and the first of them waits. What is older was left by a
# process that was killed.
LEFTOVER_SECONDS = 24 * 60 * 60


@dataclass(frozen=True)
class DroppedUpload:
    """A file that was too large to be received."""

    field_name: str
    name: str
    kind: FileKind


class IncomingFile(TemporaryUploadedFile):
    """An upload in our own folder, on the file system of the media: a video of 2 GB is stored by renaming it."""

    def __init__(self, *args: Any) -> None:
        file = NamedTemporaryFile(dir=incoming_folder())  # noqa: SIM115  closing the upload closes and removes it
        super(TemporaryUploadedFile, self).__init__(file, *args)


class DiskUploadHandler(TemporaryFileUploadHandler):
    """Writes uploads to the disk as they arrive, and drops a file beyond the limit of its kind.

    The kind is known by the first bytes. `dropped_uploads` lists what was dropped.
    """

    is_receiving = False

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, Any],  # noqa: N803  Django's name
        content_length: int,
        boundary: Any,
        encoding: str | None = None,
    ) -> tuple[QueryDict, MultiValueDict[str, Any]] | None:
        """Parse the request as Django does, but remove the file that was arriving when the connection broke."""
        if self.is_receiving:
            return None
        self.is_receiving = True
        try:
            return UploadParser(META, input_data, [self], encoding).parse()
        except BaseException:
            self.upload_interrupted()
            raise

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file on the disk; skip those of anonymous users."""
        FileUploadHandler.new_file(self, *args, **kwargs)
        # Django receives a form before any view asks who sends it; a stranger shall not fill the disk meanwhile.
        if self.request is None or not self.request.user.is_authenticated:
            raise SkipFile
        self.received_bytes = 0
        self.start = b""
        self.file = IncomingFile(self.file_name, self.content_type, 0, self.charset, self.content_type_extra)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write the chunk, or stop the file as soon as it is too large for its kind."""
        self.received_bytes += len(raw_data)
        if len(self.start) < SNIFFED_BYTES:
            self.start += raw_data[:SNIFFED_BYTES]
        if self.received_bytes > limits.IMAGE_BYTES:
            self._require_video(kind_of(self.start))
        super().receive_data_chunk(raw_data, start)

    def _require_video(self, kind: FileKind) -> None:
        if kind is FileKind.MP4 and self.received_bytes <= limits.VIDEO_BYTES:
            return
        if self.request is not None:
            dropped = DroppedUpload(self.field_name, self.file_name or "file", kind)
            self.request.META.setdefault("dropped_uploads", []).append(dropped)
        raise SkipFile


def dropped_uploads(request: HttpRequest, field_name: str) -> list[DroppedUpload]:
    """Return the files that were sent in this field and dropped because of their size."""
    request.FILES  # noqa: B018  reading it is what receives the upload
    return [dropped for dropped in request.META.get("dropped_uploads", []) if dropped.field_name == field_name]


def is_within_rate(request: HttpRequest) -> bool:
    """Return whether the user may store one more file now, and count it (ACCOUNT_RATE_LIMITS)."""
    return bool(ratelimit.consume(request, action="upload", user=request.user))


def incoming_folder() -> Path:
    """Return the folder of uploads and the reader's results until they are stored; create it if need be.

    What a killed process has left is removed. Nothing is served from here: no row has such a name.
    """
    folder = Path(settings.UPLOAD_ROOT or Path(settings.MEDIA_ROOT) / "incoming")
    folder.mkdir(parents=True, exist_ok=True)
    too_old = time.time() - LEFTOVER_SECONDS
    for path in folder.iterdir():
        with suppress(OSError):  # it was stored or removed at this moment
            if path.stat().st_mtime < too_old:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    return folder
