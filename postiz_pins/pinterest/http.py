"""One request to Pinterest, with its errors by name."""

from __future__ import annotations

import math
import re
from typing import Any

import requests
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from .errors import AuthenticationFailed, PinterestError, RateLimited, Refused, ServerFailed, SpamRefused, Unreachable

CONNECT_TIMEOUT_SECONDS = 5
READ_TIMEOUT_SECONDS = 30
# A 429 without X-RateLimit-Reset or Retry-After.
DEFAULT_PAUSE_SECONDS = 60
# No limit of Pinterest's is counted over more than a day, so a longer pause is a misunderstanding of the header.
MAX_PAUSE_SECONDS = 86_400


def request_json(method: str, url: str, **kwargs: Any) -> dict[str, Any]:
    """The decoded JSON object that Pinterest answers with 2xx; raises a `PinterestError` for all else.

    `kwargs` are those of `requests.request`. Nothing is repeated: whoever repeats a POST has to look first."""
    # With no auth at all, requests would replace our Authorization by what ~/.netrc says about the host.
    kwargs.setdefault("auth", lambda request: request)
    with requests.Session() as session:
        try:
            answer = session.request(
                method,
                url,
                timeout=(CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS),
                allow_redirects=False,
                **kwargs,
            )
        except requests.RequestException as error:
            raise Unreachable(_name(error), was_sent=not _never_connected(error)) from error
    return _decode(answer)


def _decode(answer: requests.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        body = None
    if 200 <= answer.status_code < 300 and isinstance(body, dict):
        return body
    raise _error(answer, body if isinstance(body, dict) else {})


def _error(answer: requests.Response, body: dict[str, Any]) -> PinterestError:
    status = answer.status_code
    code = body.get("code")
    message = str(body.get("message") or f"Pinterest answered with status {status} and no explanation.")
    known: dict[str, Any] = {
        "status": status,
        "code": code if isinstance(code, int) else None,
        "request_id": answer.headers.get("x-pinterest-rid", ""),
    }
    if status == 401:
        return AuthenticationFailed(message, **known)
    if status == 429 and "spam" in message.lower():
        return SpamRefused(message, **known)
    if status == 429:
        return RateLimited(message, retry_after_seconds=_pause_seconds(answer), **known)
    if 400 <= status < 500:
        return Refused(message, **known)
    return ServerFailed(message, **known)


def _pause_seconds(answer: requests.Response) -> int:
    """X-RateLimit-Reset is seconds to wait, not a moment, and has been seen at 67,150 (facts.md)."""
    for header in ("X-RateLimit-Reset", "Retry-After"):
        value = answer.headers.get(header, "")
        if re.fullmatch(r"\d{1,15}(\.\d+)?", value, re.ASCII):
            return min(max(math.ceil(float(value)), 1), MAX_PAUSE_SECONDS)
    return DEFAULT_PAUSE_SECONDS


def _never_connected(error: requests.RequestException) -> bool:
    """Whether the connection itself failed. Each request has a new connection, so nothing else can mean that."""
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    return isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError | ConnectTimeoutError)


def _name(error: requests.RequestException) -> str:
    """What happened, without the address or the body, which may hold secrets."""
    if isinstance(error, requests.ReadTimeout):
        return "Pinterest did not answer within the time limit."
    return "The connection to Pinterest failed."
