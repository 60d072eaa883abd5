"""HEALTH_PING_URL is requested each minute while all is well, so that a monitor notices when the requests stop."""

from __future__ import annotations

import logging
import threading
import time

import requests
from django.conf import settings
from django.core.cache import cache
from django.db import Error as DatabaseError
from django.db import connection
from django.utils import timezone
from redis.exceptions import RedisError

from postiz_pins.user_agent import user_agent

from . import status

log = logging.getLogger(__name__)

PING_EVERY_SECONDS = 60.0
TIMEOUT_SECONDS = 10
# Of several clocks one pings; a little less than a minute, so that its own next turn is not in the way.
KEPT_SECONDS = 55
CACHE_KEY = "health-ping"


class HealthPings:
    """The pings of one clock, in a thread, because nothing may hold the clock."""

    def __init__(self) -> None:
        self._next_at = time.monotonic() + PING_EVERY_SECONDS  # a start is no proof of anything yet
        self._thread: threading.Thread | None = None

    def ping_if_due(self) -> None:
        """Begin a ping if a minute has passed and the last one is over."""
        is_running = self._thread is not None and self._thread.is_alive()
        if not settings.HEALTH_PING_URL or is_running or time.monotonic() < self._next_at:
            return
        self._next_at = time.monotonic() + PING_EVERY_SECONDS
        self._thread = threading.Thread(target=ping, name="health-ping", daemon=True)
        self._thread.start()


def ping() -> None:
    """Request HEALTH_PING_URL if all is well and no other clock has done so within this minute."""
    try:
        problems = status.problems(timezone.now())
        if problems:
            log.warning("HEALTH_PING_URL is not requested: %s", " ".join(problems))
        elif cache.add(CACHE_KEY, True, KEPT_SECONDS):
            _request()
    except (DatabaseError, RedisError, OSError) as error:
        log.warning("HEALTH_PING_URL is not requested (%s)", type(error).__name__)
    finally:
        connection.close()


def _request() -> None:
    """Request the monitor's address, without logging it: most monitors use it as a secret."""
    headers = {"User-Agent": user_agent(settings.PUBLIC_URL, "health ping")}
    try:
        answer = requests.get(settings.HEALTH_PING_URL, headers=headers, timeout=TIMEOUT_SECONDS)
    except requests.RequestException as error:
        log.warning("HEALTH_PING_URL could not be requested (%s)", type(error).__name__)
        return
    if not answer.ok:
        log.warning("HEALTH_PING_URL answered with status %d", answer.status_code)
