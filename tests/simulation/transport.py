"""HTTP between the app and the simulated Pinterest: the session's adapter is replaced, all above it is the app's.

Here requests are late, lost, answered by somebody else; the process that sends one may die before or after it.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from email.utils import formatdate
from http.client import responses
from typing import Any

import requests
from django.db import connection
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NewConnectionError, ProtocolError

from . import boundaries
from .at_pinterest import Answer
from .pinterest import Pinterest
from .world import Killed, World

LATENCY = 0.2
HTML = {"Content-Type": "text/html"}
PAGE = b"<html><head><title>Attention</title></head><body><h1>Something stands in between</h1></body></html>"

# What may become of a request. "done" tells whether Pinterest has carried it out all the same.
Fault = tuple[str, bool, float]

# Answers of something between us and Pinterest: its status and its body.
PAGES: dict[str, tuple[int, bytes]] = {
    "page200": (200, PAGE),
    "page302": (302, PAGE),
    "page401": (401, PAGE),
    "page403": (403, PAGE),
    "page404": (404, PAGE),
    "page407": (407, PAGE),
    "page502": (502, PAGE),
    "page503": (503, PAGE),
    "empty200": (200, b""),
    "empty204": (204, b""),
    "empty404": (404, b""),
    "empty502": (502, b""),
    "list200": (200, b"[]"),
    "nothing200": (200, b"{}"),
    "cut200": (200, b'{"id": "8'),
}
# Pinterest's own failures, in its JSON.
OWN = {
    "own500": (500, {"code": 0, "message": "Something went wrong on our end."}),
    "own503": (503, {"code": 11, "message": "Service unavailable."}),
}
# A refusal for a while, and the headers that name it; the seconds are the fault's.
LIMITS: dict[str, Callable[[float, float], dict[str, str]]] = {
    "limit": lambda seconds, now: {"X-RateLimit-Reset": str(int(seconds))},
    "limit_fraction": lambda seconds, now: {"X-RateLimit-Reset": f"{seconds - 0.5:.1f}"},
    "limit_after": lambda seconds, now: {"Retry-After": str(int(seconds))},
    "limit_date": lambda seconds, now: {"Retry-After": formatdate(now + seconds, usegmt=True)},
    "limit_both": lambda seconds, now: {"X-RateLimit-Reset": "1", "Retry-After": str(int(seconds))},
    "limit_both_date": lambda seconds, now: {
        "X-RateLimit-Reset": "2",
        "Retry-After": formatdate(now + seconds, usegmt=True),
    },
    "limit_other": lambda seconds, now: {"X-RateLimit-Reset": str(int(seconds)), "Retry-After": "1"},
    "limit_unsaid": lambda seconds, now: {},
}


class Transport:
    """The way from the app to one simulated Pinterest."""

    def __init__(self, world: World, pinterest: Pinterest, faults: dict[tuple[str, int], Fault]) -> None:
        self.world = world
        self.pinterest = pinterest
        self.faults = faults
        # While it lasts, this becomes of every request.
        self.outage: tuple[str, bool, float] | None = None
        self.counts: dict[str, int] = {}
        self.posting = 0
        # Not once the clock has jumped so far ahead that leases of the living have ended.
        self.counts_posts = True

    def send(self, request: requests.PreparedRequest, timeout: Any) -> requests.Response:
        world, thread = self.world, self.world.current
        if thread is None or thread.process.is_dead:
            raise Killed
        if connection.in_atomic_block:
            world.violated(f"a transaction is open during {request.method} {request.url}")
        boundaries.settle(world)
        world.point("request", "before")
        operation = self.pinterest.operation_of(request)
        fault = self._fault_of(operation)
        body = _body_of(request)  # read now, as an upload does it while it sends
        self.pinterest.note_attempt(operation, request, body, thread.process)
        is_posting = operation in ("create", "upload")
        if fault[0] in ("unsent", "offline"):
            world.note(f"{operation}: cannot connect")
            world.sleep(LATENCY)
            self.pinterest.tell(operation, request, body, fault[0])
            boundaries.now.is_offline = fault[0] == "offline"
            raise requests.ConnectionError(_MaxRetries(NewConnectionError(None, "No route to host")))  # type: ignore[arg-type]
        if is_posting:
            self.posting += 1
            if self.posting > self.pinterest.slots and self.counts_posts:
                world.violated(f"{self.posting} posts are in flight, with {self.pinterest.slots} slots")
        try:
            return self._carry_out(request, body, operation, fault, timeout[1])
        finally:
            self.posting -= is_posting

    def _fault_of(self, operation: str) -> Fault:
        if self.outage is not None:
            return self.outage
        for name in (operation, "any"):
            self.counts[name] = self.counts.get(name, 0) + 1
        for name in (operation, "any"):
            if (name, self.counts[name]) in self.faults:
                return self.faults[name, self.counts[name]]
        return ("", True, 0.0)

    def _carry_out(
        self, request: requests.PreparedRequest, body: bytes, operation: str, fault: Fault, timeout: float
    ) -> requests.Response:
        kind, is_done, seconds = fault
        world = self.world
        if kind:
            world.note(f"{operation}: {kind} {'done' if is_done else 'not done'} {seconds:g}")
        if kind == "late":  # the process gives up, and only then does Pinterest carry it out
            world.at(world.now + timeout + seconds, lambda: self.pinterest.answer(request, body))
            is_done = False
        world.sleep(LATENCY / 2)
        limit = LIMITS.get(kind)
        answer: Answer | None = None
        if limit is not None:
            named = 0.0 if kind == "limit_unsaid" else seconds
            if "date" in kind:  # in whole seconds by Pinterest's clock, which is not the app's
                named -= 1 + abs(self.pinterest.clock - world.now) + abs(world.jump)
            elif "fraction" in kind:
                named -= 0.5
            headers = limit(seconds, boundaries.EPOCH + self.pinterest.clock)
            answer = self.pinterest.limit(operation, request, named, headers)
        elif kind == "spam":
            answer = self.pinterest.call_spam(request, body)
        elif is_done:
            answer = self.pinterest.answer(request, body)
        world.sleep(seconds if kind == "slow" else timeout if kind in ("late", "timeout") else LATENCY / 2)
        world.point("request", "after")
        self.pinterest.tell(operation, request, body, kind or "answered")
        if kind in ("late", "timeout"):
            raise requests.ReadTimeout("Read timed out.")
        if kind in ("lost", "reset"):
            raise requests.ConnectionError(ProtocolError("Connection aborted."))
        if kind in PAGES:
            status, page = PAGES[kind]
            answer = Answer(status, page, HTML)
        elif kind in OWN:
            status, words = OWN[kind]
            answer = Answer(status, json.dumps(words).encode(), {})
        if answer is None:
            raise AssertionError(f"The fault {fault} gives no answer.")
        if world.trace is not None:
            world.note(f"{operation} {request.method} {request.url} -> {answer.status} {answer.body[:300]!r}")
        for told in answer.when_told:
            told(world)
        return self._response(request, answer)

    def _response(self, request: requests.PreparedRequest, answer: Answer) -> requests.Response:
        response = requests.Response()
        response.status_code = answer.status
        response.reason = responses.get(answer.status, "")
        response._content = answer.body
        response.raw = io.BytesIO()
        response.headers.update({"Content-Type": "application/json", **answer.headers})
        response.headers["Date"] = formatdate(boundaries.EPOCH + self.pinterest.clock, usegmt=True)
        if answer.headers is not HTML:
            response.headers["x-pinterest-rid"] = str(self.pinterest.request_number)
        response.url = request.url or ""
        response.request = request
        response.encoding = "utf-8"
        return response


class _MaxRetries(Exception):
    """As urllib3's MaxRetryError: what the connection failed with is its `reason`."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(str(reason))
        self.reason = reason


def _body_of(request: requests.PreparedRequest) -> bytes:
    body: Any = request.body
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes):
        return body
    blocks = []
    while block := body.read(2**20):
        blocks.append(block)
    return b"".join(blocks)


current: Transport | None = None


def _send(self: HTTPAdapter, request: requests.PreparedRequest, *_: Any, timeout: Any = None, **__: Any) -> Any:
    if current is None or not re.match("https://[a-z0-9.]*[.]simulated/", request.url or ""):
        raise AssertionError(f"Nothing is asked outside the simulation: {request.url}")
    return current.send(request, timeout)


def install() -> None:
    """From now on no request leaves this process."""
    HTTPAdapter.send = _send  # type: ignore[method-assign]
