"""What a program sends to make or change a pin, field by field."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

from pins import limits
from pins.models import MOST_DAYS_BETWEEN, MOST_MEMBERS, USUAL_DAYS_BETWEEN

NOW, QUEUE = "now", "queue"

# The questions (rules/questions.py) that a program may answer with yes ahead, and the warnings that it may overrule
# (spacing/findings.py).
ConfirmableCode = Literal[
    "exact_double",
    "publish_at_past",
    "publish_at_far",
    "same_link",
    "same_picture",
    "same_picture_on_board",
    "picture_on_many_boards",
    "many_pins_a_day",
    "many_pins_an_hour",
]

MediaId = Annotated[int, Field(strict=True, description="The `id` returned by POST /api/media.", examples=[42])]


def _as_utf8(text: str) -> str:
    r"""Return the text without halves of characters (\ud800), which JSON can write and no database holds."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise PydanticCustomError("string_unicode", "half of a character") from error
    return text


Text = Annotated[str, AfterValidator(_as_utf8)]


class ConfirmationInput(BaseModel):
    """What a program confirms of the questions that a request was refused with."""

    model_config = ConfigDict(extra="forbid")

    confirm: list[ConfirmableCode] = Field([], description="Codes to confirm.")


class CommentInput(BaseModel):
    """A comment on a pin."""

    model_config = ConfigDict(extra="forbid")

    text: Text = Field(description="Up to 2,000 characters of plain text.", examples=["Please check the price."])


class MediaLinkInput(BaseModel):
    """Where a file is fetched from."""

    model_config = ConfigDict(extra="forbid")

    link: Text = Field(
        description="A public link to a JPG, PNG, WebP, HEIC or MP4 file, not to a web page.",
        examples=["https://example.com/chair.jpg"],
    )


class AttachmentInput(BaseModel):
    """A media file; the texts are those of one image of a carousel."""

    model_config = ConfigDict(extra="forbid")

    id: MediaId
    title: Text | None = None
    description: Text | None = None
    link: Text | None = None


def _kind(attachment: Any) -> str:
    return "with_texts" if isinstance(attachment, dict) else "id_only"


class BoardInput(BaseModel):
    """Another board for the same content."""

    model_config = ConfigDict(extra="forbid")

    board: Text = Field(description="Pinterest's ID of the board.", examples=["1234567891"])
    account: Text | None = Field(None, description="Username of its account, if several accounts share the board.")
    section: Text | None = Field(None, description="Pinterest's ID of a section of the board.")


class DraftInput(BaseModel):
    """The content of a pin. A field that is left out, null or empty is empty in the pin."""

    model_config = ConfigDict(extra="forbid")

    board: Text | None = Field(
        None, description="Pinterest's ID of the board, as listed by GET /api/boards.", examples=["1234567890"]
    )
    account: Text | None = Field(
        None,
        description="Username of the Pinterest account; needed only if several accounts share the board.",
        examples=["chairshop"],
    )
    section: Text | None = Field(
        None, description="Pinterest's ID of a section of the board, as listed by GET /api/boards/{board}/sections."
    )
    title: Text | None = Field(None, description="Up to 100 characters.", examples=["Oak chair"])
    description: Text | None = Field(None, description="Up to 500 characters.")
    link: Text | None = Field(None, description="Where a click leads. Starts with http:// or https://.")
    alt_text: Text | None = Field(None, description="Describes the image for people who can't see it.")
    dominant_color: Text | None = Field(None, examples=["#FF5722"])
    attachments: (
        list[
            Annotated[
                Annotated[MediaId, Tag("id_only")] | Annotated[AttachmentInput, Tag("with_texts")],
                Discriminator(_kind),
            ]
        ]
        | None
    ) = Field(
        None,
        max_length=50,
        description="In order: one image; two to five images of the same size for a carousel; or a video followed by"
        " its cover image.",
    )


class PinChangeInput(DraftInput):
    """What changes in a pin. A field that is left out stays; one that is null or empty is emptied."""

    tags: list[Text] | None = Field(
        None,
        max_length=50,
        description=f"Names of tags, up to {limits.TAGS_PER_PIN}. Those that are not there yet are created. Only the"
        " workspace sees them.",
        examples=[["Spring sale"]],
    )
    publish_at: Text | None = Field(
        None,
        description="“now”, “queue” for the next free publishing time of the account, or an ISO 8601 time with its UTC"
        " offset: the pin is scheduled, and all rules apply. A"
        " time up to 15 minutes in the past publishes immediately; an earlier time is refused (`publish_at_past`),"
        " and so is one more than a year ahead (`publish_at_far`)."
        " Without it the pin is a draft, which may break rules. If the key's creator needs approval, the pin is"
        " proposed for that time instead.",
        examples=["2027-03-28T09:30:00+02:00", "2027-03-28T07:30:00Z", NOW, QUEUE],
    )
    confirm: list[ConfirmableCode] = Field(
        [],
        description="Codes to confirm: repeat a refused request with its codes to schedule the pin anyway.",
        examples=[["exact_double"]],
    )


class PinInput(PinChangeInput):
    """A new pin. A field that is left out, null or empty is empty in the pin."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "board": "1234567890",
                    "title": "Oak chair",
                    "description": "A chair of solid oak, made by hand.",
                    "link": "https://example.com/chair",
                    "alt_text": "A chair in front of a white wall",
                    "dominant_color": "#FF5722",
                    "attachments": [42],
                    "tags": ["Spring sale"],
                    "publish_at": "2027-03-28T09:30:00+02:00",
                }
            ]
        },
    )

    boards: list[BoardInput] = Field(
        [],
        max_length=MOST_MEMBERS - 1,
        description="More boards for the same content. Each gets a pin of its own, in this order, `days_between` days"
        " after the one before it. Needs `publish_at`.",
    )
    days_between: int = Field(
        USUAL_DAYS_BETWEEN, ge=0, le=MOST_DAYS_BETWEEN, description="With `boards`: days between one pin and the next."
    )
    same_time: bool = Field(
        False,
        description="With `boards`: whether all pins are published at the time of day of the first one. By default, the"
        " others get free publishing times of their accounts.",
    )
