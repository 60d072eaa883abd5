"""SQLite's connections, which can be read on a disk that is full or read-only.

In WAL mode each connection needs the files -wal and -shm, which SQLite removes with the last one and cannot make again
there. What has been written into the database by then is whole, and can be read as it is.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

# SQLite's words when it can make no file, and no room in one.
NO_ROOM = ("unable to open database file", "disk is full", "disk I/O error", "readonly database")

KEPT_SECONDS = 10

# What SQLite takes in one statement since 3.32; Django reckons with the 999 of older ones.
MOST_PARAMETERS = 32_766


def keep_connections() -> None:
    """Let connections of this process outlive a look at the database: opening SQLite's takes longer than the look.

    A web process should not: its connection to a full disk would stay unchangeable for a while.
    """
    for database in connections.settings.values():
        database["CONN_MAX_AGE"] = database["CONN_MAX_AGE"] or KEPT_SECONDS


def allow_parameters(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Let Django put as many rows into a statement as the new connection allows: a receiver of `connection_created`."""
    if connection.vendor == "sqlite":
        allowed = connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
        connection.features.max_query_params = min(allowed, MOST_PARAMETERS)


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
            # It cannot be changed now, so that SQLite need not watch out for it.
            super().__init__(f"{_address(database)}?mode=ro&immutable=1", *args, **options | {"uri": True})


def _is_whole(database: str) -> bool:
    """Return whether all that was committed is in the file itself. Temporary and missing databases have no file."""
    path = _path(database)
    journals = (path.with_name(path.name + suffix) for suffix in ("-wal", "-journal"))
    return path.is_file() and not any(journal.exists() and journal.stat().st_size for journal in journals)


def _address(database: str) -> str:
    return f"file:{quote(str(_path(database)))}"


def _path(database: str) -> Path:
    return Path(str(database).removeprefix("file:").partition("?")[0])
