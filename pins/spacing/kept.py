"""What a person has decided to keep although it is warned about.

The decision holds for the pin as it was: of its account, board, link and files, at its minute. Any of them changed,
and the guard says again what it finds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Any

from .neighbors import Neighbor
from .planned import Planned


def decision(pin: Planned, codes: Collection[str]) -> dict[str, Any]:
    """Return what `Pin.spacing_kept` says when warnings with these codes are kept."""
    of = _fingerprint(pin.account.pk, pin.board.pk, pin.link_key, pin.picture_key, pin.second)
    return {"of": of, "codes": sorted(codes)}


def kept_by(pin: Planned) -> frozenset[str]:
    """Return the codes of the warnings that are kept of the pin."""
    return _codes(pin.kept, (pin.account.pk, pin.board.pk, pin.link_key, pin.picture_key, pin.second))


def kept_by_neighbor(pin: Neighbor) -> frozenset[str]:
    """Return the codes of the warnings that are kept of another pin: of a pair, one decision is enough."""
    return _codes(pin.kept, (pin.account_id, pin.board_id, pin.link_key, pin.picture_key, pin.second))


def _codes(kept: dict[str, Any] | None, content: tuple[object, ...]) -> frozenset[str]:
    if not kept or kept["of"] != _fingerprint(*content):
        return frozenset()
    return frozenset(kept["codes"])


def _fingerprint(*content: object) -> str:
    return hashlib.sha256(" ".join(map(str, content)).encode()).hexdigest()[:16]
