"""A monitor is told each minute that all is well, and hears nothing else."""

import logging
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core.cache import cache

from postiz_pins.operations import health_pings
from postiz_pins.operations.health_pings import CACHE_KEY, HealthPings, ping


@pytest.fixture
def monitor(settings):
    """A monitor's server: the paths that it was asked for. Its `status` is what it answers with."""
    paths = []

    class Handler(BaseHTTPRequestHandler):
        status = 200

        def do_GET(self):
            paths.append(self.path)
            self.send_response(Handler.status)
            self.end_headers()

        def log_message(self, *args): ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.HEALTH_PING_URL = f"http://127.0.0.1:{server.server_port}/secret?status=up"
    server.paths, server.answer_with = paths, lambda status: setattr(Handler, "status", status)
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def problems(monkeypatch):
    found = []
    monkeypatch.setattr(health_pings.status, "problems", lambda now: found)
    monkeypatch.setattr(health_pings.connection, "close", lambda: None)
    return found


@pytest.mark.django_db
def test_it_is_asked_once_a_minute_by_whichever_clock_while_all_is_well(monitor, problems):
    ping()
    ping()
    cache.delete(CACHE_KEY)  # a minute later
    ping()

    assert monitor.paths == ["/secret?status=up"] * 2


@pytest.mark.django_db
def test_it_is_not_asked_when_something_is_wrong(monitor, problems, caplog):
    problems.append("No cluster has reported for 30 seconds.")

    ping()

    assert monitor.paths == []
    assert "No cluster has reported" in caplog.text


@pytest.mark.django_db
def test_a_monitor_that_fails_or_is_away_is_logged_without_its_address(monitor, problems, settings, caplog):
    monitor.answer_with(500)
    with caplog.at_level(logging.WARNING):
        ping()
        cache.delete(CACHE_KEY)
        settings.HEALTH_PING_URL = "http://127.0.0.1:9/secret"
        ping()

    assert "answered with status 500" in caplog.text
    assert "could not be requested (ConnectionError)" in caplog.text
    assert "secret" not in caplog.text


def test_a_ping_never_holds_the_clock_and_is_not_begun_twice(monkeypatch, settings):
    settings.HEALTH_PING_URL = "http://127.0.0.1:9/"
    now, is_over, begun = [0.0], threading.Event(), threading.Semaphore(0)

    def hang():
        begun.release()
        is_over.wait(60)

    monkeypatch.setattr(health_pings, "ping", hang)
    monkeypatch.setattr(health_pings.time, "monotonic", lambda: now[0])
    pings = HealthPings()

    pings.ping_if_due()
    assert not begun.acquire(blocking=False), "a start is no proof of anything yet"
    for now[0] in (60.0, 120.0, 180.0):
        pings.ping_if_due()
    assert begun.acquire(timeout=60)
    is_over.set()
    pings._thread.join(60)
    assert not begun.acquire(blocking=False)
    now[0] = 240.0
    pings.ping_if_due()
    assert begun.acquire(timeout=60)
    pings._thread.join(60)


def test_without_an_address_nothing_is_asked(monkeypatch, settings):
    settings.HEALTH_PING_URL = ""
    monkeypatch.setattr(health_pings.time, "monotonic", lambda: 1000.0)
    pings = HealthPings()
    pings._next_at = 0.0

    pings.ping_if_due()

    assert pings._thread is None
