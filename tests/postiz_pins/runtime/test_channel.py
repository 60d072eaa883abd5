"""Between the processes of a cluster: whoever is killed takes nothing along but the message that it has."""

import multiprocessing
import os
import signal
import threading
from contextlib import ExitStack, closing

import pytest

from postiz_pins.runtime.channel import LARGEST_BYTES, Channel, ResultChannel, TaskChannel
from tests.browser.app_process import wait_until

GUARD_SECONDS = 30


@pytest.fixture
def opened():
    """`opened(Channel)`, closed at the end."""
    with ExitStack() as stack:

        def open_channel(kind):
            return stack.enter_context(closing(kind()))

        yield open_channel


def receive_one(tasks, results):
    results.put("waiting")
    results.put(tasks.get())


def test_a_receiver_that_is_killed_while_it_waits_takes_nothing_along(opened):
    tasks, results = opened(Channel), opened(Channel)
    fork = multiprocessing.get_context("fork")
    receivers = [fork.Process(target=receive_one, args=(tasks, results)) for _ in range(2)]
    for receiver in receivers:
        receiver.start()
        assert results.get() == "waiting"
        wait_until(lambda pid=receiver.pid: is_asleep(pid), "It waits for a task", GUARD_SECONDS)

    os.kill(receivers[0].pid, signal.SIGKILL)
    receivers[0].join()
    tasks.put("a task")

    assert results.wait(GUARD_SECONDS)
    assert results.get() == "a task"
    receivers[1].join()


def is_asleep(pid):
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(") ")[2][0] == "S"


def test_a_task_waits_until_the_one_before_is_taken(opened):
    tasks = opened(TaskChannel)
    tasks.put(1)
    second = threading.Thread(target=tasks.put, args=(2,), daemon=True)
    second.start()

    assert tasks.get() == 1
    second.join(GUARD_SECONDS)
    assert tasks.get() == 2
    assert not tasks.wait(0)


def test_a_process_that_is_to_stop_hands_out_no_task_that_would_have_to_wait(opened, asked_to_stop):
    tasks = opened(TaskChannel)
    tasks.put(1)
    asked_to_stop()

    tasks.put(2)

    assert tasks.get() == 1
    assert not tasks.wait(0)


def test_a_result_that_is_too_large_is_shortened(opened):
    results = opened(ResultChannel)

    results.put({"name": "a task", "result": "x" * 5 * LARGEST_BYTES})

    assert results.get() == {"name": "a task", "result": "x" * 10_000}


def test_a_message_that_is_too_large_is_refused(opened):
    with pytest.raises(ValueError, match="too large"):
        opened(Channel).put("x" * 5 * LARGEST_BYTES)
