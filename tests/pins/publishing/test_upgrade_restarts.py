"""The restarts of an upgrade (docs/deployment.md), under load: no request is lost, and no pin is in doubt."""

import signal
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta

import pytest
import requests
from django.urls import reverse
from django.utils import timezone

from pins.models import ACTIVE_STATUSES, Pin, PinEvent, PinEventKind, PinStatus
from tests import process_helpers
from tests.browser.app_process import free_port, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

PINS = 40
UPGRADES = 2
VISITORS = 3
GUARD_SECONDS = 90


class Visitors:
    """Threads that load a page again and again, each time by a connection of its own."""

    def __init__(self, url):
        self._url = url
        self._is_over = threading.Event()
        self.answers = Counter()
        self._threads = [threading.Thread(target=self._visit) for _ in range(VISITORS)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exception):
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def _visit(self):
        while not self._is_over.is_set():
            try:
                answer = requests.get(self._url, headers={"Connection": "close"}, timeout=60).status_code
            except requests.RequestException as error:
                answer = repr(error)
            self.answers[answer] += 1


def begin(stack, name, command, output):
    program = process_helpers.Program(name, command, process_helpers.environment(), output)
    stack.callback(program.kill_group)
    return program


def reload_pages(web):
    """`systemctl reload postiz-pins-web`: its processes are replaced, one after the other is done."""
    before = set(process_helpers.children_of(web.process.pid))
    web.process.send_signal(signal.SIGHUP)

    def are_new():
        now = set(process_helpers.children_of(web.process.pid))
        return len(now) == len(before) and not now & before

    wait_until(are_new, "New processes serve pages", GUARD_SECONDS)


def restart(program):
    """`systemctl restart`: it ends what it is at."""
    program.process.terminate()
    assert program.process.wait(timeout=GUARD_SECONDS) == 0
    program.start()


def test_an_upgrade_loses_no_request_and_leaves_no_pin_in_doubt(shop, tmp_path):
    shop.sandbox.fault("pins/create", "latency", seconds=0.5, times=None)
    now, port = timezone.now(), free_port()
    titles = [f"Chair {number}" for number in range(PINS)]
    for number, title in enumerate(titles):
        shop.pin(title=title, publish_at=now + timedelta(seconds=5 + 0.3 * number))
    serve = f"-m gunicorn postiz_pins.wsgi --bind 127.0.0.1:{port} --workers 2 --threads 4 --no-control-socket".split()
    page = f"http://127.0.0.1:{port}{reverse('account_login')}"
    with ExitStack() as stack:
        output = stack.enter_context((tmp_path / "output").open("w+"))
        web = begin(stack, "web", [sys.executable, *serve], output)
        clock, cluster = (
            begin(stack, name, [sys.executable, "manage.py", name], output) for name in ("clock", "cluster")
        )
        wait_until(lambda: is_served(page), "Pages are served", GUARD_SECONDS)
        with Visitors(page) as visitors:
            wait_until(lambda: Pin.objects.filter(status=PinStatus.CREATING).exists(), "Pins go out", GUARD_SECONDS)
            for _ in range(UPGRADES):
                reload_pages(web)
                restart(clock)
                restart(cluster)
            wait_until(
                lambda: not Pin.objects.filter(status__in=ACTIVE_STATUSES).exists(), "All are out", GUARD_SECONDS
            )

    assert visitors.answers.keys() == {200}
    assert visitors.answers[200] > VISITORS * UPGRADES
    assert sorted(pin["title"] for pin in shop.live()) == sorted(titles)
    assert not PinEvent.objects.filter(kind__in=[PinEventKind.VERIFYING, PinEventKind.FAILED]).exists()


def is_served(page):
    try:
        return requests.get(page, timeout=10).ok
    except requests.RequestException:
        time.sleep(0.2)
        return False
