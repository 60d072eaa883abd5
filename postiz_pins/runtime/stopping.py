"""Whether this process has been asked to stop. A loop then ends after what is at hand.

A plain variable and a pipe, because a signal may come at any instant: an `Event.set` in a handler deadlocks when a
second signal interrupts it, and a terminal's Ctrl-C, `make` and systemd all send more than one.
"""

from __future__ import annotations

import os
import select
import signal
from contextlib import suppress
from time import monotonic
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_is_requested = False
# Never read, so that it wakes everything in this process that waits, now and later.
_reader, _writer = os.pipe()


def request(*_signal: Any) -> None:
    """Ask this process to stop; also a signal handler. Asking again changes nothing."""
    global _is_requested
    if not _is_requested:
        _is_requested = True
        os.write(_writer, b".")


def is_requested() -> bool:
    """Return whether this process has been asked to stop."""
    return _is_requested


def on_signals() -> None:
    """Note the signals that ask a process to stop, instead of stopping; for the main thread."""
    for number in SIGNALS:
        signal.signal(number, request)


def ignore_signals() -> None:
    """Ignore the signals that ask a process to stop: it is about to; for the main thread."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def wait(seconds: float) -> bool:
    """Wait for so long, or until asked to stop; return whether that was asked."""
    ends_at = monotonic() + seconds
    while not _is_requested and (remaining := ends_at - monotonic()) > 0:
        select.select([_reader], [], [], remaining)
    return _is_requested


def _renew_pipe() -> None:
    """Get a pipe of its own for a forked process: it is asked to stop by itself."""
    global _reader, _writer
    for end in (_reader, _writer):
        with suppress(OSError):
            os.close(end)
    _reader, _writer = os.pipe()


os.register_at_fork(after_in_child=_renew_pipe)
