"""Each process of the installation reports that it runs."""

import logging
import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from pins.models import ProcessKind, RunningProcess
from postiz_pins.operations import heartbeats, status
from postiz_pins.operations.heartbeats import SILENT_AFTER, Heartbeat
from tests.browser.app_process import free_port, wait_until
from tests.process_helpers import environment

GUARD_SECONDS = 60


@pytest.fixture
def now():
    return timezone.now()


@pytest.mark.django_db
def test_a_process_has_one_row_however_often_it_beats_and_none_once_it_has_stopped(now):
    heartbeat = Heartbeat(ProcessKind.CLOCK)

    heartbeat.beat(now)
    heartbeat.beat(now + timedelta(seconds=10))

    process = RunningProcess.objects.get()
    assert (process.kind, process.pid) == ("clock", os.getpid())
    assert (process.started_at, process.beat_at) == (now, now + timedelta(seconds=10))
    heartbeat.end()
    heartbeat.beat(now + timedelta(seconds=20))
    assert not RunningProcess.objects.exists(), "a thread's last beat comes too late"


@pytest.mark.django_db
def test_a_process_beats_every_ten_seconds_only(now, monkeypatch):
    moments = iter((100.0, 100.0, 101.0, 109.9, 110.0, 110.0, 111.0))
    monkeypatch.setattr(heartbeats.time, "monotonic", lambda: next(moments))
    beats = []
    heartbeat = Heartbeat(ProcessKind.CLOCK)
    monkeypatch.setattr(heartbeat, "beat", beats.append)

    for _ in range(5):
        heartbeat.beat_if_due()

    assert len(beats) == 2


@pytest.mark.django_db
def test_a_new_process_stands_in_for_one_of_its_kind_that_was_killed_on_this_machine(now):
    killed = subprocess.Popen([sys.executable, "-c", ""])
    killed.wait()
    for kind, pid in ((ProcessKind.CLUSTER, killed.pid), (ProcessKind.WEB, killed.pid), (ProcessKind.CLUSTER, 1)):
        heartbeat = Heartbeat(kind)
        heartbeat.beat(now)
        RunningProcess.objects.filter(pk=heartbeat._id).update(pid=pid)

    Heartbeat(ProcessKind.CLUSTER).beat(now)

    found = set(RunningProcess.objects.values_list("kind", "pid"))
    assert found == {("web", killed.pid), ("cluster", 1), ("cluster", os.getpid())}


@pytest.mark.django_db
def test_a_database_that_is_away_is_logged_once_and_the_next_beat_makes_good_for_it(now, monkeypatch, caplog):
    heartbeat = Heartbeat(ProcessKind.CLOCK)

    def fail(*args, **kwargs):
        raise OperationalError("secret")

    with monkeypatch.context() as away:
        away.setattr(heartbeat, "_rows", type("Rows", (), {"update": fail, "delete": fail})())
        with caplog.at_level(logging.WARNING):
            heartbeat.beat(now)
            heartbeat.beat(now)
    heartbeat.beat(now)

    assert caplog.text.count("cannot report that it runs (OperationalError)") == 1
    assert "secret" not in caplog.text
    assert RunningProcess.objects.count() == 1


@pytest.mark.django_db
def test_a_killed_clock_shows_within_forty_seconds(now):
    """It may have beaten right before, and pages and monitors look at any moment."""
    for kind in ProcessKind:
        Heartbeat(kind).beat(now)

    still_running = status.processes(now + SILENT_AFTER - timedelta(seconds=1))
    silent = status.processes(now + timedelta(seconds=40))

    assert still_running.missing_kinds() == []
    assert set(silent.missing_kinds()) == set(ProcessKind)
    assert len(silent.silent) == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["clock", "cluster", "web"])
def test_clock_cluster_and_web_report_and_take_their_row_along_when_they_stop(started, kind):
    gunicorn = ["-m", "gunicorn", "postiz_pins.wsgi", "--bind", f"127.0.0.1:{free_port()}", "--no-control-socket"]
    command = gunicorn if kind == "web" else ["manage.py", kind]

    process = started([sys.executable, *command], env=environment(), stderr=subprocess.DEVNULL)

    wait_until(lambda: RunningProcess.objects.filter(kind=kind).exists(), "It reports", GUARD_SECONDS)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=GUARD_SECONDS) == 0
    assert not RunningProcess.objects.exists()
