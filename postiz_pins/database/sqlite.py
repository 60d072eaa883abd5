"""SQLite's connections, which can be read on a disk that is full or read-only.

In WAL mode each connection needs the files -wal and -shm, which SQLite removes with the last one and cannot make again
there. What has been written into the database by then is whole, and can be read as it is."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

# SQLite's words when it can make no file, and no room in one.
NO_ROOM = ("unable to open database file", "disk is full", "disk I/O error", "readonly database")


class Connection(sqlite3.Connection):
    """In WAL mode with NORMAL synchronisation; if that needs files that cannot be made, unchangeable."""

    def __init__(self, database: str, *args: Any, **options: Any) -> None:
        super().__init__(database, *args, **options)
        try:
            self.execute("PRAGMA journal_mode=WAL")
            self.execute("PRAGMA synchronous=NORMAL")
            self.execute("SELECT 1 FROM sqlite_master LIMIT 1")
        except sqlite3.OperationalError as error:
            if not any(words in str(error) for words in NO_ROOM) or not _is_whole(database):
                raise
            self.close()
            # Nobody can change it now, so that SQLite need not watch out for it.
            super().__init__(f"{_address(database)}?mode=ro&immutable=1", *args, **options | {"uri": True})


def _is_whole(database: str) -> bool:
    """Whether all that was committed is in the file itself. Temporary and missing databases have no file."""
    path = _path(database)
    journals = (path.with_name(path.name + suffix) for suffix in ("-wal", "-journal"))
    return path.is_file() and not any(journal.exists() and journal.stat().st_size for journal in journals)


def _address(database: str) -> str:
    return f"file:{quote(str(_path(database)))}"


def _path(database: str) -> Path:
    return Path(str(database).removeprefix("file:").partition("?")[0])
