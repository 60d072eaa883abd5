"""What the app needs before it can work: its database, migrated, its cache and queue, and its media folder.

Processes that start early wait for them (`wait`); /readyz lists them (health.py).
"""

from __future__ import annotations

import functools
import logging
import uuid
from collections.abc import Callable

from django.core.cache import cache
from django.core.management.base import CommandError
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from redis.exceptions import RedisError

from pins.media import folder as media_folder

from . import stopping

log = logging.getLogger(__name__)

TRY_AGAIN_SECONDS = 1.0


class NotReady(Exception):
    """Something is missing that may come by itself; the message is a sentence for operators, without secrets."""


def check_database() -> None:
    """Raise NotReady if the database does not answer."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        raise NotReady(f"The database does not answer ({type(error).__name__}).") from error


def check_migrations() -> None:
    """Raise NotReady if a migration of this code has not been applied."""
    try:
        missing = _known_migrations() - set(MigrationRecorder(connection).applied_migrations())
    except DatabaseError as error:
        raise NotReady(f"The database does not answer ({type(error).__name__}).") from error
    if missing:
        raise NotReady(f"{len(missing)} migrations have not been applied: run python manage.py migrate")


@functools.cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations)


def check_cache() -> None:
    """Raise NotReady if Redis, where it is used as cache and queue, does not answer."""
    key, value = f"ready-{uuid.uuid4()}", "yes"
    try:
        cache.set(key, value, 10)
        stored = cache.get(key)
        cache.delete(key)
    except (DatabaseError, RedisError, OSError) as error:
        raise NotReady(f"The cache does not answer ({type(error).__name__}).") from error
    if stored != value:
        raise NotReady("The cache does not keep anything.")


def check_media() -> None:
    """Raise NotReady if the media folder is another database's, or cannot be used."""
    try:
        media_folder.check()
    except media_folder.WrongFolder as error:
        log.warning("%s", error)  # with the path, which is not for everybody who may ask /readyz
        raise NotReady("The media folder is not the one of this database.") from error
    except OSError as error:
        raise NotReady(media_folder_fails(error)) from error
    except DatabaseError as error:
        raise NotReady(f"The database does not answer ({type(error).__name__}).") from error


CHECKS: dict[str, Callable[[], None]] = {
    "database": check_database,
    "migrations": check_migrations,
    "cache": check_cache,
    "media": check_media,
}


def wait() -> None:
    """Wait until all is there, or this process is asked to stop, and log what is missing when that changes.

    Raises CommandError if the media folder is another's: waiting would not help.
    """
    reported = ""
    while not stopping.is_requested():
        missing = _missing()
        if not missing:
            return
        if missing != reported:
            log.warning("%s Waiting.", missing)
            reported = missing
        stopping.wait(TRY_AGAIN_SECONDS)


def require_media_folder() -> None:
    """Refuse a media folder of another database.

    A database or a disk that is away decides nothing. Raises WrongFolder.
    """
    try:
        media_folder.require()
    except DatabaseError:
        log.warning("The database does not answer, so the media folder was not checked.")
    except OSError as error:
        log.warning("%s Until then, /readyz reports it.", media_folder_fails(error))
    finally:
        connection.close()


def _missing() -> str:
    try:
        for check in (check_database, check_migrations, check_cache):
            check()
        media_folder.require()
    except NotReady as missing:
        connection.close()
        return str(missing)
    except DatabaseError as error:
        connection.close()
        return f"The database does not answer ({type(error).__name__})."
    except OSError as error:
        connection.close()
        return media_folder_fails(error)
    except media_folder.WrongFolder as error:
        raise CommandError(str(error)) from error
    return ""


def media_folder_fails(error: OSError) -> str:
    """Return a sentence about a folder that cannot be used."""
    return f"The media folder cannot be used: {error.strerror}."
