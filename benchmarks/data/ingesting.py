"""What polling 10,000 pins costs in requests, and how fast the rows of days are written."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Board
from analytics.ingestion import pin_days, rollups, runner, upserts
from analytics.models import AccountFeed, CallCount, PinDay, PinSummary
from pins.models import Pin, PinStatus
from postiz_pins.common import encryption
from tests.factories import BoardFactory
from tests.sandbox_process import SandboxProcess

PINS = 10_000
DAYS_BACK = 60
ROWS = 150_000
# As many as one request brings: a hundred pins with a month each.
ROWS_AT_ONCE = 3_000
# Where the rows are written that nothing was stored for.
FIRST_ON = date(2020, 1, 1)
ROLLED_UP_PINS = 1_000
ROLLED_UP_DAYS = 730
COLUMNS = ("pin_id", "date", "data_status", "impressions", "pin_clicks", "outbound_clicks", "saves", "others")


def run(folder: Path) -> None:
    settings.PINTEREST_CALLS_PER_DAY = 0
    settings.PINTEREST_ANALYTICS_CALLS_PER_MINUTE = 1_000_000
    sandbox = SandboxProcess()
    sandbox.start(folder / "ingesting.sqlite3")
    settings.PINTEREST_API_URL = sandbox.api_url
    try:
        board = filled_board(sandbox)
        poll(board)
    finally:
        sandbox.stop()
    write(board)
    roll_up(board)


def filled_board(sandbox: SandboxProcess) -> Board:
    sandbox.options(multi_pin_analytics=True)
    profile = sandbox.create_account("figures", boards=["Bench"])
    tokens = sandbox.tokens("figures")
    board = BoardFactory(
        pinterest_id=profile["boards"][0]["id"],
        account__username="figures",
        account__access_token_encrypted=encryption.encrypt(tokens["access_token"]),
        account__refresh_token_encrypted=encryption.encrypt(tokens["refresh_token"]),
    )
    pin_ids = sandbox.create_pins(board.pinterest_id, PINS, days_ago=DAYS_BACK)
    oldest_at = timezone.now() - timedelta(days=DAYS_BACK)
    apart = timedelta(days=DAYS_BACK) / PINS
    Pin.objects.bulk_create(
        (
            Pin(
                workspace=board.account.workspace,
                account=board.account,
                board=board,
                title=f"Chair {number}",
                status=PinStatus.PUBLISHED,
                published_at=oldest_at + number * apart,
                pinterest_pin_id=pin_id,
            )
            for number, pin_id in enumerate(pin_ids)
        ),
        batch_size=upserts.BATCH,
    )
    return board


def poll(board: Board) -> None:
    feed = AccountFeed.objects.create(account=board.account)
    lifetime = calls(feed, "lifetime")
    known = PinSummary.objects.exclude(lifetime_at=None).count()
    PinSummary.objects.update(days_next_at=timezone.now())
    first = calls(feed, "pins")
    rows = PinDay.objects.count()
    PinSummary.objects.update(days_next_at=timezone.now())
    second = calls(feed, "pins")
    print(f"{PINS:,} pins polled, the endpoint for many pins allowed:")
    print(f"  calls for lifetime metrics    {lifetime}   (at most 40; {known:,} pins known)")
    print(f"  calls for their days          {first}   (at most 100; {rows:,} rows)")
    print(f"  calls on the next day         {second}   (at most 100; {PinDay.objects.count() - rows:,} rows more)")


def calls(feed: AccountFeed, part: str) -> int:
    """Return the requests that this part takes, in as many turns as it needs."""
    now = timezone.now()
    far = now + timedelta(days=9)
    moments = {f"{name}_next_at": now if name == part else far for name in ("days", "lifetime", "pins")}
    AccountFeed.objects.filter(pk=feed.pk).update(**moments, **{f"{part}_fetched_at": None})
    before = spent()
    while AccountFeed.objects.filter(pk=feed.pk, **{f"{part}_fetched_at": None}).exists():
        runner.fetch_due()
    return spent() - before


def spent() -> int:
    return sum(CallCount.objects.values_list("calls", flat=True))


def write(board: Board) -> None:
    pin_ids = list(Pin.objects.filter(board=board).order_by("pk").values_list("pk", flat=True))
    PinDay.objects.all().delete()
    began = time.perf_counter()
    placeholders = ", ".join(["%s"] * len(COLUMNS))
    statement = f"INSERT INTO analytics_pinday ({', '.join(COLUMNS)}) VALUES ({placeholders})"  # noqa: S608  names from above
    for rows in batches(pin_ids):
        values = [tuple(getattr(row, column) for column in COLUMNS) for row in rows]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(statement, values)
    plain = time.perf_counter() - began
    PinDay.objects.all().delete()
    began = time.perf_counter()
    for rows in batches(pin_ids):
        with transaction.atomic():
            upserts.write(PinDay, upserts.merge({}, rows, "pin_id", pin_days.COLUMNS), "pin", pin_days.COLUMNS)
    bulk = time.perf_counter() - began
    print(f"{ROWS:,} rows of days, {ROWS_AT_ONCE:,} in a transaction:")
    print(f"  rows a second                 {ROWS / bulk:,.0f}   (at least 5,000)")
    print(f"  time / plain executemany      {bulk / plain:.1f}   (it has no conflicts to look for)")


def batches(pin_ids: list[int]) -> Iterator[list[PinDay]]:
    days_each = ROWS // len(pin_ids)
    pins_at_once = ROWS_AT_ONCE // days_each
    for start in range(0, len(pin_ids), pins_at_once):
        yield [
            day_of(pin_id, FIRST_ON + timedelta(days=number))
            for pin_id in pin_ids[start : start + pins_at_once]
            for number in range(days_each)
        ]


def day_of(pin_id: int, on: date) -> PinDay:
    return PinDay(pin_id=pin_id, date=on, data_status="READY", impressions=70, pin_clicks=5, outbound_clicks=2, saves=1)


def roll_up(board: Board) -> None:
    PinDay.objects.all().delete()
    today = datetime.now(UTC).date()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO analytics_pinday"
            " (pin_id, date, data_status, impressions, pin_clicks, outbound_clicks, saves, others)"
            " WITH RECURSIVE days (number) AS"
            " (SELECT 0 UNION ALL SELECT number + 1 FROM days WHERE number + 1 < %s)"
            " SELECT id, date(%s, '-' || number || ' days'), 'READY', 70, 5, 2, 1, NULL"
            " FROM (SELECT id FROM pins_pin WHERE board_id = %s ORDER BY id LIMIT %s) CROSS JOIN days",
            [ROLLED_UP_DAYS, today.isoformat(), board.pk, ROLLED_UP_PINS],
        )
    AccountFeed.objects.filter(account=board.account).update(latest_on=today)
    began = time.perf_counter()
    rollups.refresh(board.account)
    seconds = time.perf_counter() - began
    rows = PinDay.objects.count()
    print(f"roll-up of {ROLLED_UP_PINS:,} pins with two years each:")
    print(f"  seconds for {rows:,} days   {seconds:.1f}   (a few)")
