"""Whoever starts before its database or Redis waits for them, and /readyz tells what is missing."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest
import requests
from django.db import DatabaseError

from pins.media import folder as media_folder
from postiz_pins.first_start import write_secrets
from postiz_pins.runtime import health, readiness, stopping
from tests.browser.app_process import ROOT, free_port, wait_until
from tests.process_helpers import children_of

# Only what hangs takes so long, whatever else the machine is doing.
GUARD_SECONDS = 60
NOBODY = "postgres://nobody@127.0.0.1:9/nothing?connect_timeout=2"


@pytest.fixture
def environment(tmp_path):
    """Of an installation whose database is away."""
    write_secrets(tmp_path / "secrets.env")
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return inherited | {"DATA_DIR": str(tmp_path), "DATABASE_URL": NOBODY, "PYTHONUNBUFFERED": "1"}


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch):
    monkeypatch.setattr(health, "KEPT_SECONDS", 0, raising=False)


def states(client, **headers):
    response = client.get("/readyz", **headers)
    return response.status_code, response.json()


@pytest.mark.django_db(transaction=True)
def test_readyz_is_200_when_all_is_there_whatever_the_host(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert states(client)[0] == 503, "the media folder has not been marked"
    media_folder.require()

    status, found = states(client, headers={"host": "10.0.0.7"})

    assert (status, set(found.values())) == (200, {"ok"})
    assert set(found) == {"database", "migrations", "cache", "media"}


@pytest.mark.django_db(transaction=True)
def test_readyz_names_the_lost_media_folder_but_its_path_only_in_the_log(client, settings, tmp_path, caplog):
    media_folder.require()
    settings.MEDIA_ROOT = tmp_path / "lost"

    status, found = states(client)

    assert status == 503
    assert found["media"] == "The media folder is not the one of this database."
    assert str(tmp_path / "lost") in caplog.text


@pytest.mark.django_db(transaction=True)
def test_readyz_names_missing_migrations(client, monkeypatch):
    known = readiness._known_migrations()
    monkeypatch.setattr(readiness, "_known_migrations", lambda: known | {("pins", "9999_tomorrow")})

    status, found = states(client)

    assert (status, found["migrations"]) == (
        503,
        "1 migrations have not been applied: run python manage.py migrate",
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("failure", [DatabaseError("secret"), OSError("secret")])
def test_readyz_names_a_cache_that_is_away_without_its_address(client, monkeypatch, failure):
    def fail(*args, **kwargs):
        raise failure

    monkeypatch.setattr(readiness, "cache", type("Away", (), {"set": staticmethod(fail)}))

    status, found = states(client)

    assert status == 503
    assert found["cache"] == f"The cache does not answer ({type(failure).__name__})."


def test_readyz_waits_a_second_for_all_that_hang_together(client, monkeypatch):
    """Half a second of the promised one and a half is left for the rest of the answer."""
    moment = 0.0

    class Hanging:
        def __init__(self, **options): ...

        def start(self): ...

        def join(self, seconds):
            nonlocal moment
            moment += seconds

    monkeypatch.setattr(health, "threading", SimpleNamespace(Thread=Hanging))
    monkeypatch.setattr(health, "monotonic", lambda: moment)
    monkeypatch.setattr(health, "_kept", (float("-inf"), {}))
    monkeypatch.setattr(health._Check, "_running", {})

    status, found = states(client)

    assert (status, set(found.values()), len(found)) == (503, {"no answer"}, 4)
    assert moment == 1.0


def test_readyz_answers_while_a_check_hangs_and_piles_nothing_up(client, monkeypatch):
    started, is_back = [], threading.Event()

    def hang():
        started.append(1)
        is_back.wait(GUARD_SECONDS)

    monkeypatch.setattr(health, "CHECKS", {"database": hang})
    monkeypatch.setattr(health, "ANSWER_WITHIN_SECONDS", 0.01)
    monkeypatch.setattr(health._Check, "_running", {})

    for _ in range(2):
        assert states(client) == (503, {"database": "no answer"})

    assert started == [1]
    assert health._Check._running["database"]._thread.is_alive(), "nobody has waited for it"
    is_back.set()
    health._Check._running["database"]._thread.join()


def test_readyz_asks_once_however_often_strangers_ask(client, monkeypatch):
    asked = []
    monkeypatch.setattr(health, "CHECKS", {"database": lambda: asked.append(1)})
    monkeypatch.setattr(health, "_kept", (float("-inf"), {}), raising=False)
    monkeypatch.setattr(health, "KEPT_SECONDS", 60, raising=False)

    assert [states(client) for _ in range(3)] == [(200, {"database": "ok"})] * 3

    assert len(asked) == 1
    monkeypatch.setattr(health, "KEPT_SECONDS", 0)
    states(client)
    assert len(asked) == 2


def test_livez_touches_nothing(client):
    response = client.get("/livez", headers={"host": "10.0.0.7"})  # without the mark django_db a query would fail

    assert (response.status_code, response.content) == (200, b"ok\n")


def test_waiting_ends_when_all_is_there(monkeypatch, asked_to_stop):
    answers = iter(["The database does not answer.", "The database does not answer.", ""])
    monkeypatch.setattr(readiness, "_missing", lambda: next(answers))
    monkeypatch.setattr(readiness, "TRY_AGAIN_SECONDS", 0.01)

    readiness.wait()

    assert list(answers) == []


def test_waiting_ends_when_asked_to_stop(monkeypatch, asked_to_stop):
    def miss():
        asked_to_stop()
        return "The database does not answer."

    monkeypatch.setattr(readiness, "_missing", miss)

    readiness.wait()

    assert stopping.is_requested()


def test_web_stays_up_without_a_database_and_says_so(started, environment):
    port = free_port()
    gunicorn = [sys.executable, "-m", "gunicorn", "postiz_pins.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "4"]
    process = started([*gunicorn, "--no-control-socket"], env=environment, stderr=subprocess.DEVNULL)

    with requests.Session() as session:
        session.trust_env = False
        wait_until(lambda: is_alive(session, port), "The web server answers", GUARD_SECONDS)
        answer = session.get(f"http://127.0.0.1:{port}/readyz", headers={"Host": "10.0.0.7"}, timeout=GUARD_SECONDS)

    assert answer.status_code == 503
    assert answer.json()["database"].startswith("The database does not answer")
    assert "nobody" not in answer.text
    assert process.poll() is None


def test_make_run_starts_without_its_database_and_says_so(started, environment, tmp_path):
    environment |= {"PORT": str(free_port()), "SANDBOX_PORT": str(free_port())}
    with (tmp_path / "output").open("w") as output:
        process = started([sys.executable, "manage.py", "run"], env=environment, stdout=output, stderr=output)
        with requests.Session() as session:
            session.trust_env = False
            wait_until(lambda: is_alive(session, environment["PORT"]), "The web server answers", GUARD_SECONDS)
            answer = session.get(f"http://127.0.0.1:{environment['PORT']}/readyz", timeout=GUARD_SECONDS)
        wait_until(lambda: (tmp_path / "output").read_text().count("Waiting.") == 1, "The cluster waits", GUARD_SECONDS)

    assert answer.status_code == 503
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=GUARD_SECONDS) == 0
    text = (tmp_path / "output").read_text()
    assert "Retrying every second; until then, /readyz reports it." in text
    assert "Traceback" not in text


def is_alive(session, port):
    try:
        return session.get(f"http://127.0.0.1:{port}/livez", timeout=2).ok
    except requests.RequestException:
        return False


@pytest.mark.parametrize("command", ["clock", "cluster"])
def test_clock_and_cluster_wait_for_the_database(started, environment, tmp_path, command):
    with (tmp_path / "output").open("w") as output:
        process = started([sys.executable, "manage.py", command], env=environment, stderr=output)
        wait_until(lambda: "Waiting." in (tmp_path / "output").read_text(), "It waits", GUARD_SECONDS)
    time.sleep(1.5)  # it would try again

    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=GUARD_SECONDS) == 0
    assert (tmp_path / "output").read_text().count("Waiting.") == 1
    assert "Traceback" not in (tmp_path / "output").read_text()


@pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is missing")
def test_cluster_waits_for_redis(started, environment, tmp_path):
    port = free_port()
    environment |= {"DATABASE_URL": f"sqlite:///{tmp_path / 'app.sqlite3'}"}
    for command in ("migrate", "createcachetable"):
        subprocess.run([sys.executable, "manage.py", command, "-v0"], cwd=ROOT, env=environment, check=True)
    environment |= {"REDIS_URL": f"redis://127.0.0.1:{port}/0"}
    with (tmp_path / "output").open("w") as output:
        process = started([sys.executable, "manage.py", "cluster"], env=environment, stderr=output)
        wait_until(lambda: "Waiting." in (tmp_path / "output").read_text(), "It waits", GUARD_SECONDS)

        started(["redis-server", "--port", str(port), "--save", "", "--bind", "127.0.0.1"], stdout=subprocess.DEVNULL)

        wait_until(lambda: children_of(process.pid) != [], "The workers start", GUARD_SECONDS)
    assert "Traceback" not in (tmp_path / "output").read_text()
