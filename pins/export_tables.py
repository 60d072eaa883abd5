"""What of a workspace's pins and files is exported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from django.utils.text import slugify

from postiz_pins.common.export_tables import Record, Table, by_key, columns

from . import limits
from .models import (
    Attachment,
    LinkPreset,
    MediaFile,
    Pin,
    PinComment,
    PinEvent,
    PinFamily,
    PinImport,
    PinImportRow,
    PinTemplate,
    PublishingTime,
    Snippet,
    Tag,
)
from .models.pin import permalink_of

# In bytes, as file systems count names: 255 at most, less what comes before and after.
NAME_BYTES = 120


def file_in_export(pk: int, original_name: str, content_type: str) -> str:
    """Return the name of a file's copy: readable, unique, and valid on every file system."""
    readable = slugify(PurePath(original_name).stem, allow_unicode=True).encode()[:NAME_BYTES].decode(errors="ignore")
    return f"media/{pk}-{readable or 'file'}{limits.EXTENSIONS.get(content_type, '')}"


def _file_of(media: Record) -> str | None:
    """Return the name of the file in the export; None for a deleted one, whose bytes are gone."""
    if media["deleted_at"] is not None:
        return None
    return file_in_export(media["media_id"], media["original_name"], media["content_type"])


MEDIA_TAGS = Table(
    "tags",
    "The tags of the files.",
    MediaFile.tags.through,
    columns("tag_id tag=tag__name"),
    workspace="mediafile__workspace",
    parent="mediafile",
)
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
    lists={"tags": MEDIA_TAGS},
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
COMMENTS = Table(
    "comments",
    "What members wrote about the pins; the author is empty once that person's account is deleted.",
    PinComment,
    columns("created_at author=author__email text"),
    workspace="pin__workspace",
    parent="pin",
)
PIN_TAGS = Table(
    "tags",
    "The tags of the pins.",
    Pin.tags.through,
    columns("tag_id tag=tag__name"),
    workspace="pin__workspace",
    parent="pin",
)
PINS = Table(
    "pins",
    "The pins, from draft to published, with their content.",
    Pin,
    columns(
        "id=pk status title description link alt_text dominant_color keywords account_id account=account__username "
        "board_id board=board__name section_id section=section__name publish_at is_queued published_at "
        "family_id family_position "
        "pinterest_pin_id error_code error_text warnings proposed_by=proposed_by__email review_comment "
        "version created_by=created_by__email created_at updated_at"
    ),
    computed={"permalink": lambda pin: permalink_of(pin["pinterest_pin_id"])},
    lists={"attachments": ATTACHMENTS, "history": HISTORY, "comments": COMMENTS, "tags": PIN_TAGS},
)

PUBLISHING_TIMES = Table(
    "publishing_times",
    "The weekly publishing times of the accounts' queues, in the workspace's time zone; weekday 0 is Monday.",
    PublishingTime,
    columns("id=pk account_id account=account__username weekday time"),
    workspace="account__workspace",
)

FAMILIES = Table(
    "pin_families",
    "What pins have in common that were made together for several boards or from several images.",
    PinFamily,
    columns("id=pk kind days_between keeps_time plan size created_by=created_by__email created_at"),
)

TAGS = Table("tags", "The tags of pins and media files.", Tag, columns("id=pk name"))

PRESET_BOARDS = Table(
    "boards",
    "The boards whose pins get what it holds.",
    LinkPreset.boards.through,
    columns("board_id board=board__name"),
    workspace="linkpreset__workspace",
    parent="linkpreset",
)
LINK_PRESETS = Table(
    "link_presets",
    "What is added to links for web analytics.",
    LinkPreset,
    columns("id=pk name source medium campaign content term hosts is_default"),
    lists={"boards": PRESET_BOARDS},
)
SNIPPETS = Table("snippets", "Texts to insert into descriptions.", Snippet, columns("id=pk name kind text"))
TEMPLATE_TAGS = Table(
    "tags",
    "The tags that a template adds.",
    PinTemplate.tags.through,
    columns("tag_id tag=tag__name"),
    workspace="pintemplate__workspace",
    parent="pintemplate",
)
TEMPLATE_BOARDS = Table(
    "boards",
    "The boards whose new pins a template fills.",
    PinTemplate.boards.through,
    columns("board_id board=board__name"),
    workspace="pintemplate__workspace",
    parent="pintemplate",
)
TEMPLATES = Table(
    "pin_templates",
    "What fills the empty fields of a new pin.",
    PinTemplate,
    columns("id=pk name title description link alt_text"),
    lists={"tags": TEMPLATE_TAGS, "boards": TEMPLATE_BOARDS},
)

IMPORT_ROWS = Table(
    "rows",
    "The rows of the files, with what was wrong with them and the pins that they became.",
    PinImportRow,
    columns("number status cells problems pin_id"),
    workspace="pin_import__workspace",
    parent="pin_import",
    order="number",
)
IMPORTS = Table(
    "pin_imports",
    "The files that pins were imported from, with their columns and settings.",
    PinImport,
    columns(
        "id=pk file_name sha256 delimiter header mapping notes account_id account=account__username board_id "
        "board=board__name time_zone date_order destination empty_date appends_keywords uses_default_presets "
        "link_preset_id link_preset=link_preset_name status pins_created_at error "
        "created_by=created_by__email created_at"
    ),
    lists={"rows": IMPORT_ROWS},
)

TABLES = (PINS, MEDIA, PUBLISHING_TIMES, FAMILIES, TAGS, LINK_PRESETS, SNIPPETS, TEMPLATES, IMPORTS)


def stored_files(workspace_id: int) -> Iterator[tuple[str, str]]:
    """Yield each file of the library: its name in the media storage, and in the export."""
    library = MediaFile.objects.filter(workspace=workspace_id).in_library()
    for batch in by_key(library, "file", "original_name", "content_type"):
        for pk, stored_name, *described in batch:
            yield stored_name, file_in_export(pk, *described)
