"""The export of a workspace: one zip file with all that it holds, written at constant memory.

Each app says what belongs into it (accounts/exports/tables.py and its like); here is how it becomes files.
"""

from __future__ import annotations

import csv
import errno
import io
import json
import logging
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import IO, Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import Sum
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.exports import jobs as export_jobs
from accounts.exports import tables as accounts_exported
from accounts.models import Workspace
from analytics import export_tables as analytics_exported
from pins import export_tables as pins_exported
from pins.models import MediaFile
from postiz_pins.common.csv_files import BYTE_ORDER_MARK, cell
from postiz_pins.common.export_tables import Record, Table
from postiz_pins.common.leases import LeaseLost
from postiz_pins.runtime import stopping
from postiz_pins.storage.base import MediaUnavailable, store_of

log = logging.getLogger(__name__)

TABLES: tuple[Table, ...] = (*accounts_exported.TABLES, *pins_exported.TABLES, *analytics_exported.TABLES)
BLOCK_BYTES = 1024**2
# Texts are written beside the zip, since it takes one file at a time; small ones stay in memory.
IN_MEMORY_BYTES = 256 * 1024
DISK_FULL = "The server's disk is full. Ask your administrator to free up space, then start a new export."


def build_due() -> None:
    """Remove what has expired, and build the exports that wait, one by one, unless another worker does."""
    export_jobs.tidy(timezone.now())
    while not stopping.is_requested() and (lease := export_jobs.claim_next(timezone.now())):
        try:
            _build(lease)
        except LeaseLost:
            log.info("Export %s: another worker has it now, or it is no longer needed", lease.export.pk)
        export_jobs.tidy(timezone.now())


def write(file: IO[bytes], workspace: Workspace, now: datetime, keep: Callable[[], None]) -> None:
    """Write the zip; `keep` is called after each small step, and may raise to end it."""
    with zipfile.ZipFile(file, "w") as archive:
        zipped = _Zip(archive, now, keep)
        zipped.add_text("README.txt", _readme(workspace, now))
        for table in TABLES:
            _add_table(zipped, table, workspace.pk)
        _add_media(zipped, workspace.pk)


def _build(lease: export_jobs.ExportLease) -> None:
    workspace = lease.export.workspace
    media = MediaFile.objects.in_workspace(workspace).in_library().aggregate(size_bytes=Sum("size_bytes"))
    try:
        export_jobs.require_room(media["size_bytes"] or 0)
        with lease.file() as file:
            write(file, workspace, timezone.now(), lease.keep)
    except export_jobs.CannotBuild as error:
        lease.fail(str(error))
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        lease.fail(DISK_FULL)


@dataclass(frozen=True)
class _Zip:
    archive: zipfile.ZipFile
    now: datetime
    keep: Callable[[], None]

    def add(self, name: str, source: IO[bytes], size_bytes: int, compression: int) -> None:
        """Copy an open file.

        `size_bytes` decides whether it needs the format for more than 2 GB, so it must not be too small.
        """
        entry = zipfile.ZipInfo(name, self.now.timetuple()[:6])
        entry.compress_type, entry.file_size, entry.external_attr = compression, size_bytes, 0o600 << 16
        with self.archive.open(entry, "w") as target:
            while block := source.read(BLOCK_BYTES):
                target.write(block)
                self.keep()

    def add_text(self, name: str, text: str) -> None:
        content = text.encode(errors="backslashreplace")
        self.add(name, io.BytesIO(content), len(content), zipfile.ZIP_DEFLATED)


class _Lines:
    """A text on its way into the zip. What UTF-8 cannot say is escaped, as JSON would do it."""

    def __init__(self, until: ExitStack) -> None:
        folder = str(settings.EXPORT_ROOT)  # where room was asked for
        self.file = until.enter_context(tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES, dir=folder))  # noqa: SIM115  `until` closes it

    def write(self, text: str) -> None:
        self.file.write(text.encode(errors="backslashreplace"))

    def move_into(self, zipped: _Zip, name: str) -> None:
        size_bytes = self.file.tell()
        self.file.seek(0)
        zipped.add(name, self.file, size_bytes, zipfile.ZIP_DEFLATED)


class _Sheet(_Lines):
    """A CSV file."""

    def __init__(self, header: Sequence[str], until: ExitStack) -> None:
        super().__init__(until)
        self.write(BYTE_ORDER_MARK)
        self._writer = csv.writer(self)
        self._writer.writerow(header)

    def add(self, values: Iterable[Any]) -> None:
        self._writer.writerow([_cell(value) for value in values])


class _Documents(_Lines):
    """A JSON file: a list with a line for each record, or nothing but the lines."""

    def __init__(self, until: ExitStack, *, is_list: bool) -> None:
        super().__init__(until)
        self._before, self._between, self._after = ("[", ",\n", "]\n") if is_list else ("", "\n", "\n")

    def add(self, record: Record) -> None:
        self.write(self._before + JSON.encode(record))
        self._before = self._between

    def end(self) -> None:
        """Close the list; one without a record is not even open."""
        self.write(self._after if self._before == self._between else self._before + self._after)


def _add_table(zipped: _Zip, table: Table, workspace_id: int) -> None:
    """Add both files of a table, and those of its lists, out of one reading."""
    key = next(iter(table.columns))
    with ExitStack() as until:
        sheet, documents = _Sheet(table.header, until), _Documents(until, is_list=not table.is_long)
        sheets = {name: _Sheet([f"{each.parent}_id", *each.header], until) for name, each in table.lists.items()}
        for batch in table.batches(workspace_id):
            for record in batch:
                sheet.add(record[name] for name in table.header)
                documents.add(record)
                for name, each in sheets.items():
                    for child in record[name]:
                        each.add([record[key], *child.values()])
            zipped.keep()
        documents.end()
        sheet.move_into(zipped, f"{table.name}.csv")
        documents.move_into(zipped, f"{table.name}.jsonl" if table.is_long else f"{table.name}.json")
        for name, each in sheets.items():
            each.move_into(zipped, f"{table.name}_{name}.csv")


def _add_media(zipped: _Zip, workspace_id: int) -> None:
    """Add the files of the library as they are: images and videos are compressed already."""
    store = store_of(default_storage)
    missing = []
    for stored_name, name in pins_exported.stored_files(workspace_id):
        try:
            size_bytes, source = store.size(stored_name), store.stream(stored_name)
        except MediaUnavailable:
            raise  # it may pass, and the export is begun anew
        except OSError:
            missing.append(name)
            continue
        with source:
            zipped.add(name, source, size_bytes, zipfile.ZIP_STORED)
    if missing:
        zipped.add_text(
            "missing.txt", "\n".join(["These files of the media library were missing on the server:", *missing, ""])
        )


def _readme(workspace: Workspace, now: datetime) -> str:
    return render_to_string("accounts/export_readme.txt", {"workspace": workspace, "now": now, "tables": TABLES})


def _cell(value: Any) -> str | int | float:
    """Return the value as `cell` does, and moments, truth values and lists, which only exports hold."""
    if isinstance(value, datetime):
        # Without a zone and with whole seconds, or spreadsheets take it for a text.
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, bool | list | dict):
        return JSON.encode(value)
    return cell(value)


def _moment(value: date) -> str:
    """Return the moment as 2026-11-25T08:30:00Z, or a date alone."""
    return value.isoformat().replace("+00:00", "Z")


JSON = json.JSONEncoder(ensure_ascii=False, default=_moment)
