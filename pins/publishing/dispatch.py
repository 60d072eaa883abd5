"""How the workers hear of pins that are due: messages in django-q2's queue, which only say where to look."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from pins.models import Pin, PostingSlot
from postiz_pins import queueing

from .next_pins import count_asked_about, next_for_free_slots, next_to_ask_about, slots_in_use
from .slots import LEASE

# How many workers at most ask about pins at the same time: those that no posting slot needs (settings.Q_CLUSTER).
MOST_ASKING = 2
# Healthy workers take a due pin within two seconds; those of a killed worker are free again after a lease.
STALLED_AFTER = LEASE * 1.5


def enqueue(pin_id: int) -> None:
    """Ask the workers, once this transaction is committed, to look at the pin.

    A broker that is down costs a second: the clock finds the row.
    """
    queueing.send_on_commit("pins.tasks.advance", pin_id)


def enqueue_due(now: datetime) -> int:
    """Send a message for pins that workers could take now, and return how many; called every second.

    A worker takes further pins of the same kind by itself, so there is no use in more messages than free slots, nor in
    more than MOST_ASKING questions. What is to be posted comes first: a slow board must not keep pins waiting.
    """
    in_use = slots_in_use(now)
    free_slots = max(settings.PINTEREST_MAX_CONCURRENT_POSTS - len(in_use.accounts), 0)
    free_to_ask = MOST_ASKING - count_asked_about(now, MOST_ASKING)
    pin_ids = [
        *(next_for_free_slots(now, free_slots, in_use) if free_slots else []),
        *(next_to_ask_about(now, free_to_ask) if free_to_ask else []),
    ]
    if not pin_ids or queueing.is_full():
        return 0
    with transaction.atomic():  # where the database is the queue, all of them are one write
        for pin_id in pin_ids:
            queueing.send("pins.tasks.advance", pin_id)
    return len(pin_ids)


def has_stalled(now: datetime) -> bool:
    """Return whether a pin has been due for longer than a crashed worker's leases last, and no worker posts or looks.

    A pin whose claim has ended is due only since then, whatever its `next_attempt_at` says.
    """
    is_working = PostingSlot.objects.in_use(now).exists() or Pin.objects.claimed(now).exists()
    is_long_free = Q(claimed_until=None) | Q(claimed_until__lte=now - (STALLED_AFTER - LEASE))
    overdue = Pin.objects.due(now).filter(is_long_free, next_attempt_at__lte=now - STALLED_AFTER)
    return not is_working and overdue.exists()
