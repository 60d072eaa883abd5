"""The bytes of a video on their way to the upload target, an S3 bucket that POST /media names."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any, Protocol

import requests
from urllib3.filepost import encode_multipart_formdata

from .client import VideoUpload
from .errors import AnsweredByProxy, PinterestError, ServerFailed, UploadRefused
from .http import BLOCK_BYTES, send

# The part of an answer that is looked at; S3's errors are short.
ERROR_CHARACTERS = 10_000


class Source(Protocol):
    """A file that is read in blocks."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end."""


class SourceFailed(Exception):
    """The file could not be read to its end on our side; nothing is wrong with Pinterest or the line."""


def upload_video(
    upload: VideoUpload, file: Source, size_bytes: int, on_block: Callable[[int], None] = lambda sent: None
) -> None:
    """Send `file`, which has `size_bytes`, as one multipart POST, holding a block of it in memory at a time.

    `on_block` gets the number of bytes of the file that have been handed over before each block; what it raises stops
    the upload. Raises `UploadRefused`, `ServerFailed`, `Unreachable`, and SourceFailed when the file ends early. After
    any of these a new registration is needed; Pinterest makes no pin of an upload alone.
    """
    body = _Body(upload, file, size_bytes, on_block)
    # No Authorization: S3 takes one way of proving oneself only, and the parameters are that.
    answer = send("POST", upload.upload_url, data=body, headers={"Content-Type": body.content_type})
    if not 200 <= answer.status_code < 300:
        raise _error(answer)


class _Body:
    """A multipart form with all parameters and then the file: S3 ignores every field that follows the file.

    Its length is known beforehand, since S3 refuses chunked requests (411 MissingContentLength). It cannot be rewound:
    each try makes its own.
    """

    def __init__(self, upload: VideoUpload, file: Source, size_bytes: int, on_block: Callable[[int], None]) -> None:
        # A form with an empty file, cut where its bytes belong.
        fields: list[tuple[str, Any]] = [*upload.upload_parameters.items(), ("file", ("video.mp4", b"", "video/mp4"))]
        form, self.content_type = encode_multipart_formdata(fields)
        boundary = self.content_type.partition("boundary=")[2]
        tail_length = len(f"\r\n--{boundary}--\r\n")
        self._head, self._tail = form[:-tail_length], form[-tail_length:]
        self._file, self._size, self._on_block = file, size_bytes, on_block
        self._sent = 0

    def __len__(self) -> int:
        return len(self._head) + self._size + len(self._tail)

    def read(self, _size: int = -1) -> bytes:
        """Return the next block, whatever size is asked for: urllib3 asks for 16 KiB, and http.client takes any."""
        if self._head:
            head, self._head = self._head, b""
            return head
        if self._sent < self._size:
            self._on_block(self._sent)
            return self._next_block()
        tail, self._tail = self._tail, b""
        if tail:
            self._on_block(self._sent)
        return tail

    def _next_block(self) -> bytes:
        try:
            block = self._file.read(min(BLOCK_BYTES, self._size - self._sent))
        except OSError as error:
            # By another name, lest it be taken for a failure of the connection.
            raise SourceFailed("The video cannot be read.") from error
        if not block:
            raise SourceFailed("The video is shorter than it was.")
        self._sent += len(block)
        return block


def _error(answer: requests.Response) -> PinterestError:
    text = answer.text[:ERROR_CHARACTERS]
    word, sentence = _element(text, "Code"), _element(text, "Message")
    message = ": ".join(filter(None, [word, sentence]))
    status = answer.status_code
    message = message or f"The upload target answered with status {status} and no explanation."
    request_id = _element(text, "RequestId") or answer.headers.get("x-amz-request-id", "")
    if 300 <= status < 500 and not word:  # S3 refuses in XML with a code
        return AnsweredByProxy(status=status, request_id=request_id)
    if 400 <= status < 500:
        return UploadRefused(message, word=word, status=status, request_id=request_id)
    return ServerFailed(message, status=status, request_id=request_id)


def _element(xml: str, name: str) -> str:
    """Return the text of the first such element; a parser would trust a stranger's XML with more than that."""
    match = re.search(rf"<{name}>([^<]*)</{name}>", xml)
    return unescape(match[1]).strip() if match else ""
