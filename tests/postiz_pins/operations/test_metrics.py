"""/metrics: by token only, of everything that operators are alerted about, and of nobody."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import Schedule
from prometheus_client.parser import text_string_to_metric_families

from accounts.models import ScheduleRun
from pins.models import PinStatus, ProcessKind
from pins.publishing.slots import claim_slot
from postiz_pins.operations import metrics
from postiz_pins.operations.heartbeats import Heartbeat
from tests.bulk_pins import fill
from tests.factories import BoardFactory, PinFactory
from tests.pins.publishing.test_plans import buffers

pytestmark = pytest.mark.django_db
TOKEN = "a-token-of-twenty-characters"
# At most MOST_COUNTED rows each of what is due and under way; a page of the table for each of them at worst.
MOST_BUFFERS = 1200


@pytest.fixture(autouse=True)
def _on(settings):
    settings.METRICS_TOKEN = TOKEN


def get(client, token=TOKEN, **headers):
    return client.get("/metrics", headers={"Authorization": f"Bearer {token}", **headers})


def values(client):
    response = get(client)
    assert response.status_code == 200
    families = text_string_to_metric_families(response.content.decode())
    return {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}é", TOKEN])
def test_without_its_token_nothing_is_told(client, header):
    response = client.get("/metrics", headers={"Authorization": header})

    assert response.status_code == 401
    assert b"postiz_pins" not in response.content


def test_it_is_off_without_a_token_in_the_settings(client, settings):
    settings.METRICS_TOKEN = ""

    assert get(client, token="").status_code == 404


def test_it_answers_by_address_and_plain_http(client, settings):
    settings.SECURE_SSL_REDIRECT = True

    assert get(client, host="10.0.0.7").status_code == 200


def test_it_tells_processes_slots_due_pins_and_schedules(client):
    now = timezone.now()
    Heartbeat(ProcessKind.CLUSTER).beat(now)
    Heartbeat(ProcessKind.CLOCK).beat(now - timedelta(minutes=1))
    board = BoardFactory(account__username="chairshop", name="Chairs")
    for seconds in (100, 50):
        PinFactory(board=board, title="A secret title", publish_at=now - timedelta(seconds=seconds))
    PinFactory(board=board, status=PinStatus.VERIFYING)
    claim_slot(now)
    Schedule.objects.all().delete()
    Schedule.objects.create(name="held", func="pins.tasks.tell_held")
    ScheduleRun.objects.create(name="held", started_at=now, stopped_at=now, succeeded=False)

    found = values(client)

    assert found["postiz_pins_processes", "cluster"] == 1
    assert found["postiz_pins_processes", "clock"] == 0
    assert found["postiz_pins_silent_processes",] == 1
    assert found["postiz_pins_posting_slots",] == 3
    assert found["postiz_pins_posting_slots_in_use",] == 1
    assert found["postiz_pins_due_pins",] >= 2
    assert 100 <= found["postiz_pins_oldest_due_pin_seconds",] < 160
    assert found["postiz_pins_pins_under_way", "verifying"] == 1
    assert found["postiz_pins_schedule_succeeded", "pins.tasks.tell_held"] == 0
    text = get(client).content.decode()
    assert [name for name in ("chairshop", "Chairs", "secret") if name in text] == []


def test_nothing_due_is_not_late(client):
    assert values(client)["postiz_pins_oldest_due_pin_seconds",] == 0


def test_a_database_that_is_away_is_503(client, monkeypatch):
    def fail(now):
        raise OperationalError("secret")

    monkeypatch.setattr(metrics, "families", fail)

    response = get(client)

    assert (response.status_code, b"secret" in response.content) == (503, False)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite plans without knowing what its tables hold.")
@pytest.mark.usefixtures("fresh_tables")
@pytest.mark.parametrize("paused", [0, 40])
def test_it_costs_few_pages_however_many_pins_there_are(paused):
    now = timezone.now()
    until = now + timedelta(hours=1) if paused else None
    boards = [BoardFactory(account__posting_paused_until=until) for _ in range(40)]
    fill(boards, published=20_000, scheduled=50_000, due=5_000)

    metrics.families(now)
    with CaptureQueriesContext(connection) as queries:
        metrics.families(now)

    costs = [(buffers(query["sql"]), query["sql"]) for query in queries if "pins_pin" in query["sql"]]
    assert [cost for cost in costs if cost[0] > MOST_BUFFERS] == []
