"""The clock: every second it finds what is due and tells the workers; django-q2's own schedules know 30 s only."""

import logging
import time
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error as DatabaseError
from django.db import close_old_connections
from redis.exceptions import RedisError

from pins import tasks
from postiz_pins.runtime import readiness, stopping

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Check every second for pins that are due. Run one or more, on any number of machines."

    def handle(self, *args: Any, **options: Any) -> None:
        stopping.on_signals()
        readiness.wait()
        if stopping.is_requested():
            return
        self.stdout.write("Clock started.")
        tick()  # at once: what fell due while no clock ran has waited long enough
        # On the full second, because people choose full minutes.
        while not stopping.wait(1 - time.time() % 1):
            tick()
        self.stdout.write("Clock stopped.")


def tick() -> None:
    """One look at what is due. A database or broker that is away for a while must not end the clock."""
    close_old_connections()
    # Each by itself: none keeps the pins that are due from going out.
    for look in (tasks.beat, tasks.free_the_dead, tasks.enqueue_due, tasks.enqueue_checks):
        try:
            look()
        except (DatabaseError, OSError, RedisError):
            log.exception("The clock could not check what is due; it will retry in a second")
