"""What the composer offers for fields that are still empty; a person keeps it, changes it or takes it out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from django.utils.text import Truncator

from accounts.models import Board, User, Workspace
from pins import limits
from pins.models import Pin, shown_media
from pins.rules.composition import AttachedMedia

# What the library adds to the name of an image that it makes (media/editing.py).
DERIVED = re.compile(r", (\d+ × \d+|frame at [\d.]+ s)$")
# Names that cameras, phones and browsers give say nothing about the picture.
GIVEN_BY_DEVICES = re.compile(
    r"(img|dsc[a-z]?|pxl|mvi|vid|gopr|dji|images?|photo|pic(ture)?s?|video|download|untitled|unnamed|screen ?shot"
    r"|signal|whatsapp (image|video))\b",
    re.IGNORECASE,
)
# So many of the latest pins are looked through.
LATEST = 20


@dataclass(frozen=True)
class FileOffers:
    """What the files offer for other fields of the pin; empty texts offer nothing."""

    title: str = ""
    alt_text: str = ""
    color: str = ""
    # The name of the file that alt text and color come from.
    source: str = ""


@dataclass(frozen=True)
class LatestPin:
    """Where the user's latest pins went, and where they led."""

    board: Board | None = None
    link: str = ""


def offers_of(attachments: Sequence[AttachedMedia]) -> FileOffers:
    """Return what the picture that stands for the pin offers: the first image, which is the cover of a video."""
    shown = shown_media([each.media for each in attachments])
    if shown is None:
        return FileOffers()
    title = title_from(attachments[0].media.original_name)
    return FileOffers(title, shown.alt_text, "" if shown.is_video else shown.dominant_color, str(shown))


def title_from(file_name: str) -> str:
    """Return the words of a file's name as a title; empty if it has none, such as IMG_2041.jpg."""
    words = re.sub(r"[\W_]+", " ", DERIVED.sub("", PurePath(file_name).stem)).strip()
    letters = sum(character.isalpha() for character in words)
    if GIVEN_BY_DEVICES.match(words) or letters < 3 or letters * 2 < len(words):
        return ""
    return Truncator(words[0].upper() + words[1:]).chars(limits.TITLE_LENGTH)


def latest_pin(user: User, workspace: Workspace, account_key: int | None = None) -> LatestPin:
    """Return the board that the user chose last, if pins can still go there, and the last link.

    `account_key`: the pin is for this account, so both are those of its pins.
    """
    pins = Pin.objects.in_workspace(workspace).filter(created_by=user)
    if account_key is not None:
        pins = pins.filter(account=account_key)
    rows = list(pins.order_by("-pk").values_list("board", "link")[:LATEST])
    key = next((board for board, _ in rows if board), None)
    offered = Board.objects.in_workspace(workspace).offered().select_related("account")
    board = offered.filter(pk=key).first() if key else None
    return LatestPin(board, next((link for _, link in rows if link), ""))
