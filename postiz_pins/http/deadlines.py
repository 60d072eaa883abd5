"""Responses that end in time, however slowly their bytes arrive.

A socket's timeout holds for each wait, so a server that sends a byte every other second could keep a thread for hours.
"""

from __future__ import annotations

import io
import socket
import time
from http.client import HTTPResponse
from typing import Any, cast

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


def end_in_time(session: requests.Session) -> None:
    """Let the read timeout of the session's requests hold for the whole response, rather than for each wait."""
    pools = {"http": _TimedPool, "https": _TimedTLSPool}
    for adapter in session.adapters.values():
        cast(HTTPAdapter, adapter).poolmanager.pool_classes_by_scheme = pools


class _TimedReader(io.RawIOBase):
    """Reads a socket whose timeout, as it is at first, holds for everything that is read here."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock, self._raw = sock, sock.makefile("rb", buffering=0)
        self._ends_at = time.monotonic() + (sock.gettimeout() or 0)

    def makefile(self, mode: str) -> io.BufferedReader:
        """Return what http.client reads a response from; it asks the socket for it."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("The response took too long.")
        self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedResponse(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(_TimedReader(sock), *args, **kwargs)  # type: ignore[arg-type]  # it only asks for makefile()


class _TimedConnection(HTTPConnection):
    response_class = _TimedResponse


class _TimedTLSConnection(HTTPSConnection):
    response_class = _TimedResponse


class _TimedPool(HTTPConnectionPool):
    ConnectionCls = _TimedConnection


class _TimedTLSPool(HTTPSConnectionPool):
    ConnectionCls = _TimedTLSConnection
