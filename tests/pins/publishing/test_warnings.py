"""Where the findings of the check before publishing are shown."""

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from pins.models import Pin, PinStatus
from pins.publishing import preflight
from pins.rules import links
from tests.factories import PinFactory
from tests.page_text import page_text

pytestmark = pytest.mark.django_db

WARNING = {"code": "link_broken", "field": "link", "message": "The link's page doesn't exist (404)."}


def test_the_pins_page_shows_warnings_with_a_way_to_more(team, alice):
    pin = PinFactory(board=team.board, publish_at=timezone.now() + timedelta(hours=1), warnings=[WARNING])

    page = page_text(alice.get(reverse("pins:pin_detail", args=[pin.pk])))

    assert WARNING["message"] in page
    assert f'href="{reverse("pins:help")}#links"' in page


@pytest.mark.parametrize("status", [PinStatus.DRAFT, PinStatus.PUBLISHED, PinStatus.CREATING, PinStatus.FAILED])
def test_warnings_are_shown_only_while_there_is_time_to_mend(team, alice, status):
    pin = PinFactory(board=team.board, status=status, warnings=[WARNING])

    for name, args in [("pins:pin_detail", [pin.pk]), ("pins:pin_list", []), ("pins:dashboard", [])]:
        page = page_text(alice.get(reverse(name, args=args)))
        assert WARNING["message"] not in page
        assert "Warning" not in page


def test_the_list_and_the_dashboard_mark_the_pin(team, alice):
    PinFactory(board=team.board, publish_at=timezone.now() + timedelta(hours=1))
    PinFactory(board=team.board, publish_at=timezone.now() + timedelta(hours=2), warnings=[WARNING], title="Warned")

    pin_list = page_text(alice.get(reverse("pins:pin_list")))
    dashboard = page_text(alice.get(reverse("pins:dashboard")))

    assert pin_list.count("Warning") == 1
    needs_you = dashboard.partition('id="needs-attention"')[2].partition("</section>")[0]
    assert "Warned" in needs_you
    assert WARNING["message"] in needs_you
    assert needs_you.count("pin-row__title") == 1


def test_a_team_without_trouble_is_not_told_that_it_is_needed(team, alice):
    PinFactory(board=team.board, publish_at=timezone.now() + timedelta(hours=1))

    assert "Needs attention" not in alice.get(reverse("pins:dashboard")).content.decode()


def test_a_link_that_could_not_be_looked_at_needs_nobody(team, alice):
    pin = PinFactory(board=team.board, publish_at=timezone.now() + timedelta(hours=1), link="https://example.com/oak")
    unchecked = (links.UNCHECKED, "The link wasn't checked because this server is offline.")
    Pin.objects.filter(pk=pin.pk).update(preflight_at=timezone.now())

    preflight.check(pin.pk, lambda link: unchecked)

    pages = [unescape(alice.get(reverse(name)).content.decode()) for name in ("pins:dashboard", "pins:pin_list")]
    assert not any(words in page for words in ("Needs attention", "Warning") for page in pages)
    assert unchecked[1] in unescape(alice.get(reverse("pins:pin_detail", args=[pin.pk])).content.decode())
