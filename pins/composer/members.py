"""The other pins of a family: made from the composer's one, and edited along with it."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from accounts.models import PinterestAccount, User
from pins.families import services as families
from pins.families.planning import Places, Planned, plan_series
from pins.families.series import Series
from pins.lifecycle.transitions import lock_unchanged
from pins.models import Pin
from pins.queue import services as queue
from pins.queue.places import FreePlaces
from pins.queue.services import QueueFull
from pins.rules.composition import Composition
from pins.scheduling import approval
from pins.spacing.clearance import Likeness

from .rows import insert


def make_members(
    pin: Pin,
    series: Series,
    composition: Composition,
    *,
    by: User,
    now: datetime,
    confirmed: Collection[str] = (),
    text: str = "",
    is_proposal: bool = False,
) -> list[Pin]:
    """Make the further pins of the series from `pin`, which has just been sent out, and send them out.

    In the caller's transaction, all or none; `series` has no problems. With `is_proposal`, they are only proposed.
    Returns those that were made: none if the same form has made them before. Raises QueueFull and ConfirmationNeeded.
    """
    tokens = [uuid.uuid5(series.token, str(number)) if series.token else None for number in range(len(series.rows))]
    made_before = Pin.objects.in_workspace(pin.workspace).filter(form_token__in=[each for each in tokens if each])
    if not series.rows or made_before.exists():
        return []
    boards = [row.board for row in series.rows if row.board is not None]
    with queue.locked_accounts(pin.workspace, {board.account_id for board in boards}) as locked:

        def places_of(account: PinterestAccount, likenesses: list[Likeness]) -> FreePlaces:
            return FreePlaces(locked[account.pk], now=now, likenesses=likenesses)

        places = Places(series, composition, places_of)
        planned = plan_series(series, pin.publish_at or now, places, pin.workspace.zone)
        for each, board in zip(planned, boards, strict=True):
            if each.is_queue_full:
                raise QueueFull(board.account)
        family = families.begin(pin, series, by=by, now=now)
        count = family.size + len(planned)
        made = []
        for number, (each, token) in enumerate(zip(planned, tokens, strict=True), start=family.size + 1):
            told = " ".join(filter(None, [text, f"Made with “{pin}” as {number} of {count}."]))
            made.append(_member(pin, each, composition, number, token, by=by, now=now, text=told))
        families.grow(family, len(made))
        pin.family = family
        _send_out(made, planned, by=by, now=now, confirmed=confirmed, is_proposal=is_proposal)
        approval.ask_at_once([pin, *made], by=by, now=now)
    return made


def _member(
    pin: Pin,
    planned: Planned,
    first: Composition,
    position: int,
    token: uuid.UUID | None,
    *,
    by: User,
    now: datetime,
    text: str,
) -> Pin:
    member, _ = insert(
        planned.row.composition(first),
        pin.workspace,
        by=by,
        now=now,
        publish_at=planned.at,
        form_token=token,
        text=text,
        family_id=pin.family_id,
        family_position=position,
    )
    return member


def _send_out(
    made: list[Pin],
    planned: list[Planned],
    *,
    by: User,
    now: datetime,
    confirmed: Collection[str],
    is_proposal: bool,
) -> None:
    moments = [(pin, each.at, each.is_place) for pin, each in zip(made, planned, strict=True) if each.at is not None]
    if is_proposal:
        for pin, _, is_place in moments:
            Pin.objects.filter(pk=pin.pk).update(is_queued=is_place)
            pin.is_queued = is_place
            approval.propose(pin, by=by, now=now, confirmed=confirmed)
        return
    placed = {pin.pk: at for pin, at, is_place in moments if is_place}
    ready = lock_unchanged([pin for pin in made if pin.pk in placed])
    queue.put_all([(pin, placed[pin.pk]) for pin in ready], by=by, now=now, confirmed=confirmed)
    for pin, at, is_place in moments:
        if not is_place:
            approval.send_out(pin, at, by=by, now=now, confirmed=confirmed)
