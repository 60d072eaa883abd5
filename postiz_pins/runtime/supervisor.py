"""Keeps the processes of `make run` alive, and ends them together, with all their children.

A django-q2 cluster whose main process is killed leaves children that go on working, so each process gets a group of its
own, and groups are what is ended."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from . import stopping

# Longer than any request to Pinterest that moves: a post that is under way ends, and an idle app does not wait.
PATIENCE_SECONDS = 100.0
# When all others have ended, nobody waits for what the last ones still answer.
LAST_PATIENCE_SECONDS = 5.0
# A program that fails sooner than this after its start is likely to do so again: it waits longer each time, and after
# so many failures in a row everything ends.
SHORTEST_LIFE_SECONDS = 5.0
MOST_FAILURES = 4
LOOK_EVERY_SECONDS = 0.1

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class Program:
    """A shell command, running in a group of its own.

    One that `serves_others` ends with its standard input, whose other end is here; it may ignore signals."""

    def __init__(
        self, name: str, command: str, environment: Mapping[str, str], folder: Path, *, serves_others: bool = False
    ) -> None:
        self.name = name
        self.serves_others = serves_others
        self._command, self._environment, self._folder = command, environment, folder
        self.failures = 0
        self.start()

    def start(self) -> None:
        self.started_at = time.monotonic()
        self.starts_at: float | None = None
        self.process = subprocess.Popen(  # noqa: S602  the commands are those of our Procfile
            self._command,
            shell=True,
            env=self._environment,
            cwd=self._folder,
            # The kernel closes our end when the supervisor dies, however that happens.
            stdin=subprocess.PIPE if self.serves_others else None,
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )

    def keep_alive(self) -> bool:
        """Starts the program again if it has ended. False: it has failed too often, right after its start."""
        if self.starts_at is not None:
            if time.monotonic() >= self.starts_at:
                self.start()
            return True
        status = self.process.poll()
        if status is None:
            return True
        self.kill_group()
        # What a signal has ended had no fault of its own.
        is_failure = status > 0 and time.monotonic() - self.started_at < SHORTEST_LIFE_SECONDS
        self.failures = self.failures + 1 if is_failure else 0
        self.starts_at = time.monotonic() + (2 ** (self.failures - 1) if is_failure else 0)
        return self.failures < MOST_FAILURES

    def ask_to_end(self) -> None:
        """The founder of the group only: it knows how to end its children."""
        if self.process.stdin is None:
            self.process.terminate()
        else:
            self.process.stdin.close()

    def kill_group(self) -> None:
        with suppress(ProcessLookupError):  # nobody of the group has outlived its founder
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()


def supervise(
    commands: Mapping[str, str],
    environment: Mapping[str, str],
    folder: Path,
    *,
    servers: Mapping[str, str] | None = None,
) -> int:
    """Runs the shell commands until a signal comes, starting again what ends by itself. Answers the exit status:
    0 after a signal, 1 if a program has failed several times just after its start.

    `servers` are commands that the others need to finish what they are at, so they are ended after them."""
    stopping.on_signals()
    programs = [Program(name, command, environment, folder) for name, command in commands.items()]
    programs += [
        Program(name, command, environment, folder, serves_others=True) for name, command in (servers or {}).items()
    ]
    try:
        while not stopping.wait(LOOK_EVERY_SECONDS):
            for program in programs:
                if not program.keep_alive():
                    _say(f"{program.name} failed {MOST_FAILURES} times right after its start (see above): stopping.")
                    return 1
        return 0
    finally:
        _end([program for program in programs if not program.serves_others], PATIENCE_SECONDS)
        _end([program for program in programs if program.serves_others], LAST_PATIENCE_SECONDS)


def _end(programs: list[Program], patience_seconds: float) -> None:
    for program in programs:
        program.ask_to_end()
    deadline = time.monotonic() + patience_seconds
    for program in programs:
        with suppress(subprocess.TimeoutExpired):
            program.process.wait(max(deadline - time.monotonic(), 0))
    for program in programs:
        program.kill_group()


def _end_with_parent() -> None:
    """Runs in the new process: should the supervisor be killed, the kernel asks the program to stop."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
