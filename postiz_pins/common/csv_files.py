"""Tables as files for spreadsheets."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterable, Sequence
from datetime import date

from django.http import StreamingHttpResponse

# A spreadsheet takes a text that begins so for a formula, and runs it; in Japan and China also in full width.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# Tells Excel that a file is UTF-8; without it, “ä” becomes “Ã¤”. Others pass over it.
BYTE_ORDER_MARK = "\ufeff"
Cell = str | int | float | date | None


class _Echo:
    """What csv.writer writes comes back as the return value of its `writerow`."""

    def write(self, text: str) -> str:
        return text


def csv_response(filename: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> StreamingHttpResponse:
    """Return UTF-8 with a byte order mark, a header row and ISO dates; a missing value is an empty cell.

    `filename` comes without its ending. A row leaves as soon as it is there, so a table of any length costs the same
    memory.
    """
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", filename).strip("-")
    writer = csv.writer(_Echo())
    lines = (writer.writerow([cell(value) for value in row]) for row in itertools.chain([header], rows))
    response = StreamingHttpResponse(itertools.chain([BYTE_ORDER_MARK], lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def cell(value: Cell) -> str | int | float:
    """Return the value as a CSV shows it: nothing for a missing one, and no text that a spreadsheet would run."""
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    return guarded(value) if isinstance(value, str) else value


def guarded(text: str) -> str:
    """Return the text as no spreadsheet runs it. One that begins like a guarded text gets another apostrophe."""
    return f"'{text}" if text.lstrip("'").startswith(FORMULA_STARTS) else text


def unguarded(text: str) -> str:
    """Return the text that `guarded` was given."""
    is_guarded = text.startswith("'") and text.lstrip("'").startswith(FORMULA_STARTS)
    return text[1:] if is_guarded else text
