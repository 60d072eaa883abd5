"""What the clock asks each second, a worker before each pin, and Prometheus: no more at 2,000,000 pins than at 2,000.

BENCH_ASKING_SHARE makes the large set smaller, such as 0.1.
"""

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from statistics import median

from benchmarks.scratch import postgres_database

ACCOUNTS = 200
PUBLISHED, SCHEDULED, DUE = 1_920_000, 80_000, 50_000
SMALL_SHARE = 0.001
ROUNDS = 60


def run(folder: Path) -> None:
    print("asking which pins are next, PostgreSQL:", flush=True)
    with postgres_database() as url:
        if url is None:
            print("  skipped: no PostgreSQL answers (POSTGRES_BENCH_URL, or user postgres at 127.0.0.1:5432)")
            return
        share = os.environ.get("BENCH_ASKING_SHARE", "1")
        environment = {**os.environ, "DATABASE_URL": url}
        subprocess.run([sys.executable, "-m", "benchmarks.publishing.asking", share], env=environment, check=True)


def main(share: float) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from tests.factories import BoardFactory

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    boards = [BoardFactory() for _ in range(ACCOUNTS)]
    small = measured(boards, SMALL_SHARE)
    large = measured(boards, share)
    pins = int((PUBLISHED + SCHEDULED) * share)
    few = int((PUBLISHED + SCHEDULED) * SMALL_SHARE)
    print(f"  {'ms: median / processor time of both sides':<44} with {few:,} pins    with {pins:,} pins (at most 5)")
    for name, (usual, busy) in large.items():
        of_few = "{:.1f} / {:.1f}".format(*small[name])
        print(f"  {name:<44} {of_few:<18} {usual:.1f} / {busy:.1f}")


def measured(boards, share):
    """Return the median time of each question in ms, and the processor time of both processes.

    The processes are this one and PostgreSQL's: where other programs are busy, the time alone also measures those.
    """
    from django.db import connection
    from django.utils import timezone

    from pins.models import Heartbeat, PinQuerySet, PostingSlot
    from pins.publishing import next_pins
    from pins.publishing.claims import give_back, take
    from postiz_pins.management.commands import clock
    from postiz_pins.operations import metrics
    from tests.bulk_pins import fill

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE pins_pin CASCADE")
    Heartbeat.objects.all().delete()  # else all that is due is looked for before it is sent
    counts = {"published": PUBLISHED, "scheduled": SCHEDULED, "due": DUE}
    fill(boards, **{name: int(count * share) for name, count in counts.items()})
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")

    def next_pin():
        pin_id = next_pins.next_to_post(timezone.now())[0]
        return pin_id, take(pin_id, PinQuerySet.to_post)

    figures = {
        "a tick that wakes three workers": milliseconds(clock.tick, forget_messages),
        "the next pin, found and claimed": milliseconds(next_pin, lambda claimed: give_back(*claimed)),
        "/metrics (at most 10)": milliseconds(lambda: metrics.exposition(timezone.now()), lambda answer: None),
    }
    until = timezone.now() + timedelta(hours=1)
    slots = [PostingSlot(number=number, held_until=until, account=boards[number].account) for number in range(3)]
    PostingSlot.objects.all().delete()
    PostingSlot.objects.bulk_create(slots)
    figures["a tick while all slots are busy"] = milliseconds(clock.tick, forget_messages)
    figures["the next pin, three accounts are served"] = milliseconds(next_pin, lambda claimed: give_back(*claimed))
    PostingSlot.objects.all().delete()
    return figures


def milliseconds(ask, undo):
    from django.db import connection

    connection.ensure_connection()
    server = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    durations, busy_seconds = [], 0.0
    for _ in range(ROUNDS):
        server_before, busy_before = busy_nanoseconds(server), time.process_time()
        started = time.perf_counter()
        answer = ask()
        durations.append((time.perf_counter() - started) * 1000)
        busy_seconds += time.process_time() - busy_before + (busy_nanoseconds(server) - server_before) / 1e9
        undo(answer)
    return median(durations), busy_seconds / ROUNDS * 1000


def busy_nanoseconds(schedstat):
    """Return the processor time of a process on this machine; 0 where PostgreSQL runs on another."""
    return int(schedstat.read_text().split()[0]) if schedstat.exists() else 0


def forget_messages(_):
    from django_q.models import OrmQ

    OrmQ.objects.all().delete()


if __name__ == "__main__":
    main(float(sys.argv[1]))
