"""Which processes of this machine are alive: what a dead one holds need not wait for the end of its lease.

Each process that claims something keeps a lock (flock) on a file of its own for as long as it lives. The kernel lets go
of it however the process ends, and never while it merely stands still, so a process that gets another's lock knows that
the other is dead. The files lie in the data folder, which containers of one machine may share; they are named after the
boot of its kernel, so that no other machine that shares the folder is judged by a lock that it cannot see.

A process that is not found here is left to its lease: it may live on another machine, or in another container.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import threading
import time
import uuid
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

from django.conf import settings

log = logging.getLogger(__name__)

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
FILE = re.compile(r"\.?[0-9a-f-]{36}-[0-9a-f]{32}")
# A file of another boot is that of another machine, if it is used within a day; each user touches it hourly.
LONGEST_UNUSED_SECONDS = 24 * 3600
TOUCH_EVERY_SECONDS = TIDY_EVERY_SECONDS = 3600

_lock = threading.Lock()
# This process's name and the descriptor that holds its lock, as soon as it has claimed something.
_own: tuple[str, int] | None = None
_touched_at = _tidied_at = float("-inf")


def own_name() -> str:
    """Return the name by which this machine's processes find out whether this one lives; empty if they cannot."""
    global _own, _touched_at
    with _lock:
        if _own is not None and _own[0] and time.monotonic() - _touched_at > TOUCH_EVERY_SECONDS:
            _touched_at = time.monotonic()
            if not _touch(_folder() / _own[0]):
                _give_up()
        if _own is None:
            _touched_at = time.monotonic()
            try:
                _own = _enrol()
            except OSError:
                log.warning(
                    "The lock of this process cannot be kept in %s; leases do without", _folder(), exc_info=True
                )
                _own = ("", -1)
        return _own[0]


def dead_names() -> list[str]:
    """Return the processes of this machine that have ended since they claimed something.

    None of them if the folder cannot be read: what they hold is left to its lease.
    """
    boot = _boot()
    if not boot:
        return []
    try:
        names = os.listdir(_folder())
    except OSError:
        return []
    return [name for name in names if name.startswith(f"{boot}-") and _is_dead(_folder() / name)]


def forget(names: Iterable[str]) -> None:
    """Remove their files; one that cannot be removed is found dead again, which does no harm."""
    for name in names:
        with suppress(OSError):
            (_folder() / name).unlink()


def remove_old() -> None:
    """Remove what processes of earlier boots have left, at most once an hour.

    Another machine that shares the folder has another boot; a file that its processes use stays.
    """
    global _tidied_at
    boot = _boot()
    if not boot or time.monotonic() - _tidied_at < TIDY_EVERY_SECONDS:
        return
    _tidied_at = time.monotonic()
    with suppress(OSError):
        for entry in os.scandir(_folder()):
            is_of_another_boot = FILE.fullmatch(entry.name) and not entry.name.removeprefix(".").startswith(f"{boot}-")
            # The lock as well, since the clocks of two machines may differ.
            if is_of_another_boot and _is_unused(entry) and _is_dead(Path(entry.path)):
                forget([entry.name])


def _is_unused(entry: os.DirEntry[str]) -> bool:
    return time.time() - entry.stat().st_mtime > LONGEST_UNUSED_SECONDS


def _touch(path: Path) -> bool:
    """Mark the file as used; return False if it is gone."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    except OSError:
        pass  # the disk may be read-only for a while
    return True


def _enrol() -> tuple[str, int]:
    if not _boot():
        return "", -1
    name = f"{_boot()}-{uuid.uuid4().hex}"
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Under this name it is not looked for until the lock is held. Programs that are started do not get the descriptor
    # (Python closes it), and forked processes give it up below: the lock must end with this process.
    hidden = folder / f".{name}"
    descriptor = os.open(hidden, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    hidden.rename(folder / name)
    return name, descriptor


def _is_dead(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False  # another process has just removed it, or it is another user's
    try:
        # Shared, so that two who look at the same moment do not take each other for the owner.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "processes"


@cache
def _boot() -> str:
    """Return the id of the kernel's boot, which all containers of a machine share; empty if unknown."""
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return ""


def _give_up() -> None:
    global _own
    if _own is not None and _own[1] >= 0:
        with suppress(OSError):
            os.close(_own[1])
    _own = None


def _begin_anew() -> None:
    """Start over in a forked process, which must not keep its parent's lock, nor use its name."""
    global _lock
    _give_up()
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_begin_anew)
