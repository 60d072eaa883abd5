"""What the sandbox remembers: one SQLite file, plain sqlite3, shared by all threads under one lock."""

import hashlib
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, username TEXT UNIQUE NOT NULL,
    account_type TEXT NOT NULL, business_name TEXT, about TEXT NOT NULL, website_url TEXT NOT NULL,
    picture_id TEXT NOT NULL, follower_count INTEGER NOT NULL, monthly_views INTEGER NOT NULL,
    created_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS boards (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name TEXT NOT NULL, description TEXT NOT NULL, privacy TEXT NOT NULL, created_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS boards_by_account ON boards (account_id, seq);
CREATE TABLE IF NOT EXISTS sections (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL,
    board_id TEXT NOT NULL REFERENCES boards (id) ON DELETE CASCADE, name TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS sections_by_board ON sections (board_id, seq);
CREATE TABLE IF NOT EXISTS pins (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    board_id TEXT NOT NULL REFERENCES boards (id) ON DELETE CASCADE, section_id TEXT,
    title TEXT, description TEXT, link TEXT, alt_text TEXT, dominant_color TEXT,
    media_type TEXT NOT NULL, items TEXT NOT NULL, created_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS pins_by_board ON pins (board_id, created_at, seq);
CREATE INDEX IF NOT EXISTS pins_by_account ON pins (account_id, created_at, seq);
CREATE TABLE IF NOT EXISTS pictures (
    id TEXT PRIMARY KEY, content_type TEXT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL,
    content BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS media (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    upload_key TEXT UNIQUE NOT NULL, policy TEXT NOT NULL, uploaded_at REAL, is_video INTEGER,
    size_bytes INTEGER, sha256 TEXT
);
CREATE TABLE IF NOT EXISTS codes (
    code TEXT PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    redirect_uri TEXT NOT NULL, scope TEXT NOT NULL, expires_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS tokens (
    access_token TEXT PRIMARY KEY, access_expires_at REAL NOT NULL,
    refresh_token TEXT UNIQUE NOT NULL, refresh_expires_at REAL NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE, scope TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS options (name TEXT PRIMARY KEY, value REAL NOT NULL);
"""
TABLES = ("tokens", "codes", "media", "pins", "sections", "boards", "accounts", "pictures", "options")


class Store:
    """One connection behind one lock: at a sandbox's load, waiting in turn is simpler than SQLite's retries."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None

    def open(self, path: Path) -> None:
        """Open the database, created if need be."""
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.executescript(SCHEMA)
        self._connection = connection

    def close(self) -> None:
        """Close the database for good: a request that is still being served waits until the process ends."""
        # The lock is kept: a request that is still being served waits here until the process ends.
        self._lock.acquire()
        if self._connection is not None:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection in a transaction: committed at the end, rolled back on any exception."""
        with self._lock:
            if self._connection is None:
                raise RuntimeError("The sandbox's state is not open.")
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")


store = Store()


def is_empty(db: sqlite3.Connection) -> bool:
    """Return whether there are no accounts."""
    return db.execute("SELECT 1 FROM accounts LIMIT 1").fetchone() is None


def clear(db: sqlite3.Connection) -> None:
    """Delete all rows."""
    for table in TABLES:
        db.execute(f"DELETE FROM {table}")  # noqa: S608  the names above, not input


def option(db: sqlite3.Connection, name: str, default: float) -> float:
    """Return the value of an option."""
    row = db.execute("SELECT value FROM options WHERE name = ?", (name,)).fetchone()
    return default if row is None else float(row["value"])


def set_option(db: sqlite3.Connection, name: str, value: float) -> None:
    """Store the value of an option."""
    db.execute("INSERT OR REPLACE INTO options VALUES (?, ?)", (name, value))


def is_business(db: sqlite3.Connection, account_id: str) -> bool:
    """Return whether the account is a business account, which alone has analytics."""
    row = db.execute("SELECT account_type FROM accounts WHERE id = ?", (account_id,)).fetchone()
    return row is not None and row["account_type"] == "BUSINESS"


def new_id() -> str:
    """Return 18 digits, like Pinterest's."""
    return str(10**17 + secrets.randbelow(9 * 10**17))


def stable_id(*parts: str) -> str:
    """Return 18 digits that are the same for the same parts, so that the demo keeps its ids over a reset."""
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return str(10**17 + int(digest, 16) % (9 * 10**17))


def now() -> float:
    """Return the time in seconds since 1970."""
    return time.time()


def iso(moment: float) -> str:
    """Return UTC without a zone, in whole seconds, as Pinterest writes `created_at`."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S")
