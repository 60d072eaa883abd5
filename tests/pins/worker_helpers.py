"""What a worker does, taken step by step; time moves with time-machine."""

from datetime import timedelta

import time_machine
from django.utils import timezone

from pins.models import PinStatus
from pins.publishing import next_pins, worker

# Longer than Pinterest is left alone with a video (PINTEREST_MEDIA_POLL_SECONDS).
POLL = timedelta(seconds=31)


def advance(pin, after=timedelta(0)):
    """What a worker does with the pin `after` that time; the row afterwards."""
    with time_machine.travel(timezone.now() + after, tick=True):
        worker.advance(pin.pk)
    pin.refresh_from_db()
    return pin


def run_until_idle():
    """Let a worker take one pin after the other until nothing is due."""
    for _ in range(1000):
        now = timezone.now()
        pin_ids = [*next_pins.next_to_ask_about(now), *next_pins.next_to_post(now)]
        if not pin_ids:
            return
        worker.advance(pin_ids[0])


def uploaded(shop, **fields):
    """A video pin whose upload is done."""
    pin = advance(shop.video_pin(**fields))
    assert pin.status == PinStatus.PROCESSING
    return pin


def events(pin):
    return [event.kind for event in pin.events.all()]
