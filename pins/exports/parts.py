"""Files for Pinterest's own importer, which takes 200 rows at a time and drops the second pin with a link."""

from __future__ import annotations

import csv
import io
import zipfile
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from pins.imports.columns import PINTEREST_COLUMNS
from pins.models import Pin, PinQuerySet
from pins.rules import addresses
from postiz_pins.common.csv_files import guarded

from .rows import pinterest_row, why_left_out
from .selection import in_batches

ROWS_PER_FILE = 200
# Of pins that are left out, so many are named.
MOST_NAMED = 50
HEADER = [column.name for column in PINTEREST_COLUMNS]


@dataclass
class Parts:
    """Which pins go into which file, by their keys; and what is left out, with the reason of each."""

    files: list[array[int]] = field(default_factory=list)
    left_out: list[tuple[Pin, str]] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    # Of each link, the last file that has it; before, all others have room for none.
    _last: dict[int, int] = field(default_factory=dict)
    _first_free: int = 0

    @property
    def count(self) -> int:
        """Return how many pins the files have."""
        return sum(map(len, self.files))

    @property
    def left_out_count(self) -> int:
        """Return how many pins are in none of them."""
        return sum(self.reasons.values())

    def add(self, pin: Pin) -> None:
        """Put the pin into the first file with room that has none with its link."""
        reason = why_left_out(pin)
        if reason:
            self.reasons[reason] += 1
            if len(self.left_out) < MOST_NAMED:
                self.left_out.append((pin, reason))
            return
        link = hash(addresses.normalized(pin.link)) if pin.link else None
        number = self._first_free if link is None else max(self._first_free, self._last.get(link, -1) + 1)
        while number < len(self.files) and len(self.files[number]) >= ROWS_PER_FILE:
            number += 1
        while number >= len(self.files):
            self.files.append(array("q"))
        self.files[number].append(pin.pk)
        if link is not None:
            self._last[link] = number
        while self._first_free < len(self.files) and len(self.files[self._first_free]) >= ROWS_PER_FILE:
            self._first_free += 1


def parts_of(pins: PinQuerySet) -> Parts:
    """Return which pins go into which file."""
    parts = Parts()
    for batch in in_batches(pins):
        for pin in batch:
            parts.add(pin)
    return parts


def file_of(pins: PinQuerySet, keys: Sequence[int]) -> str:
    """Return one file: commas, no byte order mark, CRLF, and quotes only where they are needed."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADER)
    rows = {pin.pk: pin for pin in pins.filter(pk__in=list(keys)).with_content().prefetch_related("tags")}
    writer.writerows([guarded(cell) for cell in pinterest_row(rows[key])] for key in keys if key in rows)
    return text.getvalue()


def zipped(files: Iterable[tuple[str, str]]) -> Iterator[bytes]:
    """Yield a zip of the named texts, in pieces, so that only one text at a time is in memory."""
    stream = _Stream()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files:
            archive.writestr(name, text)
            yield stream.taken()
    yield stream.taken()


class _Stream(io.RawIOBase):
    """Keeps what was written until it is taken; nothing can be read or moved back to."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: bytes | bytearray | memoryview) -> int:  # type: ignore[override]  # what zipfile sends
        self._pieces.append(bytes(piece))
        return len(piece)

    def taken(self) -> bytes:
        """Return what was written since."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
