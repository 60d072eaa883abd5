"""What the sums of an account's tags cost on PostgreSQL, beside the rows of far larger accounts."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics.account_report import services
from analytics.periods import Period
from pins.models import PinStatus, Tag
from tests.bulk_pins import copy
from tests.factories import BoardFactory, PinFactory

pytestmark = [
    pytest.mark.usefixtures("fresh_tables"),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite plans without knowing what its tables hold."),
]

OTHERS, OURS, DAYS = 20_000, 40, 5
LARGE = {"analytics_pinperiod", "analytics_pinday", "pins_pin", "pins_pin_tags"}


@pytest.fixture
def crowd(team):
    """Pins with figures and tags: few of the account, and 500 times as many of another one."""
    today = timezone.now().date()
    for board, count in ((BoardFactory(), OTHERS), (team.board, OURS)):
        copy(
            PinFactory(board=board, status=PinStatus.PUBLISHED, attachments=0),
            [board],
            count - 1,
            pinterest_pin_id=f"({board.pk}000000000 + number)::text",
        )
        for name in ("Spring", "Oak", "Shop"):
            Tag.objects.create(workspace=board.account.workspace, name=name)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO pins_pin_tags (pin_id, tag_id) SELECT pin.id, tag.id FROM pins_pin pin"
            " JOIN pins_tag tag ON tag.workspace_id = pin.workspace_id"
        )
        cursor.execute(
            "INSERT INTO analytics_pinperiod"
            " (pin_id, account_id, board_id, days, impressions, pin_clicks, outbound_clicks, saves)"
            " SELECT id, account_id, board_id, days, 3, 2, 1, 1 FROM pins_pin, unnest(ARRAY[7, 30, 90]) days"
        )
        cursor.execute(
            "INSERT INTO analytics_pinday (pin_id, date, data_status, impressions, pin_clicks, outbound_clicks, saves)"
            " SELECT id, %s::date - number, 'READY', 3, 2, 1, 1 FROM pins_pin, generate_series(1, %s) number",
            [today, DAYS],
        )
        cursor.execute("ANALYZE")
    return today


@pytest.mark.parametrize("preset", [30, None], ids=["an offered range", "chosen days"])
def test_the_sums_of_tags_go_by_index(team, crowd, preset):
    period = Period(crowd - timedelta(days=DAYS), crowd)
    chosen = services.ChosenRange(period=period, preset=preset)

    with CaptureQueriesContext(connection) as captured:
        ranked = services.ranked_tags(team.account, chosen, "saves")

    saves = OURS * (1 if preset else DAYS)
    assert [(each.pins, each.saves) for each in ranked] == [(OURS, saves)] * 3
    [sql] = [query["sql"] for query in captured if "SUM(" in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
        plan = cursor.fetchone()[0]
    [top] = json.loads(plan) if isinstance(plan, str) else plan
    whole = {node["Relation Name"] for node in nodes(top["Plan"]) if node["Node Type"] == "Seq Scan"}
    assert not whole & LARGE


def nodes(plan):
    """Return the node of a plan with all below it."""
    return [plan, *(each for child in plan.get("Plans", ()) for each in nodes(child))]
