"""The columns that a file of pins may have, by their usual names, and what a row has in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pins.models import PinImport, PinImportRow
from postiz_pins.common.csv_files import unguarded

from .reading.sheet import FileRefused


@dataclass(frozen=True)
class Column:
    """A column that is understood: its key in our data, its name in our files, and other names of it."""

    key: str
    name: str
    aliases: tuple[str, ...] = ()


# In this order they are Pinterest's own eight (help.pinterest.com, "Bulk create Pins").
PINTEREST_COLUMNS = (
    Column("title", "Title", ("pin title", "headline", "name")),
    Column(
        "media_url",
        "Media URL",
        ("image url", "image", "picture", "picture url", "photo", "photo url", "video url", "media", "media url 1"),
    ),
    Column("board", "Pinterest board", ("board", "board name", "pin board")),
    Column("thumbnail", "Thumbnail", ("cover", "cover time", "video thumbnail")),
    Column("description", "Description", ("pin description", "text", "caption", "body")),
    Column("link", "Link", ("url", "destination", "destination url", "destination link", "website", "pin link")),
    Column(
        "publish_at",
        "Publish date",
        ("date", "publish at", "publish time", "publish on", "schedule", "scheduled", "scheduled at", "schedule date"),
    ),
    Column("keywords", "Keywords", ("keyword", "hashtags")),
)
OWN_COLUMNS = (
    Column("alt_text", "Alt text", ("alt", "alternative text", "image alt text")),
    Column("section", "Section", ("board section",)),
    Column("account", "Account", ("username", "pinterest account", "profile")),
    Column("color", "Color", ("colour", "dominant color", "dominant colour")),
    *(
        Column(f"media_url_{number}", f"Media URL {number}", (f"image url {number}", f"image {number}"))
        for number in range(2, 6)
    ),
    Column("library_file", "Library file", ("file", "file name", "filename", "library")),
    Column("cover_url", "Cover URL", ("cover image", "cover image url")),
    Column("status", "Status", ("state",)),
    Column("tags", "Tags", ("tag", "labels")),
    # Of other programs; it stays with the row and comes back in the file of rows with problems.
    Column("external_id", "External id", ("external identifier", "sku", "reference")),
    Column("pin_id", "Pin id", ("pin number",)),
)
COLUMNS = (*PINTEREST_COLUMNS, *OWN_COLUMNS)
BY_KEY = {column.key: column for column in COLUMNS}
MEDIA_KEYS = ("media_url", *(f"media_url_{number}" for number in range(2, 6)))
# Written by us into the file of the rows with problems, and left out when it comes back.
PROBLEM = "Problem"


def normalized(name: str) -> str:
    """Return a name without case, blanks, underscores and the like."""
    return "".join(character for character in name.casefold() if character.isalnum())


_KEYS = {normalized(name): column.key for column in COLUMNS for name in (column.name, column.key, *column.aliases)}


def key_of(name: str) -> str:
    """Return the key of the column with this name; empty for an unknown one."""
    return _KEYS.get(normalized(name), "")


def known_count(cells: Sequence[str]) -> int:
    """Return how many of the cells are names of columns."""
    return sum(bool(key_of(cell)) for cell in cells)


def is_header(cells: Sequence[str]) -> bool:
    """Return whether a row of a file names its columns: two at least are known, or half of them are."""
    filled = [cell for cell in cells if cell.strip()]
    known = known_count(filled)
    return known >= 2 or (known > 0 and known * 2 >= len(filled))


def is_pinterests(header: Sequence[str]) -> bool:
    """Return whether the header is that of Pinterest's own files, whose times are in UTC."""
    names = [normalized(column.name) for column in PINTEREST_COLUMNS]
    return [normalized(name) for name in header if name.strip()] == names


def mapping_of(header: Sequence[str]) -> list[str]:
    """Return the key of each column of a file; empty for those that are unknown.

    Of two names for the same column the first one counts, a column's own name before another one. Raises FileRefused
    for a name that is there twice.
    """
    seen: dict[str, int] = {}
    for number, name in enumerate(header, start=1):
        first = seen.setdefault(normalized(name), number)
        if first != number and normalized(name):
            message = (
                f"The column “{name.strip()}” is there twice ({first} and {number}). Rename or delete one of them."
            )
            raise FileRefused("column_twice", message)
    own = {key_of(name) for name in header if normalized(name) in map(normalized, _names())}
    mapping: list[str] = []
    for name in header:
        key = key_of(name)
        is_own = bool(key) and normalized(name) == normalized(BY_KEY[key].name)
        mapping.append("" if key in mapping or (key in own and not is_own) else key)
    return mapping


def pinterests_order(width: int) -> list[str]:
    """Return the keys of Pinterest's columns for a file without a header that has `width` columns."""
    keys = [column.key for column in PINTEREST_COLUMNS]
    return [*keys, *[""] * width][:width]


def texts_of(pin_import: PinImport, row: PinImportRow) -> dict[str, str]:
    """Return the texts of a row by the keys of their columns.

    In files as we write them, an apostrophe keeps spreadsheets from running a text; it is no part of it.
    """
    pairs = [(key, cell.strip()) for key, cell in zip(pin_import.mapping, row.cells, strict=False) if key]
    if "pin_id" in pin_import.mapping or is_pinterests(pin_import.header):
        return {key: unguarded(cell) for key, cell in pairs}
    return dict(pairs)


def _names() -> list[str]:
    return [column.name for column in COLUMNS]
