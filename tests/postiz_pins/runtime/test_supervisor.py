"""The supervisor of `make run` ends by any signal, however many come, and starts again what ends by itself."""

import os
import signal
import subprocess
import sys

from postiz_pins.runtime import stopping
from tests.browser.app_process import wait_until
from tests.process_helpers import ROOT, children_of, is_running

# Only what hangs takes so long, whatever else the machine is doing.
GUARD_SECONDS = 60
PROGRAM = """
import os, sys
from pathlib import Path
from postiz_pins.runtime.supervisor import supervise
servers = {"server": sys.argv[2]} if sys.argv[2:] else {}
sys.exit(supervise({"one": "exec sleep 600", "two": sys.argv[1]}, os.environ, Path.cwd(), servers=servers))
"""


def supervisor(started, second="exec sleep 600", **options):
    process = started([sys.executable, "-c", PROGRAM, second], **options)
    wait_until(lambda: len(children_of(process.pid)) == 2, "Both programs run", GUARD_SECONDS)
    return process


def test_a_burst_of_signals_ends_the_supervisor(started):
    process = supervisor(started)
    programs = children_of(process.pid)

    for number in range(300):
        process.send_signal(signal.SIGTERM if number % 2 else signal.SIGINT)

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


def test_waiting_ends_when_asked_to_stop(asked_to_stop, monkeypatch):
    slept = []

    def sleep(seconds):
        slept.append(seconds)
        if len(slept) == 3:
            asked_to_stop()

    monkeypatch.setattr(stopping, "sleep", sleep)

    assert stopping.wait(600)
    assert slept == [0.1] * 3, "a signal is noticed within 0.1 s"
