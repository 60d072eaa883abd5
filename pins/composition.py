"""What makes a pin valid: one pure function for the form and the publisher.

The rules come from the specification (Pin Settings, Media Handling), from Pinterest's POST /pins and from design.md,
"Composition rules". Each has a code that never changes and a sentence that says what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from . import limits
from .models import MediaFile, MediaKind, Pin

if TYPE_CHECKING:
    from accounts.models import Board

# What a person can settle later.
ALLOWED_IN_A_DRAFT = ("board_required", "board_missing", "account_not_connected", "attachment_required")
HEX_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")


@dataclass(frozen=True)
class Composition:
    """All that a person decides about a pin. Texts are stripped, with \\n as the line break."""

    board: Board | None = None
    title: str = ""
    description: str = ""
    link: str = ""
    alt_text: str = ""
    dominant_color: str = ""
    attachments: Sequence[MediaFile] = field(default=())

    @classmethod
    def of(cls, pin: Pin) -> Composition:
        return cls(
            board=pin.board,
            title=pin.title,
            description=pin.description,
            link=pin.link,
            alt_text=pin.alt_text,
            dominant_color=pin.dominant_color,
            attachments=pin.media_files,
        )


@dataclass(frozen=True)
class Problem:
    """A broken rule: its stable code, the name of its field, and a sentence that says what to do."""

    code: str
    field: str
    message: str


def check(composition: Composition, *, is_draft: bool = False) -> list[Problem]:
    """The rules that `composition` breaks, in the order of the form. A draft needs neither board nor attachments."""
    problems = [
        *_check_board(composition.board),
        *_check_length("title", "title", composition.title, limits.TITLE_LENGTH),
        *_check_length("description", "description", composition.description, limits.DESCRIPTION_LENGTH),
        *_check_link(composition.link),
        *_check_length("alt_text", "alternative text", composition.alt_text, limits.ALT_TEXT_LENGTH),
        *_check_color(composition.dominant_color),
        *_check_attachments(composition.attachments),
    ]
    if is_draft:
        return [problem for problem in problems if problem.code not in ALLOWED_IN_A_DRAFT]
    return problems


def _check_board(board: Board | None) -> list[Problem]:
    if board is None:
        return [Problem("board_required", "board", "Choose the board that the pin goes to.")]
    if not board.account.is_active:
        message = f"{board.account} has to be reconnected before pins can go to “{board.name}”. See Connections."
        return [Problem("account_not_connected", "board", message)]
    if board.missing_since is not None:
        message = f"“{board.name}” is no longer on Pinterest. Choose another board, or refresh the list if it is back."
        return [Problem("board_missing", "board", message)]
    return []


def _check_length(field_name: str, label: str, text: str, limit: int) -> list[Problem]:
    problems = []
    if "\0" in text:
        message = f"The {label} contains an invisible NUL character. Delete it, or type the text again."
        problems.append(Problem("nul_character", field_name, message))
    if len(text) > limit:
        message = (
            f"The {label} has {len(text)} characters; Pinterest allows {limit}. Shorten it by {len(text) - limit}."
        )
        problems.append(Problem(f"{field_name}_too_long", field_name, message))
    return problems


def _check_link(link: str) -> list[Problem]:
    problems = _check_length("link", "link", link, limits.LINK_LENGTH)
    if not link or problems:
        return problems
    try:
        parts = urlsplit(link)
        is_web_address = parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", link)
    except ValueError:  # such as an unfinished IPv6 address
        is_web_address = False
    if not is_web_address:
        message = (
            "The link should be a web address that starts with https:// or http://, such as https://example.com/sale."
        )
        return [Problem("link_invalid", "link", message)]
    return []


def _check_color(color: str) -> list[Problem]:
    if color and not HEX_COLOR.fullmatch(color):
        message = f"“{color}” is not a colour. Write # and six hexadecimal digits, such as #FF5722, or leave it empty."
        return [Problem("dominant_color_invalid", "dominant_color", message)]
    return []


def _check_attachments(attachments: Sequence[MediaFile]) -> list[Problem]:
    if not attachments:
        return [Problem("attachment_required", "attachments", "Add a picture: Pinterest has no pins without one.")]
    if len(attachments) > 1:
        message = f"There are {len(attachments)} pictures; a pin takes one. Remove the others."
        return [Problem("too_many_attachments", "attachments", message)]
    return [problem for media in attachments for problem in _check_image(media)]


def _check_image(media: MediaFile) -> list[Problem]:
    if media.kind != MediaKind.IMAGE or media.content_type not in limits.EXTENSIONS:
        message = f"“{media}” is not a JPG or PNG picture. Replace it with one."
        return [Problem("image_type", "attachments", message)]
    if media.size_bytes > limits.IMAGE_BYTES:
        message = (
            f"“{media}” has {media.size_bytes / 1024**2:.1f} MB; Pinterest allows"
            f" {limits.IMAGE_BYTES // 1024**2} MB. Save it smaller."
        )
        return [Problem("image_too_large", "attachments", message)]
    return []
