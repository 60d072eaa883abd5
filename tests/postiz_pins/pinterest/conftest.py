import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from postiz_pins.pinterest.client import PinterestClient


class Script:
    """A server that gives prepared answers, for what the sandbox would never say."""

    def __init__(self):
        self.answers = []
        self.requests = []
        self.headers = []
        self.url = ""

    def answer(self, body, status=200, **headers):
        """The next answer; the last one is repeated. `body` is text, or something to encode as JSON."""
        text = body if isinstance(body, str) else json.dumps(body)
        self.answers.append((status, {name.replace("_", "-"): value for name, value in headers.items()}, text))

    def take(self, handler):
        self.requests.append(handler.path)
        self.headers.append(handler.headers)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def script():
    script = Script()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, headers, text = script.take(self)
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if "Date" in headers:
                self.send_response_only(status)
            else:
                self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        do_POST = do_GET  # noqa: N815  the name that http.server calls

        def log_message(self, *args):
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    script.url = f"http://127.0.0.1:{server.server_port}/v5"
    yield script
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def scripted_client(script):
    return PinterestClient(script.url, "pina_scripted")


@pytest.fixture
def client(sandbox):
    """Pinterest on behalf of the sandbox's account "chairshop"."""
    sandbox.create_account("chairshop", account_type="BUSINESS", boards=["Chairs", "Tables"])
    return PinterestClient(sandbox.api_url, sandbox.token("chairshop"))
