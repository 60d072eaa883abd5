"""Posting slots and leases: how many post at once over all machines, and how a crash is noticed."""

from __future__ import annotations

import logging
import random
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import PinterestAccount
from pins.models import PostingSlot, PostingSlotQuerySet

from . import processes

log = logging.getLogger(__name__)

# A holder that has not renewed for this long has crashed.
LEASE = timedelta(seconds=60)
RENEW_EVERY = timedelta(seconds=20)


class LimitReached(Exception):
    """Nothing may be posted for this account, or no video be sent, until another slot is done."""


class Limit(NamedTuple):
    """At most so many slots at a time of one kind; who counts them locks a row first."""

    # An account's before the slot with number 0, and that before the own one: so no two workers wait for each other.
    lock: QuerySet[Any]
    kind: Q
    most: int

    def require_room(self, number: int, now: datetime) -> None:
        """Lock the row until the transaction ends, and count the other slots. Raises LimitReached."""
        list(self.lock.select_for_update(no_key=True).values_list("pk"))
        if PostingSlot.objects.in_use(now).filter(self.kind).exclude(number=number).count() >= self.most:
            raise LimitReached


@dataclass
class SlotLease:
    """A worker's hold on one posting slot."""

    number: int
    token: uuid.UUID
    # What `serve` wrote last, and when; None before its first time.
    account_id: int | None = None
    is_uploading: bool = False
    served_at: datetime | None = None

    def serve(self, account_id: int | None, now: datetime, *, is_uploading: bool = False) -> bool:
        """Note whose pin is posted next, and prolong the lease; return False if the slot has been lost.

        The same account within RENEW_EVERY is not written again: the lease that the row has cannot have ended.

        Args:
            is_uploading: Whether the pin's video is to be sent.

        Raises:
            LimitReached: As many other slots serve this account, or send videos, as may.
        """
        is_new = (account_id, is_uploading) != (self.account_id, self.is_uploading)
        if not is_new and self.served_at and now - self.served_at < RENEW_EVERY:
            return True
        limits = [*self._account_limit(account_id), *self._upload_limit(is_uploading)] if is_new else []
        with transaction.atomic() if limits else nullcontext():
            for limit in limits:
                limit.require_room(self.number, now)
            if not self._row().renew(now + LEASE, account=account_id, is_uploading=is_uploading):
                return False
        self.account_id, self.is_uploading, self.served_at = account_id, is_uploading, now
        return True

    def _account_limit(self, account_id: int | None) -> Iterator[Limit]:
        most = settings.PINTEREST_MAX_CONCURRENT_POSTS_PER_ACCOUNT
        if account_id is not None and account_id != self.account_id and most < settings.PINTEREST_MAX_CONCURRENT_POSTS:
            yield Limit(PinterestAccount.objects.filter(pk=account_id), Q(account=account_id), most)

    def _upload_limit(self, is_uploading: bool) -> Iterator[Limit]:
        most = settings.PINTEREST_MAX_CONCURRENT_UPLOADS
        if is_uploading and not self.is_uploading and most:
            yield Limit(PostingSlot.objects.filter(number=0), Q(is_uploading=True), most)

    def renew(self, now: datetime) -> bool:
        """Renew the lease; return False if the slot has been lost."""
        return self._row().renew(now + LEASE)

    def release(self) -> None:
        """Give the slot back."""
        self._row().release()

    def _row(self) -> PostingSlotQuerySet:
        return PostingSlot.objects.with_token(self.number, self.token)


def claim_slot(now: datetime) -> SlotLease | None:
    """Return a free posting slot, or None when all PINTEREST_MAX_CONCURRENT_POSTS are in use."""
    if PostingSlot.objects.count() < settings.PINTEREST_MAX_CONCURRENT_POSTS:
        _create_missing_slots()
    numbers, process = range(settings.PINTEREST_MAX_CONCURRENT_POSTS), processes.own_name()
    # In any order, or workers that are woken together all wait for the same row, one after the other.
    free = list(PostingSlot.objects.unclaimed(now).filter(number__in=numbers).values_list("number", flat=True))
    for number in random.sample(free, len(free)):
        token = PostingSlot.objects.filter(number=number).claim(now, now + LEASE, account=None, process=process)
        if token is not None:
            return SlotLease(number, token)
    return None


def _create_missing_slots() -> None:
    """Create a row for every slot that the settings allow; rows beyond that number stay unused."""
    numbers = range(settings.PINTEREST_MAX_CONCURRENT_POSTS)
    PostingSlot.objects.bulk_create([PostingSlot(number=number) for number in numbers], ignore_conflicts=True)


@contextmanager
def renewing(renew: Callable[[datetime], bool]) -> Iterator[None]:
    """Call `renew` in the background while the block runs, so that only a dead holder's lease ends.

    `renew` returns False when the lease has been lost; there is nothing to keep then.
    """
    finished = threading.Event()

    def keep_renewing() -> None:
        is_kept = True
        while is_kept and not finished.wait(RENEW_EVERY.total_seconds()):
            try:
                is_kept = renew(timezone.now())
            except DatabaseError:
                # The next try may work; else the lease ends, and a worker looks at the board before sending again.
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
