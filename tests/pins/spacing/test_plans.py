"""What the guard asks PostgreSQL costs a few pages, however many pins the account has."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from pins.models import PinStatus
from pins.spacing.checks import check_many
from pins.spacing.planned import Planned
from tests.bulk_pins import copy, fill
from tests.factories import PinFactory
from tests.pins.publishing.test_plans import costs_of

pytestmark = [
    pytest.mark.usefixtures("fresh_tables"),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite plans without knowing what its tables hold."),
]

MOST_BUFFERS = 60


def test_a_check_reads_few_pages_of_a_hundred_thousand_pins(team):
    now, day = timezone.now(), 86_400
    fill([team.board], published=50_000, scheduled=500, due=10)
    alike = {"link_key": "'https://example.com/sale'", "picture_key": "'image'"}
    gone = PinFactory(board=team.board, status=PinStatus.PUBLISHED, attachments=0)
    years_ago = f"now() - interval '1 second' * ({400 * day} + number * 600)"
    own = {
        "publish_at": years_ago,
        "published_at": "moment.publish_at",
        "pinterest_pin_id": "(2 * 10^15 + number)::text",
    }
    copy(gone, [team.board], 50_000, **own, link_key=alike["link_key"])
    copy(gone, [team.board], 5, **{**own, "pinterest_pin_id": "(3 * 10^15 + number)::text"}, picture_key="'image'")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    at, keys = now + timedelta(days=60), {"link_key": "https://example.com/sale", "picture_key": "image"}
    planned = Planned(account=team.account, board=team.board, at=at, **keys)

    costs = costs_of(lambda _: check_many([planned], team.workspace.zone), now)

    assert len(costs) == 2
    assert [cost for cost in costs if cost[0] > MOST_BUFFERS] == []
