"""Queries that are put together and compiled once: Django takes a millisecond for what SQLite answers in a tenth.

While a query set is put together, its steps are only written down. Once rows are asked for, a query with the same steps
may be known, in which nothing but values differs: then its SQL is used again. Whatever is asked in another way is put
together as Django does it, from the steps. To find out which parameter is which value, a query is compiled twice at
first: with its own values, and with values that nothing else has.
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, models
from django.db.models import Count, Field, Q, QuerySet, sql
from django.db.models.expressions import BaseExpression, F
from django.db.models.sql.compiler import SQLCompiler, SQLUpdateCompiler
from django.utils.duration import duration_microseconds

Step = tuple[Any, ...]


class _Unknown(Exception):
    """This has something in it that cannot be recognised."""


# Putting together: each step by its name


def build(model: Any, steps: tuple[Step, ...]) -> Any:
    built = sql.Query(model)
    for name, *arguments in steps:
        built = built.chain()
        _BUILDERS[name](built, *arguments)
    return built


def _filter(built: Any, is_negated: bool, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    condition = Q(*args, **kwargs)
    built.add_q(~condition if is_negated else condition)


def _order(built: Any, names: tuple[Any, ...]) -> None:
    built.clear_ordering(force=True, clear_default=False)
    built.add_ordering(*names)


def _lock(built: Any, of: tuple[str, ...], no_key: bool) -> None:
    built.select_for_update = True
    built.select_for_update_of = of
    built.select_for_no_key_update = no_key


_BUILDERS: dict[str, Callable[..., Any]] = {
    "filter": _filter,
    "order": _order,
    "lock": _lock,
    "related": lambda built, names: built.add_select_related(names),
    "values": lambda built, names: built.set_values(names),
    "annotate": lambda built, name, expression: built.add_annotation(expression, name, select=True),
    "prefetch": lambda built, condition: built.add_q(condition, reuse_all=True),
    "only": lambda built, names: built.add_immediate_loading(names),
    "limits": lambda built, low, high: built.set_limits(low, high),
    "or": lambda built, model, steps: built.combine(build(model, steps), sql.OR),
}


# Recognising: what is the same in two queries, and the values that differ

_VALUES = (int, str, datetime, uuid.UUID, timedelta, float)


def _read(thing: Any, key: list[Any], values: list[Any], *, is_constant: bool = False) -> None:
    """Appends to `key` what two queries must have in common, and to `values` what may differ."""
    kind = type(thing)
    if thing is None or kind is bool:
        key.append((kind, thing))
    elif issubclass(kind, _VALUES) and not (is_constant and kind is not datetime):
        key.append(kind)
        values.append(thing)
    elif is_constant and issubclass(kind, (*_VALUES, bytes, type)):
        key.append((kind, thing))
    elif kind in (tuple, list, set, frozenset, range):
        key.append((kind, len(thing)))
        for each in thing:
            _read(each, key, values, is_constant=is_constant)
    elif kind is dict and is_constant:
        key.append((kind, tuple(thing)))
        for each in thing.values():
            _read(each, key, values, is_constant=True)
    elif isinstance(thing, Q):
        key.append((Q, thing.connector, thing.negated, len(thing.children)))
        for each in thing.children:
            _read_condition(each, key, values)
    elif isinstance(thing, (BaseExpression, F)):
        args, kwargs = _arguments_of(thing)
        key.append((kind, len(args), tuple(kwargs)))
        for each in (*args, *kwargs.values()):
            _read(each, key, values, is_constant=True)
    elif isinstance(thing, models.Model) and isinstance(thing.pk, _VALUES):
        key.append(kind)
        values.append(thing.pk)
    elif isinstance(thing, QuerySet) and thing._steps is not None:  # type: ignore[attr-defined]
        key.append((QuerySet, thing.model, thing._db))
        _read_steps(thing._steps, key, values)  # type: ignore[attr-defined]
    elif isinstance(thing, Field):
        key.append((kind, id(thing) if hasattr(thing, "model") else (thing.null, thing.max_length)))
    else:
        raise _Unknown


def _arguments_of(expression: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    if not hasattr(expression, "_constructor_args"):
        raise _Unknown
    args, kwargs = expression._constructor_args
    return args, kwargs


def _read_condition(condition: Any, key: list[Any], values: list[Any]) -> None:
    if type(condition) is tuple:
        key.append(condition[0])
        _read(condition[1], key, values)
    else:
        _read(condition, key, values)


def _read_steps(steps: tuple[Step, ...], key: list[Any], values: list[Any]) -> None:
    key.append(len(steps))
    for step in steps:
        if step[0] == "filter":
            _, is_negated, args, kwargs = step
            key.append(("filter", is_negated, len(args), tuple(kwargs)))
            for each in args:
                _read_condition(each, key, values)
            for each in kwargs.values():
                _read(each, key, values)
        elif step[0] == "or":
            key.append(("or", step[1]))
            _read_steps(step[2], key, values)
        elif step[0] in ("annotate", "prefetch"):
            key.append(step[:-1])
            _read(step[-1], key, values)
        else:
            key.append(step)


# The same with other values, which come in the order in which they were read


def _replaced(thing: Any, others: Iterator[Any]) -> Any:
    key: list[Any] = []
    values: list[Any] = []
    kind = type(thing)
    if kind in (tuple, list, set, frozenset, range):
        return (list if kind is range else kind)(_replaced(each, others) for each in thing)
    if isinstance(thing, Q):
        children = [
            (each[0], _replaced(each[1], others)) if type(each) is tuple else _replaced(each, others)
            for each in thing.children
        ]
        return Q.create(children, thing.connector, thing.negated)
    if isinstance(thing, (BaseExpression, F)):
        args, kwargs = _arguments_of(thing)
        new_args = [_replaced_constant(each, others) for each in args]
        return kind(*new_args, **{name: _replaced_constant(each, others) for name, each in kwargs.items()})
    if isinstance(thing, QuerySet):
        other = QuerySet(thing.model, using=thing._db)
        other._steps = _replaced_steps(thing._steps, others)  # type: ignore[attr-defined]
        return other
    _read(thing, key, values)
    if isinstance(thing, models.Model):
        other_row = copy.copy(thing)
        other_row.pk = next(others)
        return other_row
    return next(others) if values else thing


def _replaced_constant(thing: Any, others: Iterator[Any]) -> Any:
    if isinstance(thing, dict):
        return {name: _replaced_constant(each, others) for name, each in thing.items()}
    if type(thing) in (tuple, list, set, frozenset):
        return type(thing)(_replaced_constant(each, others) for each in thing)
    if isinstance(thing, (*_VALUES, bytes, type)) and type(thing) is not datetime:
        return thing
    return _replaced(thing, others)


def _replaced_steps(steps: tuple[Step, ...], others: Iterator[Any]) -> tuple[Step, ...]:
    replaced: list[Step] = []
    for step in steps:
        if step[0] == "filter":
            _, is_negated, args, kwargs = step
            conditions = tuple(
                (each[0], _replaced(each[1], others)) if type(each) is tuple else _replaced(each, others)
                for each in args
            )
            named = {name: _replaced(each, others) for name, each in kwargs.items()}
            replaced.append(("filter", is_negated, conditions, named))
        elif step[0] == "or":
            replaced.append(("or", step[1], _replaced_steps(step[2], others)))
        elif step[0] in ("annotate", "prefetch"):
            replaced.append((*step[:-1], _replaced(step[-1], others)))
        else:
            replaced.append(step)
    return tuple(replaced)


def _probe(value: Any, number: int) -> Any:
    """A value of the same kind that nothing else has."""
    if isinstance(value, str):
        return f"\u00a7{number}\u00a7"
    if isinstance(value, datetime):
        return datetime(1907, 7, 7, 7, 7, 7, 7000 + number, UTC)
    if isinstance(value, uuid.UUID):
        return uuid.UUID(int=19070707 * 10**9 + number)
    if isinstance(value, timedelta):
        return timedelta(days=1907, microseconds=number)
    return 19070 + number if isinstance(value, int) else 19070.25 + number


# How the database has each kind.
_AS_STORED: dict[type, Callable[[Any], Any]] = {
    datetime: lambda value: connection.ops.adapt_datetimefield_value(value),
    uuid.UUID: lambda value: value.hex,
    timedelta: duration_microseconds,
}


def _as_it_is(value: Any) -> Any:
    return value


class _KeptSelect(SQLCompiler):
    kept: _Kept
    parameters: tuple[Any, ...]

    def as_sql(self, *_: Any, **__: Any) -> Any:
        return self.kept.sql, self.parameters

    def get_converters(self, expressions: Any) -> Any:
        if self.kept.converters is None:
            self.kept.converters = super().get_converters(expressions)
        return self.kept.converters

    def has_composite_fields(self, expressions: Any) -> bool:
        return False


class _KeptUpdate(SQLUpdateCompiler):
    kept: _Kept
    parameters: tuple[Any, ...]

    def as_sql(self, *_: Any, **__: Any) -> Any:
        return self.kept.sql, self.parameters


class _Kept:
    """A compiled query without its values."""

    def __init__(self, compiler: Any, probing: Any, values: list[Any], probes: list[Any]) -> None:
        self.sql, parameters = compiler.as_sql()
        probing_sql, probed = probing.as_sql()
        if self.sql != probing_sql or not self.sql:
            raise _Unknown
        self.converters: Any = None
        places = {}
        for number, probe in enumerate(probes):
            convert = _AS_STORED.get(type(probe), _as_it_is)
            places[convert(probe)] = (number, None if convert is _as_it_is else convert)
        self._places = [places.get(parameter, (None, parameter)) for parameter in probed]
        if self.parameters(values) != tuple(parameters):
            raise _Unknown
        self._kind = _KeptUpdate if isinstance(compiler, SQLUpdateCompiler) else _KeptSelect
        if self._kind is _KeptSelect and SQLCompiler.has_composite_fields(
            compiler, [each[0] for each in compiler.select]
        ):
            raise _Unknown
        if self._kind is _KeptUpdate and compiler.query.related_updates:
            raise _Unknown
        self._state = {**vars(compiler), "kept": self}

    def parameters(self, values: list[Any]) -> tuple[Any, ...]:
        return tuple(
            [
                convert if number is None else values[number] if convert is None else convert(values[number])
                for number, convert in self._places
            ]
        )

    def compiler(self, values: list[Any]) -> Any:
        compiler = object.__new__(self._kind)
        compiler.__dict__.update(self._state)
        compiler.parameters = self.parameters(values)
        return compiler


class Known:
    """Stands for the query of a query set while its rows are read."""

    def __init__(self, compiler: Any) -> None:
        self._compiler = compiler

    def get_compiler(self, *_: Any, **__: Any) -> Any:
        return self._compiler

    def __getattr__(self, name: str) -> Any:
        return getattr(self._compiler.query, name)


_kept: dict[Any, _Kept | None] = {}


def compiler_of(queryset: Any, kind: str, changes: dict[str, Any] | None = None) -> Any:
    """The compiler of a known query with the query set's values; None: it has to be put together."""
    key: list[Any] = [queryset.model, kind]
    values: list[Any] = []
    try:
        _read_steps(queryset._steps, key, values)
        for name, each in (changes or {}).items():
            key.append(name)
            _read(each, key, values)
        found = tuple(key)
        kept = _kept[found]
    except _Unknown:
        return None
    except KeyError:
        try:
            kept = _keep(queryset, kind, changes or {}, values)
        except Exception:  # noqa: BLE001  it fails where the app asks, or cannot be kept
            kept = None
        _kept[found] = kept
    return kept.compiler(values) if kept is not None else None


def _keep(queryset: Any, kind: str, changes: dict[str, Any], values: list[Any]) -> _Kept:
    probes = [_probe(value, number) for number, value in enumerate(values)]
    others = iter(probes)
    steps = _replaced_steps(queryset._steps, others)
    other_changes = {name: _replaced(each, others) for name, each in changes.items()}
    compiler = _COMPILERS[kind](build(queryset.model, queryset._steps), changes)
    return _Kept(compiler, _COMPILERS[kind](build(queryset.model, steps), other_changes), values, probes)


def _updating(built: Any, changes: dict[str, Any]) -> Any:
    built = built.chain(sql.UpdateQuery)
    built.add_update_values(changes)
    built.clear_select_clause()
    return built.get_compiler(connection=connection)


def _counting(built: Any, changes: dict[str, Any]) -> Any:
    built.default_cols = False
    built.clear_ordering(force=True)
    built.add_annotation(Count("*"), "__count", select=True)
    return built.get_compiler(connection=connection)


_COMPILERS: dict[str, Callable[[Any, dict[str, Any]], Any]] = {
    "rows": lambda built, changes: built.get_compiler(connection=connection),
    "exists": lambda built, changes: built.exists().get_compiler(connection=connection),
    "count": _counting,
    "update": _updating,
}
