"""Pages of figures: as many queries for 100,000 pins with 7,300,000 days as for 100 pins, and hardly more time.

Each database has a process of its own and holds both workspaces, whose pages are asked for in turns: whatever else the
machine does meets both.
BENCH_READING_SHARE makes the large ones smaller, such as 0.1.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from benchmarks.scratch import postgres_database

ACCOUNTS = 20
SMALL_PINS = 100
LARGE_PINS = 100_000
# Of the newest days; some pins are younger, so that 7,300,000 come together for 100,000 pins.
DAYS_OF_PIN = 77
SNAPSHOTS = 8
ROUNDS = 31
# Name in the table, address by name, query.
PAGES = (
    ("account page", "analytics:overview", {}),
    ("account page, two years", "analytics:overview", {"days": "730"}),
    ("pins page", "analytics:pin_list", {}),
    ("pins page by saves", "analytics:pin_list", {"sort": "-saves"}),
)


def run(folder: Path) -> None:
    share = float(os.environ.get("BENCH_READING_SHARE", "1"))
    print("reading figures, SQLite with a tenth of the rows:", flush=True)
    measure_apart(f"sqlite:///{folder / 'reading.sqlite3'}", share / 10)
    print("reading figures, PostgreSQL:", flush=True)
    with postgres_database() as url:
        if url is None:
            print("  skipped: no PostgreSQL answers (POSTGRES_BENCH_URL, or user postgres at 127.0.0.1:5432)")
        else:
            measure_apart(url, share)


def measure_apart(database_url: str, share: float) -> None:
    environment = {**os.environ, "DATABASE_URL": database_url}
    subprocess.run([sys.executable, "-m", "benchmarks.pages.reading", str(share)], env=environment, check=True)


def main(share: float) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    pins = int(LARGE_PINS * share)
    small = filled("Small", SMALL_PINS, SMALL_PINS * DAYS_OF_PIN)
    large = filled("Large", pins, pins * DAYS_OF_PIN)
    print(f"  {'':<26} queries     ms, {SMALL_PINS} and {pins:,} pins    ratio (at most 1.5)")
    for label, address, query in PAGES:
        few, many = (queries(client, address, query) for client in (small, large))
        fast, slow = seconds((small, large), address, query)
        print(
            f"  {label:<26} {few} and {many}   {fast * 1000:7.1f} {slow * 1000:7.1f}            {slow / fast:.2f}",
            flush=True,
        )


def filled(name, pins, pin_days):
    """Return a client that is signed in to a new workspace with that much history."""
    from django.test import Client
    from django.utils import timezone

    from analytics.models import PinDay
    from postiz_pins.demo.history import Wanted, make
    from tests.factories import UserFactory

    user = UserFactory()
    started = time.perf_counter()
    wanted = Wanted(accounts=ACCOUNTS, pins=pins, pin_days=pin_days, snapshots=SNAPSHOTS)
    workspace = make(name, user, wanted, timezone.now(), say=lambda line: None)
    duration = time.perf_counter() - started
    rows = PinDay.objects.in_workspace(workspace).count()
    print(f"  {pins:,} pins, {rows:,} days of pins, {ACCOUNTS} accounts: filled in {duration:.0f} s", flush=True)
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    return client


def queries(client, address, query):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    assert client.get(reverse(address), query).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        client.get(reverse(address), query)
    return len(captured)


def seconds(clients, address, query):
    """Return the median of each client; they take turns."""
    from django.urls import reverse

    durations = [[] for _ in clients]
    for _ in range(ROUNDS):
        for client, its_durations in zip(clients, durations, strict=True):
            started = time.perf_counter()
            client.get(reverse(address), query)
            its_durations.append(time.perf_counter() - started)
    return [median(its_durations) for its_durations in durations]


if __name__ == "__main__":
    main(float(sys.argv[1]))
