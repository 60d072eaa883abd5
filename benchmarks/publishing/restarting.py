"""How soon pins go out after a start, and after `kill -9` of clock and cluster in the middle of posting."""

import os
import time
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from benchmarks.publishing.posting import LATENCY_SECONDS, connected_board, make_pins, wait_until, workers
from pins.models import Pin, PinStatus
from tests.sandbox_process import SandboxProcess

PINS = 100
POSTED_BEFORE = 20


def run(folder: Path) -> None:
    sandbox = SandboxProcess()
    sandbox.start(folder / "restarting.sqlite3")
    os.environ["PINTEREST_API_URL"] = settings.PINTEREST_API_URL = sandbox.api_url
    try:
        board = connected_board(sandbox)
        sandbox.fault("pins/create", "latency", seconds=LATENCY_SECONDS, times=None)
        pins = make_pins(board, PINS, timezone.now() - timedelta(seconds=1))
        mine = Pin.objects.filter(pk__in=[pin.pk for pin in pins])
        started_at = time.time()
        with workers():
            wait_until(lambda: bool(sandbox.requests("pins/create")))
            first = float(sandbox.requests("pins/create")[0]["at"]) - started_at
            wait_until(lambda: mine.filter(status=PinStatus.PUBLISHED).count() >= POSTED_BEFORE)
        killed_at, before = time.time(), len(sandbox.requests("pins/create"))
        with workers():
            wait_until(lambda: len(sandbox.requests("pins/create")) > before)
            again = float(sandbox.requests("pins/create")[before]["at"]) - killed_at
            # What was under way is looked for during two minutes before it is sent again.
            wait_until(lambda: mine.filter(status=PinStatus.PUBLISHED).count() >= PINS - 3)
            wait_until(lambda: not mine.exclude(status=PinStatus.PUBLISHED).exists())
        print("starting, with 100 due pins; the start of Python and Django is counted:")
        print(f"  first pin after the start             {first:.1f} s")
        print(f"  first pin after kill -9 and a restart {again:.1f} s (at most 10)")
        print(f"  most in flight                        {sandbox.in_flight()['max']} (at most 3)")
        print(f"  pins on the board                     {len(sandbox.pins(board.pinterest_id))} (exactly {PINS})")
    finally:
        sandbox.stop()
