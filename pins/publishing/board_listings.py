"""The lists of boards that a worker has read in its turn."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Min

from pins.models import Pin
from postiz_pins.pinterest.client import BoardListing
from postiz_pins.pinterest.errors import PinterestError

from .verification import MARGIN, by_pinterests_clock, earliest_creation

if TYPE_CHECKING:
    from .claims import Claim


class BoardListings:
    """The pins of boards, read to verify pins.

    Anew for a pin that was sent; once in a turn for all that are overdue, since what may have become of those lies
    further back.
    """

    def __init__(self) -> None:
        self._read: dict[tuple[int | None, int | None], tuple[datetime, BoardListing | PinterestError]] = {}

    def of(self, claim: Claim, now: datetime) -> BoardListing:
        """Return the board's pins, at least those that may be this one.

        Raises a `PinterestError`, for an overdue pin also the one that another of its board has met: 200 pins do not
        ask a failing server 200 times.
        """
        pin, since = claim.pin, claim.pin.overdue_since
        if since is None:
            return _fetch(claim, earliest_creation(pin, now))
        key = pin.account_id, pin.board_id
        read_since, listing = self._read.get(key, (now, None))
        if listing is None or read_since > since:
            overdue = Pin.objects.ripe(now).overdue(now).filter(account=pin.account_id, board=pin.board_id)
            read_since = min(since, overdue.aggregate(oldest=Min("next_attempt_at"))["oldest"] or since)
            try:
                listing = _fetch(claim, by_pinterests_clock(read_since, now))
            except PinterestError as error:
                listing = error
            self._read[key] = read_since, listing
        if isinstance(listing, PinterestError):
            raise listing
        return listing


def _fetch(claim: Claim, since: datetime) -> BoardListing:
    if claim.pin.board is None:
        raise ValueError(f"Pin {claim.pin.pk} has no board, so it cannot have been claimed.")
    board_id = claim.pin.board.pinterest_id
    return claim.call(lambda client: client.fetch_board_pins_since(board_id, since - MARGIN))
