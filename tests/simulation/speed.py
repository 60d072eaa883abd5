"""Caches for what Django works out anew for each query, so that more histories are lived in the same time.

None changes what a statement says: columns are written the same way each time, and so are found the same way.
"""

from __future__ import annotations

from typing import Any

import requests.sessions
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.sqlite3.base import DatabaseWrapper, SQLiteCursorWrapper
from django.db.models import Field
from django.db.models.expressions import Col
from django.db.models.sql.compiler import SQLCompiler, SQLInsertCompiler
from django.utils.connection import BaseConnectionHandler

from . import noted_steps


def hasten() -> None:
    noted_steps.install()
    Field.get_col = _get_col  # type: ignore[method-assign]
    Col.as_sql = _col_as_sql  # type: ignore[method-assign]
    SQLCompiler.compile = _compile  # type: ignore[method-assign]
    SQLInsertCompiler.as_sql = _insert_as_sql  # type: ignore[method-assign]
    SQLiteCursorWrapper.convert_query = _convert_query  # type: ignore[method-assign]
    # There is one thread, and no proxy; both are found out anew for each statement and each request.
    BaseConnectionHandler.__getitem__ = _connection_of  # type: ignore[method-assign]
    for kind in (BaseDatabaseWrapper, DatabaseWrapper):
        for name, method in list(vars(kind).items()):
            if getattr(method, "__globals__", {}).get("__name__") == "django.utils.asyncio":
                setattr(kind, name, method.__wrapped__)
    requests.sessions.get_environ_proxies = lambda url, no_proxy=None: {}  # type: ignore[attr-defined]
    requests.sessions.get_netrc_auth = lambda url: None  # type: ignore[attr-defined]


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


_inserts: dict[tuple[Any, ...], str] = {}
_make_insert = SQLInsertCompiler.as_sql


def _insert_as_sql(self: Any) -> Any:
    """Of one row: the columns are written the same way each time."""
    query = self.query
    if len(query.objs) != 1 or not query.fields or query.on_conflict or self.returning_params:
        return _make_insert(self)
    key = (query.model, *map(id, query.fields), 0, *map(id, self.returning_fields or ()))
    sql = _inserts.get(key)
    if sql is None:
        statements = _make_insert(self)
        if len(statements) == 1 and not any(hasattr(field, "get_placeholder") for field in query.fields):
            _inserts[key] = statements[0][0]
        return statements
    row = query.objs[0]
    values = [self.prepare_value(field, self.pre_save_val(field, row)) for field in query.fields]
    if any(hasattr(value, "as_sql") for value in values):
        return _make_insert(self)
    return [(sql, tuple(values))]


_converted: dict[str, str] = {}
_convert = SQLiteCursorWrapper.convert_query


def _convert_query(self: Any, query: str, *, param_names: Any = None) -> str:
    if param_names is not None:
        return _convert(self, query, param_names=param_names)
    converted = _converted.get(query)
    if converted is None:
        converted = _converted[query] = _convert(self, query)
    return converted


_connections: dict[tuple[int, str], Any] = {}
_find_connection = BaseConnectionHandler.__getitem__


def _connection_of(self: Any, alias: str) -> Any:
    key = (id(self), alias)  # handlers live as long as the process
    found = _connections.get(key)
    if found is None:
        found = _connections[key] = _find_connection(self, alias)
    return found
