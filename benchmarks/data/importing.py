"""What an import costs: the dry run of 500 and of 2,000 rows, its memory, creating 500 pins, and exporting everything.

Beside the dry run stands reading the same file with nothing but Python's csv; beside 500 pins, the same number made one
by one.
"""

import csv
import io
import time
import tracemalloc
from datetime import timedelta
from pathlib import Path

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics.plan_export.views import rows_of
from pins.composer import services as composer
from pins.composer.services import Submission
from pins.imports import jobs, services
from pins.imports.reading.files import read_file
from pins.models import ImportStatus, Pin
from pins.rules.composition import AttachedMedia, Composition
from tests.factories import BoardFactory, MediaFileFactory, MembershipFactory
from tests.pins.imports.workbooks import xlsx_bytes

DRY, LARGE, EXPORTED = 500, 2_000, 100_000


def run(folder: Path) -> None:
    board = BoardFactory(name="Chairs")
    admin = MembershipFactory(workspace=board.account.workspace).user
    media = MediaFileFactory(workspace=board.account.workspace, original_name="oak.jpg")
    for number in range(20):
        BoardFactory(account=board.account, name=f"Board {number}")
    dry_run(board, admin)
    creation(board, admin, media)
    export(board)


def table(count):
    header = ["Title", "Library file", "Pinterest board", "Description", "Link", "Publish date", "Keywords"]
    begin = timezone.now() + timedelta(days=30)
    return [
        header,
        *(
            [
                f"Oak chair {n}",
                "oak.jpg",
                "Chairs" if n % 10 else f"Cheirs {n % 7}",
                "A chair by hand. " * 20,
                f"https://example.com/{n}",
                f"{begin + timedelta(hours=n):%Y-%m-%dT%H:%M:%S}",
                "oak, chair, wood",
            ]
            for n in range(count)
        ),
    ]


def as_csv(rows):
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def seconds(work):
    begin = time.perf_counter()
    result = work()
    return time.perf_counter() - begin, result


def taken_in(content, board, admin):
    workspace = board.account.workspace
    sheet = read_file(content)
    return services.take_in(sheet, content, workspace=workspace, by=admin, now=timezone.now(), file_name="plan.csv")


def dry_run(board, admin):
    for count, most_seconds in ((DRY, 2), (LARGE, 6)):
        content = as_csv(table(count))
        plain, _ = seconds(lambda content=content: list(csv.reader(io.StringIO(content.decode()))))
        with CaptureQueriesContext(connection) as captured:
            took, _ = seconds(lambda content=content: taken_in(content, board, admin))
        queries = sum(not query["sql"].startswith(("SAVEPOINT", "RELEASE")) for query in captured)
        tracemalloc.start()
        taken_in(content, board, admin)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        print(
            f"dry run of {count:,} rows / csv.reader: {took:.2f} s / {plain * 1000:.0f} ms"
            f"   (at most {most_seconds} s), {queries} queries   (at most 30), {peak / 1024**2:.0f} MB   (at most 64)"
        )
    workbook = xlsx_bytes(*table(DRY))
    took, _ = seconds(lambda: read_file(workbook))
    print(f"a workbook of {DRY} rows is read in its own process: {took * 1000:.0f} ms")


def creation(board, admin, media):
    pin_import = taken_in(
        as_csv([row for n, row in enumerate(table(DRY + DRY // 9)) if not n or n % 10 != 1]), board, admin
    )
    services.begin(pin_import, ImportStatus.CREATING, by=admin, now=timezone.now())
    took, _ = seconds(lambda: work_to_the_end(pin_import))
    created = pin_import.rows.filter(pin__isnull=False).count()
    single, _ = seconds(lambda: one_by_one(board, admin, media, 50))
    print(
        f"{created} pins created from an import / one by one: {took:.1f} / {single * created / 50:.1f} s   (at most 15)"
    )


def work_to_the_end(pin_import):
    while pin_import.is_under_way:
        jobs.work_on(pin_import.pk, timezone.now())
        pin_import.refresh_from_db()


def one_by_one(board, admin, media, count):
    now = timezone.now()
    for number in range(count):
        at = now + timedelta(days=90, hours=number)
        content = Composition(board=board, title=f"{number}", attachments=(AttachedMedia(media),))
        composer.create(
            Submission(composition=content, by=admin, now=now, publish_at=at, goes_out_at=at),
            workspace=board.account.workspace,
        )


def export(board):
    workspace = board.account.workspace
    Pin.objects.bulk_create(
        (Pin(workspace=workspace, account=board.account, board=board, title=f"{n}") for n in range(EXPORTED)),
        batch_size=5_000,
    )
    tracemalloc.start()
    took, count = seconds(lambda: sum(1 for _ in rows_of(Pin.objects.in_workspace(workspace))))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(f"{count:,} pins exported: {took:.0f} s (traced), {peak / 1024**2:.1f} MB   (at most 8)")
