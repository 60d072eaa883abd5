"""What the JSON API answers: pins, media files and boards as programs read them."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from pydantic import AwareDatetime, BaseModel, Field

from accounts.models import Board
from pins.errors.lookup import explanation_of
from pins.models import Attachment, MediaFile, MediaKind, Pin, PinEventKind, PinStatus
from pins.publishing.payload import public_address

from .errors import ErrorAnswer


class BoardAnswer(BaseModel):
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
        """The board should have been read `with_section_count`, and with its account."""
        return cls(
            id=board.pinterest_id,
            name=board.name,
            account=board.account.username,
            section_count=board.section_count if board.sections_synced_at else None,  # type: ignore[attr-defined]
        )


class SectionAnswer(BaseModel):
    id: str = Field(description="Pinterest's ID. Send it as `section` of a pin.", examples=["5550001"])
    name: str = Field(examples=["Oak"])


class MediaAnswer(BaseModel):
    id: int = Field(description="Send it in `attachments` of a pin.", examples=[42])
    kind: MediaKind
    name: str = Field(examples=["chair.jpg"])
    content_type: str = Field(examples=["image/jpeg"])
    width: int
    height: int
    size_bytes: int
    duration_seconds: float | None = Field(description="For videos only.")
    dominant_color: str | None = Field(examples=["#FF5722"])
    notice: str | None = Field(
        description="How the file was changed, for people; usually null.",
        examples=["Pinterest doesn't show animations, so only the first frame of “sale.webp” was kept."],
    )
    url: str | None = Field(description="Where to download the file; null once it is deleted from the library.")

    @classmethod
    def of(cls, media: MediaFile) -> MediaAnswer:
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
            notice=media.notice or None,
            url=None if media.deleted_at else public_address(media),
        )


class AttachmentAnswer(BaseModel):
    id: int = Field(description="ID of the media file.")
    kind: MediaKind
    name: str
    title: str
    description: str
    link: str


class TroubleAnswer(BaseModel):
    code: str = Field(description="Stable; meant for programs.", examples=["board_not_found"])
    title: str = Field(examples=["The board is gone"])
    advice: str = Field(description="How to fix it, for people.")
    pinterest_words: str = Field(description="Pinterest's own message, or empty.")


class EventAnswer(BaseModel):
    at: AwareDatetime
    kind: PinEventKind
    by: str | None = Field(description="The user's email address; null for automatic events.")
    text: str


class PinAnswer(BaseModel):
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
    publish_at: AwareDatetime | None = Field(description="When it will be or was published; null if not scheduled.")
    published_at: AwareDatetime | None = Field(description="When it was published on Pinterest.")
    pinterest_pin_id: str | None
    permalink: str | None = Field(description="Its public URL on Pinterest.")
    error: TroubleAnswer | None = Field(description="The last error, or null.")
    warnings: list[ErrorAnswer] = Field(
        description="What the check before publishing found. Includes `publish_at_now` in the response to a new pin"
        " whose time had just passed."
    )
    events: list[EventAnswer] = Field(description="What has happened so far, oldest first.")
    created_at: AwareDatetime

    @classmethod
    def of(cls, pin: Pin) -> PinAnswer:
        """The pin should have been read `with_content`."""
        return cls(
            id=pin.pk,
            url=settings.PUBLIC_URL + reverse("pins:pin_detail", args=[pin.pk]),
            status=PinStatus(pin.status),
            board=pin.board.pinterest_id if pin.board else None,
            account=pin.account.username if pin.account else None,
            section=pin.section.pinterest_id if pin.section else None,
            attachments=[_attachment_answer(each) for each in pin.attachments.all()],
            pinterest_pin_id=pin.pinterest_pin_id or None,
            permalink=pin.permalink or None,
            error=_trouble_answer(pin),
            warnings=[ErrorAnswer.model_validate(each) for each in pin.warnings],
            events=[
                EventAnswer(
                    at=event.at, kind=PinEventKind(event.kind), by=event.by.email if event.by else None, text=event.text
                )
                for event in pin.events.select_related("by")
            ],
            **{name: getattr(pin, name) for name in COPIED},
        )


COPIED = (
    *("title", "description", "link", "alt_text", "dominant_color"),
    *("publish_at", "published_at", "created_at"),
)


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
