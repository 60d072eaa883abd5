"""What the calendar shows of a pin: a few columns, since a month shows more than a hundred pins."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.urls import reverse

from accounts.models import Board, Membership, PinterestAccount
from pins.models import MOVABLE_STATUSES, Attachment, Pin, PinQuerySet, PinStatus
from pins.spacing.checks import check_many
from pins.spacing.planned import Planned

# Drafts without a time that are shown beside the calendar.
TRAY_LENGTH = 30
STATUS_NAMES: dict[str, str] = dict(PinStatus.choices)
TITLE_LENGTH, BOARD_LENGTH = 60, 40


@dataclass(slots=True)
class Chip:
    """A pin as the calendar shows it. The first fields are the columns that `_columns` reads, in their order."""

    pk: int
    account_id: int | None
    board_id: int | None
    # None: it has no board yet; likewise of the family.
    board_name: str | None
    title: str
    status: str
    version: int
    sent_at: datetime | None
    has_video: bool
    is_warned: bool
    family_position: int | None
    family_size: int | None
    link_key: str
    picture_key: str
    spacing_kept: dict[str, Any] | None
    # Of the image that stands for it, and how many files it has; None: it has none yet.
    thumbnail: str | None
    file_name: str | None
    file_count: int | None
    # When it is published or was, in the workspace's time zone; None: it waits beside the calendar.
    at: datetime | None = None
    # Whether the member who looks may move it.
    has_move: bool = False
    # What the spacing guard says of it, in sentences; hints are left out.
    warnings: list[str] = field(default_factory=list)
    # What the page shows (markup.py).
    markup: str = ""

    @property
    def name(self) -> str:
        """Return its title, or what else tells it from others."""
        return _shortened(self.title or self.file_name or "Untitled pin", TITLE_LENGTH)

    @property
    def board(self) -> str:
        """Return the name of its board, empty if it has none."""
        return _shortened(self.board_name or "", BOARD_LENGTH)

    @property
    def status_name(self) -> str:
        """Return its status as a word."""
        return STATUS_NAMES[self.status]

    @property
    def family(self) -> str:
        """Return which one it is of pins that were made together, empty for one alone."""
        return f"{self.family_position} of {self.family_size}" if (self.family_size or 0) > 1 else ""

    @property
    def kind(self) -> str:
        """Return what it is if it is no single image."""
        if self.has_video:
            return "Video"
        return "Carousel" if (self.file_count or 0) > 1 else ""

    @property
    def clock(self) -> str:
        """Return its time of day, empty without a time."""
        return f"{self.at:%H:%M}" if self.at else ""

    @property
    def moment(self) -> str:
        """Return its moment in UTC, as programs read it."""
        return f"{self.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if self.at else ""

    @property
    def url(self) -> str:
        """Return the address of its page."""
        return _address("pins:pin_detail").replace("/0/", f"/{self.pk}/")

    @property
    def move_url(self) -> str:
        """Return the address at which it is moved."""
        return _address("pins:pin_move").replace("/0/", f"/{self.pk}/")

    @property
    def thumbnail_url(self) -> str:
        """Return the address of its picture, empty if it has none."""
        return _thumbnail_address() + self.thumbnail if self.thumbnail else ""

    @property
    def can_move(self) -> bool:
        """Return whether it may get another time, as `Pin.can_move` says."""
        return self.status in MOVABLE_STATUSES and self.sent_at is None

    def planned(self, account: PinterestAccount | None, board: Board | None) -> Planned | None:
        """Return what the spacing guard looks at, as `planned_of` does for whole pins."""
        is_over = not self.can_move or self.status == PinStatus.FAILED
        if is_over or self.at is None or account is None or board is None or board.pk is None:
            return None
        return Planned(
            account=account,
            board=board,
            at=self.at,
            link_key=self.link_key,
            picture_key=self.picture_key,
            noun=self.kind.lower() or "image",
            title=self.title,
            pk=self.pk,
            kept=self.spacing_kept,
        )


def chips_of(moments: Mapping[int, datetime], drafts: PinQuerySet, membership: Membership) -> dict[int, Chip]:
    """Return the pins with these keys at their moments, and the newest of the drafts, which have none; in one query.

    Of the drafts, which come in their order, there is one more than TRAY_LENGTH if there are more.
    """
    newest = drafts.order_by("-updated_at", "-pk").values("pk")[: TRAY_LENGTH + 1]
    rows = Pin.objects.filter(Q(pk__in=list(moments)) | Q(pk__in=newest)).order_by("-updated_at", "-pk")
    chips = {row[0]: Chip(*row) for row in rows.values_list(*_columns())}
    for chip in chips.values():
        chip.at = moments.get(chip.pk)
        is_own = membership.can_edit and chip.status in (PinStatus.DRAFT, PinStatus.PROPOSED)
        chip.has_move = chip.can_move and (membership.can_publish or is_own)
    return chips


def add_warnings(chips: Sequence[Chip], accounts: Mapping[int, PinterestAccount], zone: ZoneInfo) -> None:
    """Note what the spacing guard says of those that are not published yet, in two queries."""
    boards = {pk: Board(pk=pk, name=name) for pk, name in {(chip.board_id, chip.board_name or "") for chip in chips}}
    plans = [(chip, chip.planned(accounts.get(chip.account_id or 0), boards[chip.board_id])) for chip in chips]
    planned = [(chip, plan) for chip, plan in plans if plan is not None]
    for (chip, _), findings in zip(planned, check_many([plan for _, plan in planned], zone), strict=True):
        chip.warnings = [finding.message for finding in findings if not finding.is_hint]


def _columns() -> Collection[Any]:
    attached = Attachment.objects.filter(pin=OuterRef("pk"))
    # Images stand before videos: the cover of a video stands for it.
    shown = attached.order_by("media__kind", "position")
    count = attached.order_by().values("pin").annotate(count=Count("pk")).values("count")
    return (
        *("pk", "account_id", "board_id", "board__name", "title", "status", "version", "sent_at", "has_video"),
        Q(status=PinStatus.SCHEDULED, has_warnings=True),
        *("family_position", F("family__size"), "link_key", "picture_key", "spacing_kept"),
        *(Subquery(shown.values(f"media__{name}")[:1]) for name in ("thumbnail", "original_name")),
        Subquery(count),
    )


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


@cache
def _address(name: str) -> str:
    """Return an address of the pin 0: looking up a hundred takes longer than all the rest of a month."""
    return reverse(name, args=[0])


@cache
def _thumbnail_address() -> str:
    return reverse("pins:media_thumbnail", args=["row", "x"]).removesuffix("x")
