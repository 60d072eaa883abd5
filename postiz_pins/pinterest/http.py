"""One request to Pinterest, with its errors by name."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from ..user_agent import user_agent
from . import network, server_clock
from .errors import (
    AnsweredByProxy,
    AuthenticationFailed,
    PinterestClientError,
    PinterestError,
    RateLimited,
    ServerFailed,
    SpamDetected,
    Unreachable,
)

CONNECT_TIMEOUT_SECONDS = 5
READ_TIMEOUT_SECONDS = 30
# For each block of a body. At the slowest a line carries 26 kB a second, with which 2 GB take less than a day.
WRITE_TIMEOUT_SECONDS = 40
BLOCK_BYTES = 1024 * 1024
# A 429 without X-RateLimit-Reset or Retry-After.
DEFAULT_PAUSE_SECONDS = 60
# The same of a 403 "You have exceeded your rate limit", which is about a longer time than a minute.
FORBIDDEN_PAUSE_SECONDS = 900
# No limit of Pinterest's is counted over more than a day, so a longer pause is a misunderstanding of the header.
MAX_PAUSE_SECONDS = 86_400


class _WriteTimeout:
    """Sends a body block by block, each within a limit of its own.

    urllib3 would hold the whole body to the time limit for connecting.
    """

    sock: Any

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()  # type: ignore[attr-defined]  # HTTPConnection's, like send
        self.sock.settimeout(WRITE_TIMEOUT_SECONDS)
        blocks = memoryview(data) if isinstance(data, bytes) else None
        if blocks is None or len(blocks) <= BLOCK_BYTES:
            super().send(data)  # type: ignore[misc]
            return
        for start in range(0, len(blocks), BLOCK_BYTES):
            super().send(blocks[start : start + BLOCK_BYTES])  # type: ignore[misc]


class _Connection(_WriteTimeout, HTTPConnection):
    pass


class _SecureConnection(_WriteTimeout, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self._use_our_pools(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        return self._use_our_pools(super().proxy_manager_for(*args, **kwargs))

    @staticmethod
    def _use_our_pools(manager: Any) -> Any:
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
        return manager


def send(method: str, url: str, **kwargs: Any) -> requests.Response:
    """Return the response, whatever its status.

    `kwargs` are those of `requests.request`. Nothing is repeated, and nothing that the environment knows of the host
    (~/.netrc) is sent.

    Raises `Unreachable` if there is none.
    """
    # With no auth at all, requests would replace our Authorization by what ~/.netrc says about the host.
    kwargs.setdefault("auth", lambda request: request)
    with requests.Session() as session:
        session.headers["User-Agent"] = user_agent(settings.PUBLIC_URL)
        for scheme in ("http://", "https://"):
            session.mount(scheme, _Adapter())
        try:
            return session.request(
                method,
                url,
                timeout=(CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS),
                allow_redirects=False,
                **kwargs,
            )
        except requests.RequestException as error:
            raise _unreachable(error) from error


def request_json(method: str, url: str, **kwargs: Any) -> dict[str, Any]:
    """Return the JSON object of a 2xx response.

    `kwargs` are those of `requests.request`. Nothing is repeated: a caller has to look before it repeats a POST. Raises
    a `PinterestError` for all else.
    """
    answer = send(method, url, **kwargs)
    try:
        body = answer.json()
    except ValueError:
        body = None
    is_done = 200 <= answer.status_code < 300
    if isinstance(body, dict) and (is_done or _is_pinterests_error(body)):  # no proxy's clock
        server_clock.note(answer.headers.get("Date", ""))
    if isinstance(body, dict) and is_done:
        return body
    raise _error(answer, body)


def _error(answer: requests.Response, body: Any) -> PinterestError:
    """Return the failure by its name; a 4xx counts only in Pinterest's own words (docs/pinterest.md)."""
    status = answer.status_code
    details: dict[str, Any] = {"status": status, "request_id": answer.headers.get("x-pinterest-rid", "")}
    if not _is_pinterests_error(body):
        return _error_of_proxy(answer, details)
    details["code"] = body["code"]
    message = body["message"] or f"Pinterest answered with status {status} and no explanation."
    if status == 401:
        return AuthenticationFailed(message, **details)
    if status == 429 and "spam" in message.lower():
        return SpamDetected(message, **details)
    if status == 429:
        return RateLimited(message, retry_after_seconds=_pause_seconds(answer), **details)
    if status == 403 and "exceeded your rate limit" in message.lower():  # seen in the field
        return RateLimited(message, retry_after_seconds=_pause_seconds(answer, FORBIDDEN_PAUSE_SECONDS), **details)
    if 400 <= status < 500:
        return PinterestClientError(message, **details)
    return ServerFailed(message, **details)


def _error_of_proxy(answer: requests.Response, details: dict[str, Any]) -> PinterestError:
    if not 300 <= answer.status_code < 500:
        return ServerFailed(f"Pinterest answered with status {answer.status_code} and no explanation.", **details)
    by_proxy = AnsweredByProxy(**details)
    if answer.status_code == 429:  # a proxy may want a pause too
        return RateLimited(by_proxy.message, retry_after_seconds=_pause_seconds(answer), **details)
    return by_proxy


def _is_pinterests_error(body: Any) -> bool:
    """Return whether this is the `Error` of Pinterest's description: {"code": integer, "message": string}."""
    return isinstance(body, dict) and type(body.get("code")) is int and isinstance(body.get("message"), str)


def _pause_seconds(answer: requests.Response, default: int = DEFAULT_PAUSE_SECONDS) -> int:
    """Return the longest of the waits that the response names, a day at most.

    One header may know only the shortest limit. X-RateLimit-Reset is seconds to wait, not a moment, and has been seen
    at 67,150; Retry-After is seconds or an HTTP date (docs/pinterest.md, "Errors").
    """
    waits = list(_named_waits(answer.headers))
    return min(max(math.ceil(max(waits)), 1), MAX_PAUSE_SECONDS) if waits else default


def _named_waits(headers: Any) -> Iterator[float]:
    for header in ("X-RateLimit-Reset", "Retry-After"):
        for value in headers.get(header, "").split(","):  # the same header twice arrives joined with a comma
            if re.fullmatch(r"\d{1,15}(\.\d{1,9})?", value.strip(), re.ASCII):
                yield float(value)
    if moment := _http_date(headers.get("Retry-After", "")):
        # Counted by the clock that has written it; ours may be wrong.
        yield (moment - (_http_date(headers.get("Date", "")) or datetime.now(UTC))).total_seconds()


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _never_connected(error: requests.RequestException) -> bool:
    """Return whether the connection itself failed. Each request has a new connection, so nothing else can mean that."""
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    return isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError | ConnectTimeoutError)


def _unreachable(error: requests.RequestException) -> Unreachable:
    """Return what happened, without the address or the body, which may hold secrets."""
    if isinstance(error, requests.ReadTimeout):
        return Unreachable("Pinterest did not answer within the time limit.", was_sent=True)
    if not _never_connected(error):
        return Unreachable("The connection to Pinterest failed.", was_sent=True)
    if _was_refused_by_a_machine(error) or not network.is_offline():
        return Unreachable("The connection to Pinterest failed.", was_sent=False)
    return Unreachable("This server could not reach anything on the internet.", was_sent=False, is_offline=True)


def _was_refused_by_a_machine(error: BaseException | None) -> bool:
    """Return whether the connection was refused, which takes a machine that does so: then there is a network."""
    while error is not None and not isinstance(error, ConnectionRefusedError):
        error = error.__cause__ or error.__context__
    return error is not None
