"""How an app says which of its rows belong into the export of a workspace, and how they are read.

Rows are read by their keys, a batch in each query: a table of any length costs the same memory, and no query stays
open while a file is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models

Record = dict[str, Any]

# Rows that one query reads; and parents, each of which may have some thousand rows (a pin has 365 days a year).
BATCH = 500
PARENTS = 20


def columns(text: str) -> dict[str, str]:
    """Return the columns of a table by their names, with a lookup where it has another name, as in “id=pk name”."""
    pairs = (column.partition("=") for column in text.split())
    return {name: lookup or name for name, _, lookup in pairs}


@dataclass(frozen=True)
class Table:
    """The rows of one model in an export: a file for spreadsheets and one in JSON."""

    # Of its files, such as "pins" or "figures/pin_days".
    name: str
    # What it holds, in words for people who have nothing but the files.
    about: str
    model: type[models.Model]
    # Names of columns, and the lookups that lead to their values.
    columns: Mapping[str, str]
    # Further columns, worked out from the others.
    computed: Mapping[str, Callable[[Record], Any]] = field(default_factory=dict)
    # The lookup that leads from a row to its workspace.
    workspace: str = "workspace"
    # A foreign key, for rows that are read with the row that they belong to; and their order within it.
    parent: str = ""
    order: str = "pk"
    # What belongs to each row: a list within it in JSON, a file of its own for spreadsheets.
    lists: Mapping[str, Table] = field(default_factory=dict)
    # Too many rows to be read as one document: in JSON, each line is one.
    is_long: bool = False

    @property
    def header(self) -> list[str]:
        """Return the names of its columns."""
        return [*self.columns, *self.computed]

    def batches(self, workspace_id: int) -> Iterator[list[Record]]:
        """Return all rows of the workspace, each a dictionary by `header`, with its lists."""
        if self.parent:
            yield from self._batches_by_parent(workspace_id)
            return
        rows = self.model._default_manager.filter(**{self.workspace: workspace_id})
        for batch in by_key(rows, *self.columns.values()):
            records = {pk: self._record(values) for pk, *values in batch}
            for name, table in self.lists.items():
                for record in records.values():
                    record[name] = []
                for pk, child in table.belonging_to(list(records)):
                    records[pk][name].append(child)
            yield list(records.values())

    def belonging_to(self, parents: Sequence[int]) -> Iterator[tuple[int, Record]]:
        """Yield the rows of these parents, each with its parent's primary key."""
        key = f"{self.parent}_id"
        rows = self.model._default_manager.filter(**{f"{key}__in": parents}).order_by(key, self.order)
        for pk, *values in rows.values_list(key, *self.columns.values()):
            yield pk, self._record(values)

    def _batches_by_parent(self, workspace_id: int) -> Iterator[list[Record]]:
        parents: Any = self.model._meta.get_field(self.parent).related_model
        to_workspace = self.workspace.removeprefix(f"{self.parent}__")
        for batch in by_key(parents._default_manager.filter(**{to_workspace: workspace_id}), size=PARENTS):
            yield [record for _, record in self.belonging_to([pk for (pk,) in batch])]

    def _record(self, values: Sequence[Any]) -> Record:
        record = dict(zip(self.columns, values, strict=True))
        for name, make in self.computed.items():
            record[name] = make(record)
        return record


def by_key(rows: models.QuerySet[Any], *lookups: str, size: int | None = None) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the rows as tuples of their primary key and these lookups, `size` (BATCH) of them at a time."""
    rows = rows.order_by("pk")
    last = 0
    while batch := list(rows.filter(pk__gt=last).values_list("pk", *lookups)[: size or BATCH]):
        yield batch
        last = batch[-1][0]
