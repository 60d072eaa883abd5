"""A folder as a storage."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

from .base import StoredFile


class FileOnDisk(File):
    """A file that Django's storage takes by renaming it, as it does with uploads."""

    def temporary_file_path(self) -> str:
        """Return its path."""
        return str(self.name)


class FolderStorage(FileSystemStorage):
    """Files on this machine, or on a disk that all machines mount."""

    def stream(self, name: str, start: int = 0) -> IO[bytes]:
        """Return the open file, at this byte."""
        file = Path(self.path(name)).open("rb")  # noqa: SIM115  the caller closes it
        file.seek(start)
        return file

    def fetch(self, name: str, folder: Path) -> Path:
        """Return the file's own path."""
        path = Path(self.path(name))
        if not path.is_file():
            path.stat()  # raises what is wrong with it
            raise FileNotFoundError(name)
        return path

    def take(self, path: Path, name: str, content_type: str, keep: Callable[[], None] = lambda: None) -> None:
        """Rename the file, or copy it from another disk."""
        with FileOnDisk(path.open("rb")) as file:
            super()._save(name, file)  # type: ignore[misc]  # Django's, of which the stubs know nothing

    def address(self, name: str, seconds: int, *, download_as: str = "", method: str = "GET") -> str:
        """Return none: a view of ours has to hand it out."""
        return ""

    def create(self, name: str, text: str) -> None:
        """Write the file as a whole, or not at all."""
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.") as file:
            _fill(file, text)
            try:
                os.link(file.name, path)
            except FileExistsError:
                raise
            except OSError:  # CIFS, exFAT and others have no hard links
                with path.open("x") as whole:
                    _fill(whole, text)

    def delete_many(self, names: Iterable[str]) -> None:
        """Delete one after the other."""
        for name in names:
            self.delete(name)

    def listed(self, folder: str = "") -> Iterator[StoredFile]:
        """Yield the files in the folder and below; nothing if there is none."""
        root = Path(self.path(""))
        for parent, _, names in os.walk(root / folder):
            for path in (Path(parent) / name for name in names):
                try:
                    found = path.stat()
                except FileNotFoundError:  # deleted a moment ago
                    continue
                modified_at = datetime.fromtimestamp(found.st_mtime, UTC)
                yield StoredFile(path.relative_to(root).as_posix(), found.st_size, modified_at)


def _fill(file: IO[str], text: str) -> None:
    file.write(text)
    file.flush()
    os.fsync(file.fileno())
