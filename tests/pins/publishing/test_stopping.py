"""A worker that is asked to stop ends what it has at hand, and nothing else; however often it is asked."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.exports import jobs as export_jobs
from accounts.models import ExportStatus
from pins.models import PinStatus, PostingSlot
from pins.publishing import video_upload, worker
from postiz_pins.common.leases import LeaseLost
from tests import process_helpers
from tests.browser.app_process import wait_until
from tests.factories import ExportFactory
from tests.process_helpers import session_of

# Less than a lease or any other wait of a worker that would be stuck, but for a hang on a busy machine long enough.
GUARD_SECONDS = 50


def cluster(started):
    process = started([sys.executable, "-m", "tests.pins.chaos_process", "cluster"], env=process_helpers.environment())
    wait_until(lambda: len(session_of(process)) >= 3, "The workers are up", GUARD_SECONDS)
    return process


def signal_session(process, number):
    """As systemd does: every process gets it."""
    for pid in session_of(process):
        with suppress(ProcessLookupError):
            os.kill(pid, number)


@pytest.mark.django_db(transaction=True)
def test_a_signal_to_all_processes_of_a_cluster_cuts_off_no_post(shop, started):
    pin, next_pin = shop.pin(), shop.pin()
    process = cluster(started)
    post_begins(shop, pin)

    signal_session(process, signal.SIGTERM)
    time.sleep(0.05)
    signal_session(process, signal.SIGINT)
    time.sleep(0.5)  # what a signal has cut off is gone by then
    shop.sandbox.clear_faults()  # Pinterest answers now

    assert process.wait(timeout=GUARD_SECONDS) == 0
    assert session_of(process) == []
    for row in (pin, next_pin):
        row.refresh_from_db()
    assert {pin.status, next_pin.status} == {PinStatus.PUBLISHED, PinStatus.SCHEDULED}
    assert len(shop.live()) == 1
    assert not PostingSlot.objects.in_use(timezone.now()).exists(), "the next start need not wait for a lease"


@pytest.mark.django_db(transaction=True)
def test_workers_of_a_killed_cluster_end_after_what_is_at_hand(shop, started):
    pin = shop.pin()
    process = cluster(started)
    post_begins(shop, pin)

    process.kill()
    time.sleep(0.5)
    shop.sandbox.clear_faults()

    wait_until(lambda: session_of(process) == [], "Nothing is left", GUARD_SECONDS)
    pin.refresh_from_db()
    assert pin.status == PinStatus.PUBLISHED


def post_begins(shop, pin):
    """Its answer comes when the faults are cleared, however slow the machine is."""
    shop.sandbox.fault("pins/create", "latency", seconds=25)  # less than a client waits
    publishing_starts(pin)
    wait_until(lambda: shop.sandbox.faults() == [], "The post is under way", GUARD_SECONDS)


def publishing_starts(pin):
    """The message that the clock would send, to the queue of chaos_process."""
    subprocess.run(
        [sys.executable, "-c", ENQUEUE, str(pin.pk)],
        cwd=process_helpers.ROOT,
        env=process_helpers.environment(),
        check=True,
    )


ENQUEUE = """
import sys, django
from django.conf import settings
settings.Q_CLUSTER["name"] = "chaos"
django.setup()
from django_q.tasks import async_task
async_task("pins.tasks.advance", int(sys.argv[1]))
"""


@pytest.mark.django_db
def test_a_worker_that_is_to_stop_finishes_its_pin_and_takes_no_other(shop, monkeypatch, asked_to_stop):
    first, second = shop.pin(), shop.pin()
    real_post = worker.post

    def post(*args):
        asked_to_stop()
        return real_post(*args)

    monkeypatch.setattr(worker, "post", post)

    worker.advance(first.pk)
    worker.advance(second.pk)

    assert [pin["title"] for pin in shop.live()] == [first.title]
    second.refresh_from_db()
    assert (second.status, second.claim_token) == (PinStatus.SCHEDULED, None)


@pytest.mark.django_db
def test_an_upload_gives_its_pin_back_at_the_next_block_and_costs_no_attempt(shop, monkeypatch, asked_to_stop):
    pin = shop.video_pin()
    real_send = video_upload._send

    def send(*args):
        asked_to_stop()
        real_send(*args)

    monkeypatch.setattr(video_upload, "_send", send)

    worker.advance(pin.pk)

    pin.refresh_from_db()
    assert (pin.status, pin.attempts, pin.claim_token, pin.pinterest_media_id) == (PinStatus.SCHEDULED, 0, None, "")
    assert pin.next_attempt_at - timezone.now() < timedelta(seconds=1)
    assert pin.error_code == ""


@pytest.mark.django_db
def test_an_export_is_given_back_without_a_failed_attempt(team, asked_to_stop):
    export = ExportFactory(workspace=team.workspace, status=ExportStatus.WAITING)
    claim = export_jobs.claim_next(timezone.now())
    asked_to_stop()

    with pytest.raises(LeaseLost):
        claim.keep()

    export.refresh_from_db()
    assert export.attempts == 0
    assert export_jobs.claim_next(timezone.now()) is not None
