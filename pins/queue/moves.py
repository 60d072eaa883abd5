"""Pins of a queue change places, after a person has seen the list of all moves and confirmed it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import PinterestAccount, User
from pins.models import UNSENT_STATUSES, Pin, PinQuerySet, PinStatus
from pins.scheduling import services as scheduling
from pins.scheduling.moving import MoveError, move_pin
from pins.spacing.checks import check_many
from pins.spacing.clearance import Likeness
from pins.spacing.findings import Finding
from pins.spacing.planned import Planned

from . import services
from .forms import ResumeForm
from .places import FreePlaces, is_free, next_free_times, off_places
from .services import QueueFull, locked_account, put

# Of so many pins a person can still look at each; what is left is offered the next time.
MOST_MOVES = 100


@dataclass(frozen=True)
class Move:
    """A pin, and the place that it gets."""

    pin: Pin
    to: datetime


class PlanChanged(Exception):
    """The pins have changed since the list was shown. Nothing was moved, and the new list is to be confirmed."""


def queued_pins(account: PinterestAccount) -> PinQuerySet:
    """Return the pins that stand in the account's queue, the earliest first."""
    waiting = (PinStatus.PROPOSED, *UNSENT_STATUSES)
    return Pin.objects.filter(account=account, is_queued=True, status__in=waiting).order_by("publish_at", "pk")


def overdue_pins(account: PinterestAccount, now: datetime) -> PinQuerySet:
    """Return the pins whose time has passed while the queue was paused."""
    return queued_pins(account).filter(status__in=UNSENT_STATUSES, publish_at__lte=now)


def moves_to_first(pin: Pin, now: datetime) -> list[Move]:
    """Return what has to move so that the pin comes first: it, and later queued pins by one place each.

    The row of moves ends at the first free place; nothing moves if the pin has the first one. Raises QueueFull if there
    is none.
    """
    if pin.account is None:
        return []
    others = list(queued_pins(pin.account).filter(publish_at__gt=now).exclude(pk=pin.pk).with_content())
    # Where others were is taken only by those that move on, so one free place is enough.
    free = next_free_times(pin.account, now=now, without=[pin.pk])
    places = [(other.publish_at, other) for other in others if not free or other.publish_at < free[0]]
    if not free:
        raise QueueFull(pin.account)
    moves, waiting = [], pin
    for at, other in places:
        if at is None or not other.can_move:
            continue
        moves.append(Move(waiting, at))
        waiting = other
    is_first = not moves and queued_pins(pin.account).filter(pk=pin.pk, publish_at=free[0]).exists()
    return [] if is_first else [*moves, Move(waiting, free[0])]


def moves_to_places(account: PinterestAccount, now: datetime) -> list[Move]:
    """Return what has to move so that queued pins stand on publishing times again; in their order.

    Raises QueueFull if there are not enough free places.
    """
    ahead = queued_pins(account).filter(publish_at__gt=now)
    keys = off_places(account, ahead)[:MOST_MOVES]
    pins = [pin for pin in ahead.filter(pk__in=keys).with_content() if pin.can_move]
    return _to_next_places(account, pins, now)


def moves_of_overdue(account: PinterestAccount, now: datetime) -> list[Move]:
    """Return the next free places for the pins whose time has passed. Raises QueueFull if there are not enough."""
    # All of them: what is left out would be published as soon as the queue is resumed.
    pins = [pin for pin in overdue_pins(account, now).with_content() if pin.can_move]
    return _to_next_places(account, pins, now)


def _to_next_places(account: PinterestAccount, pins: Sequence[Pin], now: datetime) -> list[Move]:
    if not pins:
        return []
    without = [pin.pk for pin in pins]
    places = FreePlaces(account, now=now, without=without, likenesses=[Likeness.of(pin) for pin in pins])
    free = [at for pin in pins if (at := places.take(Likeness.of(pin))) is not None]
    if len(free) < len(pins):
        raise QueueFull(account)
    return [Move(pin, at) for pin, at in zip(pins, free, strict=True)]


def move_to_place(
    pin: Pin, at: datetime, *, version: int, by: User, now: datetime, confirmed: Collection[str] = ()
) -> None:
    """Move the pin to a free place of its account's queue.

    Raises MoveError, also if another pin has taken the place, and what `move_pin` raises.
    """
    with transaction.atomic():
        Pin.objects.select_for_update(no_key=True).only("pk").filter(pk=pin.pk).first()
        if pin.account is not None:
            with locked_account(pin.account) as account:
                if not is_free(account, at, now=now, without=[pin.pk]):
                    raise MoveError("Another pin has taken this time. Please choose another one.", is_stale=True)
        move_pin(pin, at, version=version, by=by, now=now, confirmed=confirmed, is_queued=True)


def findings_of_moves(moves: Sequence[Move], zone: ZoneInfo, now: datetime) -> list[list[Finding]]:
    """Return for each move, in their order, what the spacing guard says of the pin once all of them are made."""
    planned = [Planned.of(move.pin, now, move.to) for move in moves]
    found = iter(check_many([each for each in planned if each is not None], zone, beside=True))
    return [next(found) if each is not None else [] for each in planned]


def fingerprint(moves: Sequence[Move]) -> str:
    """Return what a form carries along to say which list of moves the person saw."""
    rows = [f"{move.pin.pk}:{move.pin.version}:{move.to.timestamp():.0f}" for move in moves]
    return hashlib.sha256(" ".join(rows).encode()).hexdigest()[:32]


def carry_out(
    account: PinterestAccount,
    plan: Callable[[], list[Move]],
    *,
    seen: str,
    by: User,
    now: datetime,
    confirmed: Collection[str] = (),
) -> list[Move]:
    """Make the moves of the plan if they are still those that the person saw (`seen`), all or none.

    Raises:
        PlanChanged: They are others by now.
        QueueFull, PermissionDenied, ConfirmationNeeded, MoveError: As placing and moving a single pin do.
    """
    with transaction.atomic():
        rows = Pin.objects.filter(pk__in=[move.pin.pk for move in plan()]).order_by("pk")
        list(rows.select_for_update(no_key=True).values_list("pk", flat=True))
        with locked_account(account):
            moves = plan()
            if fingerprint(moves) != seen:
                raise PlanChanged
            # From the last one on, so that no two are at the same moment in between.
            for move in reversed(moves):
                _carry_out(move, by=by, now=now, confirmed=confirmed)
    return moves


def _carry_out(move: Move, *, by: User, now: datetime, confirmed: Collection[str]) -> None:
    if move.pin.status in (PinStatus.DRAFT, PinStatus.FAILED):
        if not put(move.pin, move.to, by=by, now=now, confirmed=confirmed):
            raise MoveError(scheduling.TOO_LATE)
        return
    version = move.pin.version
    try:
        move_pin(move.pin, move.to, version=version, by=by, now=now, confirmed=confirmed, is_queued=True)
    except MoveError as error:
        raise MoveError(f"“{move.pin}”: {error}", is_stale=error.is_stale) from error


def resume(
    account: PinterestAccount, overdue: str, *, by: User, now: datetime, confirmed: Collection[str] = ()
) -> bool:
    """Resume the queue, and do with the pins whose time has passed what `overdue` says (forms.ResumeForm).

    False: it is not paused. Raises as `carry_out` does; then it stays paused.
    """
    with transaction.atomic():
        if overdue == ResumeForm.NEXT:
            plan = moves_of_overdue(account, now)
            again = partial(moves_of_overdue, account, now)
            carry_out(account, again, seen=fingerprint(plan), by=by, now=now, confirmed=confirmed)
        elif overdue == ResumeForm.NOW:
            # The others are due as soon as the queue is resumed; of these, a person is asked first, and has answered.
            for pin in overdue_pins(account, now).late(now).with_content():
                scheduling.release_late(pin, by=by, now=now, confirmed=confirmed)
        elif overdue == ResumeForm.DRAFT:
            for pin in overdue_pins(account, now).with_content():
                scheduling.cancel(pin, by=by)
        return services.resume(account, by=by, now=now)
