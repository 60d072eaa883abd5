"""What a browser fetches for a page that it has never seen, without pictures: the page, its sheets, scripts and icons,
compressed as they are sent.
"""

import gzip
import re
from contextlib import suppress
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from tests.factories import PinFactory
from tests.url_matrix import ADDRESSES

pytestmark = pytest.mark.django_db
MOST_BYTES = 60_000
MOST_SHEETS = 3
# htmx, that of every page, and that of the page.
MOST_SCRIPTS = 3
# Of the calendar, compressed as the others.
MOST_OWN_SCRIPT = 6_000
LINKED = re.compile(rb'(?:href|src)="(/static/[^"#]+)')


def sent(name):
    """The size of a static file as WhiteNoise sends it: collectstatic has compressed what gains by it."""
    path = settings.STATIC_ROOT / name
    compressed = path.with_name(f"{path.name}.br")
    return (compressed if compressed.exists() else path).stat().st_size


def parts_of(page):
    """Everything that the page links from /static/, by name: sheets and scripts are served whole."""
    return {url.decode().removeprefix(settings.STATIC_URL) for url in LINKED.findall(page)}


def pages():
    """The addresses of pages that need no row."""
    for name, address in ADDRESSES.items():
        if address.answers.get("GET", (0, 0))[1] == 200 and not address.row:
            with suppress(NoReverseMatch):
                yield reverse(name)


def test_every_page_has_few_sheets_and_scripts_and_weighs_little(team, subtests):
    alice = Client(headers={"accept-encoding": "gzip"})
    alice.force_login(team.alice)
    for _ in range(30):
        PinFactory(board=team.board, attachments=0)

    addresses = list(pages())
    assert len(addresses) > 20
    for address in addresses:
        response = alice.get(address)
        if not response.get("Content-Type", "").startswith("text/html"):
            continue
        with subtests.test(address):
            page = gzip.decompress(response.content)
            parts = parts_of(page)
            weights = {part: sent(part) for part in parts}

            assert sum(part.endswith(".css") for part in parts) <= MOST_SHEETS
            assert sum(part.endswith(".js") for part in parts) <= MOST_SCRIPTS, parts
            assert len(response.content) + sum(weights.values()) <= MOST_BYTES, weights


@pytest.mark.parametrize("view", ["month", "week", "day", "list"])
def test_a_full_calendar_weighs_little_and_its_own_scripts_hardly_anything(team, view):
    begin = timezone.now().replace(day=1, hour=12) + timedelta(days=40)
    first = begin.replace(day=1)
    for day in range(28):
        for number in range(6):
            PinFactory(
                board=team.board,
                title=f"An oak chair by the window, in the light of morning {day} {number}",
                publish_at=first + timedelta(days=day, minutes=number),
                attachments=0,
            )
    alice = Client(headers={"accept-encoding": "gzip"})
    alice.force_login(team.alice)

    response = alice.get(reverse("pins:calendar"), {"view": view, "on": f"{first:%Y-%m-%d}"})

    page = gzip.decompress(response.content)
    weights = {part: sent(part) for part in parts_of(page)}
    own = [weight for part, weight in weights.items() if part.endswith(".js") and "calendar" in part]
    assert page.count(b'class="chip ') >= (6 if view == "day" else 30)
    assert len(response.content) + sum(weights.values()) <= MOST_BYTES
    assert len(own) == 1
    assert own[0] <= MOST_OWN_SCRIPT
