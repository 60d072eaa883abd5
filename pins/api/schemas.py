"""What the JSON API returns: pins, media files and boards as programs read them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.urls import reverse
from pydantic import AwareDatetime, BaseModel, Field

from accounts.models import AccountStatus, Board, PinterestAccount
from pins.errors.lookup import explanation_of
from pins.models import Attachment, MediaFile, MediaKind, Pin, PinComment, PinEventKind, PinStatus
from pins.publishing.payload import public_address

from .errors import ErrorAnswer


class AccountAnswer(BaseModel):
    """A Pinterest account with its health."""

    username: str = Field(description="Send it as `account`.", examples=["chairshop"])
    status: AccountStatus
    publishes: bool = Field(description="Whether a pin that is due now would be published now.")
    reasons: list[str] = Field(
        description="Why it wouldn't, or may soon not, for people.",
        examples=[["The queue is paused. Its pins are on hold until it is resumed."]],
    )
    connection_ends_at: AwareDatetime | None = Field(
        description="When the connection expires unless it is renewed, which happens automatically."
    )
    boards_synced_at: AwareDatetime | None = Field(description="When the boards were last read from Pinterest.")
    connected_at: AwareDatetime

    @classmethod
    def of(cls, account: PinterestAccount, now: datetime) -> AccountAnswer:
        """Return the account's JSON."""
        return cls(
            username=account.username,
            status=AccountStatus(account.status),
            publishes=account.is_active and not account.is_posting_paused(now),
            reasons=_reasons_of(account, now),
            connection_ends_at=account.refresh_expires_at,
            boards_synced_at=account.boards_synced_at,
            connected_at=account.connected_at,
        )


def _reasons_of(account: PinterestAccount, now: datetime) -> list[str]:
    """Return what people are told of an account's health; nothing if all is well."""
    reasons = [] if account.is_active else [account.trouble or f"{account.get_status_display()}."]
    if account.publishing_paused_at is not None:
        reasons.append("An administrator paused publishing for this account.")
    if account.is_rate_limited(now):
        reasons.append("Pinterest has asked us to wait before publishing more.")
    if account.queue_paused_at is not None:
        reasons.append("The queue is paused. Its pins are on hold until it is resumed.")
    if account.ends_soon:
        reasons.append("The connection ends soon, and renewing it has failed so far. Reconnect the account.")
    return reasons


class BoardAnswer(BaseModel):
    """A board that a pin can go to."""

    id: str = Field(description="Pinterest's ID. Send it as `board` of a pin.", examples=["1234567890"])
    name: str = Field(examples=["My Inspiration Board"])
    account: str = Field(
        description="Username of its Pinterest account. Send it as `account` if several accounts share the board.",
        examples=["chairshop"],
    )
    section_count: int | None = Field(
        description="Number of sections; null until GET /api/boards/{board}/sections has fetched them once.",
        examples=[2],
    )

    @classmethod
    def of(cls, board: Board) -> BoardAnswer:
        """Return the board's JSON.

        The board has been read `with_section_count` and with its account.
        """
        return cls(
            id=board.pinterest_id,
            name=board.name,
            account=board.account.username,
            section_count=board.section_count if board.sections_synced_at else None,  # type: ignore[attr-defined]
        )


class SectionAnswer(BaseModel):
    """A section of a board."""

    id: str = Field(description="Pinterest's ID. Send it as `section` of a pin.", examples=["5550001"])
    name: str = Field(examples=["Oak"])


class NextTimeAnswer(BaseModel):
    """A free publishing time of an account."""

    at: AwareDatetime = Field(description="The time in UTC.", examples=["2027-03-28T16:30:00Z"])
    local: AwareDatetime = Field(
        description="The same time in the time zone of the workspace.", examples=["2027-03-28T18:30:00+02:00"]
    )


class MediaAnswer(BaseModel):
    """A file of the media library."""

    id: int = Field(description="Send it in `attachments` of a pin.", examples=[42])
    kind: MediaKind
    name: str = Field(examples=["chair.jpg"])
    content_type: str = Field(examples=["image/jpeg"])
    width: int
    height: int
    size_bytes: int
    duration_seconds: float | None = Field(description="For videos only.")
    dominant_color: str | None = Field(examples=["#FF5722"])
    alt_text: str = Field(description="Offered when the file is put into a pin.")
    notice: str | None = Field(
        description="How the file was changed, for people; usually null.",
        examples=["Pinterest doesn't show animations, so only the first frame of “sale.webp” was kept."],
    )
    url: str | None = Field(description="Where to download the file; null once it is deleted from the library.")

    @classmethod
    def of(cls, media: MediaFile) -> MediaAnswer:
        """Return the media file's JSON."""
        return cls(
            id=media.pk,
            kind=MediaKind(media.kind),
            name=media.original_name,
            content_type=media.content_type,
            width=media.width,
            height=media.height,
            size_bytes=media.size_bytes,
            duration_seconds=media.duration_seconds,
            dominant_color=media.dominant_color or None,
            alt_text=media.alt_text,
            notice=media.notice or None,
            url=None if media.deleted_at else public_address(media),
        )


class MediaPage(BaseModel):
    """A page of the media library."""

    media: list[MediaAnswer]
    next_cursor: int | None = Field(description="Send it as `cursor` to read on; null on the last page.")


class CommentAnswer(BaseModel):
    """A comment on a pin."""

    id: int = Field(examples=[3])
    at: AwareDatetime
    by: str | None = Field(description="The email address of its author; null for a former member.")
    text: str = Field(examples=["Please check the price."])

    @classmethod
    def of(cls, comment: PinComment) -> CommentAnswer:
        """Return the comment's JSON."""
        author = comment.author
        return cls(id=comment.pk, at=comment.created_at, by=author.email if author else None, text=comment.text)


class AttachmentAnswer(BaseModel):
    """A media file in a pin, with texts of its own in a carousel."""

    id: int = Field(description="ID of the media file.")
    kind: MediaKind
    name: str
    title: str
    description: str
    link: str


class TroubleAnswer(BaseModel):
    """Why a pin has failed or waits."""

    code: str = Field(description="Stable; meant for programs.", examples=["board_not_found"])
    title: str = Field(examples=["The board is gone"])
    advice: str = Field(description="How to fix it, for people.")
    pinterest_words: str = Field(description="Pinterest's own message, or empty.")


class EventAnswer(BaseModel):
    """An entry of a pin's history."""

    at: AwareDatetime
    kind: PinEventKind
    by: str | None = Field(description="The user's email address; null for automatic events.")
    text: str


class FamilyAnswer(BaseModel):
    """The pins that were made together, for several boards or from several images."""

    id: int
    position: int = Field(description="Which of them this pin is, from 1 on.")
    pins: list[int] = Field(description="The IDs of all of them, in order.", examples=[[42, 43, 44]])

    @classmethod
    def of(cls, pin: Pin) -> FamilyAnswer | None:
        """Return the JSON of the pin's family; None if it was made alone."""
        if pin.family is None or pin.family.size < 2 or pin.family_position is None:
            return None
        keys = pin.family.pins.order_by("family_position", "pk").values_list("pk", flat=True)
        return cls(id=pin.family.pk, position=pin.family_position, pins=list(keys))


class PinSummaryAnswer(BaseModel):
    """A pin with its status and content, as lists have it."""

    id: int
    url: str = Field(description="The pin's page in this app.")
    status: PinStatus
    board: str | None = Field(description="Pinterest's ID of the board; null in a draft without one.")
    account: str | None = Field(description="Username of the Pinterest account.")
    section: str | None
    title: str
    description: str
    link: str
    alt_text: str
    dominant_color: str
    attachments: list[AttachmentAnswer] = Field(description="In order.")
    tags: list[str] = Field(description="Names of its tags.", examples=[["Spring sale"]])
    publish_at: AwareDatetime | None = Field(description="When it will be or was published; null if not scheduled.")
    published_at: AwareDatetime | None = Field(description="When it was published on Pinterest.")
    pinterest_pin_id: str | None
    permalink: str | None = Field(description="Its public URL on Pinterest.")
    error: TroubleAnswer | None = Field(description="The last error, or null.")
    warnings: list[ErrorAnswer] = Field(
        description="What the check before publishing found. Includes `publish_at_now` in the response to a new pin"
        " whose time had just passed."
    )
    created_at: AwareDatetime
    version: int = Field(description="Changes with each change of the pin. Send it as `If-Match` when you change it.")

    @classmethod
    def of(cls, pin: Pin) -> Self:
        """Return the pin's JSON.

        The pin has been read `with_content`, and its tags.
        """
        return cls(**_content_of(pin))


class PinAnswer(PinSummaryAnswer):
    """A pin with its status, content and history."""

    family: FamilyAnswer | None = Field(description="The pins that were made together with it, or null.")
    events: list[EventAnswer] = Field(description="What has happened so far, oldest first.")

    @classmethod
    def of(cls, pin: Pin) -> Self:
        """Return the pin's JSON with its history.

        The pin has been read `with_content`.
        """
        events = [
            EventAnswer(
                at=event.at, kind=PinEventKind(event.kind), by=event.by.email if event.by else None, text=event.text
            )
            for event in pin.events.select_related("by")
        ]
        return cls(**_content_of(pin), family=FamilyAnswer.of(pin), events=events)


COPIED = (
    *("title", "description", "link", "alt_text", "dominant_color"),
    *("publish_at", "published_at", "created_at", "version"),
)


def _content_of(pin: Pin) -> dict[str, Any]:
    return {
        "id": pin.pk,
        "url": settings.PUBLIC_URL + reverse("pins:pin_detail", args=[pin.pk]),
        "status": PinStatus(pin.status),
        "board": pin.board.pinterest_id if pin.board else None,
        "account": pin.account.username if pin.account else None,
        "section": pin.section.pinterest_id if pin.section else None,
        "attachments": [_attachment_answer(each) for each in pin.attachments.all()],
        "tags": sorted((tag.name for tag in pin.tags.all()), key=str.casefold),
        "pinterest_pin_id": pin.pinterest_pin_id or None,
        "permalink": pin.permalink or None,
        "error": _trouble_answer(pin),
        "warnings": [ErrorAnswer.model_validate(each) for each in pin.warnings],
        **{name: getattr(pin, name) for name in COPIED},
    }


def _attachment_answer(attachment: Attachment) -> AttachmentAnswer:
    return AttachmentAnswer(
        id=attachment.media_id,
        kind=MediaKind(attachment.media.kind),
        name=attachment.media.original_name,
        title=attachment.title,
        description=attachment.description,
        link=attachment.link,
    )


def _trouble_answer(pin: Pin) -> TroubleAnswer | None:
    trouble = explanation_of(pin)
    if trouble is None:
        return None
    return TroubleAnswer(
        code=pin.error_code, title=trouble.title, advice=trouble.advice, pinterest_words=trouble.pinterest_words
    )
