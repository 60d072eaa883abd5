"""Imports as people work on them: a file is taken in, its columns, defaults and cells are changed, rows are skipped."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q
from django.utils.text import Truncator

from accounts.models import PinterestAccount, User, Workspace
from pins import limits
from pins.models import Destination, ImportStatus, Pin, PinImport, PinImportMedia, PinImportRow, PinStatus, RowStatus
from pins.models.pin_import import PinImportQuerySet
from postiz_pins import queueing
from postiz_pins.common.text import collapse_whitespace

from . import columns
from .checking import Plan, plans_of
from .lookups import media_key
from .reading.sheet import MOST_ROWS, FileRefused, Sheet, SheetRow, too_many_rows

NO_HEADER = "The file has no header, so its columns were taken for Pinterest's, in their order. Check them below."
# Rows that have become a pin, or changed one.
DONE = (RowStatus.CREATED, RowStatus.UPDATED)
# What the corrected file says of a row (corrected.py).
CONTINUED = re.compile(r"Row (\d{1,9}) of import (\d{1,18}):")
TASK = "pins.tasks.work_on_import"
LONGEST = {"title": limits.TITLE_LENGTH, "description": limits.DESCRIPTION_LENGTH, "alt_text": limits.ALT_TEXT_LENGTH}


class ImportBusy(Exception):
    """Workers are at the import, so nothing may be changed. The message is a sentence for people."""

    def __init__(self) -> None:
        super().__init__("This import is being worked on. Wait until it's done, then make your change.")


def take_in(
    sheet: Sheet, content: bytes, *, workspace: Workspace, by: User, now: datetime, file_name: str
) -> PinImport:
    """Return the new import of a table, or the one that it continues.

    Raises FileRefused for a table that has no columns to speak of, or too many rows.
    """
    header, rows, notes = _parts(sheet)
    if columns.normalized(header[-1] if header else "") == columns.normalized(columns.PROBLEM):
        continued = _continued(header, rows, workspace, now)
        if continued is not None:
            return continued
        header = header[:-1]
        rows = [SheetRow(row.number, row.cells[: len(header)]) for row in rows]
    mapping = columns.mapping_of(header)
    has_dates = "publish_at" in mapping
    accounts = list(PinterestAccount.objects.in_workspace(workspace).active()[:2])
    with transaction.atomic():
        pin_import = PinImport.objects.create(
            workspace=workspace,
            created_by=by,
            created_at=now,
            file_name=collapse_whitespace(file_name, 255) or "Pasted rows",
            sha256=hashlib.sha256(content).hexdigest(),
            delimiter=sheet.delimiter,
            header=header,
            mapping=mapping,
            notes=[*sheet.notes, *notes],
            account=accounts[0] if len(accounts) == 1 else None,
            time_zone="UTC" if columns.is_pinterests(header) else workspace.time_zone,
            destination=Destination.SCHEDULE if has_dates else Destination.DRAFT,
        )
        new = [PinImportRow(pin_import=pin_import, number=row.number, cells=row.cells) for row in rows]
        plans = plans_of(pin_import, new, now)
        for plan in plans:
            _note(plan)
        PinImportRow.objects.bulk_create(new)
        _note_addresses(pin_import, plans)
    return pin_import


def _parts(sheet: Sheet) -> tuple[list[str], list[SheetRow], list[str]]:
    """Return the names of the columns, the rows below, and what is to be said about them."""
    first = sheet.rows[0]
    if columns.is_header(first.cells):
        header, rows, notes = [cell.strip() for cell in first.cells], sheet.rows[1:], []
    else:
        keys = columns.pinterests_order(len(first.cells))
        header = [columns.BY_KEY[key].name if key else f"Column {n}" for n, key in enumerate(keys, start=1)]
        rows, notes = sheet.rows, [NO_HEADER]
    if not rows:
        raise FileRefused("file_empty", "The file has a header but no rows. Add a row for each pin, then try again.")
    if len(rows) > MOST_ROWS:
        raise too_many_rows(len(rows))
    return header, rows, notes


def _continued(header: list[str], rows: list[SheetRow], workspace: Workspace, now: datetime) -> PinImport | None:
    """Take corrected rows into the import that they come from, in place of what is still open of them.

    None: they come from none that is left.
    """
    numbers: dict[int, SheetRow] = {}
    keys = set()
    for row in rows:
        match = CONTINUED.match(row.cells[-1] if len(row.cells) == len(header) else "")
        if match is None:
            return None
        numbers[int(match[1])] = row
        keys.add(int(match[2]))
    with transaction.atomic():
        imports = PinImport.objects.in_workspace(workspace).select_for_update(of=("self",))
        pin_import = imports.filter(pk__in=keys).first() if len(keys) == 1 else None
        if pin_import is None or pin_import.header != header[:-1]:
            return None
        _require_idle(pin_import)
        open_rows = list(pin_import.rows.filter(number__in=numbers).exclude(status__in=DONE))
        for each in open_rows:
            each.cells, each.status = numbers[each.number].cells[: len(header) - 1], RowStatus.OPEN
        PinImportRow.objects.bulk_update(open_rows, ["cells", "status"])
        check_again(pin_import, now)
    return pin_import


def of_user(user: User, pk: int) -> PinImport | None:
    """Return the import with all that its checks need, if the user may see it."""
    imports = PinImport.objects.for_user(user).select_related("workspace", "account", "board__account", "created_by")
    return imports.filter(pk=pk).first()


def check_again(pin_import: PinImport, now: datetime) -> list[Plan]:
    """Check all open rows, write what has changed, and note the addresses that are named.

    Return what they become.
    """
    plans = plans_of(pin_import, list(pin_import.rows.open()), now)
    changed = [plan.row for plan in plans if _note(plan)]
    PinImportRow.objects.bulk_update(changed, ["status", "problems", "has_problems", "needs_media"], batch_size=200)
    _note_addresses(pin_import, plans)
    return plans


def _note(plan: Plan) -> bool:
    """Write what was found about a row into it, unsaved; return whether that is new."""
    row = plan.row
    before = (row.status, row.problems, row.has_problems, row.needs_media)
    row.problems = [problem.as_json() for problem in plan.problems]
    row.has_problems, row.needs_media = plan.has_problems, plan.needs_media
    if plan.pin is not None and not plan.changes and not plan.has_problems and not plan.needs_media:
        row.status = RowStatus.SKIPPED  # there is nothing to do, until a cell is changed
    return before != (row.status, row.problems, row.has_problems, row.needs_media)


def _note_addresses(pin_import: PinImport, plans: Sequence[Plan]) -> None:
    """Keep the addresses that the rows name, for workers to fetch."""
    wanted = {
        media_key(address, at): PinImportMedia(
            pin_import=pin_import, address=address, at_seconds=at, key=media_key(address, at)
        )
        for plan in plans
        for address, at in plan.addresses
    }
    known = set(pin_import.media.values_list("key", flat=True))
    missing = [media for key, media in wanted.items() if key not in known]
    PinImportMedia.objects.bulk_create(missing, ignore_conflicts=True, batch_size=200)


def change(pin_import: PinImport, write: Callable[[PinImport], None], now: datetime) -> None:
    """Have the import changed by `write`, and check all its rows again.

    Raises ImportBusy.
    """
    with transaction.atomic():
        locked = _locked(pin_import)
        _require_idle(locked)
        write(pin_import)
        check_again(pin_import, now)


def set_cell(pin_import: PinImport, number: int, key: str, value: str, now: datetime, *, in_all: bool = False) -> int:
    """Put a value into the cell of a row, or of all open rows that have the same in it; return in how many.

    Raises ImportBusy.
    """
    changed: list[PinImportRow] = []

    def write(_: PinImport) -> None:
        index = _column(pin_import, key)
        rows = list(pin_import.rows.exclude(status__in=DONE))
        row = next((each for each in rows if each.number == number), None)
        if row is None:
            return
        before = _cell(row, index)
        same = [each for each in rows if _cell(each, index).strip() == before.strip()] if in_all else [row]
        for each in same:
            each.cells, each.status = _with_cell(each.cells, index, value), RowStatus.OPEN
        PinImportRow.objects.bulk_update(same, ["cells", "status"], batch_size=200)
        changed.extend(same)

    change(pin_import, write, now)
    return len(changed)


def set_cells(pin_import: PinImport, number: int, values: dict[str, str], now: datetime) -> None:
    """Put values into cells of a row, by the keys of their columns. Cells beyond the header are dropped.

    Raises ImportBusy.
    """

    def write(_: PinImport) -> None:
        for row in pin_import.rows.filter(number=number).exclude(status__in=DONE):
            cells = row.cells[: len(pin_import.header)]
            for key, value in values.items():
                cells = _with_cell(cells, _column(pin_import, key), value)
            row.cells, row.status = cells[: len(pin_import.header)], RowStatus.OPEN
            row.save(update_fields=["cells", "status"])

    change(pin_import, write, now)


def shorten(pin_import: PinImport, number: int, key: str, now: datetime) -> None:
    """Shorten a text that is too long, at the end of a word.

    Raises ImportBusy.
    """
    row = pin_import.rows.filter(number=number).first()
    if row is None or key not in LONGEST:
        return
    text = _cell(row, _column(pin_import, key)).strip()
    set_cell(pin_import, number, key, shortened(text, LONGEST[key]), now)


def shortened(text: str, length: int) -> str:
    """Return as many whole words of the text as `length` characters hold, and an ellipsis."""
    if len(text) <= length:
        return text
    cut = Truncator(text).chars(length)
    head, space, _ = cut.rstrip("…").rpartition(" ")
    return f"{head.rstrip(' ,;:.-')}…" if space and len(head) > length // 2 else cut


def skip(pin_import: PinImport, number: int, now: datetime, *, is_skipped: bool) -> None:
    """Leave a row out, or take it in again.

    Raises ImportBusy.
    """
    status = RowStatus.SKIPPED if is_skipped else RowStatus.OPEN

    def write(_: PinImport) -> None:
        pin_import.rows.filter(number=number).exclude(status__in=DONE).update(status=status)

    change(pin_import, write, now)


def begin(
    pin_import: PinImport, status: ImportStatus, *, by: User, now: datetime, creates_at_once: bool = False
) -> None:
    """Have workers fetch the media of the import, or create its pins.

    Raises ImportBusy.
    """
    with transaction.atomic():
        locked = _locked(pin_import)
        _require_idle(locked)
        columns_ = {"status": status, "started_by": by, "error": "", "creates_at_once": creates_at_once}
        PinImport.objects.filter(pk=pin_import.pk).update(**columns_)
        if status == ImportStatus.FETCHING:  # what could not be fetched is tried again
            pin_import.media.filter(media=None).update(code="", message="")
        queueing.send_on_commit(TASK, pin_import.pk)
    for name, value in columns_.items():
        setattr(pin_import, name, value)


def earlier_imports(pin_import: PinImport) -> PinImportQuerySet:
    """Return imports of the very same file from which pins were created."""
    same = PinImport.objects.in_workspace(pin_import.workspace).filter(sha256=pin_import.sha256)
    created = same.filter(pins_created_at__isnull=False).exclude(pk=pin_import.pk)
    return created.annotate(pin_count=Count("rows", filter=Q(rows__pin__isnull=False))).order_by("-pk")


def delete_import(pin_import: PinImport) -> None:
    """Delete the import; pins that it has created stay.

    Raises ImportBusy.
    """
    with transaction.atomic():
        _require_idle(_locked(pin_import))
        pin_import.rows.all().delete()
        pin_import.media.all().delete()
        PinImport.objects.filter(pk=pin_import.pk).delete()


def pins_of(pin_import: PinImport) -> list[int]:
    """Return the keys of the pins that were created from the import and are still there, in the order of the rows."""
    return list(pin_import.rows.filter(pin__isnull=False).values_list("pin_id", flat=True))


def proposed_count(pin_import: PinImport) -> int:
    """Return how many pins of the import wait for an approval."""
    return pin_import.rows.filter(pin__status=PinStatus.PROPOSED).count()


def _locked(pin_import: PinImport) -> PinImport:
    locked = PinImport.objects.select_for_update(of=("self",)).filter(pk=pin_import.pk).first()
    if locked is None:  # it was deleted in another tab
        raise ImportBusy
    return locked


def _require_idle(pin_import: PinImport) -> None:
    if pin_import.is_under_way:
        raise ImportBusy


def _column(pin_import: PinImport, key: str) -> int:
    """Return the index of a column; one that the file has not is added to the import."""
    if key not in pin_import.mapping:
        pin_import.mapping = [*pin_import.mapping, key]
        pin_import.header = [*pin_import.header, columns.BY_KEY[key].name]
        pin_import.save(update_fields=["mapping", "header"])
    return pin_import.mapping.index(key)


def _cell(row: PinImportRow, index: int) -> str:
    return row.cells[index] if index < len(row.cells) else ""


def _with_cell(cells: list[str], index: int, value: str) -> list[str]:
    padded = [*cells, *[""] * (index + 1 - len(cells))]
    return [*padded[:index], value, *padded[index + 1 :]]


def deletable_pins(pin_import: PinImport) -> list[Pin]:
    """Return the pins of the import that were not sent to Pinterest."""
    pins = Pin.objects.filter(import_rows__pin_import=pin_import).select_related("workspace")
    return [
        pin
        for pin in pins.order_by("pk")
        if pin.can_cancel or (pin.status in ("draft", "failed") and pin.sent_at is None)
    ]
