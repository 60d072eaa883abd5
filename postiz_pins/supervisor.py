"""Keeps the processes of `make run` alive, and ends them together, with all their children.

A django-q2 cluster whose main process is killed leaves children that go on working, so each process gets a group of its
own, and groups are what is ended."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

# Long enough for a web request or a post to end; a post that is cut off is found again by its row.
PATIENCE_SECONDS = 8.0
# A process that ends sooner than this after its start would do so again and again.
SHORTEST_LIFE_SECONDS = 5.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Program:
    """A shell command, running in a group of its own."""

    def __init__(self, command: str, environment: Mapping[str, str], folder: Path) -> None:
        self._command, self._environment, self._folder = command, environment, folder
        self.start()

    def start(self) -> None:
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S602  the commands are those of our Procfile
            self._command,
            shell=True,
            env=self._environment,
            cwd=self._folder,
            start_new_session=True,
        )

    def kill_group(self) -> None:
        with suppress(ProcessLookupError):  # nobody of the group has outlived its founder
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def supervise(commands: Sequence[str], environment: Mapping[str, str], folder: Path) -> int:
    """Runs the shell commands until a signal comes, starting again what ends by itself. Answers the exit status:
    0 after a signal, 1 if a process ended just after its start."""
    asked_to_stop = threading.Event()
    for number in STOP_SIGNALS:
        signal.signal(number, lambda *_: asked_to_stop.set())
    programs = [Program(command, environment, folder) for command in commands]
    try:
        while not asked_to_stop.wait(0.2):
            for program in programs:
                if program.process.poll() is None:
                    continue
                program.kill_group()
                if time.monotonic() - program.started_at < SHORTEST_LIFE_SECONDS:
                    return 1
                program.start()
        return 0
    finally:
        _end(programs)


def _end(programs: list[Program]) -> None:
    for program in programs:
        # The founder of the group only: the workers of a cluster would die of it at once, in the middle of a post.
        program.process.terminate()
    deadline = time.monotonic() + PATIENCE_SECONDS
    for program in programs:
        with suppress(subprocess.TimeoutExpired):
            program.process.wait(max(deadline - time.monotonic(), 0))
    for program in programs:
        program.kill_group()
