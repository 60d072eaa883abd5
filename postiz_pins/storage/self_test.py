"""Does the bucket do all that Postiz Pins needs? Objects of a random name are written, read and deleted."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import requests
from django.conf import settings

from .addresses import signed_address
from .base import MediaUnavailable
from .bucket import PART_BYTES, BucketStorage, client
from .multipart import Parts

ANSWER_WITHIN_SECONDS = 15
CONTENT = b"Postiz Pins"
SHORT = 1


class SelfTestFailed(Exception):
    """The message says what is wrong and what to do."""


class _Test:
    def __init__(self) -> None:
        self.store = BucketStorage(f"{settings.S3_PREFIX}incoming")
        self.name = f"test-{secrets.token_urlsafe(12)}"

    def write(self) -> None:
        self._take(CONTENT)

    def read(self) -> None:
        with self.store.stream(self.name, 7) as file:
            if file.read() != CONTENT[7:]:
                raise SelfTestFailed("The server ignores ranges, so videos cannot be played and resumed.")
        if self.store.size(self.name) != len(CONTENT) or self.name not in [each.name for each in self.store.listed()]:
            raise SelfTestFailed("The object is not listed with its size.")

    def by_address(self) -> None:
        answer = self._get(self._address(60), {"Range": "bytes=7-10"})
        if answer.status_code != 206 or answer.content != CONTENT[7:11]:
            raise SelfTestFailed(
                f"A signed URL answers with {answer.status_code}. Check that S3_ENDPOINT_URL is the host that browsers"
                " use, and S3_REGION and S3_ADDRESSING_STYLE."
            )

    def expired_address(self) -> None:
        address = self._address(SHORT)
        time.sleep(SHORT + 1.1)
        if self._get(address).status_code == 200:
            raise SelfTestFailed("A signed URL that has expired still answers. Do not use this server.")

    def privacy(self) -> None:
        if self._get(self._address(60).partition("?")[0]).status_code == 200:
            raise SelfTestFailed("Anyone can read all objects, exports included. Make at most media/ public.")

    def parts(self) -> None:
        try:
            self._take(CONTENT * (PART_BYTES // len(CONTENT) + 1))
        finally:
            self.store.delete_many([self.name])
        if self.store.exists(self.name):
            raise SelfTestFailed("The object is there after it was deleted.")

    def direct_upload(self) -> None:
        if not settings.S3_DIRECT_UPLOADS:
            return
        parts = Parts.begin(self.store.key(self.name), len(CONTENT))
        try:
            headers = {"Origin": settings.PUBLIC_URL, "Access-Control-Request-Method": "PUT"}
            preflight = requests.options(parts.address_of(1), headers=headers, timeout=ANSWER_WITHIN_SECONDS)
            allowed = preflight.headers.get("Access-Control-Allow-Origin")
            if allowed not in ("*", settings.PUBLIC_URL):
                raise SelfTestFailed("Browsers may not upload: the CORS rule is missing. Run python manage.py setup_s3")
            wrong = requests.put(parts.address_of(1), data=CONTENT * 2, timeout=ANSWER_WITHIN_SECONDS)
            if wrong.status_code == 200:
                raise SelfTestFailed("A part of another size than was signed is accepted.")
            requests.put(parts.address_of(1), data=CONTENT, timeout=ANSWER_WITHIN_SECONDS).raise_for_status()
            parts.complete()
        finally:
            parts.abort()
            self.store.delete(self.name)

    def _take(self, content: bytes) -> None:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "object"
            path.write_bytes(content)
            self.store.take(path, self.name, "text/plain")

    def _address(self, seconds: int) -> str:
        where = {"Bucket": settings.S3_BUCKET, "Key": self.store.key(self.name)}
        return signed_address(client(), where, seconds)

    def _get(self, address: str, headers: dict[str, str] | None = None) -> requests.Response:
        return requests.get(address, headers=headers, timeout=ANSWER_WITHIN_SECONDS)


def run() -> Iterator[tuple[str, str]]:
    """Yield the name of each test and what is wrong, empty if nothing is; the first that fails is the last."""
    test = _Test()
    tests: dict[str, Callable[[], None]] = {
        "write an object": test.write,
        "read a part of it": test.read,
        "read it by a signed URL": test.by_address,
        "refuse a signed URL that has expired": test.expired_address,
        "refuse a URL without a signature": test.privacy,
        "upload in parts, and delete": test.parts,
        "upload from a browser": test.direct_upload,
    }
    for name, work in tests.items():
        problem = ""
        try:
            work()
        except SelfTestFailed as error:
            problem = str(error)
        except MediaUnavailable as error:
            problem = f"{error.strerror}."
        except (requests.RequestException, FileNotFoundError) as error:
            problem = f"{type(error).__name__}."
        yield name, problem
        if problem:
            return
