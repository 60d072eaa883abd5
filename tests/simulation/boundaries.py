"""Where the app meets the rest of the world, and where the simulator takes the world's place: time, threads, commits,
the queue, files. `transport.py` does the same for HTTP. Everything between is the app's own code, unchanged.
"""

from __future__ import annotations

import random
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import time_machine
from django.core.files.storage import InMemoryStorage
from django.db import connection, transaction
from django_q.brokers import Broker as QueueBroker
from django_q.signing import SignedPackage

from postiz_pins.pinterest import network, server_clock

from .world import Killed, Process, Thread, World

# When histories begin; far from the change of any clock.
EPOCH = datetime(2026, 3, 2, 9, 0, tzinfo=UTC).timestamp()


# Some histories need a thousand.
MOST_STATEMENTS = 5_000


class _Boundary:
    """What is simulated at the moment."""

    world: World | None = None
    # Since no process lives longer than its history, and to the app this one only moves on.
    started_at: float = 0.0
    messages: list[tuple[str, tuple[Any, ...]]]
    lost_messages: dict[int, str]
    sent_messages: int = 0
    media_fault: type[OSError] | None = None
    is_offline: bool = False
    # How often the clock has written that it lives, which is no change that its look has led to.
    beats: int = 0


now = _Boundary()


def enter(world: World) -> None:
    """From now on the app lives in `world`."""
    now.world = world
    now.messages = []
    now.lost_messages = {}
    now.sent_messages = 0
    now.media_fault = None
    now.is_offline = False
    world.on_time = set_time
    world.on_turn = _take_turn
    server_clock.forget()
    random.seed(1)  # of the jitter
    world.move_to(0.0)


def set_time(app_seconds: float) -> None:
    _clock.move_to(EPOCH + app_seconds)


# Processes: what each remembers, and which have died


def _take_turn(before: Process | None, after: Process) -> None:
    if before is not None:
        before.memory["server clock"] = server_clock._read
    server_clock._read = after.memory.get("server clock")


def _own_name() -> str:
    thread = _world().current
    if thread is None:
        return ""
    name: str = thread.process.memory.setdefault("name", f"{thread.process.name} of {len(_world().processes)}")
    return name


def _dead_names() -> list[str]:
    dead = (process.memory for process in _world().processes if process.is_dead)
    return [memory["name"] for memory in dead if "name" in memory and "is forgotten" not in memory]


def has_dead() -> bool:
    return bool(_dead_names())


def _forget(names: Iterable[str]) -> None:
    for process in _world().processes:
        if process.is_dead and process.memory.get("name") in names:
            process.memory["is forgotten"] = True


# Time and chance

_travel = time_machine.travel(datetime.fromtimestamp(EPOCH, UTC), tick=False)
_clock: Any = None
_real_monotonic = time.monotonic


def _monotonic() -> float:
    return now.world.now if now.world is not None else _real_monotonic()


def _uuid4() -> uuid.UUID:
    return uuid.UUID(int=random.getrandbits(128), version=4)


# Threads: the leases are renewed by one


class _Event:
    def __init__(self) -> None:
        self._is_set = False
        self._waiting: list[Thread] = []

    def set(self) -> None:
        self._is_set = True
        for thread in self._waiting:
            _world().wake(thread)

    def is_set(self) -> bool:
        return self._is_set

    def wait(self, timeout: float | None = None) -> bool:
        world = _world()
        thread = world.current
        if not self._is_set and thread is not None:
            self._waiting.append(thread)
            if timeout is not None:
                world.at(world.now + timeout, lambda: world.wake(thread))
            world.suspend()
            self._waiting.remove(thread)
        return self._is_set


class _Thread:
    def __init__(self, target: Any = None, args: Any = (), kwargs: Any = None, **_: Any) -> None:
        self._run = lambda: target(*args, **(kwargs or {}))
        self._thread: Thread | None = None

    def start(self) -> None:
        world = _world()
        if world.current is None:
            raise RuntimeError("Only a simulated process starts threads.")
        self._thread = world.start_thread(world.current.process, self._run)

    def join(self, timeout: float | None = None) -> None:
        if self._thread is not None:
            _world().join(self._thread)

    def is_alive(self) -> bool:
        return self._thread is not None and not self._thread.is_done


class _Future:
    def __init__(self, call: Callable[[], Any]) -> None:
        self._call = call
        self._answer: Any = None
        self._error: Exception | None = None
        self.thread = _Thread(target=self._run)

    def _run(self) -> None:
        try:
            self._answer = self._call()
        except Exception as error:  # noqa: BLE001  it is raised where somebody asks for the result
            self._error = error

    def result(self) -> Any:
        self.thread.join()
        if self._error is not None:
            raise self._error
        return self._answer


class _Executor:
    """A thread beside the worker's own, as concurrent.futures makes it."""

    def __init__(self, **_: Any) -> None:
        self._futures: list[_Future] = []

    def submit(self, call: Callable[..., Any], *arguments: Any) -> _Future:
        future = _Future(lambda: call(*arguments))
        self._futures.append(future)
        future.thread.start()
        return future

    def __enter__(self) -> _Executor:
        return self

    def __exit__(self, *_: Any) -> None:
        for future in self._futures:
            future.thread.join()


def _kill(pid: int, number: int) -> None:
    world = _world()
    if world.current is not None:
        world.kill(world.current.process)
        raise Killed


def _world() -> World:
    if now.world is None:
        raise RuntimeError("No history is being simulated.")
    return now.world


# Commits: a statement of its own, or the end of the outermost transaction


def _around_statement(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    world = now.world
    thread = world.current if world is not None else None
    if world is None or thread is None:
        return execute(sql, params, many, context)
    world.statements += 1
    if world.statements > MOST_STATEMENTS and not connection.in_atomic_block:
        world.violated("it does not come to an end")
        world.kill(thread.process)
    if connection.in_atomic_block:
        return execute(sql, params, many, context)
    if thread.process.is_dead:
        raise Killed
    settle(world)
    if sql.startswith(("SELECT", "BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "PRAGMA")):
        return execute(sql, params, many, context)
    world.point("commit", "before")
    result = execute(sql, params, many, context)
    if world.trace is not None:
        world.note(f"commits {_shortened(sql, params)}")
    world.committed()
    if sql.startswith("INSERT"):  # its new keys have still to be fetched
        thread.owes_commit_point = True
    else:
        world.point("commit", "after")
    return result


def _count_beats(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    if not sql.startswith('UPDATE "pins_heartbeat"'):
        return execute(sql, params, many, context)
    before = connection.connection.total_changes
    try:
        return execute(sql, params, many, context)
    finally:
        now.beats += connection.connection.total_changes - before


def settle(world: World) -> None:
    """Gives way after the commit that has just been made, if that was not possible then."""
    if world.current is not None and world.current.owes_commit_point:
        world.current.owes_commit_point = False
        world.point("commit", "after")


_leave_atomic = transaction.Atomic.__exit__


def _leave(self: Any, exc_type: Any, exc_value: Any, traceback: Any) -> None:
    world = now.world
    is_outermost = len(connection.atomic_blocks) <= 1 and not connection.savepoint_ids
    if world is None or world.current is None or not is_outermost or exc_type is not None:
        _leave_atomic(self, exc_type, exc_value, traceback)
        return
    try:
        world.point_in_transaction()
    except Killed as killed:
        _leave_atomic(self, Killed, killed, killed.__traceback__)
        raise
    needs_rollback = connection.needs_rollback
    _leave_atomic(self, exc_type, exc_value, traceback)
    if not needs_rollback:
        if world.trace is not None:
            world.note("commits a transaction")
        world.committed()
        world.point("commit", "after")


def _shortened(sql: str, params: Any) -> str:
    text = " ".join(sql.replace('"', "").split())
    # Ciphertext differs each time.
    return re.sub("gAAAA[^']*", "…", f"{text[:110]} … {params}")[:600]


# The queue


class Broker(QueueBroker):
    """django-q2's queue as a list in memory. Messages may get lost or come twice, as brokers do it."""

    def enqueue(self, task: str) -> str:
        world = _world()
        if world.current is not None and world.current.process.is_dead:
            raise Killed
        package = SignedPackage.loads(task)
        now.sent_messages += 1
        fate = now.lost_messages.get(now.sent_messages, "")
        world.note(f"queues {package['func']}{package['args']} {fate}")
        now.messages += [(package["func"], package["args"])] * {"": 1, "lost": 0, "twice": 2}[fate]
        return "1"

    def queue_size(self) -> int:
        return len(now.messages)


# Files


class MediaStorage(InMemoryStorage):
    """The folder of media, which may be out of reach for a while."""

    def _open(self, name: str, mode: str = "rb") -> Any:
        if now.media_fault is not None:
            raise now.media_fault(5, "The folder of media is out of reach.", name)
        return super()._open(name, mode)

    def exists(self, name: str) -> bool:
        return now.media_fault is None and super().exists(name)

    def stream(self, name: str, start: int = 0) -> Any:
        file = self.open(name)
        file.seek(start)
        return file

    def size(self, name: str) -> int:
        if now.media_fault is not None:
            raise now.media_fault(5, "The folder of media is out of reach.", name)
        return super().size(name)


def install_clocks() -> None:
    """To be called before the app is imported, some of which keeps these functions."""
    time.monotonic = _monotonic
    import_module("postiz_pins.pinterest.server_clock")._elapsed = _monotonic  # of the machine's boot, else
    uuid.uuid4 = _uuid4


def install() -> None:
    """Takes the world's place, once in this process."""
    global _clock
    from pins.publishing import ahead, claims, processes, slots

    _clock = _travel.start()
    simulated_threads = SimpleNamespace(Event=_Event, Thread=_Thread, Lock=threading.Lock)
    slots.threading = simulated_threads  # type: ignore[assignment]
    ahead.ThreadPoolExecutor = _Executor  # type: ignore[assignment, misc]
    ahead.wait = lambda requests, timeout: None  # type: ignore[assignment]
    claims.os = SimpleNamespace(getpid=lambda: 0, kill=_kill)  # type: ignore[assignment]
    processes.own_name, processes.dead_names, processes.forget = _own_name, _dead_names, _forget
    network.is_offline = lambda: now.is_offline
    connection.ensure_connection()
    connection.execute_wrappers += [_around_statement, _count_beats]
    transaction.Atomic.__exit__ = _leave
