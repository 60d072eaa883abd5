"""What becomes of the pins that an account held, told to the person who has connected it again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from accounts.models import PinterestAccount
from accounts.signals import account_connected
from pins.models import UNSENT_STATUSES, Pin


@receiver(account_connected)
def tell_waiting_pins(sender: object, account: PinterestAccount, now: datetime, **kwargs: Any) -> str:
    """Return a sentence about the pins that a reconnected account publishes now, or that wait for a decision."""
    pins = Pin.objects.filter(account=account)
    going_out = pins.due(now).filter(status__in=UNSENT_STATUSES).count()
    asking = pins.late(now).count()
    sentences = []
    if going_out:
        sentences.append(
            "1 pin on hold will be published now."
            if going_out == 1
            else f"{going_out} pins on hold will be published now."
        )
    if asking:
        who = "1 pin is" if asking == 1 else f"{asking} pins are"
        asks = "needs your confirmation" if asking == 1 else "need your confirmation"
        sentences.append(f"{who} more than 24 hours late and {asks}: see “Needs attention” on the dashboard.")
    return " ".join(sentences)
