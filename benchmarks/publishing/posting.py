"""How close publishing comes to the time that Pinterest's own latency and the three slots make unavoidable."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from accounts.models import Board
from pins.models import Pin, PinEvent, PinEventKind, PinStatus
from pins.scheduling import services as scheduling
from postiz_pins.common import encryption
from tests.factories import AttachmentFactory, BoardFactory, MediaFileFactory, MembershipFactory, PinFactory
from tests.sandbox_process import SandboxProcess

PINS = 300
LATENCY_SECONDS = 0.2
PATIENCE_SECONDS = 180


def run(folder: Path) -> None:
    sandbox = SandboxProcess()
    sandbox.start(folder / "sandbox.sqlite3")
    os.environ["PINTEREST_API_URL"] = settings.PINTEREST_API_URL = sandbox.api_url
    try:
        board = connected_board(sandbox)
        with workers():
            batch(sandbox, board)
            publish_now(sandbox, board)
            scheduled(sandbox, board)
    finally:
        sandbox.stop()


def batch(sandbox: SandboxProcess, board: Board) -> None:
    sandbox.fault("pins/create", "latency", seconds=LATENCY_SECONDS, times=None)
    due_at = (timezone.now() + timedelta(seconds=8)).replace(microsecond=0)  # people choose full minutes
    make_pins(board, PINS, due_at)
    wait_until(lambda: Pin.objects.exclude(status=PinStatus.PUBLISHED).count() == 0)
    sandbox.clear_faults()
    last = PinEvent.objects.filter(kind=PinEventKind.PUBLISHED).aggregate(last=Max("at"))["last"]
    ideal = PINS * LATENCY_SECONDS / settings.PINTEREST_MAX_CONCURRENT_POSTS
    print(f"{PINS} due pins, {LATENCY_SECONDS} s latency, {settings.PINTEREST_MAX_CONCURRENT_POSTS} slots:")
    print(f"  time / ideal                 {(last - due_at).total_seconds() / ideal:.2f}   (at most 1.10)")
    print(f"  most in flight               {sandbox.in_flight()['max']}      (at most 3)")
    print(f"  pins on the board            {len(sandbox.pins(board.pinterest_id))}    (exactly {PINS})")


def publish_now(sandbox: SandboxProcess, board: Board) -> None:
    by = MembershipFactory(workspace=board.account.workspace).user
    delays = []
    for _ in range(15):
        time.sleep(0.37)  # at no fixed distance from the clock's tick
        pin = PinFactory(board=board, status=PinStatus.DRAFT, publish_at=None)
        pressed_at = timezone.now()
        scheduling.schedule(pin, pressed_at, by=by, now=pressed_at)
        wait_until(lambda pin=pin: Pin.objects.filter(pk=pin.pk, status=PinStatus.PUBLISHED).exists())
        delays.append(arrival(sandbox) - pressed_at.timestamp())
    print("publish now, idle machine:")
    print(f"  median until Pinterest has it {median(delays):.2f} s (at most 1); slowest {max(delays):.2f} s")


def scheduled(sandbox: SandboxProcess, board: Board) -> None:
    delays = []
    for number in range(8):
        publish_at = timezone.now() + timedelta(seconds=2, milliseconds=130 * number)
        pin = make_pins(board, 1, publish_at)[0]
        wait_until(lambda pin=pin: Pin.objects.filter(pk=pin.pk, status=PinStatus.PUBLISHED).exists())
        delays.append(arrival(sandbox) - publish_at.timestamp())
    print("scheduled:")
    print(f"  slowest after its moment      {max(delays):.2f} s (at most 2)")


def connected_board(sandbox: SandboxProcess, username: str = "bench") -> Board:
    profile = sandbox.create_account(username, boards=["Bench"])
    tokens = sandbox.tokens(username)
    return BoardFactory(
        pinterest_id=profile["boards"][0]["id"],
        account__username=username,
        account__access_token_encrypted=encryption.encrypt(tokens["access_token"]),
        account__refresh_token_encrypted=encryption.encrypt(tokens["refresh_token"]),
    )


def make_pins(board: Board, count: int, publish_at: datetime) -> list[Pin]:
    media = MediaFileFactory(workspace=board.account.workspace)
    pins = PinFactory.create_batch(count, board=board, publish_at=publish_at, attachments=0)
    for pin in pins:
        AttachmentFactory(pin=pin, media=media)
    return pins


def arrival(sandbox: SandboxProcess) -> float:
    return float(sandbox.requests("pins/create")[-1]["at"])


@contextmanager
def workers() -> Iterator[None]:
    """Run one clock and one cluster, ended with all their children."""
    processes = [
        subprocess.Popen(
            [sys.executable, "manage.py", command],
            cwd=settings.BASE_DIR,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for command in ("clock", "cluster")
    ]
    try:
        yield
    finally:
        for process in processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_until(is_true: object) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_true():  # type: ignore[operator]
        if time.monotonic() > deadline:
            raise SystemExit("The workers did not finish in time.")
        # Seldom: what looks on should not compete with what it looks at, and every time is taken from events.
        time.sleep(0.1)
