"""What the table of drafts costs: a page of 100 rows beside one of 10, saving a cell, and drafts of 100 files."""

import time as clock
from pathlib import Path
from statistics import median

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from benchmarks.pages.lists import queries, seconds
from pins.composer import services as composer
from pins.grid.views import path_of
from tests.factories import BoardFactory, MediaFileFactory, MembershipFactory

ROWS, FEW, CELLS, BOARDS = 100, 10, 50, 50


def run(folder: Path) -> None:
    membership = MembershipFactory()
    workspace = membership.workspace
    board = BoardFactory(account__workspace=workspace, name="Chairs")
    for number in range(BOARDS):
        BoardFactory(account=board.account, name=f"Board {number}")
    media = [MediaFileFactory(workspace=workspace, original_name=f"oak-chair-{number}.jpg") for number in range(ROWS)]
    begin = clock.perf_counter()
    pins = composer.draft_each(media, workspace=workspace, by=membership.user, now=timezone.now())
    drafting = clock.perf_counter() - begin
    client = Client(SERVER_NAME="localhost")
    client.force_login(membership.user)
    many, few = path_of([pin.pk for pin in pins]), path_of([pin.pk for pin in pins[:FEW]])

    print(
        f"table of {ROWS} drafts / of {FEW}: {1000 * seconds(client, many):.0f} / {1000 * seconds(client, few):.0f} ms,"
    )
    print(f"  queries {queries(client, many)} and {queries(client, few)}   (at most 15)")
    print(f"  a cell is saved in {1000 * cell(client, pins):.0f} ms   (at most 100)")
    print(f"  {ROWS} files become drafts in {1000 * drafting:.0f} ms")


def cell(client, pins):
    """Return the median time of one cell of a row."""
    times = []
    for number, pin in enumerate(pins[:CELLS]):
        prefix = f"row-{pin.pk}"
        typed = {f"{prefix}-title": f"Chair {number}", f"{prefix}-board": "Chairs", f"{prefix}-version": 1}
        begin = clock.perf_counter()
        response = client.post(reverse("pins:grid_row", args=[pin.pk]), typed)
        times.append(clock.perf_counter() - begin)
        assert b"Saved" in response.content
    return median(times)
