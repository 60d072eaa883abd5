"""Pins get places of the queue.

A place is given with the pin's row, its workspace's and its account's locked, in this order as everywhere, until the
end of the transaction; so of two pins at the same moment, the later one finds the place of the other taken.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse

from accounts.audit import services as audit
from accounts.models import AuditAction, PinterestAccount, User, Workspace
from accounts.workspaces.locks import locked
from pins.lifecycle.transitions import Departure, lock_unchanged
from pins.models import Pin
from pins.scheduling import approval
from pins.spacing.clearance import Likeness
from postiz_pins.common.dates import format_moment

from .places import HORIZON_DAYS, FreePlaces


class QueueFull(Exception):
    """No place was free and nothing was changed. The sentence says what to do, for which `path` is the page."""

    code = "queue_full"

    def __init__(self, account: PinterestAccount) -> None:
        self.path = reverse("pins:publishing_times", args=[account.pk])
        if account.publishing_times.exists():
            taken = f"All publishing times of {account} in the next {HORIZON_DAYS} days are taken"
            why = f"{taken}, or too close to pins with the same image or link."
        else:
            why = f"{account} has no publishing times yet."
        super().__init__(f"{why} Add publishing times, or pick a date and time yourself.")


@contextmanager
def locked_account(account: PinterestAccount) -> Iterator[PinterestAccount]:
    """Open a transaction in which no other worker places pins of the account; yield its row as it is by now."""
    with locked_accounts(account.workspace, [account.pk]) as accounts:
        yield accounts[account.pk]


@contextmanager
def locked_accounts(workspace: Workspace, keys: Collection[int]) -> Iterator[dict[int, PinterestAccount]]:
    """Open a transaction in which no other worker places pins of these accounts; yield their rows by their keys."""
    with locked(workspace) as fresh:
        # `no_key`: rows that belong to an account are written meanwhile.
        rows = PinterestAccount.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
        accounts = {account.pk: account for account in rows}
        for account in accounts.values():
            account.workspace = fresh
        yield accounts


def place(pin: Pin, *, by: User, now: datetime, confirmed: Collection[str] = (), text: str = "") -> bool:
    """Give the pin the next free publishing time of its account, and send it out for it.

    False if it is too late: the pin is being sent or is published, or was changed since. Else as `place_all`.
    """
    return bool(place_all([pin], by=by, now=now, confirmed=confirmed, text=text))


def place_all(
    pins: Sequence[Pin], *, by: User, now: datetime, confirmed: Collection[str] = (), text: str = ""
) -> list[Pin]:
    """Give the pins, in their order, the next free publishing times of their accounts, and send them out for them.

    A user whose pins need an approval proposes them for those times. `publish_at` of each is its place afterwards. The
    number of queries does not depend on the pins, but on their accounts.

    Args:
        pins: They are of one workspace, each has a board, and their content must have been checked.
        confirmed: Codes of the questions (rules/questions.py) that are answered with yes.
        text: Goes to their histories.

    Returns:
        The pins that have a place now. For the others it is too late: they are being sent or are published, or were
        changed since.

    Raises:
        QueueFull: There is no free place for one of them. None has got a place.
        PermissionDenied: One is on its way already, and pins of this person need an approval.
        ConfirmationNeeded: As all ways out do.
    """
    with transaction.atomic():
        ready = lock_unchanged([pin for pin in pins if pin.account is not None and pin.is_editable])
        if not ready:
            return []
        keys = [pin.account.pk for pin in ready if pin.account is not None]
        with locked_accounts(ready[0].workspace, keys) as accounts:
            how: dict[str, Any] = {"now": now, "without": [pin.pk for pin in ready]}
            alike = [Likeness.of(pin) for pin in ready]
            free = {key: FreePlaces(account, likenesses=alike, **how) for key, account in accounts.items()}
            placed = []
            for pin, key in zip(ready, keys, strict=True):
                at = free[key].take(Likeness.of(pin))
                if at is None:
                    raise QueueFull(accounts[key])
                placed.append((pin, at))
            return put_all(placed, by=by, now=now, confirmed=confirmed, text=text)


def put_all(
    placed: Sequence[tuple[Pin, datetime]], *, by: User, now: datetime, confirmed: Collection[str] = (), text: str = ""
) -> list[Pin]:
    """Give the pins these places, and send them out for them or propose them; return those that were.

    Of who has locked the accounts, and has the pins from `lock_unchanged`.
    """
    departures = []
    for pin, at in placed:
        added = f"Added to the queue: {format_moment(at, pin.workspace.zone)}."
        departures.append(Departure(pin, at, " ".join(filter(None, [text, added]))))
    return approval.send_out_placed(departures, by=by, now=now, confirmed=confirmed)


def put(pin: Pin, at: datetime, *, by: User, now: datetime, confirmed: Collection[str] = ()) -> bool:
    """Give one pin this place as `put_all` does. Of who has locked the account and the pin.

    False: the pin was changed since it was read.
    """
    return bool(put_all([(each, at) for each in lock_unchanged([pin])], by=by, now=now, confirmed=confirmed))


def pause(account: PinterestAccount, *, by: User, now: datetime) -> bool:
    """Hold the pins of the account's queue back until `resume`; they keep their places. False: it is paused."""
    return _set_paused(account, now, "Queue paused.", by=by, now=now)


def resume(account: PinterestAccount, *, by: User, now: datetime) -> bool:
    """Let the pins of the queue go out again, at once those whose time has passed. False: it is not paused."""
    return _set_paused(account, None, "Queue resumed.", by=by, now=now)


@transaction.atomic
def _set_paused(account: PinterestAccount, at: datetime | None, detail: str, *, by: User, now: datetime) -> bool:
    rows = PinterestAccount.objects.filter(pk=account.pk, queue_paused_at__isnull=at is not None)
    if rows.update(queue_paused_at=at) == 0:
        return False
    audit.record(account.workspace_id, AuditAction.SETTINGS_CHANGED, str(account), by=by, now=now, detail=detail)
    return True
