"""A time of a further pin that the clocks skip becomes the next one there is, and the page says so."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from pins.models import Pin
from tests.page_text import page_text
from tests.pins.families.helpers import boards_of, composed, rows

pytestmark = pytest.mark.django_db

NEW = reverse("pins:pin_create")
AT_TEN = {"when": "time", "publish_at": "2027-03-10T10:00"}
SKIPPED = {"more-0-publish_at": "2027-03-28T02:30"}
NOTICE = "The clocks skip 02:30 on 28 Mar 2027, so it's the next time there is: 03:00."


def test_the_pin_is_made_for_the_next_time_there_is(alice, team):
    response = alice.post(NEW, composed(team, **AT_TEN) | rows(*boards_of(team, 1)) | SKIPPED, follow=True)

    assert Pin.objects.latest("pk").publish_at == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
    assert NOTICE in page_text(response)


def test_the_row_shows_the_time_before_the_pin_is_made(alice, team):
    typed = composed(team, **AT_TEN) | rows(*boards_of(team, 2)) | SKIPPED | {"action": "more_add"}

    response = alice.post(NEW, typed)

    assert page_text(response).count(NOTICE) == 1
    assert 'value="2027-03-28T03:00"' in response.content.decode()
    assert not Pin.objects.exists()
