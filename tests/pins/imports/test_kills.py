"""Whatever is killed and whenever: each row of an import becomes one pin."""

import random

import pytest
from django.db.models import Count

from pins.imports import services
from pins.models import ImportStatus, Pin, PinEventKind, RowStatus
from tests import process_helpers
from tests.factories import MediaFileFactory

from .helpers import imported

pytestmark = pytest.mark.django_db(transaction=True)
ROWS, KILLS = 150, 20


def test_workers_that_are_killed_at_random_moments_double_and_lose_nothing(team):
    team.board.name = "Chairs"
    team.board.save()
    MediaFileFactory(workspace=team.workspace, original_name="oak.jpg")
    rows = [{"Title": f"Chair {n}", "Library file": "oak.jpg", "Board": "Chairs"} for n in range(ROWS)]
    pin_import = imported(team, *rows)
    services.begin(pin_import, ImportStatus.CREATING, by=team.alice, now=pin_import.created_at)
    seed = random.randrange(10**6)

    process = process_helpers.start("pins.imports.killed_workers", pin_import.pk, KILLS, seed)

    assert process.wait(120) == 0
    titles = list(Pin.objects.order_by("title").values_list("title", flat=True))
    assert titles == sorted(f"Chair {n}" for n in range(ROWS)), f"seed {seed}"
    assert set(pin_import.rows.values_list("status", flat=True)) == {RowStatus.CREATED}
    assert pin_import.rows.filter(pin__isnull=False).aggregate(pins=Count("pin", distinct=True))["pins"] == ROWS
    drafted = Pin.objects.filter(events__kind=PinEventKind.DRAFTED).annotate(events_count=Count("events"))
    assert drafted.filter(events_count=1).count() == ROWS
