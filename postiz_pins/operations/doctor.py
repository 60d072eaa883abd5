"""`manage.py doctor`: is this installation set up well? A line for each check, with what to do about what fails."""

from __future__ import annotations

import shutil
import smtplib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.mail import get_connection
from django.db import Error as DatabaseError
from django.db import connection
from django.utils import timezone
from redis.exceptions import RedisError

from accounts.models import PinterestAccount
from pins.media.uploads import incoming_folder
from postiz_pins import queueing
from postiz_pins.common import encryption
from postiz_pins.pinterest import oauth, server_clock
from postiz_pins.pinterest.errors import AuthenticationFailed, PinterestClientError, PinterestError
from postiz_pins.runtime import readiness

from . import proxy_probe, status

GB = 1024**3
# Exports leave so much free (accounts/exports), and SQLite and uploads need some to go on.
LEAST_FREE_BYTES = GB // 2
LITTLE_FREE_BYTES = 5 * GB
# More than nginx lets through as it comes, and Caddy's and Apache's limits are higher.
BODY_BYTES = 3 * 1024 * 1024
# By how much pins would be published too early or too late, and by how much boards are searched in vain.
NOTICEABLE_DRIFT, HARMFUL_DRIFT = timedelta(seconds=5), timedelta(seconds=60)
KEYS_TRIED = 1000
# "Authentication failed.": of the app, where no token is sent. A code that is none has another.
CODE_OF_UNKNOWN_APP = 2


class Failed(Exception):
    """The check has failed; the message says what is wrong and what to do."""


class Doubtful(Exception):
    """It works, but not well; the message says what to do."""


class NotUsed(Exception):
    """There is nothing to check; the message says why."""


@dataclass(frozen=True)
class Finding:
    """What came of one check."""

    name: str
    # "ok", "skip", "warn" or "FAIL"
    result: str
    text: str


def examine() -> list[Finding]:
    """Return what each check has found, in the order in which to mend it."""
    return [_finding(name, check) for name, check in CHECKS.items()]


def _finding(name: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(name, "ok", check())
    except NotUsed as reason:
        return Finding(name, "skip", str(reason))
    except Doubtful as problem:
        return Finding(name, "warn", str(problem))
    except (Failed, readiness.NotReady, proxy_probe.ProbeFailed) as problem:
        return Finding(name, "FAIL", str(problem))
    except DatabaseError as error:
        return Finding(name, "FAIL", f"The database does not answer ({type(error).__name__}). Check DATABASE_URL.")


def check_database() -> str:
    """Check that the database answers."""
    readiness.check_database()
    if connection.vendor == "sqlite":
        return "SQLite"
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return f"PostgreSQL {cursor.fetchone()[0]}"


def check_migrations() -> str:
    """Check that all migrations have been applied."""
    readiness.check_migrations()
    return "all applied"


def check_connections() -> str:
    """Check that the database server has connections left."""
    if connection.vendor != "postgresql":
        raise NotUsed("only PostgreSQL has a limit")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), current_setting('max_connections')::int FROM pg_stat_activity")
        used, limit = cursor.fetchone()
    text = f"{used} of {limit} connections in use"
    if used > limit * 0.7:
        raise Doubtful(f"{text}. Raise max_connections, or run fewer web threads and workers.")
    return text


def check_broker() -> str:
    """Check that a message comes back from the queue."""
    try:
        came_back = queueing.makes_a_round_trip()
    except (RedisError, OSError) as error:
        raise Failed(
            f"The queue does not answer ({type(error).__name__}). Check REDIS_URL and that Redis runs."
        ) from error
    if not came_back:
        raise Failed("A message did not come back. Check that Redis may write (maxmemory, disk).")
    return queueing.broker_name()


def check_cache() -> str:
    """Check that the cache keeps what it is given."""
    readiness.check_cache()
    return "Redis" if settings.REDIS_URL else "database"


def check_media() -> str:
    """Check that the media folder is this database's, can be written, and has room."""
    readiness.check_media()
    folder = incoming_folder() if settings.S3_BUCKET else settings.MEDIA_ROOT
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
    except OSError as error:
        name = "UPLOAD_ROOT" if settings.S3_BUCKET else "MEDIA_ROOT"
        raise Failed(f"Files cannot be written to {name}: {error.strerror}. Check its owner and the disk.") from error
    free_bytes = shutil.disk_usage(folder).free
    text = f"{free_bytes / GB:.1f} GB free"
    if free_bytes < LEAST_FREE_BYTES:
        raise Failed(f"{text}. Make room, or uploads and exports are refused.")
    if free_bytes < LITTLE_FREE_BYTES:
        raise Doubtful(f"{text}. A single video may take 2 GB.")
    return text


def check_bucket() -> str:
    """Check that the bucket does what it has to (manage.py setup_s3)."""
    if not settings.S3_BUCKET:
        raise NotUsed("S3_BUCKET is not set, so media are in MEDIA_ROOT")
    from postiz_pins.storage import self_test  # only where its packages are installed

    for name, problem in self_test.run():
        if problem:
            raise Failed(f"{name}: {problem}")
    return f"{settings.S3_BUCKET} passed the self-test"


def check_keys() -> str:
    """Check that TOKEN_ENCRYPTION_KEYS open what is stored."""
    stored = PinterestAccount.objects.exclude(access_token_encrypted="").order_by("-pk")
    tokens = list(stored.values_list("access_token_encrypted", flat=True)[:KEYS_TRIED])
    if not tokens:
        raise NotUsed("no Pinterest account is connected yet")
    closed = 0
    for token in tokens:
        try:
            encryption.decrypt(token)
        except encryption.KeyMissing:
            closed += 1
    if closed:
        raise Failed(
            f"{closed} of {len(tokens)} stored tokens cannot be decrypted. Add the key that encrypted them to"
            " TOKEN_ENCRYPTION_KEYS, or reconnect the accounts."
        )
    return f"{len(tokens)} stored tokens can be decrypted"


def check_email() -> str:
    """Check that the mail server accepts the login."""
    if not settings.EMAIL_HOST or not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        raise NotUsed("EMAIL_URL is not set to a mail server, so no email is sent")
    server = get_connection()
    try:
        server.open()
    except smtplib.SMTPAuthenticationError as error:
        raise Failed("The mail server refuses the login. Check user and password in EMAIL_URL.") from error
    except (smtplib.SMTPException, OSError) as error:
        raise Failed(
            f"The mail server does not answer ({type(error).__name__}). Check host, port and smtp+tls or smtp+ssl in"
            " EMAIL_URL."
        ) from error
    finally:
        server.close()
    return f"signed in at {settings.EMAIL_HOST}"


def check_public_url() -> str:
    """Check that PUBLIC_URL leads here, with the visitor's address."""
    arrived = proxy_probe.send(0)
    if settings.IS_HTTPS and not arrived.has_address:
        raise Failed(
            "The proxy does not send X-Forwarded-For with the visitor's address, so all visitors share one sign-in"
            " limit. Let it set that header, or correct TRUSTED_PROXY_COUNT."
        )
    return f"{settings.PUBLIC_URL} leads here, and this machine is {arrived.address}"


def check_body() -> str:
    """Check that the proxy lets uploads pass."""
    arrived = proxy_probe.send(BODY_BYTES)
    if arrived.size_bytes != BODY_BYTES:
        raise Failed(f"Of 3 MB, {arrived.size_bytes} bytes arrived. Check the proxy's limits on bodies.")
    return "3 MB arrived"


def check_pinterest() -> str:
    """Check that Pinterest accepts app id and secret: it refuses a code that is none, and not the app."""
    if settings.PINTEREST_SANDBOX:
        raise NotUsed("PINTEREST_APP_ID is not set, so the sandbox stands in for Pinterest")
    api = (settings.PINTEREST_API_URL, settings.PINTEREST_APP_ID, settings.PINTEREST_APP_SECRET)
    try:
        oauth.exchange_code(*api, code="postiz-pins-doctor", redirect_uri=f"{settings.PUBLIC_URL}/")
    except (AuthenticationFailed, PinterestClientError) as error:
        if error.code == CODE_OF_UNKNOWN_APP:
            raise Failed(
                "Pinterest refuses the app. Check PINTEREST_APP_ID and PINTEREST_APP_SECRET, and the app's access at"
                " developers.pinterest.com."
            ) from error
    except PinterestError as error:
        raise Failed(f"Pinterest does not answer ({type(error).__name__}). Check DNS and outgoing https.") from error
    return f"app {settings.PINTEREST_APP_ID} is accepted"


def check_clocks() -> str:
    """Check that this machine's clock agrees with those of the database and of Pinterest."""
    now = timezone.now()
    drifts = {}
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            drifts["the database"] = abs(cursor.fetchone()[0] - now)
    if server_clock.earliest_now() is not None:
        drifts["Pinterest"] = abs(server_clock.skew(now))
    if not drifts:
        raise NotUsed("no other clock to compare with")
    of, drift = max(drifts.items(), key=lambda pair: pair[1])
    text = f"{drift.total_seconds():.1f} s from the clock of {of}"
    if drift > HARMFUL_DRIFT:
        raise Failed(f"{text}. Synchronize this machine's clock (timedatectl set-ntp true).")
    if drift > NOTICEABLE_DRIFT:
        raise Doubtful(f"{text}. Synchronize this machine's clock (timedatectl set-ntp true).")
    return text


def check_processes() -> str:
    """Check that web, clock and cluster run, with the same limits."""
    found = status.processes(timezone.now())
    if missing := found.missing_kinds():
        raise Failed(f"No {' and no '.join(missing)} has reported. Start what is missing (docs/deployment.md).")
    if disagreements := found.disagreements():
        raise Doubtful(" ".join(disagreements))
    return f"{len(found.running)} running"


CHECKS: dict[str, Callable[[], str]] = {
    "database": check_database,
    "migrations": check_migrations,
    "connections": check_connections,
    "queue": check_broker,
    "cache": check_cache,
    "media folder": check_media,
    "S3": check_bucket,
    "encryption keys": check_keys,
    "email": check_email,
    "processes": check_processes,
    "PUBLIC_URL": check_public_url,
    "uploads": check_body,
    "Pinterest app": check_pinterest,
    "clocks": check_clocks,
}
