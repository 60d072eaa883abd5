"""Two checkouts that share a database, Redis and the files' storage, and what may happen to one of them, or to those.

`make two-machines` runs it with 500 pins, the waits of real life and S3 away for a minute.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack, suppress
from datetime import timedelta
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
import requests
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone

from pins.models import ACTIVE_STATUSES, Pin, PinStatus, PostingSlot
from tests import process_helpers
from tests.factories import AttachmentFactory, MediaFileFactory, PinFactory, VideoFileFactory
from tests.media_bytes import mp4_bytes
from tests.s3_server import free_ports
from tests.tcp_proxy import TcpProxy

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not django_settings.REDIS_URL or django_settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"),
        reason="About PostgreSQL and Redis.",
    ),
]

IS_LARGE = os.environ.get("TWO_MACHINES") == "large"
PINS = 500 if IS_LARGE else 60
KILLS = 40 if IS_LARGE else 12
S3_AWAY_SECONDS = 60 if IS_LARGE else 8
POSTGRES_AWAY_SECONDS = 5 if IS_LARGE else 2
# In which they become due.
DUE_WITHIN_SECONDS = 120 if IS_LARGE else 10
# Generous: a pin whose file cannot be read is tried again after 1, 4 and 10 minutes.
DEADLINE_SECONDS = 1500 if IS_LARGE else 180
LATENCY_SECONDS = 0.3
# Emptied meanwhile, so nothing else may be in it.
REDIS_DATABASE = 9
PARTS = ("web", "clock", "cluster")


class Machine:
    """A copy of the code with a folder of its own, and the parts that run there."""

    def __init__(self, folder, environment, output):
        self.code, self.port = folder / "code", free_ports(1)[0]
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=process_helpers.ROOT, capture_output=True, check=True)
        for name in filter(None, listed.stdout.decode().split("\0")):
            (self.code / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(process_helpers.ROOT / name, self.code / name)
        environment = environment | {"DATA_DIR": str(folder / "data"), "UPLOAD_ROOT": str(folder / "uploads")}
        self.parts = {
            name: process_helpers.Program(name, self._command(name), environment, output, self.code) for name in PARTS
        }

    def _command(self, part):
        if part == "web":
            options = f"--bind 127.0.0.1:{self.port} --workers 2 --threads 4 --no-control-socket"
            return [sys.executable, "-m", "gunicorn", "postiz_pins.wsgi", *options.split()]
        # The small run waits for seconds where the large one waits for minutes.
        return [sys.executable, *(["manage.py"] if IS_LARGE else ["-m", "tests.pins.chaos_process"]), part]

    def kill_a_part(self, rng):
        """`kill -9` of one of its parts, or of one process that it has started; returns which."""
        what = rng.choice([*PARTS, "worker"])
        part = self.parts["cluster" if what == "worker" else what]
        children = part.children()
        with suppress(ProcessLookupError):
            if what == "worker" and children:
                os.kill(rng.choice(children), signal.SIGKILL)
            elif rng.random() < 0.5:
                part.process.kill()  # its children find out by themselves
            else:
                part.kill_group()
        return f"{what} killed"

    def watch(self):
        for part in self.parts.values():
            part.watch()

    def stop(self):
        for part in self.parts.values():
            part.kill_group()

    def is_alive(self):
        try:
            return requests.get(f"http://127.0.0.1:{self.port}/livez", timeout=10).ok
        except requests.RequestException:
            return False


class Surroundings:
    """The three servers that both machines share, each with what may happen to it: functions that return its name."""

    def __init__(self, stack):
        database = connection.settings_dict
        self.postgres = self._proxy(stack, database["HOST"] or "127.0.0.1", int(database["PORT"] or 5432))
        address = f"postgres://{database['USER']}@127.0.0.1:{self.postgres.port}/{database['NAME']}"
        redis_server = urlsplit(django_settings.REDIS_URL)
        self._redis_url = f"redis://{redis_server.netloc}/{REDIS_DATABASE}"
        self.environment = process_helpers.environment(
            DATABASE_URL=address, REDIS_URL=self._redis_url, PINTEREST_MEDIA_POLL_SECONDS="1", CHECK_LINKS="off"
        )
        self.events = [self.empty_redis, self.cut_postgres, self.end_postgres_connections, self.empty_redis]
        if django_settings.S3_BUCKET:
            server = urlsplit(django_settings.S3_ENDPOINT_URL)
            self.s3 = self._proxy(stack, server.hostname, server.port)
            self.environment["S3_ENDPOINT_URL"] = f"http://127.0.0.1:{self.s3.port}"
            self.events.append(self.cut_s3)
        self.empty_redis()

    def _proxy(self, stack, host, port):
        proxy = TcpProxy(host, port)
        stack.callback(proxy.close)
        return proxy

    def empty_redis(self):
        with redis.Redis.from_url(self._redis_url) as client:
            client.flushdb()
        return "Redis emptied"

    def cut_postgres(self):
        """As a restart: all connections end, and for a while there are no new ones."""
        self.postgres.away_for(POSTGRES_AWAY_SECONDS)
        return "PostgreSQL away"

    def end_postgres_connections(self):
        database = connection.settings_dict
        with psycopg.connect(
            host=database["HOST"], port=database["PORT"], user=database["USER"], dbname="postgres", autocommit=True
        ) as other:
            own = connection.connection.info.backend_pid if connection.connection else 0
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> %s",
                [database["NAME"], own],
            )
        return "PostgreSQL connections ended"

    def cut_s3(self):
        self.s3.away_for(S3_AWAY_SECONDS)
        return "S3 away"


def make_pins(shop):
    """Images, carousels and videos, mixed; each has files of its own, and a title that says which it is."""
    kinds = ["image"] * (PINS * 5 // 10) + ["carousel"] * (PINS * 3 // 10) + ["video"] * (PINS * 2 // 10)
    random.Random(7).shuffle(kinds)
    workspace = shop.team.workspace
    images = [MediaFileFactory(workspace=workspace) for _ in range(5)]
    videos = [VideoFileFactory(workspace=workspace, content=mp4_bytes(2_000_000)) for _ in range(3)]
    begin_at = timezone.now() + timedelta(seconds=5)
    for number, kind in enumerate(kinds):
        publish_at = begin_at + timedelta(seconds=DUE_WITHIN_SECONDS * number / len(kinds))
        pin = PinFactory(board=shop.board, title=f"{number} {kind}", publish_at=publish_at, attachments=0)
        files = {"image": images[:1], "carousel": images[: 2 + number % 4], "video": [videos[number % 3], images[0]]}
        for position, media in enumerate(files[kind]):
            AttachmentFactory(pin=pin, media=media, position=position)


def test_whatever_happens_to_one_machine_or_to_what_both_share_each_pin_is_published_once(shop, tmp_path):
    seed = int(os.environ.get("CHAOS_SEED") or random.randrange(10**6))
    rng = random.Random(seed)
    shop.sandbox.options(processing_seconds=1)
    for operation in ("pins/create", "upload"):
        shop.sandbox.fault(operation, "latency", seconds=LATENCY_SECONDS, times=None)
    make_pins(shop)
    happened, silent = Counter(), 0
    began_at = time.monotonic()
    with ExitStack() as stack:
        output = stack.enter_context((tmp_path / "output").open("w+"))
        surroundings = Surroundings(stack)
        machines = []
        for name in ("first", "second"):
            machines.append(Machine(tmp_path / name, surroundings.environment, output))
            stack.callback(machines[-1].stop)
        wait_until_all_are_up(machines)
        first, second = machines
        # All that happens is spread over the time in which pins come due.
        events = [*surroundings.events, *[lambda: first.kill_a_part(rng)] * KILLS]
        rng.shuffle(events)
        moments = sorted(rng.uniform(3, 3 + DUE_WITHIN_SECONDS * 1.2) for _ in events)
        while Pin.objects.filter(status__in=ACTIVE_STATUSES).exists() or moments:
            assert time.monotonic() - began_at < DEADLINE_SECONDS, story(seed, happened, machines, output)
            if moments and time.monotonic() - began_at > moments[0]:
                moments.pop(0)
                happened[events.pop()()] += 1
            for machine in machines:
                machine.watch()
            silent += not second.is_alive()
            time.sleep(0.1)
        print(story(seed, happened, machines, output), f"{time.monotonic() - began_at:.0f} s")  # noqa: T201

    live = Counter(pin["title"] for pin in shop.live())
    assert not Pin.objects.exclude(status=PinStatus.PUBLISHED).exists(), story(seed, happened, machines, None)
    assert live == Counter(Pin.objects.values_list("title", flat=True))
    assert {pin["id"] for pin in shop.live()} == set(Pin.objects.values_list("pinterest_pin_id", flat=True))
    assert 1 < shop.sandbox.in_flight()["max"] <= django_settings.PINTEREST_MAX_CONCURRENT_POSTS
    assert not Pin.objects.exclude(claim_token=None).exists()
    assert not PostingSlot.objects.in_use(timezone.now() + timedelta(minutes=1)).exists()
    assert silent == 0, "the other machine's pages are served all the time"
    assert sum(part.starts for part in second.parts.values()) == len(PARTS), "and nothing of it ends"


def wait_until_all_are_up(machines):
    ends_at = time.monotonic() + 60
    while not all(machine.is_alive() for machine in machines):
        assert time.monotonic() < ends_at
        time.sleep(0.2)


def story(seed, happened, machines, output):
    starts = [{part.name: part.starts for part in machine.parts.values()} for machine in machines]
    statuses = Counter(Pin.objects.values_list("status", "error_code"))
    if output is not None:
        output.seek(0)
    end = output.read()[-6000:] if output is not None else ""
    return f"CHAOS_SEED={seed}, happened {dict(happened)}, starts {starts}, pins {dict(statuses)}\n{end}"
