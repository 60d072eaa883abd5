"""django-q2's cluster, stopped by any signal at any instant without cutting off a pin.

As it comes, its main process joins its guard inside a signal handler, where a second signal deadlocks it, and its
workers die of a SIGTERM in the middle of a post: systemd sends one to every process of a unit. Here handlers only note
the signal, the guard ignores it, and workers end after what is at hand. Who loses its parent by `kill -9` ends, too."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import uuid
from collections.abc import Callable
from time import sleep
from typing import Any

from django_q import cluster
from django_q.worker import worker

from . import stopping

IDLE = -1


def run() -> None:
    """Runs a cluster until this process is asked to stop. Exits with status 1 if the guard ends by itself."""
    stopping.on_signals()
    stop, started = multiprocessing.Event(), multiprocessing.Event()
    guard = cluster.get_mp_context().Process(target=Guard, args=(stop, started, uuid.uuid4()))
    guard.start()
    while guard.is_alive() and not stopping.wait(0.1):
        pass
    if not stopping.is_requested():
        sys.exit(1)
    stop.set()
    guard.join()


class Guard(cluster.Sentinel):
    """The process that keeps the workers alive, and the only one that tells them to stop."""

    def __init__(self, stop: Any, started: Any, cluster_id: uuid.UUID) -> None:
        super().__init__(stop, started, cluster_id, start=False)
        for number in stopping.SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        when_parent_ends(stop.set)
        self.start()

    def spawn_worker(self) -> None:
        timer = multiprocessing.Value("f", IDLE)
        # django-q2 looks at the third argument (`p.timer`) and, by the function, whether it is a worker.
        process = cluster.get_mp_context().Process(
            target=work, args=(self.task_queue, self.result_queue, timer, self.timeout), daemon=True
        )
        process.timer = timer
        self.pool.append(process)
        process.start()

    def reincarnate(self, process: Any) -> None:
        has_run_out_of_time = process in self.pool and process.timer.value == 0
        super().reincarnate(process)
        if has_run_out_of_time:
            process.kill()  # it only notes the SIGTERM that django-q2 has sent

    def stop(self) -> None:
        for process in self.pool:
            if process.is_alive():
                os.kill(process.pid, signal.SIGTERM)
        super().stop()


def work(task_queue: Any, result_queue: Any, timer: Any, timeout: int) -> None:
    """A worker's process."""
    stopping.on_signals()

    def end_when_idle() -> None:
        stopping.request()
        while timer.value != IDLE:
            sleep(0.1)
        os._exit(1)

    when_parent_ends(end_when_idle)
    worker(task_queue, result_queue, timer, timeout)


def when_parent_ends(action: Callable[[], object]) -> None:
    parent = multiprocessing.parent_process()
    if parent is None:
        raise RuntimeError("This process has not been started by multiprocessing.")

    def watch() -> None:
        parent.join()
        action()

    threading.Thread(target=watch, name="parent", daemon=True).start()
