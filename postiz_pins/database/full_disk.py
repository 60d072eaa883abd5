"""How a full disk, or one that is read-only, is recognised."""

from __future__ import annotations

import errno

from django.db import DatabaseError

ERRNOS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
# SQLite's words, and PostgreSQL's codes (disk_full, read_only_sql_transaction).
SQLITE_WORDS = ("disk is full", "readonly database", "disk i/o error")
POSTGRES_CODES = ("53100", "25006")


def is_full_disk(error: BaseException | None) -> bool:
    """Return whether the error, or what it comes from, says that nothing can be written."""
    while error is not None:
        if isinstance(error, DatabaseError) and any(words in str(error).lower() for words in SQLITE_WORDS):
            return True
        if getattr(error, "sqlstate", None) in POSTGRES_CODES:
            return True
        if isinstance(error, OSError) and error.errno in ERRNOS:
            return True
        error = error.__cause__ or error.__context__
    return False
