"""What makes a pin valid: one pure function for the form, the JSON API, the admin and the publisher.

The rules come from Pinterest's POST /pins and POST /media (docs/pinterest.md). Each has a code that
never changes and a sentence that says what to do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.utils.text import Truncator

from pins import limits
from pins.models import MediaFile, Pin

from . import addresses
from .amounts import GIGABYTE, MEGABYTE, minutes, minutes_beyond, seconds_short_of, size_beyond

if TYPE_CHECKING:
    from accounts.models import Board, BoardSection

NOT_EVEN_IN_DRAFTS = ("nul_character", "text_far_too_long")
# Of an address that a sentence offers.
SHOWN_CHARACTERS = 100
HEX_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")


@dataclass(frozen=True)
class AttachedMedia:
    """A media file in its place in a pin; the texts are those of one image of a carousel."""

    media: MediaFile
    title: str = ""
    description: str = ""
    link: str = ""

    @property
    def own_texts(self) -> list[str]:
        """Return its title, description and link, without empty ones."""
        return [text for text in (self.title, self.description, self.link) if text]


@dataclass(frozen=True)
class Composition:
    r"""All that a person decides about a pin. Texts are stripped, with \\n as the line break."""

    board: Board | None = None
    section: BoardSection | None = None
    title: str = ""
    description: str = ""
    link: str = ""
    alt_text: str = ""
    dominant_color: str = ""
    attachments: Sequence[AttachedMedia] = field(default=())

    @classmethod
    def of(cls, pin: Pin) -> Composition:
        """Return the content of a pin that was read `with_content`."""
        if pin.board is not None and pin.account is not None:
            pin.board.account = pin.account  # the same row, which has been read once
        return cls(
            board=pin.board,
            section=pin.section,
            title=pin.title,
            description=pin.description,
            link=pin.link,
            alt_text=pin.alt_text,
            dominant_color=pin.dominant_color,
            attachments=tuple(
                AttachedMedia(attachment.media, attachment.title, attachment.description, attachment.link)
                for attachment in pin.attachments.all()
            ),
        )


@dataclass(frozen=True)
class Problem:
    """A broken rule: its stable code, the name of its field, and a sentence that says what to do."""

    code: str
    field: str
    message: str


def check(composition: Composition, *, is_draft: bool = False) -> list[Problem]:
    """Return the rules that `composition` breaks, the board's first.

    A draft may break them all for a while, except that it holds no character that cannot be stored, and no text of a
    size that no draft needs (limits.DRAFT_TEXTS).
    """
    problems = [
        *_check_board(composition.board),
        *_check_section(composition.board, composition.section),
        *_check_length("title", "title", composition.title, limits.TITLE_LENGTH),
        *_check_length("description", "description", composition.description, limits.DESCRIPTION_LENGTH),
        *_check_link("link", "link", composition.link),
        *_check_length("alt_text", "alt text", composition.alt_text, limits.ALT_TEXT_LENGTH),
        *_check_color(composition.dominant_color),
        *_check_attachments([attached.media for attached in composition.attachments]),
        *_check_attachment_texts(composition.attachments),
    ]
    if is_draft:
        return [problem for problem in problems if problem.code in NOT_EVEN_IN_DRAFTS]
    return problems


def _check_board(board: Board | None) -> list[Problem]:
    if board is None:
        return [Problem("board_required", "board", "Choose a board for the pin.")]
    if not board.account.is_active:
        message = f"{board.account} needs reconnecting before you can publish to “{board.name}”. See Connections."
        return [Problem("account_not_connected", "board", message)]
    if board.missing_since is not None:
        message = f"“{board.name}” is no longer on Pinterest. Choose another board, or refresh the boards if it's back."
        return [Problem("board_missing", "board", message)]
    return []


def _check_section(board: Board | None, section: BoardSection | None) -> list[Problem]:
    if section is None or board is None:
        return []
    if section.board_id != board.pk:
        message = f"“{section.name}” is a section of another board. Choose a section of “{board.name}”, or none."
        return [Problem("section_of_other_board", "section", message)]
    if section.missing_since is not None:
        message = f"The section “{section.name}” is no longer on Pinterest. Choose another one, or none."
        return [Problem("section_missing", "section", message)]
    return []


def _check_storable(field_name: str, label: str, text: str, limit: int) -> list[Problem]:
    """Return the problems of a text that not even a draft may hold."""
    ceiling = limit * limits.DRAFT_TEXTS
    if len(text) > ceiling:
        message = (
            f"The {label} has {len(text):,} characters; Pinterest allows {limit:,}, and a draft holds {ceiling:,}."
            " Shorten it."
        )
        return [Problem("text_far_too_long", field_name, message)]
    if "\0" in text:
        message = f"The {label} contains an invisible NUL character. Delete it or retype the text."
        return [Problem("nul_character", field_name, message)]
    return []


def _check_length(field_name: str, label: str, text: str, limit: int) -> list[Problem]:
    problems = _check_storable(field_name, label, text, limit)
    if len(text) > limit and not problems:
        message = (
            f"The {label} has {len(text)} characters; Pinterest allows {limit}. Shorten it by {len(text) - limit}."
        )
        code = "attachment_text_too_long" if field_name == "attachments" else f"{field_name}_too_long"
        problems.append(Problem(code, field_name, message))
    return problems


def _check_link(field_name: str, label: str, link: str) -> list[Problem]:
    problems = _check_length(field_name, label, link, limits.LINK_LENGTH)
    if not link or problems:
        return problems
    offered = addresses.with_one_scheme(link)
    if offered.lower() != link.lower():
        message = f"The {label} has a typo at its start. Did you mean {Truncator(offered).chars(SHOWN_CHARACTERS)}?"
    elif re.search(r"\s", link):
        message = f"The {label} contains a space or a line break. Remove it, or write %20 in its place."
    elif not _is_web_address(link):
        message = (
            f"The {label} should be a web address that starts with https:// or http://, such as"
            " https://example.com/sale."
        )
    else:
        return []
    return [Problem("link_invalid", field_name, message)]


def _is_web_address(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:  # such as an unfinished IPv6 address
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _check_color(color: str) -> list[Problem]:
    problems = _check_storable("dominant_color", "color", color, limits.COLOR_LENGTH)
    if color and not problems and not HEX_COLOR.fullmatch(color):
        message = f"“{color}” isn't a color. Enter # and six hexadecimal digits, such as #FF5722, or leave it empty."
        problems.append(Problem("dominant_color_invalid", "dominant_color", message))
    return problems


def _check_attachments(media_files: Sequence[MediaFile]) -> list[Problem]:
    """Check the files: one image, two to five images of one size, or a video and its cover image."""
    if not media_files:
        return [_attachment_problem("attachment_required", "Add an image or a video. Every pin needs one.")]
    gone = [media for media in media_files if media.deleted_at is not None]
    if gone:
        message = f"“{gone[0]}” was deleted from the library. Remove it from the pin or upload it again."
        return [_attachment_problem("attachment_deleted", message)]
    if any(media.is_video for media in media_files):
        problems = _check_video_order(media_files)
    else:
        problems = _check_carousel(media_files)
    return problems + [problem for media in media_files for problem in _check_file(media)]


def _check_video_order(media_files: Sequence[MediaFile]) -> list[Problem]:
    """Check for exactly two attachments: first the video, second the cover image (docs/pinterest.md)."""
    videos = [media for media in media_files if media.is_video]
    if len(videos) > 1:
        message = f"A pin can have only one video; this one has {len(videos)}. Keep one video and its cover image."
        return [_attachment_problem("too_many_videos", message)]
    if len(media_files) == 1:
        message = "A video pin needs a cover image. Pick a frame of the video, or add a JPG or PNG as the second file."
        return [_attachment_problem("cover_missing", message)]
    if len(media_files) > 2:
        message = (
            f"A video pin has exactly two files: the video, then its cover image. This one has {len(media_files)}."
            f" Remove the others."
        )
        return [_attachment_problem("too_many_attachments", message)]
    if not media_files[0].is_video:
        message = "The cover image comes first. Put the video first and the cover image second."
        return [_attachment_problem("cover_before_video", message)]
    return []


def _check_carousel(images: Sequence[MediaFile]) -> list[Problem]:
    if len(images) > limits.CAROUSEL_IMAGES:
        excess = len(images) - limits.CAROUSEL_IMAGES
        message = (
            f"A carousel can have up to {limits.CAROUSEL_IMAGES} images; this one has {len(images)}. Remove {excess}."
        )
        return [_attachment_problem("too_many_images", message)]
    first = images[0]
    other = next((image for image in images if (image.width, image.height) != (first.width, first.height)), None)
    if other is not None:
        message = (
            f"All images in a carousel must be the same size: “{first}” has {first.width} × {first.height} pixels and"
            f" “{other}” has {other.width} × {other.height}. Crop all images to the size of the first, or remove the"
            f" others."
        )
        return [_attachment_problem("carousel_sizes_differ", message)]
    return []


def _check_file(media: MediaFile) -> list[Problem]:
    return _check_video(media) if media.is_video else _check_image(media)


def _check_image(media: MediaFile) -> list[Problem]:
    if media.content_type not in limits.IMAGE_TYPES:
        return [_attachment_problem("image_type", f"“{media}” isn't a JPG or PNG image. Replace it with one.")]
    if media.size_bytes > limits.IMAGE_BYTES:
        message = (
            f"“{media}” has {size_beyond(media.size_bytes, MEGABYTE)}; Pinterest allows"
            f" {limits.IMAGE_BYTES // 1024**2} MB. Save a smaller version."
        )
        return [_attachment_problem("image_too_large", message)]
    return []


def _check_video(media: MediaFile) -> list[Problem]:
    refusal = video_refusal(
        str(media),
        content_type=media.content_type,
        codec=media.video_codec,
        width=media.width,
        height=media.height,
        duration_seconds=media.duration_seconds or 0,
        size_bytes=media.size_bytes,
    )
    return [_attachment_problem(*refusal)] if refusal else []


def video_refusal(
    name: str, *, content_type: str, codec: str, width: int, height: int, duration_seconds: float, size_bytes: int
) -> tuple[str, str] | None:
    """Return the code and sentence of the first limit that a video breaks, or None (docs/pinterest.md, "Video")."""
    shortest, longest = limits.VIDEO_SECONDS
    narrowest, widest = limits.VIDEO_ASPECT_RATIO
    if content_type != limits.VIDEO_TYPE:
        return "video_type", f"“{name}” isn't an MP4 file. Export the video as MP4 with H.264."
    if codec not in limits.VIDEO_CODECS:
        return (
            "video_codec",
            f"“{name}” uses {codec or 'an unknown codec'}; Pinterest accepts H.264 or H.265. Export the video again"
            f" with H.264.",
        )
    if size_bytes > limits.VIDEO_BYTES:
        return (
            "video_too_large",
            f"“{name}” has {size_beyond(size_bytes, GIGABYTE)}; Pinterest allows {limits.VIDEO_BYTES // GIGABYTE}"
            f" GB. Export it at a lower bit rate.",
        )
    if duration_seconds < shortest:
        return (
            "video_too_short",
            f"“{name}” lasts {seconds_short_of(duration_seconds)}; Pinterest requires at least {shortest}."
            " Upload a longer video.",
        )
    if duration_seconds > longest:
        return (
            "video_too_long",
            f"“{name}” lasts {minutes_beyond(duration_seconds)}; Pinterest allows {minutes(longest)}. Shorten it.",
        )
    # The wide limit is a rounded number: what everybody calls 1.91:1, such as 1200 × 628, is a little wider.
    if not height or width / height < narrowest or round(width / height, 2) > widest:
        return (
            "video_aspect_ratio",
            f"“{name}” has {width} × {height} pixels; Pinterest requires an aspect ratio between 1:2 (tall) and"
            f" 1.91:1 (wide). Crop it, ideally to 1000 × 1500.",
        )
    return None


def _check_attachment_texts(attachments: Sequence[AttachedMedia]) -> list[Problem]:
    """Check the texts that an image of a carousel may have of its own (POST /pins, `items`)."""
    problems = []
    for number, attached in enumerate(attachments, start=1):
        of_image = f"of image {number}"
        problems += _check_length("attachments", f"title {of_image}", attached.title, limits.TITLE_LENGTH)
        problems += _check_length(
            "attachments", f"description {of_image}", attached.description, limits.DESCRIPTION_LENGTH
        )
        problems += _check_link("attachments", f"link {of_image}", attached.link)
    return problems


def _attachment_problem(code: str, message: str) -> Problem:
    return Problem(code, "attachments", message)
