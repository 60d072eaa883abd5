import logging

import pytest
from django.db import OperationalError
from redis.exceptions import ConnectionError as RedisConnectionError

from accounts import tasks as account_tasks
from pins import tasks
from postiz_pins.management.commands import clock


@pytest.fixture(autouse=True)
def _no_database(monkeypatch):
    monkeypatch.setattr(clock, "close_old_connections", lambda: None)
    monkeypatch.setattr(account_tasks, "enqueue_webhooks", lambda: None)


@pytest.mark.parametrize(
    "error",
    [OperationalError("the database is away"), RedisConnectionError("the broker is away"), OSError("no network")],
)
def test_a_database_or_broker_that_is_away_does_not_end_the_clock(monkeypatch, caplog, error):
    def fail():
        raise error

    for look in ("beat", "free_the_dead", "enqueue_due", "enqueue_checks"):
        monkeypatch.setattr(tasks, look, fail)
    monkeypatch.setattr(account_tasks, "enqueue_webhooks", fail)

    with caplog.at_level(logging.ERROR):
        clock.tick()

    assert caplog.text.count("it will retry in a second") == 5


def test_each_tick_says_that_the_clock_lives_and_looks_at_what_is_due(monkeypatch):
    looks = []
    monkeypatch.setattr(tasks, "beat", lambda: looks.append("alive"))
    monkeypatch.setattr(tasks, "free_the_dead", lambda: looks.append("the dead"))
    monkeypatch.setattr(tasks, "enqueue_due", lambda: looks.append("pins"))
    monkeypatch.setattr(tasks, "enqueue_checks", lambda: looks.append("checks"))
    monkeypatch.setattr(account_tasks, "enqueue_webhooks", lambda: looks.append("webhooks"))

    clock.tick()
    clock.tick()

    assert looks == ["alive", "the dead", "pins", "checks", "webhooks"] * 2


def test_dead_processes_that_cannot_be_forgotten_do_not_keep_due_pins_from_going_out(monkeypatch):
    def fail():
        raise OSError(30, "Read-only file system")

    looks = []
    for look in ("beat", "free_the_dead"):
        monkeypatch.setattr(tasks, look, fail)
    monkeypatch.setattr(tasks, "enqueue_due", lambda: looks.append("pins"))
    monkeypatch.setattr(tasks, "enqueue_checks", lambda: looks.append("checks"))

    clock.tick()

    assert looks == ["pins", "checks"]
