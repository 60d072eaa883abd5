"""How a mutant comes to life: the code of a function is exchanged, so whoever holds the function has the mutant."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType, FunctionType
from typing import Any

from django.utils.module_loading import import_string

from postiz_pins.database.prepared_queries import Prepared

from .mutants import Mutant


class DoesNotApply(Exception):
    """The piece of source that the mutant replaces is not there, or more than once."""


@contextmanager
def applied(mutant: Mutant) -> Iterator[None]:
    """The mutant lives while the block runs: the function's code is exchanged, so whoever holds it has the mutant."""
    function = _function(mutant.function)
    code = function.__code__
    function.__code__ = _mutated(function, mutant)
    _forget_prepared()
    try:
        yield
    finally:
        function.__code__ = code
        _forget_prepared()


def _forget_prepared() -> None:
    """Queries that were put together once (postiz_pins/database/prepared_queries.py) would keep what the function said
    before.
    """
    for query in Prepared.every:
        query.forget()


def _function(path: str) -> FunctionType:
    try:
        found: Any = import_string(path)
    except ImportError:  # a method
        owner, _, name = path.rpartition(".")
        found = getattr(import_string(owner), name)
    found = inspect.unwrap(found)
    if not isinstance(found, FunctionType):
        raise DoesNotApply(f"{path} is no function.")
    return found


def _mutated(function: FunctionType, mutant: Mutant) -> CodeType:
    source = textwrap.dedent(inspect.getsource(function))
    if source.count(mutant.old) != 1:
        raise DoesNotApply(f"{mutant.name}: {mutant.function} has {source.count(mutant.old)} times {mutant.old!r}")
    tree = ast.parse("from __future__ import annotations\n" + source.replace(mutant.old, mutant.new))
    definition = next(node for node in tree.body if isinstance(node, ast.FunctionDef))
    definition.decorator_list = []
    module = compile(tree, inspect.getfile(function), "exec")
    code = next(each for each in module.co_consts if isinstance(each, CodeType) and each.co_name == function.__name__)
    if code.co_freevars != function.__code__.co_freevars:
        raise DoesNotApply(f"{mutant.name}: the function is a closure.")
    return code
