"""Which pins are next: what the clock asks each second, and a worker before each pin.

The answers come out of the first entries of an index, however many pins are due, held or published: a long look in
order is never begun, since all that is due may belong to one account that is paused, or that a slot serves already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import BooleanField, Case, OuterRef, Q, Subquery, Value, When

from accounts.models import PinterestAccount
from pins.models import Pin, PinQuerySet, PinStatus, PostingSlot, account_lets_go
from postiz_pins.database.prepared_queries import Prepared

from .slots import SlotLease

# At least so many of the due pins are looked at in their order; if none decides, each account is asked for its first.
FIRST_LOOK = 8
# When fewer are due than all slots post in so many turns, the account with the most left goes first.
TURNS_TO_THE_END = 2
# More than any installation has.
MOST_SLOTS = 10_000


@dataclass(frozen=True)
class SlotsInUse:
    """The held posting slots: the account of each (None: its first is not known yet), and how many send a video."""

    accounts: tuple[int | None, ...] = ()
    uploads: int = 0

    def without(self, slot: SlotLease | None) -> SlotsInUse:
        """Return all others, as its holder sees them."""
        if slot is None or slot.account_id not in self.accounts:
            return self
        accounts = list(self.accounts)
        accounts.remove(slot.account_id)
        return SlotsInUse(tuple(accounts), self.uploads - slot.is_uploading)

    def room_of(self, account_id: int) -> int:
        """Return how many more slots may serve the account."""
        return settings.PINTEREST_MAX_CONCURRENT_POSTS_PER_ACCOUNT - self.accounts.count(account_id)

    @property
    def may_upload(self) -> bool:
        """Return whether one more slot may send a video."""
        most = settings.PINTEREST_MAX_CONCURRENT_UPLOADS
        return not most or self.uploads < most


def slots_in_use(now: datetime) -> SlotsInUse:
    """Return what the held slots are at."""
    rows = [row for row in _HELD.rows(now, MOST_SLOTS) if row[0] < settings.PINTEREST_MAX_CONCURRENT_POSTS]
    return SlotsInUse(tuple(account_id for _, account_id, _ in rows), sum(bool(row[2]) for row in rows))


_HELD = Prepared(lambda now: PostingSlot.objects.claimed(now).values_list("number", "account", "is_uploading"))


def next_to_post(now: datetime, own: SlotLease | None = None) -> list[int]:
    """Return the pins to post next; empty if none is due.

    The oldest first, but before all others those of accounts of which the fewest pins are posted or claimed at this
    moment, and none of an account that as many slots serve as may. Accounts whose pins are due at the same moment take
    turns; at the end, the one with the most left goes first, since otherwise its last pins would go out alone.

    Args:
        own: The slot of the caller, which may go on with its account.
    """
    return [pin.pk for pin in _candidates(now, slots_in_use(now), own)]


def oldest_to_post(now: datetime) -> int | None:
    """Return the pin that is due longest of those that nothing holds but busy slots; None if none is due."""
    due, _ = _due(now, SlotsInUse(), _TO_POST)
    return min(due, key=lambda pin: pin.due_at).pk if due else None


def next_ahead(now: datetime, in_use: SlotsInUse, own: SlotLease, at_hand: Pin | None) -> list[int]:
    """Return the pins to post after the one at hand, in the same order; empty if fewer are due than slots are in use.

    Whichever slot is done first posts those sooner.
    """
    return [pin.pk for pin in _candidates(now, in_use, own, at_hand, at_least=len(in_use.accounts))]


def next_for_free_slots(now: datetime, free_slots: int, in_use: SlotsInUse) -> list[int]:
    """Return a pin for each free slot, as long as there are; of each account no more than may be posted at once.

    If more are due than slots are free, not all of an account are known: its pins may come repeatedly, and the worker
    that finds one of them taken takes the next.
    """
    candidates = _candidates(now, in_use, count=free_slots)
    if len(candidates) > free_slots:
        candidates *= settings.PINTEREST_MAX_CONCURRENT_POSTS_PER_ACCOUNT
    room = Counter[int]()
    pin_ids = []
    for pin in candidates:
        room[pin.account_id] += 1
        if room[pin.account_id] <= in_use.room_of(pin.account_id):
            pin_ids.append(pin.pk)
    return pin_ids[:free_slots]


class _Candidate(NamedTuple):
    pk: int
    account_id: int
    due_at: Any  # a moment, or its text with SQLite: both can be compared
    has_video: bool
    is_let_go: bool = True


def _candidates(
    now: datetime,
    in_use: SlotsInUse,
    own: SlotLease | None = None,
    at_hand: Pin | None = None,
    *,
    count: int = 1,
    at_least: int = 0,
) -> list[_Candidate]:
    others_in_use = in_use.without(own)
    looks = _TO_POST if others_in_use.may_upload else _TO_POST_WITHOUT_UPLOADS
    due, left = _due(now, in_use, looks, count, at_least)
    candidates = [pin for pin in due if others_in_use.room_of(pin.account_id) > 0]
    if len({pin.account_id for pin in candidates}) <= 1:
        return candidates
    return _in_turn(candidates, left, now, in_use, own, at_hand)


def _due(
    now: datetime, in_use: SlotsInUse, looks: tuple[Prepared, Prepared], count: int = 1, at_least: int = 0
) -> tuple[list[_Candidate], Counter[int]]:
    """Return the first due pins, and that of each account where they do not suffice; none if `at_least` are not due.

    Also returns how many each account has left, if all slots can post them in a few turns. One slot posts one after the
    other, whatever the order, and then the fair one is better.
    """
    first_look, first_of_each = looks
    slots = settings.PINTEREST_MAX_CONCURRENT_POSTS
    most = max(FIRST_LOOK + count, TURNS_TO_THE_END * slots)
    first = [_Candidate(*row) for row in first_look.rows(now, most)]
    are_all = len(first) < most
    candidates = [pin for pin in first if pin.is_let_go]
    if are_all and len(candidates) < at_least:
        return [], Counter()
    unserved = Counter(pin.account_id for pin in candidates if pin.account_id not in in_use.accounts)
    wanted = sum(min(pins, in_use.room_of(account_id)) for account_id, pins in unserved.items())
    if wanted < count and not are_all:  # what is due further back may come first
        each = [_Candidate(*row) for row in first_of_each.rows(now, most + len(in_use.accounts))]
        candidates = list(dict.fromkeys([*each, *candidates]))
    is_end = are_all and slots > 1 and len(candidates) < TURNS_TO_THE_END * slots
    return candidates, Counter(pin.account_id for pin in candidates) if is_end else Counter()


def _in_turn(
    candidates: list[_Candidate],
    left: Counter[int],
    now: datetime,
    in_use: SlotsInUse,
    own: SlotLease | None,
    at_hand: Pin | None,
) -> list[_Candidate]:
    """Sort pins of several accounts: first those of accounts that the fewest workers are at or will be at next."""
    claimed = Counter(account_id for (account_id,) in _CLAIMED.rows(now, MOST_SLOTS))
    at_work = claimed | Counter(in_use.accounts)
    if at_hand is not None:
        claimed[at_hand.account_id] -= 1
    others_at_work = claimed | Counter(in_use.without(own).accounts)
    own_account = (own and own.account_id) or 0
    turns = []
    for pin in sorted(candidates, key=lambda pin: (pin.due_at, not pin.has_video, pin.pk)):
        # Of two accounts that as many others serve, the caller's comes last: so one slot alone serves them in turn.
        served = others_at_work[pin.account_id], at_work[pin.account_id]
        urgency = pin.due_at, not pin.has_video, -left[pin.account_id]
        # The account after the caller's: were it always the first one, the last ones would be left to the end.
        turns.append((*served, *urgency, pin.account_id <= own_account, pin.account_id, pin.pk, pin))
        # A worker that finds this pin taken goes on with another account.
        others_at_work[pin.account_id] += 1
        at_work[pin.account_id] += 1
    return [turn[-1] for turn in sorted(turns)]


# Slots do not say what is claimed ahead; and what Pinterest is asked about needs none.
_CLAIMED = Prepared(
    lambda now: (
        Pin.objects.claimed(now)
        .exclude(Q(status=PinStatus.PROCESSING, media_ready_at=None) | Q(status=PinStatus.VERIFYING))
        .values_list("account")
    )
)


def next_to_ask_about(now: datetime, count: int = 1) -> list[int]:
    """Return at most `count` pins to ask Pinterest about, the oldest first; empty if none is due.

    First of all those that are not sent before that.
    """
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
    """Return how many pins workers are asking about at `now`; `most` stands for all beyond it."""
    return len(_ASKED_ABOUT.rows(now, most))


def _first_of_each_account(ripe: PinQuerySet, now: datetime) -> PinQuerySet:
    """Return the first of the `ripe` pins of each account that may publish, in their order."""
    of_it = ripe.filter(account=OuterRef("pk")).filter(account_lets_go(now))
    its_first = of_it.in_posting_order().values("pk")[:1]
    accounts = PinterestAccount.objects.postable(now).annotate(first=Subquery(its_first)).exclude(first=None)
    return Pin.objects.filter(pk__in=accounts.values("first")).in_posting_order()


def _is_let_go(now: datetime) -> Case:
    return Case(When(account_lets_go(now), then=Value(True)), default=Value(False), output_field=BooleanField())


def _to_post(narrow: Callable[[PinQuerySet], PinQuerySet]) -> tuple[Prepared, Prepared]:
    """Return what asks for the first pins to post, and what asks for the first one of each account."""
    columns = "pk", "account", "next_attempt_at", "has_video"

    def ripe(now: datetime) -> PinQuerySet:
        return narrow(Pin.objects.ripe(now).to_post(now))

    return (
        Prepared(lambda now: ripe(now).in_posting_order().values_list(*columns, _is_let_go(now))),
        Prepared(lambda now: _first_of_each_account(ripe(now), now).values_list(*columns)),
    )


_TO_POST = _to_post(PinQuerySet.all)
_TO_POST_WITHOUT_UPLOADS = _to_post(PinQuerySet.without_uploads)
_FIRST_OVERDUE = Prepared(
    lambda now: Pin.objects.ripe(now).overdue(now).in_posting_order().values_list("pk", _is_let_go(now))
)
_FIRST_OVERDUE_OF_EACH = Prepared(
    lambda now: _first_of_each_account(Pin.objects.ripe(now).overdue(now), now).values_list("pk", "account")
)
_TO_ASK_ABOUT = Prepared(lambda now: Pin.objects.due(now).to_ask_about(now).oldest_first().values_list("pk"))
_ASKED_ABOUT = Prepared(lambda now: Pin.objects.claimed(now).to_ask_about(now).values_list("pk"))
