"""django-q2's cluster with a watchdog.

A worker that is killed while it waits for work takes the lock of the cluster's inner queue with it: the cluster looks
alive, makes new workers, and none of them ever gets a task. The rows show it, so the rows are watched; a cluster that
does not move them ends itself with its whole process group, and whoever supervises it starts another."""

import logging
import os
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error as DatabaseError
from django.db import connection, connections

from analytics import tasks as figure_tasks
from pins import tasks as pin_tasks
from postiz_pins.runtime import readiness, stopping, workers

log = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 60.0
# A cluster that has just started after a long rest may not have come to the figures yet.
FIGURES_AFTER_LOOKS = 10


class Command(BaseCommand):
    help = "Run the workers. Configure automatic restarts: a cluster that detects it is stuck exits on purpose."

    def handle(self, *args: Any, **options: Any) -> None:
        stopping.on_signals()
        readiness.wait()
        if stopping.is_requested():
            return
        free_the_dead()
        connections.close_all()  # none must be shared with the processes that are forked now
        threading.Thread(target=watch, name="watchdog", daemon=True).start()
        workers.run()


def free_the_dead() -> None:
    """Before the workers are forked; where a clock shares this machine's data folder it does so each second."""
    try:
        pin_tasks.free_the_dead()
    except (DatabaseError, OSError):
        log.exception("Pins held by a previous cluster are released when their leases end")
    finally:
        connection.close()


def watch() -> None:
    looks = 0
    while not threading.Event().wait(LOOK_EVERY_SECONDS):
        looks += 1
        if is_stuck(with_figures=looks >= FIGURES_AFTER_LOOKS) and not stopping.is_requested():
            log.error("Due pins are not published although workers are free: this cluster is stuck and exits")
            os.killpg(0, signal.SIGKILL)


def is_stuck(*, with_figures: bool) -> bool:
    """Whether due pins, or due figures, wait in vain. A database that is away says nothing about it."""
    try:
        return pin_tasks.has_stalled() or (with_figures and figure_tasks.has_stalled())
    except DatabaseError:
        return False
    finally:
        connection.close()
