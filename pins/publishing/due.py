"""Which pins are next: what the clock asks each second, and a worker before each pin.

The answers come out of the first entries of an index, however many pins are due, held or published: a long look in
order is never begun, since all that is due may belong to one account that is paused, or that a slot serves already."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import BooleanField, Case, OuterRef, Subquery, Value, When

from accounts.models import PinterestAccount
from pins.models import Pin, PinQuerySet, PostingSlot, account_lets_go
from postiz_pins.database.prepared_queries import Prepared

# So many of the due pins are looked at in their order; if none of them decides, each account is asked for its first.
FIRST_LOOK = 8


def served_accounts(now: datetime) -> list[int | None]:
    """The account that each held slot serves at `now`; None: its first is not known yet."""
    return list(PostingSlot.objects.in_use(now).values_list("account", flat=True))


def next_to_post(now: datetime, count: int = 1, served: Collection[int | None] | None = None) -> list[int]:
    """The pins to post next, `count` of them and perhaps some more: the oldest first, but those of accounts that no
    slot serves at this moment before all others (`served`, for who has asked for them already). Empty: none is due."""
    served = served_accounts(now) if served is None else served
    most = FIRST_LOOK + count
    first = _FIRST_TO_POST.rows(now, most)
    let_go = [(pin_id, account_id) for pin_id, account_id, is_let_go in first if is_let_go]
    unserved = [pin_id for pin_id, account_id in let_go if account_id not in served]
    others = [pin_id for pin_id, account_id in let_go if account_id in served]
    if len(unserved) < count and len(first) == most:  # what is due further back may come first
        first_of_each = _FIRST_TO_POST_OF_EACH.rows(now, most + len(served))
        unserved = [pin_id for pin_id, account_id in first_of_each if account_id not in served]
        others = others or [pin_id for pin_id, account_id in first_of_each if account_id in served]
    return unserved + others


def next_to_ask_about(now: datetime, count: int = 1) -> list[int]:
    """At most `count` pins that Pinterest is to be asked about, the oldest first, and first of all those that are not
    sent before that. Empty: none is due."""
    overdue = _next_overdue(now, count)
    missing = count - len(overdue)
    return overdue + ([pin_id for (pin_id,) in _TO_ASK_ABOUT.rows(now, missing)] if missing else [])


def _next_overdue(now: datetime, count: int) -> list[int]:
    most = FIRST_LOOK + count
    first = _FIRST_OVERDUE.rows(now, most)
    overdue = [pin_id for pin_id, is_let_go in first if is_let_go]
    if len(overdue) < count and len(first) == most:
        overdue = [pin_id for pin_id, account_id in _FIRST_OVERDUE_OF_EACH.rows(now, most)]
    return overdue[:count]


def count_asked_about(now: datetime, most: int) -> int:
    """How many pins workers are asking about at `now`; `most` stands for all beyond it."""
    return len(_ASKED_ABOUT.rows(now, most))


def _first_of_each_account(ripe: PinQuerySet, now: datetime) -> PinQuerySet:
    """The first of the `ripe` pins of each account that lets them go, in their order."""
    its_first = ripe.filter(account=OuterRef("pk")).in_posting_order().values("pk")[:1]
    accounts = PinterestAccount.objects.postable(now).annotate(first=Subquery(its_first)).exclude(first=None)
    return Pin.objects.filter(pk__in=accounts.values("first")).in_posting_order()


def _is_let_go(now: datetime) -> Case:
    return Case(When(account_lets_go(now), then=Value(True)), default=Value(False), output_field=BooleanField())


_FIRST_TO_POST = Prepared(
    lambda now: Pin.objects.ripe(now).to_post(now).in_posting_order().values_list("pk", "account", _is_let_go(now))
)
_FIRST_OVERDUE = Prepared(
    lambda now: Pin.objects.ripe(now).overdue(now).in_posting_order().values_list("pk", _is_let_go(now))
)
_FIRST_TO_POST_OF_EACH = Prepared(
    lambda now: _first_of_each_account(Pin.objects.ripe(now).to_post(now), now).values_list("pk", "account")
)
_FIRST_OVERDUE_OF_EACH = Prepared(
    lambda now: _first_of_each_account(Pin.objects.ripe(now).overdue(now), now).values_list("pk", "account")
)
_TO_ASK_ABOUT = Prepared(lambda now: Pin.objects.due(now).to_ask_about(now).oldest_first().values_list("pk"))
_ASKED_ABOUT = Prepared(lambda now: Pin.objects.claimed(now).to_ask_about(now).values_list("pk"))
