"""Drafts that become one carousel while another user changes them."""

import pytest
from django.utils import timezone

from pins.grid.services import CarouselRefused, make_carousel
from pins.models import Attachment, Pin, PinStatus
from tests.factories import BoardFactory, PinFactory

pytestmark = pytest.mark.django_db


def test_a_row_that_was_changed_meanwhile_is_lost_in_no_carousel(team):
    board = BoardFactory(account=team.account)
    pins = [PinFactory(board=board, status=PinStatus.DRAFT, publish_at=None) for _ in range(2)]
    first, second = (Pin.objects.with_content().get(pk=pin.pk) for pin in pins)
    Pin.objects.filter(pk=second.pk).update(title="Typed in another window", version=second.version + 1)

    with pytest.raises(CarouselRefused, match="Try again"):
        make_carousel([first, second], by=team.alice, now=timezone.now())

    assert Pin.objects.get(pk=second.pk).title == "Typed in another window"
    assert Attachment.objects.filter(pin=first).count() == 1
