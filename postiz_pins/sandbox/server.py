"""The sandbox's web server: Django's threaded one, able to hang up in the middle of a request."""

import contextlib
import os
import signal
import socket
import struct
import threading
from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.http import HttpRequest, HttpResponse

from postiz_pins.runtime import stopping

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
DRAIN_BYTES = 65_536
LINGER_SECONDS = 0.5
# SO_LINGER: on, for no time.
RESET_AT_CLOSE = struct.pack("ii", 1, 0)
ENDING = {signal.SIGTERM, signal.SIGINT}
# As long as `make run` waits for the others (runtime/supervisor.py); what is open then waits for an unread answer.
LONGEST_DRAIN_SECONDS = 100.0


class RequestHandler(WSGIRequestHandler):
    """A connection, which faults may close at any point."""

    timeout = 120
    is_open = False

    @property
    def raw(self) -> socket.socket:
        """Return the socket of the connection."""
        # Django's stubs take socketserver's request for the one of HTTP.
        return cast(socket.socket, self.connection)

    def get_environ(self) -> dict[str, Any]:
        """Return the request's environment, with a way to hang up."""
        environ: dict[str, Any] = super().get_environ()
        environ["sandbox.hang_up"] = self.hang_up
        return environ

    def hang_up(self, *, reset: bool = False) -> None:
        """Close the connection now; what is written later is lost.

        `reset` also tells a client that is still sending, which would wait for its window to open otherwise.
        """
        with contextlib.suppress(OSError):
            if reset:
                self.raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
            self.raw.shutdown(socket.SHUT_RDWR)

    def parse_request(self) -> bool:
        """Parse a request, and count it as open.

        Called once it has begun to arrive: until then the connection only waits for one.
        """
        # Called once a request has begun to arrive: until then the connection only waits for one.
        self.is_open = True
        open_requests.count(1)
        return super().parse_request()

    def handle_one_request(self) -> None:
        """Handle a request, and count it as done however it ends."""
        try:
            super().handle_one_request()
        except (ConnectionError, TimeoutError):
            # The client left, kept silent too long, or the connection was hung up above.
            self.close_connection = True
            return
        finally:
            if self.is_open:
                self.is_open = False
                open_requests.count(-1)
        if getattr(self, "headers", None) and "Transfer-Encoding" in self.headers:
            self.linger()

    def linger(self) -> None:
        """Swallow a chunked body. Closing with it unread would reset the connection and destroy the 411."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.raw.shutdown(socket.SHUT_WR)
            self.raw.settimeout(LINGER_SECONDS)
            while self.raw.recv(DRAIN_BYTES):
                pass

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: GET /sandbox/requests says more than lines among the app's own would."""


class OpenRequests:
    """How many requests are being answered."""

    def __init__(self) -> None:
        self._number = 0
        self._changed = threading.Condition()

    def count(self, more: int) -> None:
        """Add to the number of open requests."""
        with self._changed:
            self._number += more
            self._changed.notify_all()

    def wait_for_none(self, seconds: float) -> None:
        """Wait until no request is open, for so many seconds at most."""
        with self._changed:
            self._changed.wait_for(lambda: self._number == 0, seconds)


open_requests = OpenRequests()


class Application(WSGIHandler):
    """Django's handler, for a server that keeps connections open."""

    def get_response(self, request: HttpRequest) -> HttpResponse:
        """Return the response with its length, after the rest of the request has been read."""
        # No view here streams.
        response = cast(HttpResponse, super().get_response(request))
        response["X-Content-Type-Options"] = "nosniff"
        if response.status_code != 204:
            # Without a length the connection could not be kept for the next request.
            response["Content-Length"] = str(len(response.content))
        with contextlib.suppress(OSError):
            # The server reads the rest of a body at once; a refused upload of gigabytes must not fill the memory.
            while request.META["wsgi.input"].read(DRAIN_BYTES):
                pass
        return response


class Server(ThreadedWSGIServer):
    """The server, with a thread for each connection."""

    request_queue_size = 128


def take_over(host: str) -> None:
    """Make this process the sandbox: its addresses, and none of the app's middleware."""
    settings.DEBUG = False
    settings.ROOT_URLCONF = "postiz_pins.sandbox.urls"
    settings.MIDDLEWARE = []
    settings.ALLOWED_HOSTS = [*LOOPBACK, host] if host != "0.0.0.0" else ["*"]  # noqa: S104  a comparison
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = None


def serve(host: str, port: int, ready: Callable[[int], None], *, with_parent: bool = False) -> None:
    """Serve until SIGTERM or SIGINT, which cut off what is open; `ready` gets the port once it listens.

    `with_parent`: until the end of the standard input, and of what is open then. The holder of its other end says so by
    closing it, or by dying; signals, which systemd sends to every process at once, end nothing.
    """
    if with_parent:
        for number in stopping.SIGNALS:
            signal.signal(number, signal.SIG_IGN)
    else:
        # Blocked before any thread exists, so that none of them can swallow the signal that the main thread waits for.
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    take_over(host)
    server = Server((host, port), RequestHandler)
    server.set_app(Application())
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    ready(server.server_port)
    if with_parent:
        wait_for_end_of_input()
        open_requests.wait_for_none(LONGEST_DRAIN_SECONDS)
    else:
        signal.sigwait(ENDING)
    server.shutdown()
    server.server_close()


def wait_for_end_of_input() -> None:
    """Wait until the other end of the standard input is closed."""
    with contextlib.suppress(OSError):
        while os.read(0, 1024):
            pass
