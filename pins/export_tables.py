"""What of a workspace's pins and files is exported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from django.utils.text import slugify

from postiz_pins.common.export_tables import Record, Table, by_key, columns

from . import limits
from .models import Attachment, MediaFile, Pin, PinEvent
from .models.pin import permalink_of

# In bytes, as file systems count names: 255 at most, less what comes before and after.
NAME_BYTES = 120


def file_in_export(pk: int, original_name: str, content_type: str) -> str:
    """The name of a file's copy: one that people recognise, no two have, and every file system takes."""
    readable = slugify(PurePath(original_name).stem, allow_unicode=True).encode()[:NAME_BYTES].decode(errors="ignore")
    return f"media/{pk}-{readable or 'file'}{limits.EXTENSIONS.get(content_type, '')}"


def _file_of(media: Record) -> str | None:
    """None for a deleted file, whose bytes are gone."""
    if media["deleted_at"] is not None:
        return None
    return file_in_export(media["media_id"], media["original_name"], media["content_type"])


MEDIA = Table(
    "media",
    "The files of the media library and their paths in the media folder; deleted files keep only their entry.",
    MediaFile,
    columns(
        "media_id=pk kind original_name content_type width height size_bytes sha256_as_uploaded=sha256 "
        "duration_seconds video_codec alt_text dominant_color is_first_frame original_id "
        "uploaded_by=uploaded_by__email uploaded_at deleted_at"
    ),
    computed={"file": _file_of},
)
ATTACHMENTS = Table(
    "attachments",
    "The files of the pins in order; title, description and link belong to single images of a carousel.",
    Attachment,
    columns(
        "position media_id original_name=media__original_name content_type=media__content_type "
        "deleted_at=media__deleted_at title description link"
    ),
    computed={"file": _file_of},
    workspace="pin__workspace",
    parent="pin",
    order="position",
)
HISTORY = Table(
    "history",
    "What happened to the pins; automatic events have no value in the column by.",
    PinEvent,
    columns("at kind by=by__email text"),
    workspace="pin__workspace",
    parent="pin",
)
PINS = Table(
    "pins",
    "The pins, from draft to published, with their content.",
    Pin,
    columns(
        "id=pk status title description link alt_text dominant_color account_id account=account__username "
        "board_id board=board__name section_id section=section__name publish_at published_at "
        "pinterest_pin_id error_code error_text warnings proposed_by=proposed_by__email review_comment "
        "version created_by=created_by__email created_at updated_at"
    ),
    computed={"permalink": lambda pin: permalink_of(pin["pinterest_pin_id"])},
    lists={"attachments": ATTACHMENTS, "history": HISTORY},
)

TABLES = (PINS, MEDIA)


def stored_files(workspace_id: int) -> Iterator[tuple[str, str]]:
    """Each file of the library: its name in the media storage, and in the export."""
    library = MediaFile.objects.filter(workspace=workspace_id).in_library()
    for batch in by_key(library, "file", "original_name", "content_type"):
        for pk, stored_name, *described in batch:
            yield stored_name, file_in_export(pk, *described)
