"""Reads multipart/form-data as Django does, but loses no file because of its name."""

from __future__ import annotations

import re
from typing import Any

from django.http.multipartparser import MultiPartParser

# For files that come without a usable name.
UNNAMED = "upload"
BLOCK_BYTES = 64 * 1024
# Django's limit for the head of a part.
HEAD_BYTES = 1024
HEAD_END = b"\r\n\r\n"
DISPOSITION = re.compile(rb"^content-disposition:[ \t]*form-data", re.IGNORECASE | re.MULTILINE)
NO_FILENAME = re.compile(rb';[ \t]*filename=(?:""|(?=[;\r]|$))', re.IGNORECASE)
FILENAME = re.compile(rb';[ \t]*filename\*?=(?:"[^"]|[^";\s])', re.IGNORECASE)
FILE_TYPE = re.compile(
    rb"^content-type:[ \t]*(?:image/|video/|application/(?:octet-stream|mp4))", re.IGNORECASE | re.MULTILINE
)


class UploadParser(MultiPartParser):
    """Django's, except that a file with no usable name gets another one.

    Django would drop it, or take it for text.
    """

    def __init__(self, META: Any, input_data: Any, *args: Any) -> None:  # noqa: N803  Django's name
        super().__init__(META, input_data, *args)
        boundary: bytes = self._boundary  # type: ignore[attr-defined]  # unknown to the stubs
        self._input_data: Any = NamedParts(input_data, boundary)

    def sanitize_file_name(self, file_name: str) -> str:
        """Return a name that can be stored."""
        return super().sanitize_file_name(file_name) or UNNAMED


class NamedParts:
    """The body of a multipart request, in which every image or video has a filename.

    Programs such as n8n leave it out, and Django takes such a part for text (RFC 7578, 4.2: "SHOULD").
    """

    def __init__(self, body: Any, boundary: bytes) -> None:
        self.body, self.delimiter = body, b"--" + boundary
        self.waiting, self.is_at_end = b"", False

    def read(self, size: int = BLOCK_BYTES) -> bytes:
        """Return at least one byte until the body ends: about `size`, plus perhaps the name of a part."""
        while not self.is_at_end:
            block = self.body.read(size)
            self.is_at_end = not block
            self.waiting += block
            done = self._pass_on()
            if done:
                return done
        done, self.waiting = self.waiting, b""
        return done

    def _pass_on(self) -> bytes:
        """Return what has been looked through; heads of parts, and the beginning of one, wait for the rest."""
        done, position = [], 0
        while (found := self.waiting.find(self.delimiter, position)) >= 0:
            begin = found + len(self.delimiter)
            head_end = self.waiting.find(HEAD_END, begin, begin + HEAD_BYTES)
            body = head_end + len(HEAD_END)
            if head_end < 0 and len(self.waiting) >= begin + HEAD_BYTES:
                done.append(self.waiting[position:begin])  # no head: Django will see
                position = begin
                continue
            if head_end < 0 or len(self.waiting) < body + len(self.delimiter) + 2:
                done.append(self.waiting[position:found])
                self.waiting = self.waiting[found:]
                return b"".join(done)
            is_empty = self.waiting.startswith((self.delimiter, b"\r\n" + self.delimiter), body)
            head = self.waiting[begin:head_end]
            done += [self.waiting[position:begin], head if is_empty else _named(head)]
            position = head_end
        # A delimiter may have begun at the end.
        kept = min(len(self.waiting) - position, len(self.delimiter) - 1)
        done.append(self.waiting[position : len(self.waiting) - kept])
        self.waiting = self.waiting[len(self.waiting) - kept :]
        return b"".join(done)


def _named(head: bytes) -> bytes:
    """Return the head of a part, with a filename if it holds a file."""
    if FILENAME.search(head) or not FILE_TYPE.search(head):
        return head
    return DISPOSITION.sub(rb'\g<0>; filename="' + UNNAMED.encode() + b'"', NO_FILENAME.sub(b"", head))
