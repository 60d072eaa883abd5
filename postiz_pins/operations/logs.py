"""The log as text or as lines of JSON (LOG_FORMAT=json), and the id of the request that each line belongs to."""

from __future__ import annotations

import json
import logging
import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
# As proxies write them. What looks otherwise could be meant to forge a line.
ID = re.compile(r"[\w.-]{8,64}", re.ASCII)
# What every record has; whatever else it has was given with it (`extra`).
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

# What opens something by itself stands in these addresses, and Django logs the address of each request that it refuses:
# a calendar feed, an invitation, a new password.
TOKEN = re.compile(r"""(/calendar/feed/|/invitations/|/password/reset/key/)[^/\s"'\\]+""")

request_id: ContextVar[str] = ContextVar("request_id", default="")


class RequestIds:
    """Gives each request an id, or keeps that of a proxy, and tells it in the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, with its id in the response's header."""
        sent = request.headers.get(HEADER, "")
        own = sent if ID.fullmatch(sent) else uuid.uuid4().hex
        token = request_id.set(own)
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
        response[HEADER] = own
        return response


class TextFormatter(logging.Formatter):
    """Lines for people, without tokens."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}: {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text, with … for tokens."""
        return without_tokens(super().format(record))


class JsonFormatter(logging.Formatter):
    """One object a line: time, level, logger, message, request_id, what was given as `extra`, and the exception."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line of JSON."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if own := request_id.get():
            line["request_id"] = own
        # Django adds the request itself, whose text would have an address in it.
        given = {name: value for name, value in vars(record).items() if name not in STANDARD}
        line |= {name: value for name, value in given.items() if isinstance(value, str | int | float)}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return without_tokens(json.dumps(line, ensure_ascii=False))


def without_tokens(line: str) -> str:
    """Return the line with … for tokens in addresses."""
    return TOKEN.sub(r"\1…", line)
