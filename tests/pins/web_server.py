"""A web server on this machine that answers as a test says, well or badly."""

import threading
from collections.abc import Callable
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace


def answers(body=b"", status=200, **headers):
    """An ordinary answer; header names are written with underscores."""

    def answer(handler):
        handler.send_response(status)
        for name, value in ({"Content_Length": str(len(body))} | headers).items():
            if value is not None:
                handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def leads_to(target, status=302, **headers):
    return answers(status=status, Location=target, **headers)


@contextmanager
def serving():
    """`site.pages` maps a path to a function of the handler; `site.asked` lists the requests, with their headers."""
    pages: dict[str, Callable] = {}
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, dict(self.headers)))
            try:
                pages.get(self.path, answers(status=404))(self)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    port = server.server_address[1]
    try:
        yield SimpleNamespace(url=f"http://127.0.0.1:{port}", port=port, pages=pages, asked=asked)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
