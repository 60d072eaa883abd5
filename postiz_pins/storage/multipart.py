"""Uploads in parts, which a browser sends to the bucket by signed addresses, one for each part."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from .addresses import signed_address
from .bucket import PART_BYTES, ask, client, complete_parts, named_errors

# Of one address: a part of 16 MB takes this long on a line of 5 kB a second.
PART_SECONDS = 3599


@dataclass(frozen=True)
class Parts:
    """An object of so many bytes that arrives in parts of PART_BYTES, the last of which may be smaller."""

    key: str
    upload_id: str
    size_bytes: int

    @classmethod
    def begin(cls, key: str, size_bytes: int) -> Parts:
        """Ask the bucket to expect the parts."""
        options = {"ContentType": "application/octet-stream", "CacheControl": "private, no-store"}
        upload_id = ask("create_multipart_upload", Bucket=settings.S3_BUCKET, Key=key, **options)["UploadId"]
        return cls(key, upload_id, size_bytes)

    @property
    def count(self) -> int:
        """Return how many parts there are."""
        return -(-self.size_bytes // PART_BYTES)

    def size_of(self, number: int) -> int:
        """Return the size of a part in bytes; the first one is number 1."""
        return min(PART_BYTES, self.size_bytes - (number - 1) * PART_BYTES)

    def address_of(self, number: int) -> str:
        """Return where to PUT that part, which must have its size to the byte."""
        if not 1 <= number <= self.count:
            raise ValueError(number)
        with named_errors(self.key):
            return signed_address(
                client(),
                {"Bucket": settings.S3_BUCKET, "Key": self.key},
                PART_SECONDS,
                method="PUT",
                query={"partNumber": str(number), "uploadId": self.upload_id},
                headers={"Content-Length": str(self.size_of(number))},
            )

    def arrived(self) -> dict[int, str]:
        """Return the numbers of the parts that have arrived as a whole, with their ETags.

        Raises FileNotFoundError if the upload has ended, or was given up.
        """
        found: dict[int, str] = {}
        after = 0
        while True:
            answer = ask("list_parts", **self._where, PartNumberMarker=after)
            for part in answer.get("Parts", []):
                if part["Size"] == self.size_of(part["PartNumber"]):
                    found[part["PartNumber"]] = part["ETag"]
            if not answer.get("IsTruncated"):
                return found
            after = answer["NextPartNumberMarker"]

    def complete(self) -> None:
        """Make the object of all its parts; nothing happens if it has been made.

        Raises FileNotFoundError if a part is missing.
        """
        try:
            arrived = self.arrived()
        except FileNotFoundError:  # it may have been made, which complete_parts finds out
            arrived = {}
        else:
            if len(arrived) < self.count:
                raise FileNotFoundError(errno.ENOENT, f"{self.count - len(arrived)} parts are missing", self.key)
        parts = [{"PartNumber": number, "ETag": etag} for number, etag in sorted(arrived.items())]
        complete_parts(self._where, parts, self.size_bytes)

    def abort(self) -> None:
        """Let the bucket forget the parts."""
        with contextlib.suppress(FileNotFoundError):
            ask("abort_multipart_upload", **self._where)

    @property
    def _where(self) -> dict[str, str]:
        return {"Bucket": settings.S3_BUCKET, "Key": self.key, "UploadId": self.upload_id}


def abort_left_over(before: datetime) -> int:
    """Abort uploads in parts that were begun before that moment; return how many."""
    number = 0
    for key, upload_id, begun_at in list(_unfinished()):
        if begun_at < before:
            Parts(key, upload_id, 0).abort()
            number += 1
    return number


def _unfinished() -> Iterator[tuple[str, str, datetime]]:
    after: dict[str, str] = {}
    while True:
        answer = ask("list_multipart_uploads", Bucket=settings.S3_BUCKET, Prefix=settings.S3_PREFIX, **after)
        for each in answer.get("Uploads", []):
            yield each["Key"], each["UploadId"], each["Initiated"]
        if not answer.get("IsTruncated"):
            return
        after = {"KeyMarker": answer["NextKeyMarker"], "UploadIdMarker": answer["NextUploadIdMarker"]}
