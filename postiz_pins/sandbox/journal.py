"""What was asked of the API, for tests and for curious people: the last requests, and how many ran at once."""

import threading
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

from django.http import HttpRequest

from . import state

KEPT = 5_000
# The operations that PINTEREST_MAX_CONCURRENT_POSTS limits.
POSTING = ("pins/create", "upload")
BASE64_KEYS = ("data", "cover_image_data")
SECRET_KEYS = ("code", "refresh_token")


@dataclass
class Entry:
    """A request that the sandbox has received."""

    operation: str
    path: str
    # A parameter that is given several times has a list of its values.
    query: dict[str, Any]
    body: Any
    at: float
    # Null while the request runs. A request whose connection was closed ends without a status.
    ended_at: float | None = None
    status: int | None = None
    account: str | None = None
    fault: str | None = None


class Journal:
    """The latest requests, and how many were open at once, by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._in_flight = 0
        self._max_in_flight = 0

    def begin(self, operation: str, request: HttpRequest, body: Any) -> Entry:
        """Add a request that has begun, and return its entry."""
        entry = Entry(operation, request.path, query_of(request), without_bulk(body), state.now())
        with self._lock:
            self._entries.append(entry)
            if operation in POSTING:
                self._in_flight += 1
                self._max_in_flight = max(self._max_in_flight, self._in_flight)
        return entry

    def end(self, entry: Entry, status: int | None) -> None:
        """Note that the request has ended."""
        with self._lock:
            entry.status = status
            entry.ended_at = state.now()
            if entry.operation in POSTING:
                self._in_flight -= 1

    def clear(self) -> None:
        """Forget all requests."""
        with self._lock:
            self._entries.clear()
            self._max_in_flight = self._in_flight

    def listed(self, operation: str = "") -> list[dict[str, Any]]:
        """Return the requests of an operation, or of all."""
        with self._lock:
            return [asdict(entry) for entry in self._entries if operation in ("", entry.operation)]

    def in_flight(self) -> dict[str, int]:
        """Return how many requests to create or upload are open, and were at most."""
        with self._lock:
            return {"now": self._in_flight, "max": self._max_in_flight}


journal = Journal()


def query_of(request: HttpRequest) -> dict[str, Any]:
    """Return the parameters of the request; a repeated one has a list."""
    return {name: values if len(values) > 1 else values[0] for name, values in request.GET.lists()}


def without_bulk(value: Any) -> Any:
    """Return the body of a request, with images replaced by their length and secrets by their last characters."""
    if isinstance(value, list):
        return [without_bulk(item) for item in value]
    if not isinstance(value, dict):
        return value
    shown = {}
    for key, item in value.items():
        if key in BASE64_KEYS and isinstance(item, str):
            shown[key] = f"<{len(item)} characters>"
        elif key in SECRET_KEYS and isinstance(item, str):
            shown[key] = f"…{item[-4:]}"
        else:
            shown[key] = without_bulk(item)
    return shown
