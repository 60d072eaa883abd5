"""Queries that are asked each second: each is put together once in a process, then only its moments change.

Django takes two milliseconds to put one together, and PostgreSQL a tenth of one to answer it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime

# What stands in the query that is kept for "now", a moment that nothing else is near, and for a row's key.
_NOW = datetime(1907, 7, 7, 7, 7, 7, 7777, UTC)
_NEAR = timedelta(days=30)
ANY_KEY = -1907070707


class Prepared:
    """The query that `build` makes for a moment; whatever depends on the moment is at a fixed distance from it. It may
    be of one row, whose key is ANY_KEY.

    Rows are tuples of plain values: numbers, texts, and truth as the database has it."""

    def __init__(self, build: Callable[[datetime], QuerySet[Any, Any]]) -> None:
        self._build = build
        self._kept: dict[tuple[str, int], tuple[str, list[Any]]] = {}

    def rows(self, now: datetime, most: int, key: int | None = None) -> list[tuple[Any, ...]]:
        """The first rows at `now`, `most` of them at most."""
        kind = (connection.vendor, most)
        if kind not in self._kept:
            sql, parameters = self._build(_NOW)[:most].query.sql_with_params()
            self._kept[kind] = (sql, [_distance_of(parameter) for parameter in parameters])
        sql, kept = self._kept[kind]
        with connection.cursor() as cursor:
            cursor.execute(sql, [key if each == ANY_KEY else _at(now, each) for each in kept])
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _distance_of(parameter: Any) -> Any:
    """How far the moment is from "now"; what is no moment near it is left as it is."""
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
