"""Reads a workbook (XLSX) in a process of its own: a hostile file takes nothing else down.

    python -m pins.imports.reading.workbook < FILE

It is started by reading/files.py, which also ends it when it takes too long, and prints one JSON object. Plain Python:
Django's settings, and with them every secret, stay out of this process.
"""

from __future__ import annotations

import io
import json
import re
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any

from pins.media.worker.inspect import limit_resources

from .sheet import MOST_ROWS, FileRefused

# Unpacked. 2,000 rows with long texts have 10 MB.
MOST_UNPACKED_BYTES = 64 * 1024**2
# A row or column far away makes the reader reserve all cells up to it.
MOST_CELLS = 2_000_000
PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{0,3})(\d{1,7})["']""")
MACROS = "This workbook contains macros. Save it as “Excel Workbook (.xlsx)” or CSV, then import that file."
UNREADABLE = "This workbook can't be read. Open it in your spreadsheet app, save it as CSV and import that file."


def main() -> None:
    """Print the rows of the workbook, or its refusal, as JSON, within the limits of the process."""
    limit_resources()
    try:
        answer = read(sys.stdin.buffer.read())
    except FileRefused as refusal:
        answer = {"refused": refusal.code, "message": refusal.message}
    sys.stdout.write(json.dumps(answer))


def read(content: bytes) -> dict[str, Any]:
    """Return the rows of the first visible sheet that has any, and what is to be said about it."""
    _require_harmless(content)
    # Imported below the limits.
    import python_calamine as calamine

    try:
        workbook = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        visible = [
            meta.name
            for meta in workbook.sheets_metadata
            if meta.visible is calamine.SheetVisibleEnum.Visible and meta.typ is calamine.SheetTypeEnum.WorkSheet
        ]
        sheets = [workbook.get_sheet_by_name(name) for name in visible]
        filled = [sheet for sheet in sheets if sheet.total_height]
    except (calamine.CalamineError, ValueError, OSError) as error:
        raise FileRefused("workbook_unreadable", UNREADABLE) from error
    if not filled:
        return {"rows": [], "notes": []}
    sheet = filled[0]
    if sheet.merged_cell_ranges:
        (top, left), (bottom, right) = sheet.merged_cell_ranges[0]
        place = f"{_place(top, left)}:{_place(bottom, right)}"
        message = f"The sheet “{sheet.name}” has merged cells ({place}). Unmerge them, then import the file again."
        raise FileRefused("merged_cells", message)
    if sheet.total_height > MOST_ROWS * 5:  # far more than what can be rows; the exact count follows below
        raise FileRefused("too_many_rows", f"The sheet has {sheet.total_height:,} rows; {MOST_ROWS:,} are allowed.")
    rows = [[_text(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    others = len(filled) - 1
    note = f"Only the sheet “{sheet.name}” was read. The file has {others} more." if others else ""
    return {"rows": rows, "notes": [note] if note else []}


def _require_harmless(content: bytes) -> None:
    """Raise FileRefused for what is no workbook without macros, or is out of all proportion once it is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            names = [name.lower() for name in parts.namelist()]
            if any(name.endswith("vbaproject.bin") for name in names):
                raise FileRefused("workbook_macros", MACROS)
            if "xl/workbook.xml" not in names:
                raise FileRefused("not_a_table", "This is not a table but a zip file. Choose a CSV, TSV or XLSX file.")
            unpacked_bytes = 0
            for part in parts.infolist():
                unpacked_bytes += part.file_size
                if unpacked_bytes > MOST_UNPACKED_BYTES:
                    raise FileRefused("workbook_too_large", "This workbook is too large once unpacked. Save it as CSV.")
                if part.filename.lower().startswith("xl/worksheets/"):
                    _require_dense(parts.read(part))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise FileRefused("workbook_unreadable", UNREADABLE) from error


def _require_dense(xml: bytes) -> None:
    rows = columns = 1
    for letters, digits in PLACE.findall(xml):
        rows = max(rows, int(digits))
        column = 0
        for letter in letters.upper():
            column = column * 26 + letter - 64
        columns = max(columns, column)
    if rows * columns > MOST_CELLS:
        message = (
            f"The sheet reaches to row {rows:,} and column {columns:,}. Delete everything outside of the table, or save"
            " it as CSV."
        )
        raise FileRefused("workbook_too_large", message)


def _text(value: object) -> str:
    """Return the value of a cell as it would be typed: dates as ISO, whole numbers without a point."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%M:%S") if value.hour == 0 else value.isoformat()
    if isinstance(value, timedelta):
        return str(int(value.total_seconds()))
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _place(row: int, column: int) -> str:
    letters = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


if __name__ == "__main__":
    main()
