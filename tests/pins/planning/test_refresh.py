"""The calendar as its script fetches it each minute."""

from django.urls import reverse

from pins.models import PinStatus
from tests.factories import PinFactory


def test_a_script_gets_the_calendar_alone_and_leaves_the_messages_to_the_next_page(team, alice):
    pin = PinFactory(board=team.board, status=PinStatus.DRAFT, publish_at=None, title="Told later")
    alice.post(reverse("pins:pin_move", args=[pin.pk]), {"version": pin.version, "publish_at": "2999-04-07T18:30"})

    fragment = alice.get("/calendar/", headers={"X-Requested-With": "XMLHttpRequest"})
    page = alice.get("/calendar/")

    assert fragment.content.decode().lstrip().startswith('<div id="calendar"')
    assert "<html" in page.content.decode()
    assert "Told later” moved" not in fragment.content.decode()
    assert "Told later” moved" in page.content.decode()
    assert all("X-Requested-With" in answer["Vary"] for answer in (fragment, page))
