"""A backup of everything worth keeping in one directory, and its way back: `manage.py backup` and `restore`.

A backup holds the database (database.sqlite3, or database.dump by pg_dump), the keys (keys.env), the media files, and
manifest.json, which is written last: a directory without it is no backup.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.backends.postgresql.client import DatabaseClient
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from accounts.models import PinterestAccount, User, Workspace
from pins.models import MediaFile, Pin, RunningProcess
from postiz_pins.user_agent import VERSION

from . import media_copies, status

MANIFEST, KEYS, MEDIA = "manifest.json", "keys.env", "media"
DATABASE = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
COUNTED = {"users": User, "workspaces": Workspace, "accounts": PinterestAccount, "pins": Pin, "media": MediaFile}


class BackupFailed(Exception):
    """Nothing usable was written, or nothing was restored; the message says why and what to do."""


@dataclass(frozen=True)
class Manifest:
    """What a backup holds."""

    version: str
    created_at: str
    database: str
    # "app.name" of all that had been applied.
    migrations: list[str]
    # Rows of the main tables.
    counts: dict[str, int]


def write_backup(folder: Path, *, with_media: bool = True) -> Manifest:
    """Write a backup to a directory that does not exist yet, or is empty. The app may run meanwhile.

    Args:
        folder: The directory.
        with_media: Whether the media files are backed up, too, and not by other means.

    Raises:
        BackupFailed: The directory holds something, or a program has failed.
        OSError: The disk cannot be written.
    """
    _make_private(folder)
    if with_media:
        media_copies.copy_out(folder / MEDIA)
    manifest = _dump_postgresql(folder) if connection.vendor == "postgresql" else _dump_sqlite(folder)
    # Files that were deleted since are there from before; those that arrived meanwhile, and whose rows are in the dump:
    if with_media:
        media_copies.copy_out(folder / MEDIA)
    _write_keys(folder / KEYS)
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=2) + "\n")
    return manifest


def restore_backup(folder: Path, *, replace: bool) -> Manifest:
    """Put the backup in the place of this installation's database, and its media files beside those that are there.

    A backup of an older version is migrated. Pins that came due since are looked for on their boards before anything
    is sent (pins/publishing/heartbeats.py).

    Args:
        replace: Whether a database that holds users may be overwritten.

    Raises:
        BackupFailed: The backup does not fit, processes run, or a program has failed.
        OSError: A file cannot be read or written.
    """
    manifest = _read_manifest(folder)
    _require_that_it_fits(folder, manifest)
    _require_that_it_may_be_replaced(replace)
    if connection.vendor == "postgresql":
        _load_postgresql(folder)
    else:
        _load_sqlite(folder)
    found = _counts()
    if found != manifest.counts:
        raise BackupFailed(f"The restored tables hold {found}, but the backup says {manifest.counts}.")
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    if RunningProcess._meta.db_table in connection.introspection.table_names():
        RunningProcess.objects.all().delete()  # they ran when the backup was made
    media_copies.put_back(folder / MEDIA)
    return manifest


def _make_private(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise BackupFailed(f"{folder} is not empty. Choose a new directory for each backup.")
    folder.chmod(0o700)


def _manifest(created_at: datetime, counts: dict[str, int]) -> Manifest:
    applied = sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())
    return Manifest(VERSION, created_at.isoformat(), connection.vendor, applied, counts)


def _counts() -> dict[str, int]:
    return {name: model._base_manager.count() for name, model in COUNTED.items()}


def _dump_sqlite(folder: Path) -> Manifest:
    """Copy the database page by page, as it is at one moment, and count in the copy."""
    now = timezone.now()
    connection.ensure_connection()
    with closing(sqlite3.connect(_private_file(folder / DATABASE["sqlite"]))) as copy:
        connection.connection.backup(copy)
        tables = {name: model._meta.db_table for name, model in COUNTED.items()}
        counts = {
            name: copy.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # noqa: S608  our own tables' names
            for name, table in tables.items()
        }
    return _manifest(now, counts)


def _load_sqlite(folder: Path) -> None:
    connection.ensure_connection()
    with closing(sqlite3.connect(f"file:{folder / DATABASE['sqlite']}?mode=ro", uri=True)) as copy:
        copy.backup(connection.connection)


def _dump_postgresql(folder: Path) -> Manifest:
    """Have pg_dump write what is counted here: both see the same snapshot."""
    now = timezone.now()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SELECT pg_export_snapshot()")
            snapshot = cursor.fetchone()[0]
        options = [f"--file={_private_file(folder / DATABASE['postgresql'])}", "--format=custom", "--no-owner"]
        _run("pg_dump", *options, "--no-privileges", f"--snapshot={snapshot}")
        return _manifest(now, _counts())


def _load_postgresql(folder: Path) -> None:
    """Replace all tables in one transaction: if anything fails, those that are there stay."""
    _require_programs("pg_restore", "psql")
    quoted = ", ".join(connection.ops.quote_name(name) for name in connection.introspection.table_names())
    connection.close()
    # Also those that the backup does not have, as a newer version has made them.
    commands = ["BEGIN", f"DROP TABLE {quoted} CASCADE"] if quoted else ["BEGIN"]
    command, environment = _client("psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1")
    command += [*(f"--command={each}" for each in commands), "--file=-"]
    with subprocess.Popen(  # noqa: S603  PostgreSQL's own program
        command,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as psql:
        dump = str(folder / DATABASE["postgresql"])
        reading = subprocess.run(  # noqa: S603
            ["pg_restore", "--file=-", "--no-owner", "--no-privileges", dump],  # noqa: S607
            stdout=psql.stdin,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        # psql would take the end of a damaged dump for its end; without COMMIT it rolls back.
        _, errors = psql.communicate("" if reading.returncode else "COMMIT;\n")
    if reading.returncode or psql.returncode:
        said = " ".join(f"{reading.stderr}\n{errors}".split())
        raise BackupFailed(f"pg_restore or psql failed, and the database is as it was before: {said}")


def _run(program: str, *options: str) -> None:
    """Run one of PostgreSQL's programs on our database."""
    _require_programs(program)
    command, environment = _client(program, *options)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise BackupFailed(f"{program} failed: {done.stderr.strip()}")


def _require_programs(*names: str) -> None:
    missing = [name for name in names if shutil.which(name) is None]
    if missing:
        raise BackupFailed(f"{' and '.join(missing)} not found. On Debian: apt-get install postgresql-client")


def _client(program: str, *options: str) -> tuple[list[str], dict[str, str]]:
    """Return the command for our database, and its environment: the password goes by that."""
    (_, *address, name), environment = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    return [program, *address, f"--dbname={name}", *options], os.environ | (environment or {})


def _write_keys(path: Path) -> None:
    keys = {"SECRET_KEY": settings.SECRET_KEY, "TOKEN_ENCRYPTION_KEYS": ",".join(settings.TOKEN_ENCRYPTION_KEYS)}
    Path(_private_file(path)).write_text("".join(f"{name}={value}\n" for name, value in keys.items()))


def _private_file(path: Path) -> str:
    """Create the file for its owner only, before anything is written to it."""
    path.touch(mode=0o600)
    return str(path)


def _read_manifest(folder: Path) -> Manifest:
    try:
        fields: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        return Manifest(**fields)
    except (FileNotFoundError, NotADirectoryError, ValueError, TypeError) as error:
        raise BackupFailed(f"{folder} is not a complete backup: its {MANIFEST} is missing or damaged.") from error


def _require_that_it_fits(folder: Path, manifest: Manifest) -> None:
    if manifest.database != connection.vendor:
        raise BackupFailed(f"The backup is of {manifest.database}, but DATABASE_URL is of {connection.vendor}.")
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if set(manifest.migrations) - known:
        raise BackupFailed(
            f"The backup was made by a newer version ({manifest.version}; this is {VERSION}). Install that version"
            " first."
        )
    kept = dict(line.split("=", 1) for line in (folder / KEYS).read_text().splitlines())
    if set(kept["TOKEN_ENCRYPTION_KEYS"].split(",")) - set(settings.TOKEN_ENCRYPTION_KEYS):
        raise BackupFailed(
            f"TOKEN_ENCRYPTION_KEYS lacks keys of the backup, without which all Pinterest accounts would have to be"
            f" reconnected. Add those in {folder / KEYS} to your environment or to {settings.DATA_DIR / 'secrets.env'}."
        )


def _require_that_it_may_be_replaced(replace: bool) -> None:
    tables = set(connection.introspection.table_names())
    if RunningProcess._meta.db_table in tables:
        running = status.processes(timezone.now()).running
        if running:
            names = ", ".join(str(process) for process in running)
            raise BackupFailed(f"Stop all processes first: {names}. One that was killed is forgotten after 30 seconds.")
    if not replace and User._meta.db_table in tables and User.objects.exists():
        raise BackupFailed("The database holds users. To replace all that it holds, add --replace.")
