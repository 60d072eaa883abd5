"""`make run` and `manage.py run`: everything starts, everything stops, and what is wrong is said in one line."""

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from postiz_pins.runtime.supervisor import SHORTEST_LIFE_SECONDS
from tests.browser.app_process import ROOT, AppProcess, SandboxControls, answers, free_port, manage, wait_until

# Heavy, and so in one queue with the browser's tests.

# A post that is under way may end, within 100 s; an idle app has nothing to wait for. On a quiet machine it takes 3 s.
PROMPT_SECONDS = 40
MAKE = shutil.which("make")
needs_make = pytest.mark.skipif(
    MAKE is None or not (ROOT / ".venv/base.stamp").exists(), reason="make and its virtual environment are missing"
)


@pytest.fixture(scope="module")
def stopped_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppProcess]:
    """One database for all tests of this file, so that only the first start has to make it."""
    process = AppProcess(tmp_path_factory.mktemp("run"))
    yield process
    process.close()


@pytest.fixture
def app(stopped_app: AppProcess) -> Iterator[AppProcess]:
    yield stopped_app
    stopped_app.stop()
    stopped_app.kill_left_processes()


def make(*arguments: str) -> list[str]:
    return ["make", "--no-print-directory", *arguments]


def assert_ends_everything(app: AppProcess, number: signal.Signals, *, whole_group: bool = False) -> int:
    """The exit status."""
    wait_until(app.workers_are_up, "The cluster works", 30)
    began_at = time.monotonic()
    status = app.signal(number, whole_group=whole_group)
    assert app.left_processes() == []
    assert time.monotonic() - began_at < PROMPT_SECONDS, app.output
    assert "Traceback" not in app.output
    return status


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_ends_every_process_soon(app: AppProcess, number: signal.Signals) -> None:
    app.start()
    wait_until(app.workers_are_up, "The cluster works", 30)
    # The supervisor, two of gunicorn, three of the cluster with one idle worker, the sandbox; make is the eighth.
    assert len(app.left_processes()) == 7

    assert assert_ends_everything(app, number) == 0


@needs_make
def test_make_run_stops_by_signals_and_keeps_its_data_for_the_next_start(app: AppProcess) -> None:
    app.start(make("run"))
    for part in (f"{app.url}/", app.demo_login[0], app.demo_login[1], app.sandbox_url):
        assert part in app.output
    with requests.Session() as session:
        session.trust_env = False
        sign_in(session, app)
        add_board(app, "Made before the restart")

        assert_ends_everything(app, signal.SIGTERM)
        app.start(make("run"))

        answer = session.get(f"{app.url}/", timeout=10)
        assert "/accounts/login/" not in answer.url, "the session, and with it the keys and the database, are kept"
    assert "Made before the restart" in page_of(app.sandbox_url)
    # Ctrl-C reaches all processes in front of the terminal.
    assert_ends_everything(app, signal.SIGINT, whole_group=True)


PUBLISH = """
from postiz_pins.common import encryption
from tests.factories import BoardFactory, PinFactory, PinterestAccountFactory
access, refresh = map(encryption.encrypt, ({access!r}, {refresh!r}))
account = PinterestAccountFactory(access_token_encrypted=access, refresh_token_encrypted=refresh)
print(PinFactory(board=BoardFactory(account=account, pinterest_id={board!r})).pk)
"""
STATUS = "from pins.models import Pin; print(Pin.objects.get(pk={pk}).status)"


def test_a_signal_to_every_process_cuts_off_no_pin_that_is_sent_to_the_sandbox(app: AppProcess) -> None:
    app.start()
    wait_until(app.workers_are_up, "The cluster works", 60)
    sandbox = SandboxControls(app.sandbox_url)
    board = sandbox.create_account("chairshop", boards=["Chairs"])["boards"][0]["id"]
    tokens = sandbox.tokens("chairshop")
    sandbox.fault("pins/create", "latency", seconds=3)
    pk = app.python(PUBLISH.format(access=tokens["access_token"], refresh=tokens["refresh_token"], board=board)).strip()
    wait_until(lambda: sandbox.in_flight()["now"] == 1, "The pin is being sent", 60)
    sandbox.close()

    app.signal_all(signal.SIGTERM)  # as systemd does

    assert app.wait() == 0
    assert app.left_processes() == []
    assert app.python(STATUS.format(pk=pk)).strip() == "published"


def test_nothing_is_left_of_a_supervisor_that_is_killed(app: AppProcess) -> None:
    app.start()
    wait_until(app.workers_are_up, "The cluster works", 60)

    app.signal(signal.SIGKILL)

    wait_until(lambda: app.left_processes() == [], "Everything has ended", 60)


def test_a_killed_child_is_started_again(app: AppProcess) -> None:
    app.start()
    wait_until(app.workers_are_up, "The cluster works", 30)
    time.sleep(SHORTEST_LIFE_SECONDS)  # what ends sooner is taken for a fault that would come back

    app.kill_one("manage.py cluster")

    wait_until(lambda: app.output.count("Clock started.") == 2, "Cluster and clock are back", 20)
    assert_ends_everything(app, signal.SIGTERM)


def test_a_real_app_id_starts_no_sandbox(app: AppProcess) -> None:
    real = {"PINTEREST_APP_ID": "1234567", "PINTEREST_APP_SECRET": "a-secret"}
    app.start(**real)

    assert not any("manage.py sandbox" in command for command in app.left_processes())
    assert not answers(app.sandbox_url)
    assert app.demo_login[1] not in app.output
    refusal = app.run(manage("sandbox"), **real)
    assert refusal.returncode == 1
    assert only_line(refusal.stderr).endswith(
        "PINTEREST_APP_ID is set, so the app talks to the real Pinterest: no sandbox is started."
    )
    assert_ends_everything(app, signal.SIGTERM)


@pytest.mark.parametrize("variable", ["PORT", "SANDBOX_PORT"])
def test_a_busy_port_is_said_in_one_line(app: AppProcess, variable: str) -> None:
    with socket.socket() as other_program:
        other_program.bind(("127.0.0.1", 0))
        other_program.listen()
        port = other_program.getsockname()[1]

        ended = app.run(manage("run"), **{variable: str(port)})

    assert ended.returncode == 1
    assert only_line(ended.stderr) == (
        f"CommandError: Port {port} is in use. Stop the program that uses it, or choose another by {variable}, such as:"
        f" make run {variable}={port + 1}"
    )


def test_a_second_start_on_one_data_folder_is_said_in_one_line_and_disturbs_nothing(app: AppProcess) -> None:
    app.start()

    ended = app.run(manage("run"), PORT=str(free_port()), SANDBOX_PORT=str(free_port()))

    assert ended.returncode == 1
    assert only_line(ended.stderr) == (
        f"CommandError: Postiz Pins already runs with the data in {app.data_dir}. Stop it first, or set DATA_DIR to"
        " another folder."
    )
    assert answers(app.url)
    app.kill_one("postiz_pins.runtime.supervisor")  # the lock ends with it
    app.wait()
    wait_until(lambda: app.left_processes() == [], "Nothing is left", 30)
    app.start()


def test_one_port_for_both_is_said_in_one_line(app: AppProcess) -> None:
    ended = app.run(manage("run"), PORT="8765", SANDBOX_PORT="8765")

    assert ended.returncode == 1
    assert only_line(ended.stderr) == "CommandError: PORT and SANDBOX_PORT are both 8765. Choose two different ports."


@needs_make
@pytest.mark.parametrize("python", ["python3", "no-such-python"])
def test_an_old_or_missing_python_is_said_in_one_line(tmp_path: Path, python: str) -> None:
    fresh = tmp_path / "checkout"
    fresh.mkdir()
    shutil.copy(ROOT / "Makefile", fresh)
    shutil.copytree(ROOT / "requirements", fresh / "requirements")
    shutil.copytree(ROOT / "static", fresh / "static")
    programs = tmp_path / "bin"
    programs.mkdir()
    # As Python 3.10 would: what the Makefile asks fails there.
    (programs / "python3").write_text(f'#!/bin/sh\nexec {sys.executable} -c "import sys; sys.exit(1)"\n')
    (programs / "python3").chmod(0o755)

    ended = subprocess.run(
        make("run", f"PYTHON={python}"),
        cwd=fresh,
        env={"PATH": f"{programs}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert ended.returncode == 2
    told = [line for line in ended.stderr.splitlines() if not line.startswith("make: ***")]
    assert told == [
        f"Postiz Pins needs Python 3.11 or newer; '{python}' is missing or older. Try: make run PYTHON=python3.11"
    ]
    assert not (fresh / ".venv").exists()


def only_line(text: str) -> str:
    lines = text.strip().splitlines()
    assert len(lines) == 1, text
    return lines[0]


def sign_in(session: requests.Session, app: AppProcess) -> None:
    address = f"{app.url}/accounts/login/"
    session.get(address, timeout=10).raise_for_status()
    email, password = app.demo_login
    form = {"login": email, "password": password, "csrfmiddlewaretoken": session.cookies["csrftoken"]}
    answer = session.post(address, form, headers={"Referer": address}, timeout=10)
    assert answer.url == f"{app.url}/"


def add_board(app: AppProcess, name: str) -> None:
    controls = SandboxControls(app.sandbox_url)
    controls.create_board("harbourandpine", name)
    controls.close()


def page_of(url: str) -> str:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, timeout=10).text
