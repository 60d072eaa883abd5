"""Whether this process has been asked to stop. Whoever works in a loop then ends it after what is at hand.

A plain variable, because a signal may come at any instant: an `Event.set` in a handler deadlocks when a second signal
interrupts it, and a terminal's Ctrl-C, `make` and systemd all send more than one."""

from __future__ import annotations

import signal
from time import monotonic, sleep
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_is_requested = False


def request(*_signal: Any) -> None:
    """Asks this process to stop; also a signal handler. Asking again changes nothing."""
    global _is_requested
    _is_requested = True


def is_requested() -> bool:
    return _is_requested


def on_signals() -> None:
    """From here on the signals that ask a process to stop are only noted. For the main thread."""
    for number in SIGNALS:
        signal.signal(number, request)


def wait(seconds: float) -> bool:
    """Waits for so long, or until this process is asked to stop (noticed within 0.1 s). Answers whether it was."""
    ends_at = monotonic() + seconds
    while not _is_requested and (remaining := ends_at - monotonic()) > 0:
        sleep(min(remaining, 0.1))
    return _is_requested
