import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import requests

from tests.browser.app_process import wait_until
from tests.sandbox_process import ROOT, SandboxProcess


@pytest.fixture
def own(tmp_path):
    """A sandbox of its own, for tests that end it."""
    process = SandboxProcess().start(tmp_path / "own.sqlite3")
    yield process
    if process.process.poll() is None:
        process.stop()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_it_at_once_even_in_the_middle_of_a_request(own, tmp_path, number):
    own.fault("*", "latency", seconds=60)
    token = own.token()
    address = urlsplit(own.url)

    with socket.create_connection((address.hostname, address.port)) as waiting:
        waiting.sendall(f"GET /v5/boards HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        own.process.send_signal(number)
        assert own.process.wait(timeout=5) == 0

    own.stop()
    assert {path.name for path in tmp_path.iterdir()} == {"own.sqlite3"}


@pytest.fixture
def child(tmp_path):
    """As `make run` starts it: until its standard input ends."""
    process = SandboxProcess().start(tmp_path / "child.sqlite3", with_parent=True)
    yield process
    if process.process.poll() is None:
        process.kill()
    process.process.stdin.close()
    process.process.stdout.close()


def test_with_a_parent_it_answers_what_is_open_and_ends_with_its_input(child):
    child.fault("pins/create", "latency", seconds=2)
    token = child.token()

    with ThreadPoolExecutor() as pool:
        answer = pool.submit(child.api, "POST", "/pins", token, json={})
        wait_until(lambda: child.in_flight()["now"] == 1, "The request is open", 20)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            child.process.send_signal(number)
        child.process.stdin.close()

        assert answer.result().status_code == 400, "no pin was described, but that has been said"
    assert child.process.wait(timeout=20) == 0


def test_with_a_parent_it_goes_on_serving_whatever_the_signal(child):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        child.process.send_signal(number)

    assert child.api("GET", "/boards", child.token()).status_code == 200
    child.process.stdin.close()
    assert child.process.wait(timeout=20) == 0


def test_state_survives_a_crash(own, tmp_path):
    tokens = own.tokens()
    board = own.create_board("harbourandpine", "Kept")
    own.create_pin(board["id"], title="Kept too")
    own.kill()

    again = SandboxProcess().start(tmp_path / "own.sqlite3")

    with again:
        assert [pin["title"] for pin in again.pins(board["id"])] == ["Kept too"]
        assert again.api("GET", f"/boards/{board['id']}", tokens["access_token"]).json()["name"] == "Kept"


def test_reset_restores_the_first_state(sandbox):
    before = sandbox.pins()
    sandbox.create_account("new", boards=3)
    sandbox.delete_board(before[0]["board_id"])
    token = sandbox.token()

    sandbox.reset()

    after = sandbox.pins()
    assert [pin["id"] for pin in after] == [pin["id"] for pin in before]
    assert sandbox.api("GET", "/boards", token).status_code == 401


@pytest.mark.parametrize(
    ("environment", "words"),
    [({"PINTEREST_APP_ID": "1234", "PINTEREST_APP_SECRET": "x"}, "PINTEREST_APP_ID is set"), ({}, "cannot listen on")],
)
def test_it_refuses_to_start_in_a_sentence(sandbox, tmp_path, environment, words):
    port = str(urlsplit(sandbox.url).port)
    command = [sys.executable, "manage.py", "sandbox", "--port", port, "--state", str(tmp_path / "s.sqlite3")]
    key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
    own_environment = {"SECRET_KEY": "x", "TOKEN_ENCRYPTION_KEYS": key, "PINTEREST_APP_ID": "", **os.environ}

    ended = subprocess.run(
        command, cwd=ROOT, env=own_environment | environment, capture_output=True, text=True, timeout=30, check=False
    )

    assert ended.returncode == 1
    assert words in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert ended.stdout == ""


def test_one_connection_serves_many_requests(sandbox, token):
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token}"
        adapter = session.get_adapter(sandbox.url)
        for _ in range(5):
            assert session.get(f"{sandbox.api_url}/boards", timeout=10).status_code == 200

        [pool] = [adapter.poolmanager.pools[key] for key in adapter.poolmanager.pools.keys()]  # noqa: SIM118  urllib3's container cannot be iterated
        assert pool.num_connections == 1
