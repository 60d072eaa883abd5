"""A bucket of S3, or of a server that speaks as S3 does, as a storage."""

from __future__ import annotations

import errno
import functools
import io
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast
from urllib.parse import quote

from boto3 import Session
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files.base import File
from s3transfer.utils import ReadFileChunk
from storages.backends.s3 import S3Storage
from storages.utils import clean_name
from urllib3.exceptions import HTTPError

from .addresses import signed_address
from .base import MediaUnavailable, StoredFile, batches

PART_BYTES = 16 * 1024**2
BLOCK_BYTES = 1024**2
# A file that is being read goes on after a broken connection. A bucket that is away is for its reader to answer.
READ_TRIES = 3
# Copies within the bucket are made by its server, in parts of this size.
COPIED_PART_BYTES = 256 * 1024**2
# What an object may be kept for by browsers: it never changes.
CACHE_CONTROL = "public, max-age=31536000, immutable"
PRIVATE = "private, no-store"
# What is not there, in the words of S3; an answer to HEAD has the status only.
GONE = ("404", "NoSuchKey", "NoSuchUpload", "NotFound", "NoSuchCORSConfiguration", "NoSuchLifecycleConfiguration")
PASSING_STATUSES = (408, 429)


@functools.cache
def client() -> Any:
    """Return the process's client, which its threads share."""
    session = Session(
        aws_access_key_id=settings.S3_ACCESS_KEY_ID or None, aws_secret_access_key=settings.S3_SECRET_ACCESS_KEY or None
    )
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": settings.S3_ADDRESSING_STYLE},
        connect_timeout=5,
        read_timeout=30,
        retries={"mode": "standard", "total_max_attempts": 3},
        max_pool_connections=32,
        # Other servers than Amazon's do not know the newer checksums.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    return session.client(
        "s3", region_name=settings.S3_REGION, endpoint_url=settings.S3_ENDPOINT_URL or None, config=config
    )


# A child must not share its parent's connections.
os.register_at_fork(after_in_child=client.cache_clear)


@contextmanager
def named_errors(name: str = "") -> Iterator[None]:
    """Raise FileNotFoundError or MediaUnavailable for what botocore raises, which is no OSError."""
    try:
        yield
    except ClientError as error:
        code, status = _code_of(error), _status_of(error)
        if status == 404 and code in GONE:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name) from error
        raise MediaUnavailable(errno.EIO, f"S3 answered with {code or status}") from error
    except (BotoCoreError, HTTPError) as error:
        raise MediaUnavailable(errno.EIO, f"S3 does not answer ({type(error).__name__})") from error


def _code_of(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _status_of(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def may_pass(error: MediaUnavailable) -> bool:
    """Return whether asking again may help: no answer, or one that says that the server fails or is busy."""
    cause = error.__cause__
    if not isinstance(cause, ClientError):
        return True
    status = _status_of(cause)
    return status >= 500 or status in PASSING_STATUSES


class ObjectReader(io.RawIOBase):
    """An object that is read in blocks, from any byte on; a connection that breaks is replaced."""

    def __init__(self, bucket: str, key: str, start: int = 0) -> None:
        self._where = {"Bucket": bucket, "Key": key}
        self._position = start
        self._body: Any = None
        self._etag = ""
        self.size = 0
        self._open()

    def _open(self) -> None:
        options = {"IfMatch": self._etag} if self._etag else {}
        if self._position:
            options["Range"] = f"bytes={self._position}-"
        try:
            with named_errors(self._where["Key"]):
                answer = client().get_object(**self._where, **options)
        except MediaUnavailable as error:
            if isinstance(error.__cause__, ClientError) and _status_of(error.__cause__) == 416:
                self._body = io.BytesIO()  # behind its end
                return
            raise
        self._body, self._etag = answer["Body"], answer["ETag"]
        self.size = int(answer["ContentRange"].rpartition("/")[2]) if self._position else answer["ContentLength"]

    def again(self) -> ObjectReader:
        """Return another reader of the same object."""
        return ObjectReader(self._where["Bucket"], self._where["Key"])

    def readinto(self, buffer: Any) -> int:
        """Read the next bytes; 0 at the end."""
        for number in range(READ_TRIES):
            try:
                if self._body is None:
                    self._open()
                with named_errors():
                    block = self._body.read(min(len(buffer), BLOCK_BYTES))
            except MediaUnavailable as error:
                self._drop()
                if number + 1 == READ_TRIES or not may_pass(error):
                    raise
                continue
            buffer[: len(block)] = block
            self._position += len(block)
            return len(block)
        raise AssertionError("The last try has returned or raised.")

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def seekable(self) -> bool:
        """Return that any byte can be the next."""
        return True

    def tell(self) -> int:
        """Return the next byte's place."""
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Make that byte the next, by a new request if it is another."""
        target = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size}[whence]
        if target != self._position:
            self._position = target
            self._drop()
        return target

    def close(self) -> None:
        """Let go of the connection."""
        self._drop()
        super().close()

    def _drop(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None


class ObjectFile(File):
    """A Django file of an object."""

    def __init__(self, reader: ObjectReader, name: str) -> None:
        super().__init__(io.BufferedReader(reader), name)
        self.size = reader.size
        self._again = reader.again

    def open(self, mode: str | None = None, *_args: Any, **_options: Any) -> ObjectFile:
        """Begin at its first byte, also after it was closed."""
        if self.closed:
            self.file = io.BufferedReader(self._again())
        self.seek(0)
        return self


class BucketStorage(S3Storage):
    """The part of the bucket below `location`."""

    def __init__(self, location: str, *, is_private: bool = False) -> None:
        super().__init__(bucket_name=settings.S3_BUCKET, location=location, file_overwrite=True)
        self._is_private = is_private

    def key(self, name: str) -> str:
        """Return the object's key in the bucket."""
        return str(self._normalize_name(clean_name(name)))

    def _where(self, name: str) -> dict[str, str]:
        return {"Bucket": settings.S3_BUCKET, "Key": self.key(name)}

    def stream(self, name: str, start: int = 0) -> IO[bytes]:
        """Return the object from this byte on; a broken connection is replaced while it is read."""
        return io.BufferedReader(ObjectReader(settings.S3_BUCKET, self.key(name), start))

    def fetch(self, name: str, folder: Path) -> Path:
        """Return a copy in the folder."""
        path = folder / "source"
        with self.stream(name) as source, path.open("wb") as copy:
            while block := source.read(BLOCK_BYTES):
                copy.write(block)
        return path

    def take(self, path: Path, name: str, content_type: str, keep: Callable[[], None] = lambda: None) -> None:
        """Send the file, in parts of 16 MB if it is larger."""
        described = self._where(name) | self._headers(content_type)
        size_bytes = path.stat().st_size
        if size_bytes > PART_BYTES:
            self._take_in_parts(path, size_bytes, described, keep)
            return
        keep()
        with path.open("rb") as file:
            ask("put_object", **described, Body=file)

    def copy(self, key: str, name: str, content_type: str) -> None:
        """Store a copy of another object of the bucket, which its server makes.

        Raises FileNotFoundError if there is no object of that key.
        """
        config = TransferConfig(
            multipart_threshold=COPIED_PART_BYTES, multipart_chunksize=COPIED_PART_BYTES, use_threads=False
        )
        headers = self._headers(content_type) | {"MetadataDirective": "REPLACE"}
        source = {"Bucket": settings.S3_BUCKET, "Key": key}
        with named_errors(name):
            client().copy(source, **self._where(name), ExtraArgs=headers, Config=config)

    def _headers(self, content_type: str) -> dict[str, str]:
        return {"ContentType": content_type, "CacheControl": PRIVATE if self._is_private else CACHE_CONTROL}

    def _take_in_parts(self, path: Path, size_bytes: int, described: dict[str, str], keep: Callable[[], None]) -> None:
        where = {"Bucket": described["Bucket"], "Key": described["Key"]}
        where["UploadId"] = ask("create_multipart_upload", **described)["UploadId"]
        try:
            parts = []
            for number, start in enumerate(range(0, size_bytes, PART_BYTES), start=1):
                keep()
                parts.append({"ETag": _put_part(path, start, PartNumber=number, **where), "PartNumber": number})
            keep()
            complete_parts(where, parts, size_bytes)
        except BaseException:
            with suppress(OSError):
                ask("abort_multipart_upload", **where)
            raise

    def size(self, name: str) -> int:
        """Return the object's size, by HEAD."""
        return int(ask("head_object", **self._where(name))["ContentLength"])

    def exists(self, name: str) -> bool:
        """Return whether the object is there, by HEAD."""
        try:
            ask("head_object", **self._where(name))
        except FileNotFoundError:
            return False
        return True

    def address(self, name: str, seconds: int, *, download_as: str = "", method: str = "GET") -> str:
        """Return the object's public address if there is one, or a signed one."""
        if settings.S3_PUBLIC_URL and not self._is_private:
            return f"{settings.S3_PUBLIC_URL}/{quote(self.key(name))}"
        with named_errors(name):
            return signed_address(client(), self._where(name), seconds, download_as=download_as, method=method)

    def url(self, name: str, *_args: Any, **_options: Any) -> str:
        """Return the address of our own view, which checks the row before it leads to the bucket."""
        return f"{settings.MEDIA_URL}{quote(name)}"

    def create(self, name: str, text: str) -> None:
        """Write the object unless it is there; a server that cannot compare is asked before."""
        described = self._where(name) | {"ContentType": "text/plain; charset=utf-8"}
        try:
            ask("put_object", **described, Body=text.encode(), IfNoneMatch="*")
        except MediaUnavailable as error:
            if not isinstance(error.__cause__, ClientError):
                raise
            if _status_of(error.__cause__) == 412 or self.exists(name):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), name) from error
            ask("put_object", **described, Body=text.encode())

    def delete(self, name: str) -> None:
        """Delete the object, if it is there."""
        ask("delete_object", **self._where(name))

    def delete_many(self, names: Iterable[str]) -> None:
        """Delete these objects, 1,000 in a request."""
        for batch in batches(names):
            doomed = {"Objects": [{"Key": self.key(name)} for name in batch], "Quiet": True}
            answer = ask("delete_objects", Bucket=settings.S3_BUCKET, Delete=doomed)
            if errors := [each for each in answer.get("Errors", []) if each.get("Code") not in GONE]:
                raise MediaUnavailable(errno.EIO, f"S3 did not delete {len(errors)} objects: {errors[0].get('Code')}")

    def listed(self, folder: str = "") -> Iterator[StoredFile]:
        """Yield the objects whose names begin with the folder's."""
        root = f"{self.key('').rstrip('/')}/" if self.location else ""
        prefix = f"{root}{folder}/" if folder else root
        after: dict[str, str] = {}
        while True:
            answer = ask("list_objects_v2", Bucket=settings.S3_BUCKET, Prefix=prefix, **after)
            for each in answer.get("Contents", []):
                yield StoredFile(each["Key"].removeprefix(root), each["Size"], each["LastModified"])
            if not answer.get("IsTruncated"):
                return
            after = {"ContinuationToken": answer["NextContinuationToken"]}

    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        """Return no folders, which a bucket does not have, and the names of all files below."""
        return [], [each.name.removeprefix(f"{name}/") for each in self.listed(name)]

    def get_modified_time(self, name: str) -> datetime:
        """Return when the object was written."""
        moment: datetime = ask("head_object", **self._where(name))["LastModified"]
        return moment.astimezone(UTC)

    def _open(self, name: str, mode: str = "rb") -> File:
        return ObjectFile(ObjectReader(settings.S3_BUCKET, self.key(name)), name)

    def _save(self, name: str, content: File) -> str:
        """Store what Django hands over: small files, such as those of tests; our own way is `take`."""
        body = b"".join(content.chunks())
        described = self._where(name) | {"ContentType": self._get_write_parameters(name, content)["ContentType"]}
        ask("put_object", **described, Body=body)
        return clean_name(name)


def ask(operation: str, **parameters: Any) -> dict[str, Any]:
    """Return the bucket's answer to one request."""
    with named_errors(str(parameters.get("Key", ""))):
        return cast(dict[str, Any], getattr(client(), operation)(**parameters))


def _put_part(path: Path, start: int, **parameters: Any) -> str:
    with ReadFileChunk.from_filename(str(path), start, PART_BYTES, enable_callbacks=False) as part:
        return str(ask("upload_part", Body=part, **parameters)["ETag"])


def complete_parts(where: dict[str, str], parts: list[dict[str, Any]], size_bytes: int) -> None:
    """Make an object of its parts.

    An answer that was lost may have been a yes, after which the upload is no longer known.
    """
    try:
        ask("complete_multipart_upload", **where, MultipartUpload={"Parts": parts})
    except (MediaUnavailable, FileNotFoundError):
        found = ask("head_object", Bucket=where["Bucket"], Key=where["Key"])
        if found["ContentLength"] != size_bytes:
            raise
