"""Messages of JSON-RPC 2.0: read with distrust, answered with a result or an error."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
# Of MCP.
HEADER_MISMATCH = -32020
UNSUPPORTED_VERSION = -32022

# From there on Python is asked for more than a message of ours can need.
MOST_DEPTH = 40


class RpcError(Exception):
    """The message is refused with this code and sentence.

    `status` is that of HTTP, where the protocol leaves it open.
    """

    def __init__(self, code: int, message: str, *, status: int = 400, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.data = data

    def answer(self, id: int | str | None) -> dict[str, Any]:
        """Return the JSON of the error, for the request with this id."""
        error = {"code": self.code, "message": self.message}
        return {"jsonrpc": "2.0", "id": id, "error": error if self.data is None else error | {"data": self.data}}


@dataclass(frozen=True)
class Message:
    """A request, or a notification, which has no id and gets no answer."""

    method: str
    params: dict[str, Any]
    # None: it is a notification.
    id: int | str | None


def read_message(body: bytes) -> Message:
    """Return the one message of a request's body.

    Raises RpcError for what is no JSON, or no such message.
    """
    content = _read_json(body)
    if isinstance(content, list):
        raise RpcError(INVALID_REQUEST, "Send one message per request: MCP has no batches since version 2025-06-18.")
    if not isinstance(content, dict) or content.get("jsonrpc") != "2.0" or not isinstance(content.get("method"), str):
        raise RpcError(
            INVALID_REQUEST, 'Send one JSON-RPC 2.0 request: {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}.'
        )
    id, params = content.get("id"), content.get("params", {})
    if "id" in content and (isinstance(id, bool) or not isinstance(id, int | str)):
        raise RpcError(INVALID_REQUEST, "“id” must be a string or a whole number, or be left out of a notification.")
    if not isinstance(params, dict):
        raise RpcError(INVALID_REQUEST, "“params” must be an object.")
    return Message(content["method"], params, id)


def _read_json(body: bytes) -> Any:
    try:
        content = json.loads(body.decode(), parse_constant=_refuse_constant)
        # Halves of characters (\ud800), which JSON can write, but neither a database nor UTF-8.
        json.dumps(content, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise RpcError(PARSE_ERROR, "The request body isn't JSON in UTF-8, or is nested too deeply.") from error
    if _is_deeper(content, MOST_DEPTH):
        raise RpcError(PARSE_ERROR, f"The request body is nested more than {MOST_DEPTH} levels deep.")
    return content


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON.")


def _is_deeper(content: Any, levels: int) -> bool:
    """Return whether lists and objects are nested deeper; it goes no deeper itself."""
    if not isinstance(content, dict | list):
        return False
    parts = content.values() if isinstance(content, dict) else content
    return levels == 0 or any(_is_deeper(part, levels - 1) for part in parts)
