"""Whether videos that take long hold up the pictures of other accounts: 30 slots, three an account, two clusters.

The pictures come twice: to clusters that have yet to start most of their workers, and to the same clusters afterwards.
"""

import math
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from benchmarks.scratch import postgres_database

SLOTS, SLOTS_OF_AN_ACCOUNT = 30, 3
# Of each cluster. PostgreSQL allows 100 connections.
CLUSTER_WORKERS = 18
VIDEOS = 3
ACCOUNTS, PICTURES = 10, 100
# Of real requests with an image in them.
LATENCY_SECONDS = 2.0
# Both rounds are over before a held upload gives up, which takes 30 s.
WARM_UP_SECONDS = 3.0
IDEAL_SECONDS = math.ceil(PICTURES / (SLOTS - VIDEOS)) * LATENCY_SECONDS


def run(folder: Path) -> None:
    print(f"{PICTURES} pictures beside {VIDEOS} held uploads, PostgreSQL:", flush=True)
    with postgres_database() as url:
        if url is None:
            print("  skipped: no PostgreSQL answers (POSTGRES_BENCH_URL, or user postgres at 127.0.0.1:5432)")
            return
        limits = {
            "PINTEREST_MAX_CONCURRENT_POSTS": str(SLOTS),
            "PINTEREST_MAX_CONCURRENT_POSTS_PER_ACCOUNT": str(SLOTS_OF_AN_ACCOUNT),
            "CLUSTER_WORKERS": str(CLUSTER_WORKERS),
        }
        environment = {**os.environ, **limits, "DATABASE_URL": url}
        subprocess.run([sys.executable, "-m", "benchmarks.publishing.limits", folder], env=environment, check=True)


def main(folder: Path) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.utils import timezone

    from benchmarks.publishing.posting import connected_board, make_pins, wait_until, workers
    from pins.models import Pin, PinEvent, PinEventKind, PinStatus
    from tests.factories import AttachmentFactory, MediaFileFactory, PinFactory, VideoFileFactory
    from tests.sandbox_process import SandboxProcess

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    sandbox = SandboxProcess()
    sandbox.start(folder / "limits.sqlite3")
    os.environ["PINTEREST_API_URL"] = settings.PINTEREST_API_URL = sandbox.api_url
    try:
        sandbox.fault("upload", "latency", seconds=600, times=None)
        sandbox.fault("pins/create", "latency", seconds=LATENCY_SECONDS, times=None)
        of_videos, *boards = [connected_board(sandbox, f"bench{number}") for number in range(ACCOUNTS + 1)]
        for _ in range(VIDEOS):
            pin = PinFactory(board=of_videos, publish_at=timezone.now(), attachments=0)
            for position, factory in enumerate((VideoFileFactory, MediaFileFactory)):
                AttachmentFactory(pin=pin, media=factory(workspace=pin.workspace), position=position)

        def seconds_of_pictures(number: int) -> float:
            due_at = (timezone.now() + timedelta(seconds=WARM_UP_SECONDS)).replace(microsecond=0)
            for board in boards:
                make_pins(board, PICTURES // ACCOUNTS, due_at)
            wait_until(lambda: Pin.objects.filter(status=PinStatus.PUBLISHED).count() == number * PICTURES)
            last = PinEvent.objects.filter(kind=PinEventKind.PUBLISHED).latest("at").at
            return (last - due_at).total_seconds()

        with workers(), workers():
            wait_until(lambda: Pin.objects.filter(status=PinStatus.UPLOADING).count() == VIDEOS)
            times = [seconds_of_pictures(number) for number in (1, 2)]
            are_held = Pin.objects.filter(status=PinStatus.UPLOADING).count() == VIDEOS
        at_first, again = (seconds / IDEAL_SECONDS for seconds in times)
        print(f"  time / ideal, few workers    {at_first:.2f}")
        print(f"  time / ideal, all at work    {again:.2f}   (at most 1.15)")
        print(f"  most in flight               {sandbox.in_flight()['max']}     (at most {SLOTS})")
        print(f"  uploads are held all the time {are_held}")
    finally:
        sandbox.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
