"""Simulated time, and processes that take turns: each is a greenlet that gives way where real ones can be interrupted.

A process gives way at every request and after every commit. There it may also be killed or stand still, as the plan
says. Nothing here knows what the processes do.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from greenlet import getcurrent, greenlet


class Killed(BaseException):
    """This process has been killed. No `except Exception` of the app may catch that, and no `finally` of it still has
    an effect, since a dead process reaches neither the database nor Pinterest (boundaries.py).
    """


@dataclass
class Process:
    """What dies together: a worker with its threads, or the web server's answer to one click of a person."""

    name: str
    is_dead: bool = False
    stands_still_until: float = 0.0
    # How many commits there had been in the world when it made its last one.
    decided_at: int = 0
    threads: list[Thread] = field(default_factory=list)
    # What it remembers in variables of modules, which several processes have to share here (boundaries.py).
    memory: dict[str, Any] = field(default_factory=dict)
    # What Pinterest told it that it has not committed yet: called at its next commit.
    at_next_commit: list[Callable[[], None]] = field(default_factory=list)


@dataclass
class Thread:
    process: Process
    run: greenlet
    is_done: bool = False
    # After an INSERT whose keys are still being fetched, giving way has to wait for the next statement.
    owes_commit_point: bool = False
    joiners: list[Thread] = field(default_factory=list)
    # As of its process, when it was started beside another one, to do what that had decided.
    decided_at: int | None = None


class World:
    """The processes and the time. `points` says what happens at the n-th commit or request of the history."""

    def __init__(self, *, order: int, switching: float, points: dict[tuple[str, str, int], tuple[str, float]]) -> None:
        self.now = 0.0  # true seconds since the beginning
        self.jump = 0.0  # how far the app's clock is ahead of the truth
        self.random = random.Random(order)
        self.is_shuffled = order != 0
        self.switching = switching
        self.points = points
        self.passed: Counter[tuple[str, str]] = Counter()
        self.commits = 0
        self.statements = 0
        self.current: Thread | None = None
        self.processes: list[Process] = []
        self.violations: list[str] = []
        self.trace: list[str] | None = None
        self.on_time: Callable[[float], None] = lambda now: None
        self.on_turn: Callable[[Process | None, Process], None] = lambda before, after: None
        self._last: Process | None = None
        self._hub = getcurrent()
        self._ready: list[Thread] = []
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0
        self._machine_stands_still_until = 0.0

    def note(self, text: str) -> None:
        if self.trace is not None:
            who = self.current.process.name if self.current else "-"
            self.trace.append(f"{self.now:10.3f} {who:10} {text}")

    def violated(self, text: str) -> None:
        self.note(f"VIOLATION {text}")
        if text not in self.violations:
            self.violations.append(text)

    # Processes

    def start(self, name: str, function: Callable[..., Any], *arguments: Any, memory: Any = None) -> Process:
        process = Process(name, memory={} if memory is None else memory)
        self.processes.append(process)
        self.start_thread(process, function, *arguments)
        return process

    def start_thread(self, process: Process, function: Callable[..., Any], *arguments: Any) -> Thread:
        def run() -> None:
            try:
                if not process.is_dead:
                    function(*arguments)
            except Killed:
                pass
            except Exception as error:  # noqa: BLE001  whatever the app lets through is found out here
                self._report(process, error)
            thread.is_done = True
            self._ready += thread.joiners

        thread = Thread(process, greenlet(run, parent=self._hub))
        if self.current is not None:
            thread.decided_at = process.decided_at
        process.threads.append(thread)
        self._ready.append(thread)
        return thread

    def _report(self, process: Process, error: Exception) -> None:
        name = type(error).__name__
        where = error.__traceback__
        while where and where.tb_next:
            where = where.tb_next
        place = f"{where.tb_frame.f_code.co_filename.rsplit('/', 2)[-1]}:{where.tb_lineno}" if where else ""
        self.violated(f"{process.name} raised {name}: {error} ({place})")

    def kill(self, process: Process) -> None:
        """Ends it as `kill -9` does. Threads that wait notice it when they are called the next time: now."""
        if process.is_dead:
            return
        self.note(f"KILLED {process.name}")
        process.is_dead = True
        self._ready += [thread for thread in process.threads if not thread.is_done and thread is not self.current]

    def kill_all(self) -> None:
        for process in self.processes:
            if not all(thread.is_done for thread in process.threads):
                self.kill(process)

    def stand_still(self, seconds: float) -> None:
        self._machine_stands_still_until = self.now + seconds

    # What threads call

    def give_way(self) -> None:
        """Lets others go first."""
        thread = self._thread()
        self._ready.append(thread)
        self._suspend(thread)

    def sleep(self, seconds: float) -> None:
        thread = self._thread()
        self.at(self.now + seconds, lambda: self.wake(thread))
        self._suspend(thread)

    def suspend(self) -> None:
        """Until somebody calls `wake`."""
        self._suspend(self._thread())

    def wake(self, thread: Thread) -> None:
        if not thread.is_done and thread not in self._ready:
            self._ready.append(thread)

    def join(self, other: Thread) -> None:
        if not other.is_done:
            other.joiners.append(self._thread())
            self.suspend()

    def point(self, kind: str, when: str) -> None:
        """A place where the process may be killed or stand still. `kind` is commit or request."""
        thread = self._thread()
        if thread.process.is_dead:
            raise Killed
        self.passed[kind, when] += 1
        what = self.points.get((kind, when, self.passed[kind, when]))
        if what is not None:
            action, seconds = what
            if action == "kill":
                self.note(f"is killed {when} {kind} {self.passed[kind, when]}")
                self.kill(thread.process)
                raise Killed
            self.note(f"stands still for {seconds:g} s {when} {kind} {self.passed[kind, when]}")
            thread.process.stands_still_until = self.now + seconds
            self.give_way()
        elif self.switching and when == "after" and self.random.random() < self.switching:
            self.give_way()

    def point_in_transaction(self) -> None:
        """Just before its commit a process may be killed, but cannot give way: others would wait for the database."""
        thread = self._thread()
        if thread.process.is_dead:
            raise Killed
        self.passed["commit", "before"] += 1
        if self.points.get(("commit", "before", self.passed["commit", "before"]), ("", 0))[0] == "kill":
            self.note(f"is killed before commit {self.passed['commit', 'before']}")
            self.kill(thread.process)
            raise Killed

    def committed(self) -> None:
        """Notes that the current process has just made its doings durable."""
        self.commits += 1
        process = self._thread().process
        process.decided_at = self.commits
        if process.at_next_commit:
            told, process.at_next_commit = process.at_next_commit, []
            for call in told:
                call()

    def decided_at(self) -> int:
        """When the current thread made up its mind, in commits of the world."""
        thread = self._thread()
        return thread.process.decided_at if thread.decided_at is None else thread.decided_at

    def _thread(self) -> Thread:
        if self.current is None:
            raise RuntimeError("Only a simulated process can wait.")
        return self.current

    def _suspend(self, thread: Thread) -> None:
        self._hub.switch()
        if thread.process.is_dead:
            raise Killed

    # Time

    def at(self, moment: float, call: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._events, (max(moment, self.now), self._count, call))

    def move_to(self, moment: float) -> None:
        self.now = max(self.now, moment)
        self.on_time(self.now + self.jump)

    def run_ready(self) -> bool:
        """Lets everybody run who can without time passing. False: there was nobody."""
        has_run = False
        while self._ready:
            index = self.random.randrange(len(self._ready)) if self.is_shuffled and len(self._ready) > 1 else 0
            thread = self._ready.pop(index)
            if thread.is_done:
                continue
            until = max(thread.process.stands_still_until, self._machine_stands_still_until)
            if until > self.now and not thread.process.is_dead:
                self.at(until, lambda thread=thread: self.wake(thread))
                continue
            has_run = True
            if thread.process is not self._last:
                self.on_turn(self._last, thread.process)
                self._last = thread.process
            self.current = thread
            thread.run.switch()
            self.current = None
        return has_run

    def next_event_at(self) -> float:
        return self._events[0][0] if self._events else float("inf")

    def run_next_event(self) -> None:
        moment, _, call = heapq.heappop(self._events)
        self.move_to(moment)
        call()

    def end(self) -> None:
        """Ends whoever still waits, so that no greenlet outlives its history."""
        self.points = {}
        self.switching = 0.0
        self._machine_stands_still_until = 0.0
        self.kill_all()
        self.run_ready()
