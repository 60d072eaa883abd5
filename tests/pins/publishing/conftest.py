from datetime import timedelta

import pytest
from django.utils import timezone

from pins.models import CLOCK
from pins.publishing import heartbeats


@pytest.fixture
def clock():
    """`clock(seconds)` beats so long from now; the clock was heard an hour and a half ago."""

    def beat(seconds=0.0):
        heartbeats.beat(CLOCK, timezone.now() + timedelta(seconds=seconds))

    beat(-5400)
    return beat


@pytest.fixture
def put_on_board(shop):
    """`put_on_board(pin, seconds)` is the id of its twin, which Pinterest created so many seconds after it was due."""

    def create(pin, seconds=1.0, **kind):
        words = {"title": pin.title, "description": pin.description, "link": pin.link}
        created_at = pin.publish_at.timestamp() + seconds
        board_id = pin.board.pinterest_id
        return shop.sandbox.create_pin(board_id, created_at=created_at, **words, **kind)["id"]

    return create
