"""Operations of migrations that run while the version before still works on the tables (CONTRIBUTING.md).

SQLite's one writer at a time locks the others out anyway; there, too, one that was interrupted can be run again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db.migrations import AddIndex, RemoveIndex, RunPython

# Behind a migration that waits for the lock of a table, all others wait. Better it fails and is run again.
LOCK_TIMEOUT = "10s"


def _limit_lock_waits(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")


class LimitLockWaits(RunPython):
    """The first operation of a migration that changes a table in a transaction."""

    def __init__(self) -> None:
        super().__init__(_limit_lock_waits, _limit_lock_waits)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Return what a migration needs to write the operation down."""
        return self.__class__.__qualname__, [], {}


class AddIndexLive(AddIndexConcurrently):
    """Creates an index without locking writers out; in a migration of its own with `atomic = False`."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Create the index, in place of an invalid one that an interrupted attempt has left."""
        if schema_editor.connection.vendor != "postgresql":
            _drop_index(schema_editor, self.index.name)
            AddIndex.database_forwards(self, app_label, schema_editor, from_state, to_state)
            return
        with _limited_lock_waits(schema_editor):
            # An attempt that was broken off leaves one behind that is not valid, and would be in the way.
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(self.index.name)}")
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Drop the index."""
        if schema_editor.connection.vendor != "postgresql":
            AddIndex.database_backwards(self, app_label, schema_editor, from_state, to_state)
            return
        with _limited_lock_waits(schema_editor):
            super().database_backwards(app_label, schema_editor, from_state, to_state)


class RemoveIndexLive(RemoveIndexConcurrently):
    """Drops an index without locking writers out; in a migration with `atomic = False`."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Drop the index."""
        if schema_editor.connection.vendor != "postgresql":
            _drop_index(schema_editor, self.name)
            return
        with _limited_lock_waits(schema_editor):
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Create the index again."""
        if schema_editor.connection.vendor != "postgresql":
            RemoveIndex.database_backwards(self, app_label, schema_editor, from_state, to_state)
            return
        with _limited_lock_waits(schema_editor):
            super().database_backwards(app_label, schema_editor, from_state, to_state)


def _drop_index(schema_editor: Any, name: str) -> None:
    """Drop the index if it is there: without a transaction, an interrupted attempt is not rolled back."""
    schema_editor.execute(f"DROP INDEX IF EXISTS {schema_editor.quote_name(name)}")


@contextmanager
def _limited_lock_waits(schema_editor: Any) -> Iterator[None]:
    schema_editor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
    try:
        yield
    finally:
        schema_editor.execute("RESET lock_timeout")
