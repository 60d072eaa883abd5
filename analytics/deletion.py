"""Erasing figures for good, ahead of the pins and the account that they tell of (postiz_pins/data/deletion.py)."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.deletion.execution import in_batches
from accounts.models import PinterestAccount

from .models import AccountDay, BoardPeriod, PinDay, PinLifetime, PinPeriod, PinSummary


def delete_pins(pin_ids: list[int]) -> Iterator[None]:
    """Delete all figures of these pins, yielding after each batch; a pin may have two years of days."""
    for model in (PinDay, PinLifetime, PinPeriod, PinSummary):
        yield from in_batches(model.objects.filter(pin__in=pin_ids))


def delete_account(account: PinterestAccount) -> Iterator[None]:
    """Delete the figures of the account and of its boards; its feed goes with its row."""
    for model in (AccountDay, BoardPeriod):
        yield from in_batches(model.objects.filter(account=account))
