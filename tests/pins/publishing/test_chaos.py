"""Workers, clusters and clocks are killed at random moments while 200 mixed pins are on their way."""

import os
import random
import signal
import sys
import time
from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from pins.models import ACTIVE_STATUSES, Pin, PinStatus, PostingSlot
from tests import process_helpers
from tests.factories import AttachmentFactory, MediaFileFactory, PinFactory, VideoFileFactory
from tests.media_bytes import mp4_bytes

pytestmark = pytest.mark.django_db(transaction=True)

IMAGES, CAROUSELS, VIDEOS = 100, 60, 40
KILLS = 30
LATENCY_SECONDS = 0.2
# Generous: a run takes about a minute, most of it in waiting for the leases of the killed.
DEADLINE_SECONDS = 240


def kill_something(programs, rng):
    """Kills a worker, a cluster's main process, a whole cluster or a clock; answers what it was."""
    clusters = [program for program in programs if program.name == "cluster"]
    what = rng.choices(["worker", "main process", "cluster", "clock"], [6, 1, 2, 1])[0]
    program = rng.choice(clusters if what != "clock" else [one for one in programs if one not in clusters])
    children = program.children() if what == "worker" else []
    with suppress(ProcessLookupError):
        if children:
            os.kill(rng.choice(children), signal.SIGKILL)
        elif what == "cluster":
            program.kill_group()
        else:
            program.process.kill()
    return what


def make_pins(shop):
    """Mixed, in the order in which they are due; each title says which pin it is."""
    kinds = ["image"] * IMAGES + ["carousel"] * CAROUSELS + ["video"] * VIDEOS
    random.Random(7).shuffle(kinds)
    workspace = shop.team.workspace
    images = [MediaFileFactory(workspace=workspace) for _ in range(5)]
    videos = [VideoFileFactory(workspace=workspace, content=mp4_bytes(3_000_000)) for _ in range(3)]
    due_at = timezone.now()
    for number, kind in enumerate(kinds):
        publish_at = due_at + timedelta(milliseconds=50 * number)
        pin = PinFactory(board=shop.board, title=f"{number} {kind}", publish_at=publish_at, attachments=0)
        media_files = {
            "image": images[:1],
            "carousel": images[: 2 + number % 4],
            "video": [videos[number % 3], images[0]],
        }[kind]
        for position, media in enumerate(media_files):
            AttachmentFactory(pin=pin, media=media, position=position)
    return kinds


def test_whatever_is_killed_each_pin_is_published_once_or_failed_with_its_reason(shop, tmp_path):
    seed = int(os.environ.get("CHAOS_SEED") or random.randrange(10**6))
    print(f"CHAOS_SEED={seed}")  # noqa: T201  shown with a failure
    rng = random.Random(seed)
    shop.sandbox.options(processing_seconds=1)
    for operation in ("pins/create", "upload"):
        shop.sandbox.fault(operation, "latency", seconds=LATENCY_SECONDS, times=None)
    kinds = make_pins(shop)

    killed = Counter()
    deadline = time.monotonic() + DEADLINE_SECONDS
    with (tmp_path / "output").open("w+") as output:
        programs = [
            process_helpers.Program(
                command,
                [sys.executable, "-m", "tests.pins.chaos_process", command],
                process_helpers.environment(PINTEREST_MEDIA_POLL_SECONDS="1"),
                output,
            )
            for command in ("clock", "cluster") * 2
        ]
        try:
            next_kill_at = time.monotonic() + 3
            while Pin.objects.filter(status__in=ACTIVE_STATUSES).exists():
                assert time.monotonic() < deadline, story(killed, programs, tmp_path / "output")
                for program in programs:
                    program.watch()
                if killed.total() < KILLS and time.monotonic() >= next_kill_at:
                    killed[kill_something(programs, rng)] += 1
                    next_kill_at = time.monotonic() + rng.uniform(0.3, 1.3)
                time.sleep(0.1)
        finally:
            for program in programs:
                program.kill_group()
    print(story(killed, programs, tmp_path / "output"))  # noqa: T201  shown with a failure

    live = Counter(pin["title"] for pin in shop.live())
    by_title = {pin.title: pin for pin in Pin.objects.all()}
    failed = {title: pin for title, pin in by_title.items() if pin.status == PinStatus.FAILED}
    assert set(live.values()) == {1}
    assert live.keys() == by_title.keys() - failed.keys()
    assert {pin["id"]: pin["title"] for pin in shop.live()} == {
        pin.pinterest_pin_id: title for title, pin in by_title.items() if title not in failed
    }
    media_types = {"image": "image", "carousel": "multiple_images", "video": "video"}
    for pin in shop.live():
        assert pin["media_type"] == media_types[kinds[int(pin["title"].split()[0])]]
    # The only way to fail here is that six uploads in a row met a kill.
    assert {(pin.error_code, pin.attempts) for pin in failed.values()} <= {("upload_broken", 5)}
    assert killed.total() > 0
    assert 1 < shop.sandbox.in_flight()["max"] <= django_settings.PINTEREST_MAX_CONCURRENT_POSTS
    assert Pin.objects.exclude(claim_token=None).count() == 0
    # A slot of somebody who was killed is free again, or will be when its lease ends.
    assert not PostingSlot.objects.in_use(timezone.now() + timedelta(minutes=1)).exists()


def story(killed, programs, output):
    statuses = Counter(Pin.objects.values_list("status", flat=True))
    starts = {f"{program.name} {number}": program.starts for number, program in enumerate(programs)}
    return f"killed {dict(killed)}, starts {starts}, pins {dict(statuses)}\n{output.read_text()[-4000:]}"
