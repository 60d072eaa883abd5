"""Caches for what Django works out anew for each query, so that more histories are lived in the same time.

None changes what a statement says: columns are written the same way each time, and so are found the same way."""

from __future__ import annotations

from typing import Any

from django.db.models import Field
from django.db.models.expressions import Col
from django.db.models.sql.compiler import SQLCompiler


def hasten() -> None:
    Field.get_col = _get_col  # type: ignore[method-assign]
    Col.as_sql = _col_as_sql  # type: ignore[method-assign]
    SQLCompiler.compile = _compile  # type: ignore[method-assign]


_cols: dict[tuple[int, str], Any] = {}
_make_col = Field.get_col


def _get_col(self: Field, alias: str, output_field: Any = None) -> Any:
    if output_field is not None:
        return _make_col(self, alias, output_field)
    key = (id(self), alias)  # fields live as long as the process
    col = _cols.get(key)
    if col is None:
        col = _cols[key] = _make_col(self, alias)
    return col


_sql: dict[tuple[str | None, str], tuple[str, list[Any]]] = {}


def _col_as_sql(self: Any, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
    key = (self.alias, self.target.column)
    if self.alias in compiler.query.extra_select or self.alias in compiler.query.annotations:
        return _make_sql(self, compiler, connection)
    sql = _sql.get(key)
    if sql is None:
        sql = _sql[key] = _make_sql(self, compiler, connection)
    return sql[0], []


_make_sql = Col.as_sql
_vendor_methods: dict[type, Any] = {}


def _compile(self: Any, node: Any) -> Any:
    kind = type(node)
    try:
        method = _vendor_methods[kind]
    except KeyError:
        method = _vendor_methods[kind] = getattr(kind, f"as_{self.connection.vendor}", None)
    return method(node, self, self.connection) if method else node.as_sql(self, self.connection)
