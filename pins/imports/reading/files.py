"""A file, or a text from the clipboard, becomes a table of texts; what cannot be one is refused with a sentence.

Nothing is guessed by statistics: the encoding is the first of four that fits, the delimiter is the one under which the
first line holds most known headers (imports/columns.py).
"""

from __future__ import annotations

import csv
import io
import json
import logging
import os
import subprocess
import sys

from django.conf import settings

from pins.imports import columns
from pins.media.file_types import SNIFFED_BYTES, FileKind, kind_of
from pins.media.inspection import INHERITED_ENVIRONMENT, MALLOC_SETTINGS
from postiz_pins.common.text import strip_nul

from .sheet import (
    MOST_BYTES,
    MOST_CHARACTERS,
    FileRefused,
    Sheet,
    SheetRow,
    cell_too_long,
    require_sizes,
)
from .workbook import UNREADABLE

__all__ = ["FileRefused", "Sheet", "SheetRow", "read_file", "read_text"]

logger = logging.getLogger(__name__)

WORKBOOK_READER = [sys.executable, "-m", "pins.imports.reading.workbook"]
WORKBOOK_SECONDS = 60
DELIMITERS = (",", ";", "\t", "|")
# Of OLE, in which Excel keeps its old workbooks, and those with a password.
OLE_START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
OTHER_STARTS = (b"%PDF", b"GIF8", b"BM", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"{\\rtf", b"<!DOCTYPE", b"<html")
NOT_A_TABLE = "This is not a table. Choose a CSV, TSV or XLSX file."
# Excel writes it so that other regions read its file; it is no row.
SEPARATOR_LINE = "sep="


def read_file(content: bytes) -> Sheet:
    """Return the rows of a CSV, TSV or XLSX file, judged by its content.

    Raises FileRefused.
    """
    if len(content) > MOST_BYTES:
        raise too_large(len(content))
    if content.startswith(b"PK"):
        sheet = _read_workbook(content)
    elif content.startswith(OLE_START):
        raise _old_workbook(content)
    elif kind_of(content[:SNIFFED_BYTES]) is not FileKind.UNKNOWN or content.startswith(OTHER_STARTS):
        raise FileRefused("not_a_table", NOT_A_TABLE)
    else:
        text, note = _decode(content)
        return read_text(text, [note] if note else [])
    require_sizes(sheet.rows)
    return sheet


def too_large(size_bytes: int) -> FileRefused:
    """Return the refusal of a file with so many bytes."""
    message = (
        f"The file has {size_bytes / 1024**2:.1f} MB; {MOST_BYTES // 1024**2} MB are allowed. Split it into several"
        " files."
    )
    return FileRefused("file_too_large", message)


def read_text(text: str, notes: list[str] | None = None) -> Sheet:
    """Return the rows of a text with delimiters.

    Raises FileRefused.
    """
    text = text.removeprefix("\ufeff")
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        message = f"Line {line} has a NUL character, which no text has. Export the file again as CSV (UTF-8)."
        raise FileRefused("nul_character", message)
    skipped = 0
    if text[:4].lower() == SEPARATOR_LINE:
        separator_line, _, text = text.partition("\n")
        skipped, delimiter = 1, separator_line.rstrip("\r")[4:5] or ","
    else:
        delimiter = _delimiter_of(text)
    rows = [SheetRow(row.number + skipped, row.cells) for row in _rows(text, delimiter)]
    require_sizes(rows)
    return Sheet(rows, delimiter, notes or [])


def _decode(content: bytes) -> tuple[str, str]:
    """Return the text of a file, and a sentence if its encoding is none that can be told for certain."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif content[1:200:2].count(0) > len(content[1:200:2]) // 2:  # its byte order mark was lost
        encodings = ["utf-16-le"]
    else:
        encodings = ["utf-8-sig"]
    for encoding in encodings:
        try:
            return content.decode(encoding), ""
        except UnicodeDecodeError:
            continue
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError as error:
        message = "The file's encoding is unknown. Export it again as CSV (UTF-8)."
        raise FileRefused("encoding_unknown", message) from error
    note = "The file isn't UTF-8, so it was read as Windows-1252. Check letters such as é and ü in the rows below."
    return text, note


def _delimiter_of(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")

    def known(delimiter: str) -> tuple[int, int]:
        try:
            cells = next(csv.reader([first], delimiter=delimiter), [])
        except csv.Error:
            cells = []
        return columns.known_count(cells), len(cells)

    return max(DELIMITERS, key=known)


def _rows(text: str, delimiter: str) -> list[SheetRow]:
    previous_limit = csv.field_size_limit(MOST_CHARACTERS + 1)
    try:
        return _parsed(text, delimiter)
    finally:
        csv.field_size_limit(previous_limit)


def _parsed(text: str, delimiter: str) -> list[SheetRow]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[SheetRow] = []
    begins_at = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append(SheetRow(begins_at, cells))
            begins_at = reader.line_num + 1
    except csv.Error as error:
        if "field limit" in str(error):
            raise cell_too_long(begins_at) from error
        message = (
            f'A quote in line {begins_at} is never closed. Close it, or write " as "" within a quoted cell, then'
            " import the file again."
        )
        raise FileRefused("quote_unclosed", message) from error
    return rows


def _old_workbook(content: bytes) -> FileRefused:
    if ENCRYPTED in content:
        message = "This workbook has a password. Remove the password in your spreadsheet app, then import it again."
        return FileRefused("workbook_encrypted", message)
    message = "This is an old Excel file (XLS). Save it as “Excel Workbook (.xlsx)” or CSV, then import that file."
    return FileRefused("workbook_old", message)


def _read_workbook(content: bytes) -> Sheet:
    try:
        done = subprocess.run(  # noqa: S603  our own program
            WORKBOOK_READER,
            cwd=settings.BASE_DIR,
            env={key: os.environ[key] for key in INHERITED_ENVIRONMENT if key in os.environ} | MALLOC_SETTINGS,
            input=content,
            capture_output=True,
            timeout=WORKBOOK_SECONDS,
            check=False,
        )
        answer = json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise FileRefused("workbook_unreadable", UNREADABLE) from error
    except ValueError as error:
        words = done.stderr.decode(errors="replace").strip()[-2000:]
        logger.warning("The reader of workbooks ended with status %s. %s", done.returncode, words)
        raise FileRefused("workbook_unreadable", UNREADABLE) from error
    if "refused" in answer:
        raise FileRefused(answer["refused"], answer["message"])
    numbered = enumerate(answer["rows"], start=1)
    rows = [SheetRow(number, _without_end([strip_nul(cell) for cell in cells])) for number, cells in numbered]
    return Sheet([row for row in rows if row.cells], notes=answer["notes"])


def _without_end(cells: list[str]) -> list[str]:
    """Return the cells without empty ones at the end, which only a workbook's other rows have."""
    filled = [index for index, cell in enumerate(cells) if cell.strip()]
    return cells[: filled[-1] + 1] if filled else []
