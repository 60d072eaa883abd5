"""Exports of workspaces, written and read back, for tests."""

import csv
import io
import json
import zipfile
from datetime import UTC, datetime

from postiz_pins.data import export as data_export

NOW = datetime(2026, 11, 25, 8, 30, tzinfo=UTC)


class Exported:
    """A zip that was written a moment ago."""

    def __init__(self, workspace, keep=lambda: None):
        self.content = io.BytesIO()
        data_export.write(self.content, workspace, NOW, keep)
        self.zip = zipfile.ZipFile(self.content)

    @property
    def names(self):
        return self.zip.namelist()

    def text(self, name):
        """What UTF-8 says in the file, without the mark of the sheets."""
        return self.zip.read(name).decode("utf-8-sig")

    def json(self, name):
        if f"{name}.json" in self.names:
            return json.loads(self.text(f"{name}.json"))
        return [json.loads(line) for line in self.text(f"{name}.jsonl").splitlines() if line]

    def csv(self, name):
        return list(csv.DictReader(io.StringIO(self.text(f"{name}.csv"), newline="")))
