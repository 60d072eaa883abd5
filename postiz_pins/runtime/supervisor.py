"""Keeps the processes of `make run` alive, and ends them together, with all their children.

A cluster whose main process is killed leaves children that go on working, so each process gets a group of its own, and
groups are what is ended.

`python -m postiz_pins.runtime.supervisor FD` reads a Plan from a file descriptor. It only waits, so it has nothing of
Django in its memory: `manage.py run` replaces itself by it (`become`).
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple, NoReturn

from . import stopping

# Longer than any request to Pinterest that moves: a post that is under way ends, and an idle app does not wait.
PATIENCE_SECONDS = 100.0
# When all others have ended, what the last ones still answer is not needed.
LAST_PATIENCE_SECONDS = 5.0
# A program that fails sooner than this after its start is likely to do so again: it waits longer each time, and after
# so many failures in a row everything ends.
SHORTEST_LIFE_SECONDS = 5.0
MOST_FAILURES = 4
LOOK_EVERY_SECONDS = 0.2

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class Plan(NamedTuple):
    """What is to run, as shell commands by their names."""

    commands: dict[str, str]
    # What the others need to finish what they are at, so they are ended after them.
    servers: dict[str, str]
    # What is done once, beside the others; if it fails, everything ends.
    jobs: dict[str, str]
    folder: str
    # What is said when all of the addresses, hosts and ports, accept connections.
    welcome: str
    addresses: list[tuple[str, int]]


def become(plan: Plan, environment: Mapping[str, str]) -> NoReturn:
    """Replace this process by the supervisor of these programs, which get this environment."""
    # Neither arguments nor environment, which others may read: a welcome may hold a password.
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as file:
        json.dump(plan, file)
    os.set_inheritable(reader, True)
    sys.stdout.flush()
    sys.stderr.flush()
    command = [sys.executable, "-m", "postiz_pins.runtime.supervisor", str(reader)]
    os.execve(sys.executable, command, dict(environment))  # noqa: S606  it is this very Python


def answers(host: str, port: int) -> bool:
    """Return whether a server accepts connections at this port."""
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0


class Program:
    """A shell command, running in a group of its own.

    One that `serves_others` ends with its standard input, whose other end is here; it may ignore signals.
    """

    def __init__(self, name: str, command: str, folder: str, *, serves_others: bool = False) -> None:
        self.name = name
        self.serves_others = serves_others
        self._command, self._folder = command, folder
        self.failures = 0
        self.start()

    def start(self) -> None:
        """Start the program in a session of its own."""
        self.started_at = time.monotonic()
        self.starts_at: float | None = None
        self.process = subprocess.Popen(  # noqa: S602  the commands are those of our Procfile
            self._command,
            shell=True,
            cwd=self._folder,
            # The kernel closes our end when the supervisor dies, however that happens.
            stdin=subprocess.PIPE if self.serves_others else None,
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )

    def keep_alive(self) -> bool:
        """Start the program again if it has ended; return False if it failed too often, right after its start."""
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
        """Ask the founder of the process group to end: only it knows how to end its children."""
        if self.process.stdin is None:
            self.process.terminate()
        else:
            self.process.stdin.close()

    def kill_group(self) -> None:
        """Kill what is left of the program's process group."""
        with suppress(ProcessLookupError):  # no process of the group has outlived its founder
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()


def supervise(plan: Plan) -> int:
    """Run the programs until a signal comes, starting again what ends; return the exit status.

    It is 0 after a signal, 1 if a program has failed several times just after its start, or a job has failed.
    """
    stopping.on_signals()
    programs = [Program(name, command, plan.folder) for name, command in plan.commands.items()]
    programs += [Program(name, command, plan.folder, serves_others=True) for name, command in plan.servers.items()]
    jobs = [Program(name, command, plan.folder) for name, command in plan.jobs.items()]
    is_welcome_due = bool(plan.welcome)
    try:
        while not stopping.wait(LOOK_EVERY_SECONDS):
            for program in programs:
                if not program.keep_alive():
                    _say(f"{program.name} failed {MOST_FAILURES} times right after its start (see above): stopping.")
                    return 1
            jobs = [job for job in jobs if job.process.poll() != 0]
            if any(job.process.poll() for job in jobs):
                return 1
            if is_welcome_due and all(answers(*address) for address in plan.addresses):
                is_welcome_due = False
                print(plan.welcome, flush=True)  # noqa: T201  for the terminal
        return 0
    finally:
        _end(jobs + [program for program in programs if not program.serves_others], PATIENCE_SECONDS)
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
    """Ask the kernel, in the new process, to stop the program should the supervisor be killed."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    with os.fdopen(int(sys.argv[1])) as file:
        status = supervise(Plan(*json.load(file)))
    # At its end Python gives up its handlers, and one more Ctrl-C would be what has ended this.
    stopping.ignore_signals()
    sys.exit(status)
