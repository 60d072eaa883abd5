"""How soon receivers hear of what happens, and that one that hangs takes nothing from publishing."""

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from accounts.models import Board, WebhookDelivery, WebhookEndpoint
from pins.lifecycle import events
from pins.models import Pin, PinEvent, PinEventKind, PinStatus
from tests.sandbox_process import SandboxProcess
from tests.webhook_factories import WebhookEndpointFactory

from .posting import LATENCY_SECONDS, connected_board, make_pins, wait_until, workers

EVENTS = 1_000
PINS = 60


def run(folder: Path) -> None:
    sandbox = SandboxProcess()
    sandbox.start(folder / "sandbox.sqlite3")
    os.environ["PINTEREST_API_URL"] = settings.PINTEREST_API_URL = sandbox.api_url
    os.environ["ALLOW_PRIVATE_WEBHOOKS"] = "on"
    try:
        board = connected_board(sandbox)
        with workers():
            for at_once in (False, True):
                stream(board, at_once=at_once)
            hanging(sandbox, board)
    finally:
        sandbox.stop()
        del os.environ["ALLOW_PRIVATE_WEBHOOKS"]


def stream(board: Board, *, at_once: bool) -> None:
    """Events in one transaction, or each in its own, as fast as this process can write them."""
    pins = make_pins(board, EVENTS, timezone.now() + timedelta(days=1))
    with receiver() as (url, received):
        WebhookEndpointFactory(workspace=board.account.workspace, url=url)
        begun = time.monotonic()
        if at_once:
            events.note_all([(pin, PinEventKind.SCHEDULED, "") for pin in pins], by=None, now=timezone.now())
        for pin in () if at_once else pins:
            events.note(pin, PinEventKind.SCHEDULED, by=None, now=timezone.now())
        written = time.monotonic() - begun
        wait_until(lambda: len(received) >= EVENTS)
        time.sleep(2)  # for what comes twice
    told_at = {
        row.event_id: row.created_at.timestamp() for row in WebhookDelivery.objects.only("event_id", "created_at")
    }
    delays = [at - told_at[event_id] for event_id, at in received]
    times = Counter(event_id for event_id, _ in received)
    print(f"{EVENTS} events {'at once' if at_once else 'one by one'}, written within {written:.1f} s:")
    print(f"  delivered                     {len(times)}, each {max(times.values())} time (exactly once)")
    print(f"  median until it is received   {median(delays):.2f} s (at most 2); slowest {max(delays):.2f} s")
    WebhookEndpoint.objects.all().delete()


def hanging(sandbox: SandboxProcess, board: Board) -> None:
    """Pins are published while a receiver of their events takes requests and never answers."""
    Pin.objects.all().delete()
    sandbox.fault("pins/create", "latency", seconds=LATENCY_SECONDS, times=None)
    ideal = PINS * LATENCY_SECONDS / settings.PINTEREST_MAX_CONCURRENT_POSTS
    ratios = []
    for hangs in (False, True):
        with receiver(hangs=True) as (url, _):
            if hangs:
                WebhookEndpointFactory(workspace=board.account.workspace, url=url)
            due_at = (timezone.now() + timedelta(seconds=4)).replace(microsecond=0)
            made = make_pins(board, PINS, due_at)
            wait_until(lambda: Pin.objects.exclude(status=PinStatus.PUBLISHED).count() == 0)
            published = PinEvent.objects.filter(kind=PinEventKind.PUBLISHED, pin__in=made)
            ratios.append((published.aggregate(last=Max("at"))["last"] - due_at).total_seconds() / ideal)
    sandbox.clear_faults()
    print(f"{PINS} due pins, time / ideal:")
    print(f"  without a webhook             {ratios[0]:.2f}")
    print(f"  with a receiver that hangs    {ratios[1]:.2f}")
    most = settings.PINTEREST_MAX_CONCURRENT_POSTS
    print(f"  most in flight                {sandbox.in_flight()['max']} (at most {most})")


class Server(ThreadingHTTPServer):
    # As real servers have it; with Python's 5, connections are refused.
    request_queue_size = 128


@contextmanager
def receiver(*, hangs: bool = False) -> Iterator[tuple[str, list[tuple[str, float]]]]:
    """Yield the address of a receiver, and the ids that it receives, with the moment of each."""
    received: list[tuple[str, float]] = []
    let_go = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            received.append((self.headers["webhook-id"], time.time()))
            if hangs:
                let_go.wait(60)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/", received
    finally:
        let_go.set()
        server.shutdown()
        server.server_close()
