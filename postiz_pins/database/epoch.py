"""Moments as numbers, where thousands of them are compared."""

from __future__ import annotations

from typing import Any

from django.db.models import BigIntegerField, Func


class Epoch(Func):
    """A moment as seconds since 1970, a tenth of the work of reading it as a date."""

    output_field = BigIntegerField()

    @property
    def convert_value(self) -> Any:
        """Return what makes a number of the database's answer: nothing, since both databases answer with whole ones."""
        return self._convert_value_noop  # type: ignore[attr-defined]  # the stubs lack it

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Return the SQL of SQLite."""
        # Once for this template, and once for the statement, whose placeholders are %s.
        template = "CAST(strftime('%%%%s', %(expressions)s) AS INTEGER)"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Return the SQL of PostgreSQL."""
        return self.as_sql(compiler, connection, template="EXTRACT(EPOCH FROM %(expressions)s)::bigint", **context)
