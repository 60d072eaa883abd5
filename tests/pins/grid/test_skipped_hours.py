"""A time of the table that the clocks skip becomes the next one there is, and the table says so."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from pins.grid.views import path_of
from pins.models import PinStatus
from tests.factories import PinFactory
from tests.page_text import page_text

pytestmark = pytest.mark.django_db

NOTICE = "The clocks skip 02:30 on 28 Mar 2027, so it's the next time there is: 03:00."
THERE_IS = datetime(2027, 3, 28, 1, 0, tzinfo=UTC)


@pytest.fixture
def pin(team):
    team.workspace.time_zone = "Europe/Berlin"
    team.workspace.save()
    return PinFactory(board=team.board, status=PinStatus.DRAFT, publish_at=None)


def typed(pin, at="2027-03-28T02:30"):
    return {f"row-{pin.pk}-publish_at": at, f"row-{pin.pk}-version": pin.version}


def test_a_cell_gets_the_time_that_was_saved(alice, pin):
    address = reverse("pins:grid_row", args=[pin.pk])

    response = alice.post(f"{address}?row=3", typed(pin))
    page = response.content.decode()

    pin.refresh_from_db()
    assert pin.publish_at == THERE_IS
    assert NOTICE in page_text(response)
    [cell] = [line for line in page.split("<") if line.startswith("input") and "hx-swap-oob" in line]
    assert f'id="id_row-{pin.pk}-publish_at"' in cell
    assert 'value="2027-03-28T03:00"' in cell
    assert 'aria-label="Time, row 3"' in cell
    again = alice.post(address, typed(pin, "2027-03-28T03:00")).content.decode()
    assert "hx-swap-oob" not in again
    assert "skip" not in again


def test_without_scripts_the_next_page_says_which_row_it_is(alice, pin):
    page = alice.post(path_of([pin.pk]), typed(pin) | {"step": "save"}, follow=True)

    pin.refresh_from_db()
    assert pin.publish_at == THERE_IS
    assert f"Row 1: {NOTICE}" in page_text(page)
