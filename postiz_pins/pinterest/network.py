"""Whether this server can reach the internet at all. Plain Python, like its neighbours."""

from __future__ import annotations

import queue
import socket
import threading

# Names that exist as long as the internet does; only name servers are asked, and no connection is made.
NAMES = ("pinterest.com", "iana.org", "example.com")
# Longer than name servers take that are there, shorter than a resolver tries those that are not.
LOOK_SECONDS = 5


def is_offline() -> bool:
    """Return whether not one of NAMES can be resolved, which takes LOOK_SECONDS at most.

    True only if nothing at all can be reached: a name that is remembered from before counts as reached.
    """
    answers: queue.SimpleQueue[bool] = queue.SimpleQueue()
    for name in NAMES:
        # Threads, since nothing ends a resolver that waits; one that is left behind owns nothing.
        threading.Thread(target=lambda name=name: answers.put(_resolves(name)), daemon=True, name="network").start()
    try:
        return not any(answers.get(timeout=LOOK_SECONDS) for _ in NAMES)
    except queue.Empty:
        return True


def _resolves(name: str) -> bool:
    try:
        return bool(socket.getaddrinfo(name, 443))
    except OSError:
        return False
