"""The guard of a cluster has as many workers as are needed, and each task finds one."""

import os
import signal
from contextlib import ExitStack, closing

import pytest

from postiz_pins.runtime import workers
from postiz_pins.runtime.channel import Channel, ResultChannel, TaskChannel
from tests.browser.app_process import wait_until

GUARD_SECONDS = 30
MOST = 4
TIMEOUT = 3600


def run_until_released(tasks, results, timer, timeout):
    """In place of django-q2's worker: each task is done once it is released."""
    for task in iter(tasks.get, "STOP"):
        timer.value = timeout
        results.put((task, os.getpid()))
        Cluster.releases.get()
        timer.value = workers.IDLE


class Cluster:
    releases: Channel

    def __init__(self, guard, tasks, results):
        self.guard, self.tasks, self.results = guard, tasks, results

    def begin(self, task):
        """Returns the process that has begun the task."""
        self.tasks.put(task)
        wait_until(self._begins, "A worker begins the task", GUARD_SECONDS)
        begun, pid = self.results.get()
        assert begun == task
        return pid

    def _begins(self):
        self.guard.look()
        return self.results.wait(0)

    def pids(self):
        return {each.process.pid for each in self.guard.pool}

    def idle(self):
        return sum(each.is_idle() for each in self.guard.pool)


@pytest.fixture
def cluster(monkeypatch):
    monkeypatch.setattr(workers, "worker", run_until_released)
    with ExitStack() as stack:
        Cluster.releases = stack.enter_context(closing(Channel()))
        tasks, results = (stack.enter_context(closing(kind())) for kind in (TaskChannel, ResultChannel))
        guard = workers.Guard(tasks, results, MOST, TIMEOUT)
        guard.look()
        yield Cluster(guard, tasks, results)
        for each in guard.pool:
            each.process.kill()
            each.process.join()


def test_a_quiet_cluster_has_one_worker(cluster):
    cluster.guard.look()

    assert len(cluster.guard.pool) == 1


def test_workers_are_added_while_tasks_wait_and_not_beyond_the_limit(cluster):
    assert len({cluster.begin(number) for number in range(MOST)}) == MOST

    cluster.tasks.put("one too many")
    cluster.guard.look()
    assert len(cluster.guard.pool) == MOST


def test_a_task_that_has_just_begun_to_wait_gets_no_worker_of_its_own(cluster, monkeypatch):
    """However long ago the guard looked for the last time: schedules come several at once, each done in a moment."""
    now = 1000.0
    monkeypatch.setattr(workers, "monotonic", lambda: now)
    cluster.begin("a task")
    cluster.guard.look()

    now += workers.LOOK_EVERY_SECONDS
    cluster.tasks.put("another task")
    cluster.guard.look()
    assert len(cluster.guard.pool) == 1

    now += 1.1 * workers.PATIENCE_SECONDS
    cluster.guard.look()
    assert len(cluster.guard.pool) == 2


def test_workers_go_when_it_has_been_quiet_and_one_stays(cluster, monkeypatch):
    for number in range(MOST):
        cluster.begin(number)
    for _ in range(MOST):
        cluster.releases.put("done")
    wait_until(lambda: cluster.idle() == MOST, "All are free", GUARD_SECONDS)
    cluster.guard.look()
    assert len(cluster.guard.pool) == MOST, "it may have been for a moment only"
    monkeypatch.setattr(workers, "QUIET_SECONDS", 0.0)

    def shrinks():
        cluster.guard.look()
        return len(cluster.guard.pool) == 1

    wait_until(shrinks, "One is left", GUARD_SECONDS)
    cluster.guard.look()
    assert cluster.begin("the next task") in cluster.pids()


def test_an_idle_worker_that_is_killed_is_replaced(cluster, caplog):
    [pid] = cluster.pids()
    os.kill(pid, signal.SIGKILL)
    cluster.guard.pool[0].process.join()

    assert cluster.begin("a task") != pid
    assert "A worker ended unexpectedly (exit status -9)" in caplog.text


def test_a_worker_that_is_killed_while_it_hands_over_a_result_holds_nothing_up(cluster):
    held = cluster.guard.pool[0]
    held._timer.get_lock().acquire()  # as it does itself then
    held.process.kill()
    held.process.join()

    assert cluster.begin("a task") != held.process.pid


def test_a_worker_that_has_run_out_of_time_is_killed_and_replaced(cluster):
    pid = cluster.begin("a task")
    [hanging] = cluster.guard.pool

    hanging.count_down(TIMEOUT + 1)

    hanging.process.join(GUARD_SECONDS)
    assert hanging.process.exitcode == -signal.SIGKILL
    assert cluster.begin("the next task") != pid


def test_an_idle_worker_has_all_the_time(cluster):
    [idle] = cluster.guard.pool

    idle.count_down(10 * TIMEOUT)

    assert idle.is_idle()
    assert cluster.begin("a task") == idle.process.pid


def test_the_guard_waits_for_what_is_at_hand(cluster):
    cluster.begin("a task")
    cluster.begin("another task")
    for _ in range(2):
        cluster.releases.put("done")

    cluster.guard.stop()

    assert [each.process.exitcode for each in cluster.guard.pool] == [0] * len(cluster.guard.pool)
    assert not any(each.process.is_alive() for each in cluster.guard.pool)
