"""What the spacing guard costs with 100,000 pins of an account, beside the same account with 100 pins.

A tenth of the pins have the link of the pin that is asked about; five have its image. Each database has a process of
its own.
"""

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from statistics import median

from benchmarks.scratch import postgres_database

FEW, MANY = 100, 100_000
# So many of them are still to be published, within half a year; the others were in the two years before.
PLANNED = 5_000
ROWS = 500
ROUNDS = 25
HOME = "https://example.com"


def run(folder: Path) -> None:
    print("spacing, SQLite:", flush=True)
    measure_apart(f"sqlite:///{folder / 'spacing.sqlite3'}")
    print("spacing, PostgreSQL:", flush=True)
    with postgres_database() as url:
        if url is None:
            print("  skipped: no PostgreSQL answers (POSTGRES_BENCH_URL, or user postgres at 127.0.0.1:5432)")
        else:
            measure_apart(url)


def measure_apart(database_url: str) -> None:
    environment = {**os.environ, "DATABASE_URL": database_url}
    subprocess.run([sys.executable, "-m", "benchmarks.pages.spacing"], env=environment, check=True)


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    few, many = filled(FEW), filled(MANY)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(f"  {'':<30} queries     ms, {FEW} and {MANY:,} pins    ratio")
    for label, limit, work in (
        ("check of one pin", "at most 5 ms, 2 queries", check_one),
        (f"check of {ROWS} rows", "at most 3 queries", check_rows),
        ("check and next good time", "", advise),
    ):
        counts = [queries(work, board) for board in (few, many)]
        fast, slow = milliseconds(work, few, many)
        times = f"{fast:7.1f} {slow:7.1f}            {slow / fast:.2f}"
        print(f"  {label:<30} {counts[0]} and {counts[1]}   {times}   {limit}")


def filled(count):
    """Return a board of a new account with so many pins."""
    from django.utils import timezone

    from pins.models import Pin, PinStatus
    from tests.factories import BoardFactory

    board, now = BoardFactory(), timezone.now()
    other = BoardFactory(account=board.account)
    planned = count * PLANNED // MANY
    Pin.objects.bulk_create(
        (
            Pin(
                workspace=board.account.workspace,
                account=board.account,
                board=board if number % 2 else other,
                title=f"Chair {number}",
                link_key=HOME if number % 10 == 0 else f"{HOME}/{number % 5000}",
                picture_key=f"{number // 5:064}",
                **when(number, planned, count, now),
            )
            for number in range(count)
        ),
        batch_size=2000,
    )
    assert Pin.objects.filter(account=board.account, status=PinStatus.SCHEDULED).count() == planned
    return board


def when(number, planned, count, now):
    from pins.models import PinStatus

    if number < planned:
        at = now + timedelta(days=180) * number / planned
        return {"status": PinStatus.SCHEDULED, "publish_at": at, "next_attempt_at": at}
    at = now - timedelta(days=730) * (number - planned + 1) / (count - planned)
    published = {"published_at": at, "pinterest_pin_id": f"{count}{number:08}"}
    return {"status": PinStatus.PUBLISHED, "publish_at": at, **published}


def asked(board, number=0):
    from django.utils import timezone

    from pins.spacing.planned import Planned

    at = timezone.now() + timedelta(days=number % 30 + 1)
    return Planned(account=board.account, board=board, at=at, link_key=HOME, picture_key=f"{number:064}")


def check_one(board):
    from pins.spacing.checks import check

    assert check(asked(board), board.account.workspace.zone)


def check_rows(board):
    from pins.spacing.checks import check_many

    found = check_many([asked(board, number) for number in range(ROWS)], board.account.workspace.zone, beside=True)
    assert len(found) == ROWS


def advise(board):
    from django.utils import timezone

    from pins.queue.advice import advice_on

    assert advice_on(asked(board), timezone.now()).findings


def queries(work, board):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        work(board)
    return len(captured)


def milliseconds(work, few, many):
    """Return the median of each account; they take turns."""
    durations = [[], []]
    for _ in range(ROUNDS):
        for board, its_durations in zip((few, many), durations, strict=True):
            started = time.perf_counter()
            work(board)
            its_durations.append((time.perf_counter() - started) * 1000)
    return [median(each) for each in durations]


if __name__ == "__main__":
    main()
