"""What a worker does, taken step by step; time moves with time-machine."""

from datetime import timedelta

import time_machine
from django.utils import timezone

from pins import publishing


def advance(pin, after=timedelta(0)):
    """What a worker does with the pin `after` that time; the row afterwards."""
    with time_machine.travel(timezone.now() + after, tick=True):
        publishing.advance(pin.pk)
    pin.refresh_from_db()
    return pin
