"""Work that only one process of all machines does at a time: a turn is an entry of the cache."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.cache import cache


@contextmanager
def turn(key: str, seconds: float) -> Iterator[bool]:
    """Hold the turn `key` while the block runs; of a process that dies it ends by itself after `seconds`.

    Yields whether this process has it. If not, another process is at work. Afterwards only its own turn is given back:
    one that has lasted longer than `seconds` may be another process's by now.
    """
    own = secrets.token_hex(8)
    is_ours = cache.add(key, own, seconds)
    try:
        yield is_ours
    finally:
        if is_ours and cache.get(key) == own:
            cache.delete(key)


def is_taken(key: str) -> bool:
    """Return whether a process has the turn `key`."""
    return cache.get(key) is not None
