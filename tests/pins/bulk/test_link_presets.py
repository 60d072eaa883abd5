"""A link preset that is deleted while a worker adds its parameters to the links of many pins."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from pins.bulk import actions
from pins.bulk import services as bulk
from pins.models import BulkChange, BulkItemStatus, BulkStatus, LinkPreset, Pin
from pins.tags.services import names_of
from tests.factories import PinFactory
from tests.page_text import page_text
from tests.pins.bulk.confirming import confirm

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 1, 11, 0, tzinfo=UTC)
LINK = "https://example.com/"
WITH_PARAMETERS = f"{LINK}?utm_source=pinterest&utm_medium=social"
DONE, REFUSED = (
    (BulkItemStatus.DONE, ""),
    (BulkItemStatus.REFUSED, "This link preset no longer exists. Choose another one, or none."),
)


@pytest.fixture(autouse=True)
def _still():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def preset(team):
    return LinkPreset.objects.create(workspace=team.workspace, name="Standard")


@pytest.fixture
def change(team, alice, preset, monkeypatch):
    """Return a change of three pins that is confirmed, and that a worker carries out one by one."""
    monkeypatch.setattr(bulk, "AT_ONCE", 0)
    monkeypatch.setattr(bulk, "BATCH", 1)
    pins = [PinFactory(board=team.board, publish_at=NOW + timedelta(days=20), link=LINK) for _ in range(3)]
    body = {"bulk_action": "preset", "pins": [pin.pk for pin in pins]}
    url = alice.post(reverse("pins:bulk_start"), body).headers["Location"]
    alice.post(url, {"step": "options", "preset": preset.pk})
    confirm(alice, url)
    return BulkChange.objects.get()


def after_the_check_of_the_second_pin(monkeypatch, happens):
    """Have something happen once the second pin was checked, and whenever the preset is applied from then on."""
    readings = []

    def read(pin):  # twice for each pin: for its check, and for its change
        readings.append(pin.pk)
        if len(readings) > 2:
            happens()
        return names_of(pin)

    monkeypatch.setattr(actions, "names_of", read)


def outcome(change):
    items = change.items.order_by("position").select_related("pin")
    return [(item.status, item.reason) for item in items], [item.pin.link for item in items]


def test_a_preset_deleted_between_the_check_and_the_change_of_a_pin_ends_nothing(alice, change, preset, monkeypatch):
    # Again and again, because here the refusal takes the deletion back as well.
    after_the_check_of_the_second_pin(monkeypatch, LinkPreset.objects.filter(pk=preset.pk).delete)

    bulk.work_on(change.pk, NOW)

    assert outcome(change) == ([DONE, REFUSED, REFUSED], [WITH_PARAMETERS, LINK, LINK])
    change.refresh_from_db()
    assert (change.status, change.claim_token) == (BulkStatus.DONE, None)
    assert REFUSED[1] in page_text(alice.get(reverse("pins:bulk_change", args=[change.pk])))


def test_a_worker_that_goes_on_for_a_dead_one_finds_the_preset_deleted(change, preset, monkeypatch):
    def die():
        raise SystemExit

    after_the_check_of_the_second_pin(monkeypatch, die)
    with pytest.raises(SystemExit):
        bulk.work_on(change.pk, NOW)
    monkeypatch.setattr(actions, "names_of", names_of)
    preset.delete()

    bulk.work_on(change.pk, NOW + timedelta(minutes=5))

    assert outcome(change) == ([DONE, REFUSED, REFUSED], [WITH_PARAMETERS, LINK, LINK])
    assert Pin.objects.filter(version=1).count() == 2
