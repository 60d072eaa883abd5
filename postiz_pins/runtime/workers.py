"""django-q2's cluster with few processes, stopped by any signal at any instant without cutting off a pin.

Its parts are django-q2's: pusher, monitor and scheduler are threads of the cluster's main process, workers are
processes. Between them is a guard, a process with a single thread and without connections, since only such a one may
fork at any time. It starts workers when tasks wait, up to CLUSTER_WORKERS, and lets them go when it has been quiet.

As django-q2 comes, a second signal deadlocks its main process, and its workers die of a SIGTERM in the middle of a
post: systemd sends one to every process of a unit. Here handlers only note the signal, and workers end after what is at
hand. Who loses its parent by `kill -9` ends, too.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.context import ForkProcess
from time import monotonic, sleep
from typing import Any

from django.db import connection
from django.urls import reverse
from django_q.brokers import Broker, get_broker
from django_q.conf import Conf
from django_q.monitor import monitor
from django_q.pusher import pusher
from django_q.scheduler import scheduler
from django_q.worker import worker

from postiz_pins.operations.heartbeats import Heartbeat

from . import stopping
from .channel import Channel, ResultChannel, TaskChannel

log = logging.getLogger(__name__)

# What a worker's timer says between two tasks; otherwise the seconds that are left for its task.
IDLE = -1
LOOK_EVERY_SECONDS = 0.5
# A worker that has just been started, or has just finished, takes what waits within this time.
MOMENT_SECONDS = 0.01
# Most tasks are done sooner, and the next one need not have a worker of its own.
PATIENCE_SECONDS = 0.2
# When some worker was free all that time, there is one too many.
QUIET_SECONDS = 20.0
SCHEDULES_EVERY_SECONDS = 30.0
# A thread that fails, such as for want of a database, tries again after that.
TRY_AGAIN_SECONDS = 1.0
# What workers have finished is noted before the cluster ends, unless the database is away.
LAST_RESULTS_SECONDS = 10.0

_fork = multiprocessing.get_context("fork")


def run(heartbeat: Heartbeat, watchdog: Callable[[], object], *loops: Callable[[], object]) -> None:
    """Run a cluster until this process is asked to stop, with a watchdog and loops that end then, in threads.

    Exits with status 1 if the guard ends by itself.
    """
    stopping.on_signals()
    tasks, results = TaskChannel(), ResultChannel()
    guard = _fork.Process(target=guard_workers, args=(tasks, results))
    # Notifications lead to URLs, and URLs load all views. Each worker would do so within its first post, which takes
    # most of a second of processor time and 35 MB.
    reverse("pins:pin_list")
    # What is here now stays: forked processes share it for as long as it is not collected.
    gc.collect()
    gc.freeze()
    guard.start()
    # Threads and connections not before: a forked process must not have halves of them.
    broker = get_broker()
    monitoring = _start(lambda: _insist(lambda: monitor(results, broker), until=lambda: True), "monitor")
    others = [
        _start(lambda: _insist(lambda: pusher(tasks, _Stop(), broker), until=stopping.is_requested), "pusher"),
        *(_start(loop, "loop") for loop in loops),
    ]
    _start(lambda: _call_schedules(broker), "schedules")
    _start(watchdog, "watchdog")
    heartbeat.keep_beating()
    while guard.is_alive() and not stopping.wait(LOOK_EVERY_SECONDS):
        pass
    heartbeat.end()
    if not stopping.is_requested():
        sys.exit(1)
    with suppress(ProcessLookupError):
        os.kill(guard.pid or 0, signal.SIGTERM)
    guard.join()
    results.put("STOP")
    deadline = monotonic() + LAST_RESULTS_SECONDS
    for thread in (monitoring, *others):
        thread.join(max(deadline - monotonic(), 0))


class _Stop:
    """What django-q2's pusher looks at after each task, in place of an event."""

    def is_set(self) -> bool:
        return stopping.is_requested()


def _start(target: Callable[[], object], name: str) -> threading.Thread:
    thread = threading.Thread(target=target, name=name, daemon=True)
    thread.start()
    return thread


def _insist(action: Callable[[], object], *, until: Callable[[], bool]) -> None:
    """Call `action`, which is to go on until it is stopped, again and again."""
    while True:
        try:
            action()
            if until():
                return
        except Exception:
            log.exception("A part of the cluster failed and is started again")
            sleep(TRY_AGAIN_SECONDS)


def _call_schedules(broker: Broker) -> None:
    while True:
        sleep(SCHEDULES_EVERY_SECONDS)
        scheduler(broker)  # logs what goes wrong
        connection.close()


def guard_workers(tasks: Channel, results: Channel) -> None:
    """Run the guard's process."""
    _when_parent_ends(stopping.request)
    guard = Guard(tasks, results, Conf.WORKERS, Conf.TIMEOUT)
    while not stopping.is_requested():
        guard.look()
        guard.wait()
    guard.stop()


class Guard:
    """The workers: as many as are needed, at least one."""

    def __init__(self, tasks: Channel, results: Channel, most: int, timeout: int) -> None:
        self.pool: list[Worker] = []
        self._tasks, self._results, self._most, self._timeout = tasks, results, most, timeout
        self._looked_at = self._all_busy_at = monotonic()
        # When a task began to wait; None: none waits.
        self._short_since: float | None = None

    def look(self) -> None:
        """Let go of workers that have ended or have run out of time, and start new ones if they are needed."""
        now = monotonic()
        for each in list(self.pool):
            each.count_down(now - self._looked_at)
            if not each.process.is_alive():
                self.pool.remove(each)
                if each.process.exitcode:
                    log.error("A worker ended unexpectedly (exit status %s)", each.process.exitcode)
        self._looked_at = now
        is_any_idle = any(each.is_idle() for each in self.pool)
        self._short_since = (self._short_since or now) if self._tasks.wait(0) else None
        if not is_any_idle:
            self._all_busy_at = now
            is_short = self._short_since is not None and now - self._short_since > PATIENCE_SECONDS
            if not self.pool or is_short:
                # Twice as many each time, so that a large cluster is at work within a few looks.
                for _ in range(min(max(len(self.pool), 1), self._most - len(self.pool))):
                    self.pool.append(Worker(self._tasks, self._results, self._timeout))
        elif len(self.pool) > 1 and now - self._all_busy_at > QUIET_SECONDS:
            # It reaches one that is free. One that is signaled instead would end only after its next task.
            Channel.put(self._tasks, "STOP")
            self._all_busy_at = now - QUIET_SECONDS + LOOK_EVERY_SECONDS

    def wait(self) -> None:
        """Wait until a task waits that no worker takes at once, or for a while."""
        if len(self.pool) == self._most:
            stopping.wait(LOOK_EVERY_SECONDS)
        elif self._tasks.wait(LOOK_EVERY_SECONDS):
            sleep(MOMENT_SECONDS)

    def stop(self) -> None:
        """Ask all workers to stop after their tasks, and wait for them."""
        for each in self.pool:
            with suppress(ProcessLookupError):
                os.kill(each.process.pid or 0, signal.SIGTERM)
        while living := [each for each in self.pool if each.process.is_alive()]:
            if not self._tasks.wait(0):
                Channel.put(self._tasks, "STOP")
            living[0].process.join(MOMENT_SECONDS)


class Worker:
    """A process that runs tasks, as its guard sees it."""

    def __init__(self, tasks: Channel, results: Channel, timeout: int) -> None:
        self._timer = _fork.Value("f", IDLE)
        # Ended by its guard, not at its exit.
        self.process: ForkProcess = _fork.Process(target=work, args=(tasks, results, self._timer, timeout), daemon=True)
        self.process.start()

    def is_idle(self) -> bool:
        """Return whether it has no task."""
        # Without the lock, which a worker that is killed while it hands over a result takes along.
        return bool(self._timer.get_obj().value == IDLE)

    def count_down(self, seconds: float) -> None:
        """Take so much of the time that is left for its task; kill it when that is over."""
        lock = self._timer.get_lock()
        if not lock.acquire(block=False):
            return
        try:
            left = self._timer.get_obj()
            if left.value > 0:
                left.value = max(left.value - seconds, 0)
            if left.value == 0:
                self.process.kill()  # it would only note a SIGTERM
        finally:
            lock.release()


def work(tasks: Channel, results: Channel, timer: Any, timeout: int) -> None:
    """Run a worker's process."""
    stopping.on_signals()

    def end_when_idle() -> None:
        stopping.request()
        while timer.value != IDLE:
            sleep(0.1)
        os._exit(1)

    _when_parent_ends(end_when_idle)
    worker(tasks, results, timer, timeout)


def _when_parent_ends(action: Callable[[], object]) -> None:
    """Call `action` in the background once the parent process has ended."""
    parent = multiprocessing.parent_process()
    if parent is None:
        raise RuntimeError("This process has not been started by multiprocessing.")

    def watch() -> None:
        parent.join()
        action()

    threading.Thread(target=watch, name="parent", daemon=True).start()
