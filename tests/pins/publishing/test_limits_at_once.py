"""30 slots and three for an account hold over two clusters at once, also while their workers are killed."""

import os
import random
import signal
import sys
import time
from collections import Counter, defaultdict
from contextlib import suppress

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from pins.models import ACTIVE_STATUSES, Pin
from postiz_pins.common import encryption
from tests import process_helpers
from tests.factories import AttachmentFactory, BoardFactory, MediaFileFactory, PinFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        django_settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"), reason="SQLite has one writer at a time."
    ),
]

SLOTS, SLOTS_OF_AN_ACCOUNT = 30, 3
ACCOUNTS, PINS_OF_AN_ACCOUNT = 10, 30
# Long enough that requests of many slots overlap on a slow machine.
LATENCY_SECONDS = 1.0
KILLS = 12
DEADLINE_SECONDS = 240


def make_pins(sandbox, workspace):
    media, now = MediaFileFactory(workspace=workspace), timezone.now()
    for number in range(ACCOUNTS):
        profile = sandbox.create_account(f"shop{number}", boards=["Chairs"])
        tokens = sandbox.tokens(f"shop{number}")
        board = BoardFactory(
            pinterest_id=profile["boards"][0]["id"],
            account__workspace=workspace,
            account__username=f"shop{number}",
            account__access_token_encrypted=encryption.encrypt(tokens["access_token"]),
            account__refresh_token_encrypted=encryption.encrypt(tokens["refresh_token"]),
        )
        for which in range(PINS_OF_AN_ACCOUNT):
            pin = PinFactory(board=board, title=f"Chair {number} {which}", publish_at=now, attachments=0)
            AttachmentFactory(pin=pin, media=media)


def most_at_once(requests):
    """Of all, and of each account, by when the requests began and ended."""
    steps = [(moment, change, each["account"]) for each in requests for moment, change in moments_of(each)]
    open_now, most = Counter(), defaultdict(int)
    for _, change, account in sorted(steps):  # what ends at a moment is over before another begins
        for key in ("all", account):
            open_now[key] += change
            most[key] = max(most[key], open_now[key])
    return most.pop("all"), most


def moments_of(request):
    return (request["at"], 1), (request["ended_at"], -1)


def kill_a_worker(clusters, rng):
    children = rng.choice(clusters).children()
    if children:
        with suppress(ProcessLookupError):
            os.kill(rng.choice(children), signal.SIGKILL)


@pytest.mark.parametrize("kills", [0, KILLS])
def test_two_clusters_never_pass_the_limits_and_publish_each_pin_once(sandbox, team, tmp_path, kills):
    make_pins(sandbox, team.workspace)
    sandbox.fault("pins/create", "latency", seconds=LATENCY_SECONDS, times=None)
    environment = process_helpers.environment(
        PINTEREST_MAX_CONCURRENT_POSTS=str(SLOTS),
        PINTEREST_MAX_CONCURRENT_POSTS_PER_ACCOUNT=str(SLOTS_OF_AN_ACCOUNT),
        CLUSTER_WORKERS="17",  # together more than there are slots; each has a connection
    )
    rng = random.Random(5)
    ends_at = time.monotonic() + DEADLINE_SECONDS
    with (tmp_path / "output").open("w+") as output:
        programs = [
            process_helpers.Program(name, [sys.executable, "-m", "tests.pins.chaos_process", name], environment, output)
            for name in ("clock", "cluster", "cluster")
        ]
        try:
            next_kill_at = time.monotonic() + 5
            while Pin.objects.filter(status__in=ACTIVE_STATUSES).exists():
                assert time.monotonic() < ends_at, (tmp_path / "output").read_text()[-4000:]
                for program in programs:
                    program.watch()
                if kills and time.monotonic() > next_kill_at:
                    kill_a_worker(programs[1:], rng)
                    kills -= 1
                    next_kill_at = time.monotonic() + rng.uniform(0.3, 1)
                time.sleep(0.1)
        finally:
            for program in programs:
                program.kill_group()

    live = Counter(pin["title"] for number in range(ACCOUNTS) for pin in sandbox.pins(username=f"shop{number}"))
    assert live == Counter(Pin.objects.published().values_list("title", flat=True))
    assert len(live) == ACCOUNTS * PINS_OF_AN_ACCOUNT
    most, of_accounts = most_at_once(sandbox.requests("pins/create"))
    assert SLOTS_OF_AN_ACCOUNT < most <= SLOTS
    assert sandbox.in_flight()["max"] <= SLOTS
    assert of_accounts.keys() == {f"shop{number}" for number in range(ACCOUNTS)}
    assert set(of_accounts.values()) == {SLOTS_OF_AN_ACCOUNT}
