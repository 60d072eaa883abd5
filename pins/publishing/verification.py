"""Finding out whether a pin whose answer was lost has been created: the board's pins are compared with ours."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from pins.models import DeletedPin, Pin, PinStatus
from pins.rules import addresses
from postiz_pins.pinterest import server_clock
from postiz_pins.pinterest.client import BoardPin

# A list is read so much further back than seems necessary: its order is promised nowhere, and clocks differ.
MARGIN = timedelta(minutes=15)


class Undecided(Exception):
    """A pin on the board may be ours or another row's, which still waits for its own answer: look again later."""


def earliest_creation(pin: Pin, now: datetime) -> datetime:
    """Return the moment by Pinterest's clock before which Pinterest has certainly not created this pin in doubt.

    `now` is the present by our clock. Pinterest writes moments in whole seconds, so it is one.
    """
    if pin.created_since is not None:
        return pin.created_since.replace(microsecond=0)
    # The process that sent it had not heard of Pinterest before, or it is not known whether it was sent.
    return by_pinterests_clock(pin.overdue_since or pin.sent_at or now, now)


def by_pinterests_clock(moment: datetime, now: datetime) -> datetime:
    """Return what Pinterest's clock says at that moment by our clock, rather too early than too late.

    That ours is slow now does not say that it was so then: it may have been put back meanwhile.
    """
    return (moment + min(server_clock.skew(now), timedelta(0))).replace(microsecond=0)


def find_created_pin(pin: Pin, listed: Iterable[BoardPin], now: datetime) -> BoardPin | None:
    """Return the pin on the board that our lost request made, or None.

    `listed` are the board's pins, in any order, at least since `earliest_creation`; older ones are never ours. Nearest
    first: with several, the one created soonest after sending. Raises Undecided.
    """
    rivals = _rivals(pin)  # before the owned ids: one that is published meanwhile is then among those
    media_type, since = media_type_of(pin), earliest_creation(pin, now)
    similar = [
        found
        for found in listed
        if found.created_at >= since and found.media_type == media_type and _has_words_of(found, pin)
    ]
    owned = _owned_ids(pin, [found.id for found in similar])
    candidates = sorted((each for each in similar if each.id not in owned), key=lambda each: (each.created_at, each.id))
    rivals = [rival for rival in rivals if media_type_of(rival) == media_type]
    with_link = [found for found in candidates if addresses.is_same(found.link, pin.link)]
    if with_link:
        same = [rival for rival in rivals if addresses.is_same(rival.link, pin.link)]
        return _ours(pin, with_link, same, now)
    if not (pin.title or pin.description):
        return None  # only a link that agrees tells one picture without words from another
    if candidates and any(_may_own(rival, candidates, now) for rival in rivals):
        raise Undecided
    return next(iter(candidates), None)  # Pinterest has written the link in another way


def _ours(pin: Pin, candidates: Sequence[BoardPin], rivals: Sequence[Pin], now: datetime) -> BoardPin | None:
    """Return our share of the candidates, the oldest first, among all rows with the same content that are in doubt.

    Each row, the latest first, has the pin created soonest after it was sent; then those are told apart by their order.
    However they are shared out, there will be as many pins as rows.
    """
    rows = sorted([pin, *rivals], key=lambda row: (earliest_creation(row, now), row.pk))
    unmatched, owners, shared = list(candidates), [], []
    for row in reversed(rows):
        nearest = next((each for each in unmatched if _may_own(row, [each], now)), None)
        if nearest is not None:
            unmatched.remove(nearest)
            owners.append(row.pk)
            shared.append(nearest)
    shared.sort(key=lambda each: (each.created_at, each.id))
    ours = dict(zip(reversed(owners), shared, strict=True)).get(pin.pk)
    # The answer to a row that is being created will tell which one is its.
    is_being_told = any(row.status == PinStatus.CREATING and _may_own(row, [ours], now) for row in rivals if ours)
    if is_being_told or (ours is None and _may_own(pin, candidates, now)):
        raise Undecided
    return ours


def _may_own(row: Pin, candidates: Iterable[BoardPin], now: datetime) -> bool:
    since = earliest_creation(row, now)
    return any(found.created_at >= since for found in candidates)


def _rivals(pin: Pin) -> list[Pin]:
    """Return the other rows with the same words that wait for an answer: a pin on the board may be theirs."""
    same_words = Pin.objects.under_way().filter(title=pin.title, description=pin.description).exclude(pk=pin.pk)
    # By Pinterest's id: two accounts may share a board, which then has two rows.
    board_id = pin.board.pinterest_id if pin.board else ""
    in_doubt = Q(status__in=(PinStatus.CREATING, PinStatus.VERIFYING), sent_at__isnull=False)
    return list(same_words.filter(in_doubt, board__pinterest_id=board_id).prefetch_related("attachments__media"))


def _owned_ids(pin: Pin, pinterest_ids: list[str]) -> Collection[str]:
    """Return those of the ids that other rows have, or had before they were deleted."""
    rows = Pin.objects.exclude(pk=pin.pk), DeletedPin.objects.all()
    return {
        pinterest_id
        for owned in rows
        for pinterest_id in owned.filter(pinterest_pin_id__in=pinterest_ids).values_list("pinterest_pin_id", flat=True)
    }


def media_type_of(pin: Pin) -> str:
    """Return what Pinterest calls a pin with these attachments (`media.media_type`)."""
    if pin.video is not None:
        return "video"
    return "image" if len(pin.media_files) == 1 else "multiple_images"


def _has_words_of(found: BoardPin, pin: Pin) -> bool:
    return _plain(found.title) == _plain(pin.title) and _plain(found.description) == _plain(pin.description)


def _plain(text: str) -> str:
    """Return `text` without the differences in white space and Unicode form that storing it at Pinterest may make."""
    return " ".join(unicodedata.normalize("NFC", text).split())
