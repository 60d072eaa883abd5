"""Queries that are asked each second: each is put together once in a process, then only its moments change.

Django takes two milliseconds to put one together, and PostgreSQL a tenth of one to answer it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from django.db import connection
from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime

# What stands in the query that is kept for "now", a moment that nothing else is near, for a row's key, and for how many
# rows are asked for.
_NOW = datetime(1907, 7, 7, 7, 7, 7, 7777, UTC)
_NEAR = timedelta(days=30)
ANY_KEY = -1907070707
_LIMIT = 1907070707


class Prepared:
    """The query that `build` makes for a moment, compiled once.

    Whatever depends on the moment is at a fixed distance from it. The query may be of one row, whose key is ANY_KEY.
    Rows are tuples of plain values: numbers, texts, and truth as the database has it.
    """

    every: ClassVar[list[Prepared]] = []

    def __init__(self, build: Callable[[datetime], QuerySet[Any, Any]]) -> None:
        self._build = build
        self._kept: dict[str, tuple[str, list[Any]]] = {}
        self.every.append(self)

    def rows(self, now: datetime, most: int, key: int | None = None) -> list[tuple[Any, ...]]:
        """Return the first rows at `now`, `most` of them at most."""
        sql, kept = self.prepare()
        with connection.cursor() as cursor:
            parameters = [key if each == ANY_KEY else _at(now, each) for each in kept]
            cursor.execute(sql.replace(str(_LIMIT), str(most)), parameters)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows

    def prepare(self) -> tuple[str, list[Any]]:
        """Put the query together, unless that was done before; return it with its parameters."""
        if connection.vendor not in self._kept:
            sql, parameters = self._build(_NOW)[:_LIMIT].query.sql_with_params()
            self._kept[connection.vendor] = (sql, [_distance_of(parameter) for parameter in parameters])
        return self._kept[connection.vendor]

    def forget(self) -> None:
        """Put the query together anew when it is asked for the next time."""
        self._kept.clear()


def _distance_of(parameter: Any) -> Any:
    """Return how far the moment is from "now"; what is no moment near it is left as it is."""
    moment = parameter
    if isinstance(parameter, str):  # as SQLite keeps moments
        try:
            moment = parse_datetime(parameter)
        except ValueError:
            return parameter
    if not isinstance(moment, datetime):
        return parameter
    distance = moment.replace(tzinfo=UTC) - _NOW
    return distance if abs(distance) < _NEAR else parameter


def _at(now: datetime, parameter: Any) -> Any:
    if isinstance(parameter, timedelta):
        return connection.ops.adapt_datetimefield_value(now + parameter)
    return parameter
