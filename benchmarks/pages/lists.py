"""Pages of long lists: as many queries for 10,000 pins as for 10, and hardly more time for 100,000 than for 100."""

import time
from pathlib import Path
from statistics import median

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pins.models import Attachment, Pin, PinStatus
from tests.factories import BoardFactory, MediaFileFactory, MembershipFactory, PinterestAccountFactory

PAGES = ("pins:dashboard", "pins:pin_list", "pins:media_list", "accounts:connection_list", "analytics:overview")
ROUNDS = 25


def run(folder: Path) -> None:
    membership = MembershipFactory()
    board = BoardFactory(account=PinterestAccountFactory(workspace=membership.workspace))
    media = MediaFileFactory(workspace=membership.workspace)
    client = Client(SERVER_NAME="localhost")
    client.force_login(membership.user)

    fill(board, media, 10)
    few = {page: queries(client, reverse(page)) for page in PAGES}
    fill(board, media, 100)
    small = seconds(client, reverse("pins:pin_list"))
    fill(board, media, 10_000)
    many = {page: queries(client, reverse(page)) for page in PAGES}
    fill(board, media, 100_000)
    large = seconds(client, reverse("pins:pin_list"))

    print("queries at 10 and at 10,000 pins:")
    for page in PAGES:
        print(f"  {page:<28} {few[page]} and {many[page]}")
    print("pins list, time at 100,000 pins / at 100 pins:")
    print(f"  {large / small:.2f}   (at most 1.5)")


def fill(board, media, total):
    """Add published pins, each with the image, until there are `total`."""
    workspace = board.account.workspace
    missing = range(Pin.objects.in_workspace(workspace).count(), total)
    pins = Pin.objects.bulk_create(
        (
            Pin(
                workspace=workspace,
                account=board.account,
                board=board,
                title=f"Chair {number}",
                status=PinStatus.PUBLISHED,
                published_at=board.account.connected_at,
                pinterest_pin_id=str(10**15 + number),
            )
            for number in missing
        ),
        batch_size=2000,
    )
    Attachment.objects.bulk_create((Attachment(pin=pin, media=media, position=0) for pin in pins), batch_size=5000)


def queries(client, address):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def seconds(client, address):
    durations = []
    client.get(address)
    for _ in range(ROUNDS):
        started = time.perf_counter()
        client.get(address)
        durations.append(time.perf_counter() - started)
    return median(durations)
