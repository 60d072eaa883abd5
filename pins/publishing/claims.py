"""Who has which pin: claims, their leases, and a worker's turn."""

from __future__ import annotations

import logging
import os
import signal
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple, TypeVar

from django.db import transaction
from django.utils import timezone

from accounts.connections import tokens
from accounts.models import PinterestAccount
from pins.models import ACTIVE_STATUSES, Pin, PinQuerySet, PostingSlot
from postiz_pins.database.prepared_queries import ANY_KEY, Prepared
from postiz_pins.pinterest.client import PinterestClient
from postiz_pins.runtime import stopping

from . import processes
from .board_listings import BoardListings
from .slots import LEASE, SlotLease

log = logging.getLogger(__name__)

T = TypeVar("T")

# Every request has time limits, and an upload counts each block; a worker from which nothing comes for so long hangs.
LONGEST_SILENCE = timedelta(minutes=14)

# So long what a process that has died held is not given to others.
LAST_REQUEST = timedelta(seconds=4)


@dataclass(frozen=True)
class Claim:
    """A pin that this worker holds, as it was read, and the account that it is published for."""

    pin: Pin
    account: PinterestAccount

    def call(self, operation: Callable[[PinterestClient], T]) -> T:
        """Return what `operation` does with the account's tokens. Raises as `tokens.call` does."""
        return tokens.call(self.account, operation)


class ClaimAhead(NamedTuple):
    """A pin that was claimed while the one before it is posted."""

    pin_id: int
    token: uuid.UUID
    # The pin as it was read then, and what its rows held just before that; None: it is to be read when its turn comes.
    claim: Claim | None = None
    rows: list[tuple[Any, ...]] | None = None


def claim_pin(pin_id: int, step: Callable[[PinQuerySet, datetime], PinQuerySet]) -> Claim | None:
    """Return the pin, claimed for a lease, or None when it is not due for this `step`, or another worker was faster."""
    token = take(pin_id, step)
    return None if token is None else read_claimed(Pin.objects.all(), pin_id, token)


def read_claimed(pins: PinQuerySet, pin_id: int, token: uuid.UUID) -> Claim | None:
    """Return the pin with its content, if it is among `pins` and still ours.

    None: it was canceled or edited a moment ago.
    """
    try:
        # Not `first`, which would order the one row: with all these columns that is dear.
        pin = pins.with_content().with_token(pin_id, token).get()
    except Pin.DoesNotExist:
        return None
    if pin.account is None:
        raise ValueError(f"Pin {pin_id} has no account, so it cannot have been claimed.")
    return Claim(pin, pin.account)


def take(pin_id: int, step: Callable[[PinQuerySet, datetime], PinQuerySet]) -> uuid.UUID | None:
    """Claim the pin without reading it, and return the claim's token.

    None when it is not due, or another worker was faster. PostgreSQL compares the row anew once it is locked. No worker
    waits for a lock (SKIP LOCKED): its holder takes the pin, or changes it. SQLite knows one writer only, from the
    first statement of a transaction on.
    """
    now = timezone.now()
    with transaction.atomic():
        if not _CLAIMABLE[step].rows(now, 1, pin_id):
            return None
        return Pin.objects.filter(pk=pin_id).claim(now, now + LEASE, claimed_by=processes.own_name())


def _claimable(step: Callable[[PinQuerySet, datetime], PinQuerySet], now: datetime) -> PinQuerySet:
    """Return the row of a pin if it may be claimed for this step, locked.

    Whatever else a row may say, what is published or taken back is no worker's.
    """
    rows = step(Pin.objects.due(now), now).filter(pk=ANY_KEY, status__in=ACTIVE_STATUSES)
    return rows.select_for_update(of=("self",), skip_locked=True).only("pk")


_CLAIMABLE: dict[Callable[[PinQuerySet, datetime], PinQuerySet], Prepared] = {
    step: Prepared(partial(_claimable, step))
    for step in (PinQuerySet.to_ask_about, PinQuerySet.overdue, PinQuerySet.to_post)
}


def free_the_dead(now: datetime) -> None:
    """End the leases of this machine's processes that have died (processes.py): they renew nothing.

    Not at once but in a moment, because Pinterest may still be at their last request, and that counts too.
    """
    processes.remove_old()
    dead = processes.dead_names()
    if not dead:
        return
    end = now + LAST_REQUEST
    PostingSlot.objects.filter(process__in=dead, held_until__gt=end).update(held_until=end)
    Pin.objects.filter(claimed_by__in=dead, claimed_until__gt=end).update(claimed_until=end)
    processes.forget(dead)


def give_back(pin_id: int, token: uuid.UUID | None) -> None:
    """End a claim under which nothing has been done."""
    Pin.objects.with_token(pin_id, token).release()


def renew_claim(pin_id: int, token: uuid.UUID | None, now: datetime) -> bool:
    """Renew the lease; return False if the claim has been lost, or was given back."""
    if token is None:
        return False  # given back a moment ago; a filter by None would find an unclaimed row
    return Pin.objects.with_token(pin_id, token).renew(now + LEASE)


@dataclass
class WorkerLease:
    """What a worker holds for a while: a slot, under which it posts one pin after the other, or only a single pin."""

    slot: SlotLease | None
    # When the worker gives other tasks a turn; None: it has one pin only.
    ends_at: datetime | None = None
    # The pin that the worker is at; the renewing thread reads it.
    pin: Pin | None = None
    # The pin that it has claimed to be at next (ahead.py).
    ahead: ClaimAhead | None = None
    listings: BoardListings = field(default_factory=BoardListings)
    progressed_at: float = field(default_factory=time.monotonic)

    def is_over(self, now: datetime) -> bool:
        """Return whether the worker is to begin no other pin."""
        return stopping.is_requested() or (self.ends_at is not None and now > self.ends_at)

    def note_progress(self) -> None:
        """Say that the worker does not hang, however long the step takes in all."""
        self.progressed_at = time.monotonic()

    def renew(self, now: datetime) -> bool:
        """Renew the leases of the pins and of the slot. False: there is nothing left to renew.

        A pin's may be lost alone: it was cancelled, or is just done with. The turn goes on with the next.
        """
        if time.monotonic() - self.progressed_at > LONGEST_SILENCE.total_seconds():
            end_this_worker()
            return False
        pin, ahead = self.pin, self.ahead
        is_claim_renewed = pin is not None and renew_claim(pin.pk, pin.claim_token, now)
        if ahead is not None:
            renew_claim(ahead.pin_id, ahead.token, now)
        return self.slot.renew(now) if self.slot is not None else is_claim_renewed


def end_this_worker() -> None:
    """Kill this process: only so does a request that hangs certainly end before its lease does.

    The cluster starts another worker, and the pin's row says what is to be done about it.
    """
    log.critical("No progress for %s: this worker exits", LONGEST_SILENCE)
    os.kill(os.getpid(), signal.SIGKILL)
