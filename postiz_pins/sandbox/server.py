"""The sandbox's web server: Django's threaded one, able to hang up in the middle of a request."""

import contextlib
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

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
DRAIN_BYTES = 65_536
LINGER_SECONDS = 0.5
# SO_LINGER: on, for no time.
RESET_AT_CLOSE = struct.pack("ii", 1, 0)
ENDING = {signal.SIGTERM, signal.SIGINT}


class RequestHandler(WSGIRequestHandler):
    timeout = 120

    @property
    def raw(self) -> socket.socket:
        # Django's stubs take socketserver's request for the one of HTTP.
        return cast(socket.socket, self.connection)

    def get_environ(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environ()
        environ["sandbox.hang_up"] = self.hang_up
        return environ

    def hang_up(self, *, reset: bool = False) -> None:
        """Close the connection now; what is written later reaches nobody.

        `reset` also tells a client that is still sending, which would wait for its window to open otherwise."""
        with contextlib.suppress(OSError):
            if reset:
                self.raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
            self.raw.shutdown(socket.SHUT_RDWR)

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (ConnectionError, TimeoutError):
            # The client left, kept silent too long, or the connection was hung up above.
            self.close_connection = True
            return
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
        """Silent: GET /sandbox/requests tells more than lines among the app's own would."""


class Application(WSGIHandler):
    def get_response(self, request: HttpRequest) -> HttpResponse:
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
    request_queue_size = 128


def take_over(host: str) -> None:
    """This process is the sandbox and nothing else: its addresses, and none of the app's middleware."""
    settings.DEBUG = False
    settings.ROOT_URLCONF = "postiz_pins.sandbox.urls"
    settings.MIDDLEWARE = []
    settings.ALLOWED_HOSTS = [*LOOPBACK, host] if host != "0.0.0.0" else ["*"]  # noqa: S104  a comparison
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = None


def serve(host: str, port: int, ready: Callable[[int], None]) -> None:
    """Serve until SIGTERM or SIGINT; `ready` gets the port once connections are accepted."""
    # Blocked before any thread exists, so that none of them can swallow the signal that the main thread waits for.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    take_over(host)
    server = Server((host, port), RequestHandler)
    server.set_app(Application())
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    ready(server.server_port)
    signal.sigwait(ENDING)
    server.shutdown()
    server.server_close()
