"""200 pins of every kind at once: how close their time comes to what three slots and Pinterest make unavoidable."""

import os
import random
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from benchmarks.publishing.posting import LATENCY_SECONDS, connected_board, wait_until, workers
from pins.models import Pin, PinEvent, PinEventKind, PinStatus
from tests.factories import AttachmentFactory, MediaFileFactory, PinFactory, VideoFileFactory
from tests.media_bytes import mp4_bytes
from tests.sandbox_process import SandboxProcess

IMAGES, CAROUSELS, VIDEOS = 100, 50, 50
VIDEO_BYTES = 20 * 1024**2
PROCESSING_SECONDS = 60
# Of a video before it is processed: the registration and the upload. Both need a slot.
REQUESTS_PER_UPLOAD = 2


def run(folder: Path) -> None:
    sandbox = SandboxProcess()
    sandbox.start(folder / "mixed.sqlite3")
    os.environ["PINTEREST_API_URL"] = settings.PINTEREST_API_URL = sandbox.api_url
    try:
        sandbox.options(processing_seconds=PROCESSING_SECONDS)
        board = connected_board(sandbox)
        sandbox.fault("*", "latency", seconds=LATENCY_SECONDS, times=None)
        due_at = (timezone.now() + timedelta(seconds=10)).replace(microsecond=0)  # people choose full minutes
        pins = make_pins(board, due_at)
        mine = Pin.objects.filter(pk__in=[pin.pk for pin in pins])
        with workers():
            wait_until(lambda: not mine.exclude(status=PinStatus.PUBLISHED).exists())
        report(sandbox, board, mine, due_at)
    finally:
        sandbox.stop()


def make_pins(board, due_at):  # type: ignore[no-untyped-def]
    """Create pins that are due at the same moment, the kinds mixed."""
    kinds = ["image"] * IMAGES + ["carousel"] * CAROUSELS + ["video"] * VIDEOS
    random.Random(3).shuffle(kinds)  # noqa: S311  the same order each time
    workspace = board.account.workspace
    images = [MediaFileFactory(workspace=workspace) for _ in range(5)]
    video = VideoFileFactory(workspace=workspace, content=mp4_bytes(VIDEO_BYTES))
    attached = {"image": images[:1], "carousel": images, "video": [video, images[0]]}
    pins = PinFactory.create_batch(len(kinds), board=board, publish_at=due_at, attachments=0)
    for pin, kind in zip(pins, kinds, strict=True):
        for position, media in enumerate(attached[kind]):
            AttachmentFactory(pin=pin, media=media, position=position)
    return pins


def report(sandbox, board, pins, due_at):  # type: ignore[no-untyped-def]
    slots = settings.PINTEREST_MAX_CONCURRENT_POSTS
    published = PinEvent.objects.filter(kind=PinEventKind.PUBLISHED, pin__in=pins)
    seconds = (published.aggregate(last=Max("at"))["last"] - due_at).total_seconds()
    uploads = VIDEOS * REQUESTS_PER_UPLOAD * LATENCY_SECONDS / slots
    creations = (IMAGES + CAROUSELS + VIDEOS) * LATENCY_SECONDS / slots
    unavoidable = max(uploads + PROCESSING_SECONDS + LATENCY_SECONDS, uploads + creations)
    print(
        f"{IMAGES} images, {CAROUSELS} carousels, {VIDEOS} videos of 20 MB, {LATENCY_SECONDS} s latency, {slots} slots:"
    )
    print(f"  unavoidable: {unavoidable:.1f} s, if all uploads came first and their bytes took no time, which is")
    print(f"  {VIDEOS} x {REQUESTS_PER_UPLOAD} requests x {LATENCY_SECONDS} s / {slots} slots = {uploads:.1f} s,")
    print(f"  {PROCESSING_SECONDS} s of processing the last of them, and {LATENCY_SECONDS} s of creating it")
    print(f"  time / unavoidable           {seconds / unavoidable:.2f}   (at most 1.3)")
    print(f"  most in flight               {sandbox.in_flight()['max']}      (at most {slots})")
    print(f"  pins on the board            {len(sandbox.pins(board.pinterest_id))}    (exactly {pins.count()})")
