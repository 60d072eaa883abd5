"""Media from one place to another: into a backup and back, and between a folder and a bucket (`move_media`)."""

from __future__ import annotations

import hashlib
import mimetypes
import os
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from django.conf import settings
from django.core.files.storage import default_storage

from accounts.models import Export
from pins.models import MediaFile
from postiz_pins.storage.base import Store, store_of

# What was being uploaded; an upload cannot be continued.
UNFINISHED = "incoming"
BLOCK_BYTES = 1024**2
# Most files are small, and each waits for answers.
AT_ONCE = 8


def copy_out(folder: Path) -> None:
    """Add the files of the library that are not in the folder yet: by hard links on the same disk.

    No media file is ever changed.
    """
    if settings.S3_BUCKET:
        _download_to(folder)
    else:
        _link(Path(settings.MEDIA_ROOT), folder)


def put_back(folder: Path) -> None:
    """Add the folder's files to the library's."""
    if not settings.S3_BUCKET:
        _link(folder, Path(settings.MEDIA_ROOT))
        return
    store = store_of(default_storage)
    stored = {each.name for each in store.listed()}
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        if name not in stored:
            store.take(path, name, mimetypes.guess_type(name)[0] or "application/octet-stream")


def missing_media() -> int:
    """Return how many media files of the library have no file."""
    stored = {each.name for each in store_of(default_storage).listed()}
    names = MediaFile.objects.filter(deleted_at=None).values_list("file", flat=True)
    return sum(name not in stored for name in names.iterator())


def _download_to(folder: Path) -> None:
    store = store_of(default_storage)
    for each in store.listed():
        copy = folder / each.name
        if copy.exists():
            continue
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = copy.with_name(f".{copy.name}.partial")
        try:
            with store.stream(each.name) as source, partial.open("wb") as file:
                shutil.copyfileobj(source, file, BLOCK_BYTES)
        except FileNotFoundError:
            partial.unlink(missing_ok=True)  # deleted a moment ago
            continue
        partial.replace(copy)


def _link(source: Path, target: Path) -> None:
    for path in _files(source):
        copy = target / path.relative_to(source)
        if copy.exists():
            continue
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            os.link(path, copy)
        except FileNotFoundError:
            continue  # deleted a moment ago
        except OSError:
            # Not in one step: a copy that was cut off would be taken for whole by the next look.
            partial = copy.with_name(f".{copy.name}.partial")
            shutil.copy2(path, partial)
            partial.replace(copy)


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        if Path(parent) == folder and UNFINISHED in folders:
            folders.remove(UNFINISHED)
        yield from (Path(parent) / name for name in names)


@dataclass
class Moved:
    """What came of a move."""

    copied: int = 0
    there_before: int = 0
    missing: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Wanted:
    name: str
    content_type: str


def move(source: Store, target: Store, source_exports: Store, target_exports: Store) -> Iterator[Moved]:
    """Copy all media and exports that are not in the target yet, and compare each copy; yield now and then.

    The source keeps its files. What is cut off is continued by the next call.

    Raises:
        MediaUnavailable: A storage does not answer.
    """
    moved = Moved()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for wanted, places in ((_media(), (source, target)), (_exports(), (source_exports, target_exports))):
            for batch in _batched(wanted):
                for each, state in zip(batch, threads.map(lambda each, p=places: _copy(each, *p), batch), strict=True):
                    _count(moved, each, state)
                yield moved


def _media() -> Iterator[_Wanted]:
    rows = MediaFile.objects.order_by("pk").values_list("file", "thumbnail", "content_type", "deleted_at")
    for file, thumbnail, content_type, deleted_at in rows.iterator():
        if deleted_at is None:
            yield _Wanted(file, content_type)
        yield _Wanted(thumbnail, "image/jpeg")


def _exports() -> Iterator[_Wanted]:
    for name in Export.objects.exclude(file="").values_list("file", flat=True).iterator():
        yield _Wanted(name, "application/zip")


def _batched(wanted: Iterable[_Wanted]) -> Iterator[list[_Wanted]]:
    batch: list[_Wanted] = []
    for each in wanted:
        batch.append(each)
        if len(batch) == AT_ONCE * 16:
            yield batch
            batch = []
    if batch:
        yield batch


def _copy(wanted: _Wanted, source: Store, target: Store) -> str:
    """Return "there", "copied", "missing" or "damaged"."""
    there = _size(target, wanted.name)
    size_bytes = _size(source, wanted.name)
    if size_bytes is None:
        return "missing" if there is None else "there"
    if there == size_bytes:
        return "there"
    if there is not None:
        target.delete(wanted.name)  # it was cut off
    with TemporaryDirectory(dir=_work_folder()) as folder:
        path = source.fetch(wanted.name, Path(folder))
        with path.open("rb") as file:
            expected = _digest(file)
        target.take(path, wanted.name, wanted.content_type)
    with target.stream(wanted.name) as file:
        if _digest(file) == expected:
            return "copied"
    target.delete(wanted.name)
    return "damaged"


def _count(moved: Moved, wanted: _Wanted, state: str) -> None:
    match state:
        case "copied":
            moved.copied += 1
        case "there":
            moved.there_before += 1
        case "missing":
            moved.missing.append(wanted.name)
        case _:
            moved.damaged.append(wanted.name)


def _size(store: Store, name: str) -> int | None:
    try:
        return store.size(name)
    except FileNotFoundError:
        return None


def _digest(file: IO[bytes]) -> bytes:
    digest = hashlib.sha256()
    while block := file.read(BLOCK_BYTES):
        digest.update(block)
    return digest.digest()


def _work_folder() -> Path:
    """Return a folder on the disk of the media, so that what is fetched becomes a file of theirs by renaming."""
    folder = Path(settings.MEDIA_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
