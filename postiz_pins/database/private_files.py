"""The database, the keys and the data folder are for their owner only, also those of an installation of before."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from django.conf import settings

FOLDER_MODE, FILE_MODE = 0o700, 0o600


def keep_private() -> None:
    """Create SQLite's file if there is none, and take all rights of others; foreign files stay as they are."""
    paths = [settings.DATA_DIR / "secrets.env", settings.DATA_DIR / "sandbox.sqlite3"]
    database = settings.DATABASES["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        path = Path(database["NAME"])
        with suppress(OSError):  # what opens the database says what is wrong
            # SQLite gives its journals the mode of the file, so that decides while they do not exist.
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE))
        paths.append(path)
    _tighten(settings.DATA_DIR, FOLDER_MODE)
    for path in paths:
        for suffix in ("", "-wal", "-shm", "-journal"):
            _tighten(path.with_name(path.name + suffix), FILE_MODE)


def _tighten(path: Path, mode: int) -> None:
    with suppress(OSError):
        current_mode = stat.S_IMODE(path.stat().st_mode)
        # A folder like /tmp belongs to everybody.
        if current_mode & ~mode and not current_mode & stat.S_ISVTX:
            path.chmod(current_mode & mode)
