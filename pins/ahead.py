"""The next pin is claimed while Pinterest answers for the one at hand, so that a slot has less to do in between.

Only the claim is made ahead. The pin is read when its turn comes, so that what has been done about it or its account
meanwhile counts; if it does not come, the claim is given back. Nothing is claimed while a slot is free, for whoever
takes that one posts the pin sooner; so a pin waits for one request at most, and never for an upload."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TypeVar

from django.conf import settings
from django.db import Error as DatabaseError
from django.utils import timezone

from .claims import ClaimAhead, Turn, give_back, read_claimed, take
from .due import next_to_post, served_accounts
from .models import Pin, PinQuerySet

log = logging.getLogger(__name__)

T = TypeVar("T")


def request_and_look_ahead(turn: Turn, request: Callable[[], T]) -> T:
    """What `request` answers or raises. It is the one in a thread of its own: the database is asked from here."""
    if turn.slot is None:
        return request()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="request") as thread:
        answer = thread.submit(request)
        try:
            _claim_ahead(turn, timezone.now())
        except DatabaseError:
            log.exception("The next pin could not be claimed ahead")
        return answer.result()


def _claim_ahead(turn: Turn, now: datetime) -> None:
    if turn.ahead is not None or turn.is_over(now):
        return
    served = served_accounts(now)
    if len(served) < settings.PINTEREST_MAX_CONCURRENT_POSTS:
        return
    for pin_id in next_to_post(now, served=served):
        token = take(pin_id, PinQuerySet.to_post)
        if token is not None:
            turn.ahead = ClaimAhead(pin_id, token)
            return


def take_over(turn: Turn, now: datetime) -> Pin | None:
    """The pin that was claimed ahead, as it is now. None: none was, or it is not to be posted any more."""
    if turn.ahead is None:
        return None
    pin_id, token = turn.ahead
    pin = turn.pin = read_claimed(Pin.objects.let_go(now), pin_id, token)
    turn.ahead = None
    if pin is None:
        give_back(pin_id, token)
    return pin


def give_up(turn: Turn) -> None:
    if turn.ahead is not None:
        give_back(*turn.ahead)
        turn.ahead = None
