"""What the calendar feed costs with 1,000 pins in its days."""

from datetime import timedelta
from pathlib import Path

from django.test import Client
from django.utils import timezone

from benchmarks.pages.lists import seconds
from pins.calendar_feed import services
from pins.models import Pin, PinStatus
from tests.factories import BoardFactory, MembershipFactory

PINS = 1_000


def run(folder: Path) -> None:
    membership = MembershipFactory()
    board = BoardFactory(account__workspace=membership.workspace)
    now = timezone.now()
    Pin.objects.bulk_create(
        Pin(
            workspace=membership.workspace,
            account=board.account,
            board=board,
            title=f"A chair of solid oak, made by hand in our workshop, number {number}",
            status=PinStatus.SCHEDULED,
            publish_at=now + timedelta(hours=number),
            next_attempt_at=now + timedelta(hours=number),
        )
        for number in range(1, PINS + 1)
    )
    address = f"/calendar/feed/{services.create(membership, None, now=now)[1]}.ics"
    browser = Client(HTTP_HOST="localhost")
    assert browser.get(address).content.count(b"BEGIN:VEVENT") == PINS
    print(f"calendar feed of {PINS:,} pins: {1000 * seconds(browser, address):.0f} ms   (at most 100)")
