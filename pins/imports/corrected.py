"""What comes after a dry run or a creation: the file of rows to correct, and the pins of an import taken back."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePath

from django.db import transaction
from django.http import HttpResponse
from django.utils.text import slugify

from accounts.models import User
from pins.composer import services as composer
from pins.models import Pin, PinImport

from .columns import PROBLEM
from .services import CONTINUED

# So many pins are deleted in one transaction.
BATCH = 50


def problems_file(pin_import: PinImport) -> HttpResponse:
    """Return the rows with problems: the file's own columns and cells untouched, and what is wrong as the last column.

    The last column also says which rows of which import they are, by which `take_in` continues it.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=pin_import.delimiter)
    width = len(pin_import.header)
    writer.writerow([*pin_import.header, PROBLEM])
    for row in pin_import.rows.open().filter(has_problems=True):
        cells = [*row.cells[:width], *[""] * (width - len(row.cells))]
        if len(row.cells) > width:  # an unquoted comma: what is beyond would be lost
            cells[-1] = pin_import.delimiter.join(row.cells[width - 1 :])
        sentences = " ".join(problem["message"] for problem in row.errors)
        said = f"Row {row.number} of import {pin_import.pk}: {sentences}"
        assert CONTINUED.match(said)  # noqa: S101  what is written here is read there
        writer.writerow([*cells, said])
    name = slugify(PurePath(pin_import.file_name).stem) or "import"
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-problems.csv"'
    return response


def delete_pins(pin_import: PinImport, pins: Sequence[Pin], *, by: User, now: datetime) -> int:
    """Delete pins of the import as the page of each would; return how many. Some may have been sent meanwhile."""
    deleted = 0
    for start in range(0, len(pins), BATCH):
        with transaction.atomic():
            for pin in pins[start : start + BATCH]:
                fresh = Pin.objects.select_for_update(of=("self",)).filter(pk=pin.pk).first()
                if fresh is not None and fresh.is_editable:
                    deleted += composer.delete_pin(fresh, by=by, now=now)
    return deleted
