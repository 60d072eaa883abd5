"""What planning costs: the next free time of an account with 5,000 planned pins, 200 placements, a month of pins.

Beside the first stands the same account without pins. The worst case is measured: every publishing time of 179 days is
taken. Beside the placements stands a single one.
"""

import time as clock
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from statistics import median

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Weekday
from benchmarks.pages.lists import fill, queries, seconds
from pins.models import Attachment, Pin, PinStatus, PublishingTime
from pins.queue.places import next_free_times
from pins.queue.services import place_all
from tests.factories import BoardFactory, MediaFileFactory, MembershipFactory, PinterestAccountFactory

PLANNED = 5_000
TIMES_A_DAY = 28
ROUNDS = 25
PLACED = 200
IN_WORKSPACE, FEW_A_MONTH, MANY_A_MONTH = 100_000, 10, 1_000


def run(folder: Path) -> None:
    account = BoardFactory(account__least_gap_minutes=10).account
    PublishingTime.objects.bulk_create(
        PublishingTime(account=account, weekday=weekday, time=time(8 + number // 4, number % 4 * 15))
        for weekday in Weekday.values
        for number in range(TIMES_A_DAY)
    )
    now = timezone.now()
    empty = milliseconds(lambda: next_free_times(account, now=now))
    plan(account, next_free_times(account, now=now + timedelta(minutes=1), count=PLANNED))
    full = milliseconds(lambda: next_free_times(account, now=now))

    print(f"next free time, {PLANNED:,} pins planned / none: {full:.1f} / {empty:.1f} ms   (at most 15)")
    place(now)
    months()


def months():
    """Compare a month of few pins with one of many, in the same large workspace."""
    membership = MembershipFactory()
    board = BoardFactory(account=PinterestAccountFactory(workspace=membership.workspace))
    media = MediaFileFactory(workspace=membership.workspace)
    fill(board, media, IN_WORKSPACE)
    client = Client(SERVER_NAME="localhost")
    client.force_login(membership.user)
    few, many = (plan_month(board, media, month, count) for month, count in ((5, FEW_A_MONTH), (7, MANY_A_MONTH)))
    ratio = seconds(client, many) / seconds(client, few)

    print(f"calendar, a month of {MANY_A_MONTH:,} pins / of {FEW_A_MONTH}, of {IN_WORKSPACE:,} in the workspace:")
    asked = f"queries {queries(client, few)} and {queries(client, many)}   (equal, at most 10)"
    print(f"  time {ratio:.2f}   (at most 1.5), {asked}")


def plan_month(board, media, month, count):
    """Schedule pins all over the month, and return the address of the calendar that shows it."""
    begin = datetime(2031, month, 1, 8, tzinfo=UTC)
    pins = Pin.objects.bulk_create(
        Pin(
            workspace=board.account.workspace,
            account=board.account,
            board=board,
            title=f"Chair {number}",
            status=PinStatus.SCHEDULED,
            publish_at=begin + timedelta(days=number % 28, minutes=number // 28),
            next_attempt_at=begin + timedelta(days=number % 28, minutes=number // 28),
        )
        for number in range(count)
    )
    Attachment.objects.bulk_create(Attachment(pin=pin, media=media, position=0) for pin in pins)
    return f"{reverse('pins:calendar')}?on={begin:%Y-%m-%d}"


def place(now):
    board = BoardFactory(account__least_gap_minutes=10)
    times = [(weekday, time(hour)) for weekday in Weekday.values for hour in range(8, 20)]
    PublishingTime.objects.bulk_create(PublishingTime(account=board.account, weekday=on, time=at) for on, at in times)
    admin = MembershipFactory(workspace=board.account.workspace).user
    one, _ = placements(board, admin, now, 1)
    many, queries = placements(board, admin, now, PLACED)

    print(f"{PLACED} placements / one: {many:.0f} / {one:.0f} ms   (at most 1,000), {queries} queries   (at most 10)")


def placements(board, by, now, count):
    """Place fresh drafts, and return the milliseconds and the statements without those of the transaction itself."""
    Pin.objects.bulk_create(
        Pin(workspace=board.account.workspace, account=board.account, board=board) for _ in range(count)
    )
    pins = list(Pin.objects.filter(publish_at=None, account=board.account).with_content())
    with CaptureQueriesContext(connection) as captured:
        begin = clock.perf_counter()
        placed = place_all(pins, by=by, now=now)
        milliseconds = (clock.perf_counter() - begin) * 1000
    assert len(placed) == count
    around = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
    return milliseconds, sum(not query["sql"].startswith(around) for query in captured)


def plan(account, moments):
    """Draft a pin for each moment; drafts take places, too."""
    Pin.objects.bulk_create(
        (
            Pin(workspace=account.workspace, account=account, status=PinStatus.DRAFT, publish_at=moment)
            for moment in moments
        ),
        batch_size=1000,
    )


def milliseconds(work):
    times = []
    for _ in range(ROUNDS):
        begin = clock.perf_counter()
        work()
        times.append((clock.perf_counter() - begin) * 1000)
    return median(times)
