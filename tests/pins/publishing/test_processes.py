"""Who holds something and has died is found out by a lock; who merely stands still is left alone."""

import fcntl
import os
import signal
import subprocess
import sys
import time
import uuid
from contextlib import suppress
from datetime import timedelta

import pytest
from django.utils import timezone

from pins.models import Pin, PinStatus, PostingSlot
from pins.publishing import claims, processes
from pins.publishing import worker as publishing_worker
from tests import process_helpers

from .test_crashes import assert_exactly_one, settle, start_worker, wait_until

HOLDER = """
import os, subprocess, sys, time
import django
django.setup()
from pins.publishing import processes
name = processes.own_name()
is_child = sys.argv[1] == "fork" and os.fork() == 0
if sys.argv[1] == "program":
    subprocess.Popen(["sleep", "30"], close_fds=False)
if is_child or sys.argv[1] != "fork":
    print(name, flush=True)
time.sleep(30)
"""


@pytest.fixture
def holder():
    """`holder(kind)` starts a process that keeps a lock, and maybe a child; answers it and its name."""
    started = []

    def start(kind="alone"):
        command = [sys.executable, "-c", HOLDER, kind]
        process = subprocess.Popen(
            command,
            cwd=process_helpers.ROOT,
            env=process_helpers.environment(),
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process, process.stdout.readline().strip()

    yield start
    for process in started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()


def held_slot():
    return PostingSlot.objects.exclude(process="").get()


pytestmark = pytest.mark.django_db(transaction=True)


def test_a_process_that_lives_or_stands_still_is_not_dead(holder):
    process, name = holder()

    assert name
    assert processes.dead_names() == []
    process.send_signal(signal.SIGSTOP)
    assert processes.dead_names() == []


@pytest.mark.parametrize("kind", ["alone", "fork", "program"])
def test_a_killed_process_is_dead_whatever_it_has_started(holder, kind):
    process, name = holder(kind)

    process.kill()
    process.wait()

    assert processes.dead_names() == [name]
    processes.forget([name])
    assert processes.dead_names() == []


def test_a_forked_process_has_a_name_of_its_own():
    ours = processes.own_name()
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.write(writing, processes.own_name().encode())
        os._exit(0)
    theirs = os.read(reading, 100).decode()
    os.wait()

    assert theirs
    assert theirs != ours


def test_processes_of_another_machine_are_left_to_their_leases(settings):
    folder = settings.DATA_DIR / "processes"
    folder.mkdir(parents=True)
    (folder / "another-boot-0123").touch()  # nobody here holds its lock

    assert processes.dead_names() == []


def left_file(settings, boot="0b5c7a1e-0000-4000-8000-000000000000", *, hours=25, prefix=""):
    """Of a process that had its name so long ago."""
    path = settings.DATA_DIR / "processes" / f"{prefix}{boot}-{uuid.uuid4().hex}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    os.utime(path, (time.time() - hours * 3600,) * 2)
    return path


def test_files_of_earlier_boots_are_removed_after_a_day(settings, monkeypatch):
    monkeypatch.setattr(processes, "_tidied_at", float("-inf"))
    old, half_made = left_file(settings), left_file(settings, prefix=".")
    young, of_this_boot = left_file(settings, hours=23), left_file(settings, processes._boot())
    foreign = settings.DATA_DIR / "processes" / "notes.txt"
    foreign.touch()
    os.utime(foreign, (0, 0))

    claims.free_the_dead(timezone.now())

    assert [path.exists() for path in (old, half_made, young, foreign)] == [False, False, True, True]
    assert not of_this_boot.exists(), "it is dead, and known to be"


def test_the_file_of_a_process_that_lives_on_another_machine_stays_however_old(settings, monkeypatch):
    monkeypatch.setattr(processes, "_tidied_at", float("-inf"))
    path = left_file(settings, hours=1000)

    with path.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        processes.remove_old()

    assert path.exists()


def test_a_process_touches_its_file_hourly_and_has_a_new_one_should_it_be_gone(settings, monkeypatch):
    monkeypatch.setattr(processes, "_own", None)
    path = settings.DATA_DIR / "processes" / processes.own_name()
    os.utime(path, (0, 0))

    assert processes.own_name() == path.name
    assert path.stat().st_mtime == 0
    monkeypatch.setattr(processes, "_touched_at", processes._touched_at - 3601)
    assert processes.own_name() == path.name
    assert path.stat().st_mtime > time.time() - 60

    path.unlink()
    monkeypatch.setattr(processes, "_touched_at", processes._touched_at - 3601)
    name = processes.own_name()
    assert name != path.name
    assert (path.parent / name).exists()


def test_without_a_folder_to_write_to_leases_do_alone(settings, monkeypatch):
    monkeypatch.setattr(processes, "_own", None)
    settings.DATA_DIR = "/proc/1/nothing"

    assert processes.own_name() == ""
    assert processes.dead_names() == []


def test_dead_process_whose_file_cannot_be_removed_is_found_again(holder, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError(30, "Read-only file system")

    process, name = holder()
    process.kill()
    process.wait()
    monkeypatch.setattr("pathlib.Path.unlink", fail)

    claims.free_the_dead(timezone.now())

    assert processes.dead_names() == [name]


def test_folder_that_cannot_be_read_names_nobody(settings, monkeypatch):
    def fail(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    (settings.DATA_DIR / "processes").mkdir(parents=True, exist_ok=True)
    for name in ("os.listdir", "os.scandir", "pathlib.Path.is_dir"):
        monkeypatch.setattr(name, fail)

    assert processes.dead_names() == []


def test_what_a_killed_worker_held_is_free_in_a_moment_and_never_doubled(shop):
    shop.sandbox.fault("pins/create", "latency_after", seconds=2)
    pin = shop.pin()
    worker = start_worker(pin, "none")
    wait_until(lambda: shop.sandbox.in_flight()["now"] == 1)
    worker.kill()
    worker.wait(timeout=60)
    now = timezone.now()

    claims.free_the_dead(now)
    claims.free_the_dead(now + timedelta(seconds=1))  # does not put it off

    pin.refresh_from_db()
    soon = now + claims.LAST_REQUEST
    assert (pin.status, pin.claimed_until) == (PinStatus.CREATING, soon)
    assert held_slot().held_until == soon
    wait_until(lambda: shop.sandbox.in_flight()["now"] == 0)
    settle(pin)
    assert_exactly_one(shop, pin)


def test_a_worker_that_stands_still_keeps_what_it_holds(shop):
    shop.sandbox.fault("pins/create", "latency", seconds=1)
    pin = shop.pin()
    worker = start_worker(pin, "none")
    wait_until(lambda: shop.sandbox.in_flight()["now"] == 1)
    worker.send_signal(signal.SIGSTOP)
    held_until = held_slot().held_until
    try:
        claims.free_the_dead(timezone.now())

        assert held_slot().held_until == held_until
    finally:
        worker.send_signal(signal.SIGCONT)
    assert worker.wait(timeout=60) == 0
    pin.refresh_from_db()
    assert_exactly_one(shop, pin)


def test_what_is_given_back_names_no_process(shop):
    pin = shop.pin()

    publishing_worker.advance(pin.pk)

    assert set(PostingSlot.objects.values_list("process", flat=True)) == {""}
    assert Pin.objects.get().claimed_by == ""
