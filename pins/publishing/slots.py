"""Posting slots and leases: how many post at once over all machines, and how a crash is noticed."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.utils import timezone

from pins.models import PostingSlot, PostingSlotQuerySet

from . import processes

log = logging.getLogger(__name__)

# A holder that has not renewed for this long has crashed.
LEASE = timedelta(seconds=60)
RENEW_EVERY = timedelta(seconds=20)


@dataclass
class SlotLease:
    """A worker's hold on one posting slot."""

    number: int
    token: uuid.UUID
    # What `serve` wrote last, and when; None before its first time.
    account_id: int | None = None
    served_at: datetime | None = None

    def serve(self, account_id: int | None, now: datetime) -> bool:
        """Notes whose pin is posted next, and prolongs the lease. False: the slot has been lost.

        The same account within RENEW_EVERY is not written again: the lease that the row has cannot have ended."""
        if account_id == self.account_id and self.served_at and now - self.served_at < RENEW_EVERY:
            return True
        if not self._row().renew(now + LEASE, account=account_id):
            return False
        self.account_id, self.served_at = account_id, now
        return True

    def renew(self, now: datetime) -> bool:
        """Prolongs the lease. False: the slot has been lost."""
        return self._row().renew(now + LEASE)

    def release(self) -> None:
        self._row().release()

    def _row(self) -> PostingSlotQuerySet:
        return PostingSlot.objects.with_token(self.number, self.token)


def claim_slot(now: datetime) -> SlotLease | None:
    """A free posting slot, or None when all PINTEREST_MAX_CONCURRENT_POSTS are in use."""
    if PostingSlot.objects.count() < settings.PINTEREST_MAX_CONCURRENT_POSTS:
        _create_missing_slots()
    numbers, process = range(settings.PINTEREST_MAX_CONCURRENT_POSTS), processes.own_name()
    for number in PostingSlot.objects.unclaimed(now).filter(number__in=numbers).values_list("number", flat=True):
        token = PostingSlot.objects.filter(number=number).claim(now, now + LEASE, account=None, process=process)
        if token is not None:
            return SlotLease(number, token)
    return None


def _create_missing_slots() -> None:
    """Makes a row for every slot that the settings allow; rows beyond that number stay unused."""
    numbers = range(settings.PINTEREST_MAX_CONCURRENT_POSTS)
    PostingSlot.objects.bulk_create([PostingSlot(number=number) for number in numbers], ignore_conflicts=True)


@contextmanager
def renewing(renew: Callable[[datetime], bool]) -> Iterator[None]:
    """Calls `renew` in the background while the block runs, so that only a dead holder's lease ends.

    `renew` answers False when the lease has been lost; there is nothing to keep then."""
    finished = threading.Event()

    def keep_renewing() -> None:
        is_kept = True
        while is_kept and not finished.wait(RENEW_EVERY.total_seconds()):
            try:
                is_kept = renew(timezone.now())
            except DatabaseError:
                # The next try may work; else the lease ends, and somebody looks at the board before sending again.
                log.exception("A lease could not be renewed")
            finally:
                connection.close()

    thread = threading.Thread(target=keep_renewing, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        finished.set()
        thread.join()
