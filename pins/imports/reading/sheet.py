"""What a file of pins is once it is read: rows of texts. Plain Python, shared with the process that reads workbooks."""

from __future__ import annotations

from dataclasses import dataclass, field

MOST_BYTES = 5 * 1024**2
MOST_ROWS = 2000
MOST_COLUMNS = 100
# What a cell of Excel can hold; of a draft's texts the longest is shorter.
MOST_CHARACTERS = 32_767


class FileRefused(Exception):
    """A file that cannot be read as a table: a stable code and a sentence that says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True)
class SheetRow:
    """A row that holds something: the number of its first line in the file, and its cells as texts."""

    number: int
    cells: list[str]


@dataclass(frozen=True)
class Sheet:
    """All rows of a file, the first one included, and what its reader has to say about it."""

    rows: list[SheetRow]
    # Between the cells; a comma for a workbook.
    delimiter: str = ","
    notes: list[str] = field(default_factory=list)


def require_sizes(rows: list[SheetRow]) -> None:
    """Raise FileRefused for a table that is empty, too long or too wide, or has a cell that is too long.

    One row more than MOST_ROWS may be the header (imports/columns.py).
    """
    if not rows:
        raise FileRefused("file_empty", "The file is empty. Choose a file with a header and at least one row.")
    if len(rows) > MOST_ROWS + 1:
        raise too_many_rows(len(rows) - 1)
    widest = max(rows, key=lambda row: len(row.cells))
    if len(widest.cells) > MOST_COLUMNS:
        message = (
            f"Line {widest.number} has {len(widest.cells)} columns; {MOST_COLUMNS} are allowed. Delete the others."
        )
        raise FileRefused("too_many_columns", message)
    for row in rows:
        for cell in row.cells:
            if len(cell) > MOST_CHARACTERS:
                raise cell_too_long(row.number)


def too_many_rows(count: int) -> FileRefused:
    """Return the refusal of a file with so many rows below its header."""
    message = f"The file has {count:,} rows; {MOST_ROWS:,} are allowed. Split it into several files."
    return FileRefused("too_many_rows", message)


def cell_too_long(number: int) -> FileRefused:
    """Return the refusal of a cell in this line."""
    message = (
        f"Line {number} has a cell of more than {MOST_CHARACTERS:,} characters. Shorten it, or check for a quote that"
        " is never closed."
    )
    return FileRefused("cell_too_long", message)
