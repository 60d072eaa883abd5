"""The page of pins that were made together, and what lists show of them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pins.models import Pin, PinFamily
from tests.factories import BoardFactory, PinFactory, PinFamilyFactory, PinSummaryFactory
from tests.page_text import page_text
from tests.pins.families.helpers import NOW, boards_of

pytestmark = pytest.mark.django_db


def family_of(team, *statuses, days=7):
    pins = [
        PinFactory(board=board, status=status, title="Oak", publish_at=NOW + timedelta(days=number * days))
        for number, (board, status) in enumerate(zip(boards_of(team, len(statuses)), statuses, strict=True))
    ]
    return PinFamilyFactory(workspace=team.workspace, pins=pins), pins


def page_of(client, family):
    return client.get(reverse("pins:pin_family", args=[family.pk]))


def test_moments_statuses_and_figures_stand_side_by_side_with_their_sum(alice, team):
    family, pins = family_of(team, "published", "published", "failed", "draft")
    PinSummaryFactory(pin=pins[0], impressions=1_200, pin_clicks=30, outbound_clicks=None, saves=4)
    PinSummaryFactory(pin=pins[1], impressions=300, pin_clicks=12, outbound_clicks=None, saves=1)

    text = page_text(page_of(alice, family))

    assert "4 pins of one image, 7 days apart, at publishing times. 2 published." in text
    assert text.count("7 days later") == 3
    totals = text[text.index("<tfoot") :]
    assert 'data-label="Impressions">1,500<' in totals
    assert 'data-label="Pin clicks">42<' in totals
    assert 'data-label="Outbound clicks"><span class="soft">–<' in totals
    assert 'data-label="Saves">5<' in totals


def test_the_number_of_queries_does_not_depend_on_the_pins(alice, team):
    def queries(count):
        family, _ = family_of(team, *["published"] * count)
        with CaptureQueriesContext(connection) as captured:
            page_of(alice, family)
        return len(captured)

    assert queries(2) == queries(9)


def test_a_strangers_family_and_one_without_pins_are_not_found(alice, team):
    stranger = BoardFactory()
    foreign = PinFamilyFactory(workspace=stranger.account.workspace, pins=[PinFactory(board=stranger)])
    empty = PinFamilyFactory(workspace=team.workspace)

    assert [page_of(alice, each).status_code for each in (foreign, empty)] == [404, 404]
    assert page_of(Client(), foreign).status_code == 302


@pytest.mark.parametrize("name", ["pin_list", "calendar"])
def test_lists_and_calendar_show_which_of_how_many_a_pin_is(alice, team, name):
    family_of(team, "scheduled", "scheduled", "scheduled", days=1)

    text = page_text(alice.get(reverse(f"pins:{name}")))

    assert all(f">{number} of 3</span>" in text for number in (1, 2, 3))


def test_a_pin_leads_to_those_that_were_made_with_it(alice, team):
    family, pins = family_of(team, "scheduled", "scheduled")

    page = alice.get(reverse("pins:pin_detail", args=[pins[1].pk])).content.decode()

    assert f'<a href="{reverse("pins:pin_family", args=[family.pk])}">2 of 2 pins</a>' in page


def test_a_deleted_pin_leaves_the_others_and_the_last_one_takes_the_family_along(alice, team):
    family, (one, two) = family_of(team, "scheduled", "draft")

    alice.post(reverse("pins:pin_delete", args=[two.pk]))
    assert page_of(alice, family).status_code == 200
    alice.post(reverse("pins:pin_delete", args=[one.pk]))

    assert not Pin.objects.exists()
    assert not PinFamily.objects.exists()
