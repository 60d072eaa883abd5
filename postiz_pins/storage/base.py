"""What the product asks of a storage, whether it is a folder or a bucket (STORAGES in the settings)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO, Protocol, cast

from django.core.files.storage import Storage
from django.db.models.fields.files import FieldFile

# S3 deletes and lists so many at a time.
AT_ONCE = 1000
# A signed address that is good for longer is the same for so long, so that browsers and proxies find what they keep.
STABLE_SECONDS = 3600


class MediaUnavailable(OSError):
    """The storage does not answer, or refuses: this may pass. A file that is not there is a FileNotFoundError."""


@dataclass(frozen=True)
class StoredFile:
    """A file as a listing has it."""

    name: str
    size_bytes: int
    modified_at: datetime


class Store(Protocol):
    """A storage; everything may raise MediaUnavailable, and what reads raises FileNotFoundError."""

    def stream(self, name: str, start: int = 0) -> IO[bytes]:
        """Return the file to be read in blocks from this byte on, at constant memory."""

    def fetch(self, name: str, folder: Path) -> Path:
        """Return a path with the file's content for reading: its own, or that of a copy in `folder`."""

    def take(self, path: Path, name: str, content_type: str, keep: Callable[[], None] = lambda: None) -> None:
        """Store the file at `path`, which is moved if it can be; `keep` is called in between, and may raise."""

    def size(self, name: str) -> int:
        """Return the file's size in bytes, without reading it."""

    def exists(self, name: str) -> bool:
        """Return whether the file is there, without reading it."""

    def address(self, name: str, seconds: int, *, download_as: str = "", method: str = "GET") -> str:
        """Return where anyone may get the file for so long; empty if only this app hands it out.

        Requests within the same hour get the same address for the same arguments, unless it is for less than that.
        """

    def create(self, name: str, text: str) -> None:
        """Write a small file; raise FileExistsError, and change nothing, if there is one."""

    def delete(self, name: str) -> None:
        """Delete the file, if it is there."""

    def delete_many(self, names: Iterable[str]) -> None:
        """Delete these files, those that are there."""

    def listed(self, folder: str = "") -> Iterator[StoredFile]:
        """Yield the files in the folder and below, in no particular order."""


def batches(names: Iterable[str]) -> Iterator[list[str]]:
    """Yield the names, as many at a time as S3 deletes in one request."""
    rest = iter(names)
    while batch := list(islice(rest, AT_ONCE)):
        yield batch


def store_of(stored: FieldFile | Storage) -> Store:
    """Return the store of a model's file, or a storage of ours as what it is."""
    return cast(Store, stored.storage if isinstance(stored, FieldFile) else stored)
