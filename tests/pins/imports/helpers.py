"""Imports for tests: rows as they would be typed into a spreadsheet."""

import csv
import io
from datetime import UTC, datetime

from pins.imports import services
from pins.imports.reading.files import read_file

NOW = datetime(2027, 1, 15, 11, 0, tzinfo=UTC)
PINTEREST = ("Title", "Media URL", "Pinterest board", "Thumbnail", "Description", "Link", "Publish date", "Keywords")


def csv_bytes(*rows, delimiter=","):
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows(rows)
    return file.getvalue().encode()


def table(*rows, **columns):
    """Return a file with a row for each mapping, and as columns all that any of them names, plus the given ones."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    return csv_bytes(names, *([row.get(name, "") for name in names] for row in rows))


def imported(team, *rows, by=None, name="plan.csv", **settings):
    """Return the import of these rows, with its settings changed."""
    content = rows[0] if len(rows) == 1 and isinstance(rows[0], bytes) else table(*rows)
    pin_import = services.take_in(
        read_file(content), content, workspace=team.workspace, by=by or team.alice, now=NOW, file_name=name
    )
    if settings:

        def write(_):
            for key, value in settings.items():
                setattr(pin_import, key, value)
            pin_import.save()

        services.change(pin_import, write, NOW)
    return pin_import


def codes(pin_import):
    """Return the codes of the problems of each row that has any, by its number; a warning's with a question mark."""
    return {
        row.number: [problem["code"] + "?" * problem["is_warning"] for problem in row.problems]
        for row in pin_import.rows.all()
        if row.problems
    }


def messages(pin_import, number):
    return [problem["message"] for problem in pin_import.rows.get(number=number).problems]
