"""The supervisor of `make run` ends by any signal, however many come, and starts again what ends by itself."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from postiz_pins.runtime import stopping
from tests.browser.app_process import wait_until
from tests.process_helpers import ROOT, children_of, is_running

# Only what hangs takes so long, whatever else the machine is doing.
GUARD_SECONDS = 60
PROGRAM = """
import os, sys
from postiz_pins.runtime.supervisor import Plan, become
commands = {"one": "exec sleep 600", "two": sys.argv[1]}
servers = {"server": sys.argv[2]} if sys.argv[2:] else {}
jobs = {"job": sys.argv[3]} if sys.argv[3:] else {}
become(Plan(commands, servers, jobs, os.getcwd(), "Welcome", []), os.environ)
"""


def supervisor(started, second="exec sleep 600", **options):
    process = started([sys.executable, "-c", PROGRAM, second], **options)
    wait_until(lambda: len(children_of(process.pid)) == 2, "Both programs run", GUARD_SECONDS)
    return process


def test_a_burst_of_signals_ends_the_supervisor(started):
    process = supervisor(started)
    programs = children_of(process.pid)

    ends_by = time.monotonic() + GUARD_SECONDS
    while process.poll() is None and time.monotonic() < ends_by:
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=GUARD_SECONDS) == 0
    assert not any(map(is_running, programs))


# Ends with its input, and says when; it ignores the signals.
SERVER = "trap '' TERM INT HUP; echo ready >> {log}; cat > /dev/null; echo server >> {log}"
# Takes a moment for its end.
SLOW = "trap 'sleep 1; echo slow >> {log}; exit' TERM; echo ready >> {log}; while :; do sleep 0.1; done"


def supervisor_with_server(started, log):
    command = [sys.executable, "-c", PROGRAM, SLOW.format(log=log), SERVER.format(log=log)]
    process = started(command)
    is_ready = "ready\n" * 2
    wait_until(lambda: log.exists() and log.read_text() == is_ready, "Both take signals as they will", GUARD_SECONDS)
    return process


def test_a_server_ends_after_those_that_it_serves_whoever_gets_the_signal(started, tmp_path):
    log = tmp_path / "log"
    process = supervisor_with_server(started, log)
    programs = children_of(process.pid)

    for pid in [*programs, process.pid]:  # as systemd does
        os.kill(pid, signal.SIGTERM)

    assert process.wait(timeout=GUARD_SECONDS) == 0
    assert log.read_text().split() == ["ready", "ready", "slow", "server"]
    assert not any(map(is_running, programs))


def test_a_server_of_a_killed_supervisor_ends(started, tmp_path):
    log = tmp_path / "log"
    process = supervisor_with_server(started, log)
    programs = children_of(process.pid)

    process.kill()
    process.wait()

    wait_until(lambda: not any(map(is_running, programs)), "The programs have ended", GUARD_SECONDS)
    assert "server" in log.read_text()


def test_programs_of_a_killed_supervisor_end(started):
    process = supervisor(started)
    programs = children_of(process.pid)

    process.kill()
    process.wait()

    wait_until(lambda: not any(map(is_running, programs)), "The programs have ended", GUARD_SECONDS)


def test_a_program_that_fails_at_its_start_is_tried_four_times_and_named(started, tmp_path):
    count = tmp_path / "count"
    process = started([sys.executable, "-c", PROGRAM, f"echo x >> {count}; exit 3"], stderr=subprocess.PIPE, text=True)

    _, errors = process.communicate(timeout=GUARD_SECONDS)

    assert process.returncode == 1
    assert errors.splitlines() == ["two failed 4 times right after its start (see above): stopping."]
    assert len(count.read_text().split()) == 4


@pytest.mark.parametrize(("status", "is_over"), [(0, False), (1, True)])
def test_a_job_is_done_once_and_ends_everything_if_it_fails(started, tmp_path, status, is_over):
    count = tmp_path / "count"
    job = f"echo x >> {count}; sleep 0.5; exit {status}"
    process = started([sys.executable, "-c", PROGRAM, "exec sleep 600", "cat", job])
    wait_until(count.exists, "The job has begun", GUARD_SECONDS)
    programs = children_of(process.pid)

    if is_over:
        assert process.wait(timeout=GUARD_SECONDS) == 1
        assert not any(map(is_running, programs))
    else:
        wait_until(lambda: len(children_of(process.pid)) == 3, "The job has ended", GUARD_SECONDS)
        assert process.poll() is None
    assert count.read_text() == "x\n"


def test_the_supervisor_has_nothing_of_django_in_its_memory():
    loaded = "import sys, postiz_pins.runtime.supervisor; print('django' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", loaded], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"


def test_a_program_that_is_killed_right_after_its_start_is_started_again(started):
    process = supervisor(started)

    for _ in range(6):
        victim = children_of(process.pid)[0]
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda gone=victim: len(set(children_of(process.pid)) - {gone}) == 2, "It runs again", GUARD_SECONDS)

    assert process.poll() is None


INTERRUPTED = """
import os, signal, sys
from postiz_pins.runtime import stopping

left = 60

def interrupt(frame, event, arg):
    global left
    if left:
        left -= 1
        os.kill(os.getpid(), signal.SIGTERM)
    return interrupt

stopping.on_signals()
sys.settrace(interrupt)
stopping.wait(0.5)
sys.settrace(None)
print(stopping.is_requested())
"""


def test_a_signal_may_come_at_any_line_also_of_its_own_handler():
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], cwd=ROOT, capture_output=True, text=True, timeout=GUARD_SECONDS
    )

    assert done.stdout == "True\n"


def test_waiting_ends_when_asked_to_stop(asked_to_stop):
    waiting = [threading.Thread(target=stopping.wait, args=(600,), daemon=True) for _ in range(2)]
    for thread in waiting:
        thread.start()

    asked_to_stop()

    for thread in waiting:
        thread.join(GUARD_SECONDS)
        assert not thread.is_alive()
    assert stopping.wait(600), "also what begins to wait only then"


def test_a_forked_process_is_asked_to_stop_by_itself():
    done = subprocess.run(
        [sys.executable, "-c", FORKED], cwd=ROOT, capture_output=True, text=True, timeout=GUARD_SECONDS
    )

    assert done.stdout.split() == ["child", "False", "parent", "True"]


FORKED = """
import os
from postiz_pins.runtime import stopping

pid = os.fork()
if pid == 0:
    print("child", stopping.wait(0.2), flush=True)
    os._exit(0)
stopping.request()
os.waitpid(pid, 0)
print("parent", stopping.wait(0.2))
"""
