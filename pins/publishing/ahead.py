"""Claiming the next pin while Pinterest answers for the one at hand, so that a slot has less to do in between.

The pin is read too, and read again when its turn comes if anything about it, its account or its board has changed
meanwhile; if its turn does not come, the claim is given back. Nothing is claimed while a slot is free, nor when fewer
pins are due than slots are in use: a worker with a free slot, or the one that is done first, posts the pin sooner. So a
pin waits for one request at most, and never for an upload.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime
from typing import Any, TypeVar

from django.conf import settings
from django.db import Error as DatabaseError
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Board, BoardSection, PinterestAccount, Workspace
from pins.models import Pin, PinQuerySet
from postiz_pins.database.prepared_queries import ANY_KEY, Prepared

from .claims import Claim, ClaimAhead, WorkerLease, give_back, read_claimed, take
from .next_pins import next_ahead, slots_in_use

log = logging.getLogger(__name__)

T = TypeVar("T")

# Until then the request has Python to itself, and other slots the processor: all are sent sooner. Answers take longer.
SENDING_SECONDS = 0.1
# What a pin is read with, besides its attachments: those change with its version (composer/services.py).
RELATED = {"account": PinterestAccount, "board": Board, "section": BoardSection, "workspace": Workspace}


def request_and_look_ahead(lease: WorkerLease, request: Callable[[], T]) -> T:
    """Return what `request` returns, or raise what it raises, with the next pin claimed meanwhile.

    The request has a thread of its own: the database is asked from here.
    """
    if lease.slot is None:
        return request()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="request") as thread:
        answer = thread.submit(request)
        wait([answer], SENDING_SECONDS)
        try:
            _claim_ahead(lease, timezone.now())
        except DatabaseError:
            log.exception("The next pin could not be claimed ahead")
        return answer.result()


def _claim_ahead(lease: WorkerLease, now: datetime) -> None:
    if lease.slot is None or lease.ahead is not None or lease.is_over(now):
        return
    in_use = slots_in_use(now)
    if len(in_use.accounts) < settings.PINTEREST_MAX_CONCURRENT_POSTS:
        return
    for pin_id in next_ahead(now, in_use, lease.slot, lease.pin):
        token = take(pin_id, PinQuerySet.to_post)
        if token is not None:
            lease.ahead = ClaimAhead(pin_id, token)  # from here on it is given back, whatever happens
            rows = _ROWS_OF.rows(now, 1, pin_id)
            lease.ahead = ClaimAhead(pin_id, token, read_claimed(Pin.objects.let_go(now), pin_id, token), rows)
            return


def take_over(lease: WorkerLease, now: datetime) -> Claim | None:
    """Return the pin that was claimed ahead, as it is now; None if none was, or it is no longer to be posted."""
    if lease.ahead is None:
        return None
    pin_id, token, claim, rows = lease.ahead
    if claim is None or rows != _ROWS_OF.rows(now, 1, pin_id):
        claim = read_claimed(Pin.objects.let_go(now), pin_id, token)
    lease.pin, lease.ahead = claim.pin if claim else None, None
    if claim is None:
        give_back(pin_id, token)
    return claim


def give_up(lease: WorkerLease) -> None:
    """Give the claim on the next pin back."""
    if lease.ahead is not None:
        give_back(lease.ahead.pin_id, lease.ahead.token)
        lease.ahead = None


def _rows_of_one(now: datetime) -> QuerySet[Pin, Any]:
    """Return all that the rows of the pin hold, if its account lets it go."""
    columns = [field.attname for field in Pin._meta.concrete_fields]
    for name, model in RELATED.items():
        columns += [f"{name}__{field.attname}" for field in model._meta.concrete_fields]
    return Pin.objects.let_go(now).filter(pk=ANY_KEY).values_list(*columns)


_ROWS_OF = Prepared(_rows_of_one)
