"""A pin as the guard sees it: where it goes, when, and what it shows. It need not be stored yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import Board, PinterestAccount
from pins.models import MediaFile, Pin
from pins.rules.composition import Composition

from .keys import link_key, picture_key


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What matters of a pin."""

    account: PinterestAccount
    board: Board
    at: datetime
    link_key: str = ""
    picture_key: str = ""
    # What its files are called in sentences.
    noun: str = "image"
    title: str = ""
    # None: it is not stored.
    pk: int | None = None
    kept: dict[str, Any] | None = None

    @classmethod
    def of(cls, pin: Pin, now: datetime, at: datetime | None = None) -> Planned | None:
        """Return a pin that was read `with_content`, at its own time or at another one; None if it has no board.

        One without a time is published now, or as soon as it is approved.
        """
        if pin.account is None or pin.board is None:
            return None
        return cls(
            account=pin.account,
            board=pin.board,
            at=at or pin.publish_at or now,
            link_key=pin.link_key,
            picture_key=pin.picture_key,
            noun=_noun(pin.media_files),
            title=str(pin),
            pk=pin.pk,
            kept=pin.spacing_kept,
        )

    @classmethod
    def composed(cls, composition: Composition, at: datetime, pin: Pin | None = None) -> Planned | None:
        """Return what is being composed, in place of `pin` if that is given; None if it has no board."""
        if composition.board is None:
            return None
        files = [attached.media for attached in composition.attachments]
        return cls(
            account=composition.board.account,
            board=composition.board,
            at=at,
            link_key=link_key(composition.link),
            picture_key=picture_key(media.sha256 for media in files),
            noun=_noun(files),
            title=composition.title,
            pk=pin.pk if pin else None,
            kept=pin.spacing_kept if pin else None,
        )

    @property
    def second(self) -> int:
        """Return its moment in seconds since 1970."""
        return int(self.at.timestamp())


def _noun(files: list[MediaFile]) -> str:
    if any(media.is_video for media in files):
        return "video"
    return "image" if len(files) == 1 else "carousel"
