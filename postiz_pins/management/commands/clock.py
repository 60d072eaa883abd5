"""The clock: every second it finds what is due and tells the workers; django-q2's own schedules know 30 s only."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error as DatabaseError
from django.db import close_old_connections
from redis.exceptions import RedisError

from accounts import tasks as account_tasks
from pins import tasks
from pins.models import ProcessKind
from postiz_pins.database.sqlite import keep_connections
from postiz_pins.operations.health_pings import HealthPings
from postiz_pins.operations.heartbeats import Heartbeat
from postiz_pins.runtime import readiness, stopping

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Check every second for pins that are due. Run one or more, on any number of machines."
    # They are about the code, and would load every page into memory.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        stopping.on_signals()
        readiness.wait()
        if not stopping.is_requested():
            run(self.stdout.write)


def run(write: Callable[[str], object]) -> None:
    """Look each second until this process is asked to stop."""
    keep_connections()
    write("Clock started.")
    heartbeat, pings = Heartbeat(ProcessKind.CLOCK), HealthPings()
    tick()  # at once: what fell due while no clock ran has waited long enough
    heartbeat.beat_if_due()
    # On the full second, because people choose full minutes.
    while not stopping.wait(1 - time.time() % 1):
        tick()
        heartbeat.beat_if_due()
        pings.ping_if_due()
    heartbeat.end()
    write("Clock stopped.")


def tick() -> None:
    """Look once for what is due; a database or broker that is away for a while must not end the clock."""
    close_old_connections()
    # Each by itself: none keeps the pins that are due from going out.
    for look in (
        *(tasks.beat, tasks.free_the_dead, tasks.enqueue_due, tasks.enqueue_checks),
        account_tasks.enqueue_webhooks,
    ):
        try:
            look()
        except (DatabaseError, OSError, RedisError):
            log.exception("The clock could not check what is due; it will retry in a second")
