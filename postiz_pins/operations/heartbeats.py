"""Processes report that they run: each has a row of its own, which it renews every few seconds."""

from __future__ import annotations

import atexit
import logging
import os
import socket
import threading
import time
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.utils import timezone

from pins.models import ProcessKind, RunningProcess

log = logging.getLogger(__name__)

BEAT_EVERY_SECONDS = 10.0
# Together with the time between two looks at it, a process that has died shows within 40 seconds.
SILENT_AFTER = timedelta(seconds=30)
# A process that was silent for so long was taken away, not lost.
FORGOTTEN_AFTER = timedelta(days=1)
LIMITS = (
    "PINTEREST_MAX_CONCURRENT_POSTS",
    "PINTEREST_MAX_CONCURRENT_POSTS_PER_ACCOUNT",
    "PINTEREST_MAX_CONCURRENT_UPLOADS",
)


class Heartbeat:
    """The row of this process. A database that is away is only logged: the next beat makes good for it."""

    def __init__(self, kind: ProcessKind) -> None:
        self.kind = kind
        self._id = uuid.uuid4()
        self._rows = RunningProcess.objects.filter(pk=self._id)
        self._beaten_at = float("-inf")
        # Whether the last beat could be written. None: there was none yet.
        self._is_written: bool | None = None
        self._ended = threading.Event()
        # The last beat of the thread must not come after the end.
        self._lock = threading.Lock()

    def beat_if_due(self) -> None:
        """Renew the row, unless that was done less than BEAT_EVERY_SECONDS ago."""
        if time.monotonic() - self._beaten_at < BEAT_EVERY_SECONDS:
            return
        self._beaten_at = time.monotonic()
        self.beat(timezone.now())

    def beat(self, now: datetime) -> None:
        """Renew the row, or create it if it is missing."""
        with self._lock:
            if self._ended.is_set():
                return
            try:
                if not self._rows.update(beat_at=now):
                    self._enrol(now)
                self._is_written = True
            except DatabaseError as error:
                if self._is_written is not False:  # once, however long it lasts
                    log.warning("The %s cannot report that it runs (%s)", self.kind, type(error).__name__)
                self._is_written = False

    def end(self) -> None:
        """Remove the row: this process stops as it should.

        A database that is away is not waited for.
        """
        with self._lock:
            self._ended.set()
            if not self._is_written:
                return
            try:
                self._rows.delete()
            except DatabaseError as error:
                log.warning("The %s cannot report that it stops (%s)", self.kind, type(error).__name__)

    def keep_beating(self) -> None:
        """Beat in a thread until the process ends."""
        threading.Thread(target=self._beat_for_ever, name="heartbeat", daemon=True).start()

    def _beat_for_ever(self) -> None:
        is_over = False
        while not is_over:
            self.beat(timezone.now())
            connection.close()
            is_over = self._ended.wait(BEAT_EVERY_SECONDS)

    def _enrol(self, now: datetime) -> None:
        """Make the row, and remove those of the processes that this one stands in for."""
        host = socket.gethostname()
        earlier = RunningProcess.objects.filter(kind=self.kind, host=host)
        dead = [process.pk for process in earlier if not _is_running(process.pid)]
        RunningProcess.objects.filter(pk__in=dead).delete()
        RunningProcess.objects.filter(beat_at__lt=now - FORGOTTEN_AFTER).delete()
        RunningProcess.objects.create(
            pk=self._id,
            kind=self.kind,
            host=host,
            pid=os.getpid(),
            started_at=now,
            beat_at=now,
            limits=limits(),
        )


def report_web_process() -> None:
    """Report from now on that this web worker runs, until it ends."""
    heartbeat = Heartbeat(ProcessKind.WEB)
    heartbeat.keep_beating()
    atexit.register(heartbeat.end)


def limits() -> dict[str, int]:
    """Return the limits on posting of this process, by the names of their settings."""
    return {name: getattr(settings, name) for name in LIMITS}


def _is_running(pid: int) -> bool:
    """Return whether this machine has a process of this number; containers have host names of their own."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
