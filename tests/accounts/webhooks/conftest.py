"""A receiver of webhooks on this machine, which keeps what it is sent and answers as a test wants."""

import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict
    body: str


class Receiver:
    """Answers with `statuses` in turn, then with 204."""

    def __init__(self):
        self.requests, self.statuses, self.answer = [], [], b""
        self.location = ""
        self.connections = 0
        # Answers so slowly that only a limit for the whole of it ends it.
        self.trickles = False
        # Paths that get no answer until `let_go` is set.
        self.hangs, self.let_go = set(), threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                receiver.connections += 1
                super().setup()

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                receiver.requests.append(Received(self.path, dict(self.headers), body))
                if self.path in receiver.hangs:
                    receiver.let_go.wait(30)
                    self.close_connection = True
                    return
                for _ in range(300 if receiver.trickles else 0):
                    self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                    time.sleep(0.1)
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 204)
                if receiver.location:
                    self.send_header("Location", receiver.location)
                self.send_header("Content-Length", str(len(receiver.answer)))
                self.end_headers()
                self.wfile.write(receiver.answer)

            def log_message(self, *args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def wait_for(self, count):
        deadline = time.monotonic() + 60
        while len(self.requests) < count:
            assert time.monotonic() < deadline, "nothing was received"
            time.sleep(0.05)

    def close(self):
        self.let_go.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver(settings, monkeypatch):
    settings.ALLOW_PRIVATE_WEBHOOKS = True
    monkeypatch.setenv("ALLOW_PRIVATE_WEBHOOKS", "on")  # for processes
    server = Receiver()
    yield server
    server.close()
