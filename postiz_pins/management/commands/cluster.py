"""django-q2's cluster with a watchdog.

Whatever a cluster hangs on, the rows show it: they are due and do not move. Then it ends itself with its whole process
group, and its supervisor starts another.
"""

import logging
import os
import signal
import time
from argparse import ArgumentParser
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error as DatabaseError
from django.db import connection, connections, transaction

from analytics import tasks as figure_tasks
from pins import tasks as pin_tasks
from pins.models import ProcessKind
from postiz_pins.database.prepared_queries import Prepared
from postiz_pins.database.sqlite import keep_connections
from postiz_pins.operations.heartbeats import Heartbeat
from postiz_pins.runtime import readiness, stopping, workers

from . import clock

log = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 60.0
# A cluster that has just started after a long rest may not have come to the figures yet.
FIGURES_AFTER_LOOKS = 10


class Command(BaseCommand):
    help = "Run the workers. Configure automatic restarts: a cluster that detects it is stuck exits on purpose."

    # System checks are about the code, which `manage.py check` and CI look at.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--with-clock", action="store_true", help="run the clock in the same process")

    def handle(self, *, with_clock: bool, **options: Any) -> None:
        stopping.on_signals()
        readiness.wait()
        if stopping.is_requested():
            return
        free_the_dead()
        prepare_queries()
        connections.close_all()  # none must be shared with the processes that are forked now
        keep_connections()
        clocks = [partial(clock.run, self.stdout.write)] if with_clock else []
        workers.run(Heartbeat(ProcessKind.CLUSTER), watch, *clocks)


def free_the_dead() -> None:
    """End the leases of dead processes before the workers are forked.

    Where a clock shares this machine's data folder, it does so each second.
    """
    try:
        pin_tasks.free_the_dead()
    except (DatabaseError, OSError):
        log.exception("Pins held by a previous cluster are released when their leases end")
    finally:
        connection.close()


def prepare_queries() -> None:
    """Put the workers' queries together before they are forked."""
    try:
        with transaction.atomic():  # without one, Django builds no query that locks rows
            for query in Prepared.every:
                query.prepare()
    except DatabaseError:
        log.exception("Each worker puts its queries together by itself")
    finally:
        connection.close()


def watch() -> None:
    """Kill this cluster's process group once due rows have not moved although workers are free."""
    looks = 0
    while True:
        time.sleep(LOOK_EVERY_SECONDS)
        looks += 1
        if is_stuck(with_figures=looks >= FIGURES_AFTER_LOOKS) and not stopping.is_requested():
            log.error("Due pins are not published although workers are free: this cluster is stuck and exits")
            os.killpg(0, signal.SIGKILL)


def is_stuck(*, with_figures: bool) -> bool:
    """Return whether due pins, or due figures, wait in vain. A database that is away says nothing about it."""
    try:
        return pin_tasks.has_stalled() or (with_figures and figure_tasks.has_stalled())
    except DatabaseError:
        return False
    finally:
        connection.close()
