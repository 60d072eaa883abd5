"""Query sets that write down the steps by which they are put together (kept_queries.py)."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Case, Exists, Q, QuerySet, Subquery, query
from django.db.models.fields import related_descriptors
from django.db.models.sql.constants import ROW_COUNT, SINGLE

from .kept_queries import Known, build, compiler_of

NAMES = (
    "__init__ _clone _next_is_sticky _not_support_combined_queries _check_ordering_first_last_queryset_aggregation "
    "_filter_or_exclude order_by select_related _values only select_for_update prefetch_related __getitem__ __or__ "
    "ordered get exists count update _fetch_all query"
)


def install() -> None:
    for name in NAMES.split():
        setattr(QuerySet, name, globals()[f"_{name.strip('_')}"])
    related_descriptors._filter_prefetch_queryset = _filter_prefetched  # type: ignore[attr-defined]
    query.get_related_populators = _populators
    Subquery.__init__, Exists.__init__ = _init_subquery, _init_subquery  # type: ignore[method-assign]
    Subquery.query = property(_query_of_subquery, _set_query_of_subquery)  # type: ignore[assignment, attr-defined]


def _init(self: Any, model: Any = None, query: Any = None, using: Any = None, hints: Any = None) -> None:
    _real_init(self, model, query or True, using, hints)
    # None: the query has been put together.
    self._steps = None if query else ()
    self._known = None


def _noted(self: Any, *step: Any) -> Any:
    clone = self._chain()
    clone._steps = (*self._steps, step)
    return clone


def _is_sliced(self: Any) -> bool:
    return any(step[0] == "limits" for step in self._steps)


def _get_query(self: Any) -> Any:
    if self._known is not None:
        return self._known
    if self._steps is not None:
        self._query, self._steps = build(self.model, self._steps), None
    return _real_query.fget(self)  # type: ignore[misc]


def _set_query(self: Any, value: Any) -> None:
    self._steps = None
    _real_query.fset(self, value)  # type: ignore[misc]


def _clone(self: Any) -> Any:
    if self._steps is None:
        return _real_clone(self)
    clone = self.__class__(model=self.model, using=self._db, hints=self._hints)
    clone._steps = self._steps
    clone._sticky_filter = self._sticky_filter
    clone._for_write = self._for_write
    clone._prefetch_related_lookups = self._prefetch_related_lookups[:]
    clone._known_related_objects = self._known_related_objects
    clone._iterable_class = self._iterable_class
    clone._fields = self._fields
    return clone


def _next_is_sticky(self: Any) -> Any:
    _get_query(self)  # whose steps are not to be told apart
    return _real_next_is_sticky(self)


def _not_support_combined_queries(self: Any, operation_name: str) -> None:
    if self._steps is None:
        _real_not_support(self, operation_name)


def _check_ordering_first_last_queryset_aggregation(self: Any, method: str) -> None:
    if self._steps is None:
        _real_check_ordering(self, method)


def _filter_or_exclude(self: Any, negate: bool, args: Any, kwargs: Any) -> Any:
    if self._steps is None or _is_sliced(self) or "_connector" in kwargs or "_negated" in kwargs:
        return _real_filter(self, negate, args, kwargs)
    self._defer_next_filter = False
    return _noted(self, "filter", negate, args, kwargs)


def _order_by(self: Any, *names: Any) -> Any:
    if self._steps is None or _is_sliced(self) or not all(isinstance(name, str) for name in names):
        return _real_order_by(self, *names)
    return _noted(self, "order", names)


def _select_related(self: Any, *names: Any) -> Any:
    if self._steps is None or self._fields is not None or not names or names == (None,):
        return _real_select_related(self, *names)
    return _noted(self, "related", names)


def _values(self: Any, *names: Any, **expressions: Any) -> Any:
    if self._steps is None or not all(type(each) is Case for each in expressions.values()):
        return _real_values(self, *names, **expressions)
    clone = self
    for name, expression in expressions.items():
        clone = _noted(clone, "annotate", name, expression)
    clone = _noted(clone, "values", names)
    clone._fields = names
    return clone


def _only(self: Any, *names: Any) -> Any:
    if self._steps is None or self._fields is not None or not all(isinstance(name, str) for name in names):
        return _real_only(self, *names)
    return _noted(self, "only", names)


def _select_for_update(
    self: Any, nowait: bool = False, skip_locked: bool = False, of: Any = (), no_key: bool = False
) -> Any:
    if self._steps is None or nowait:
        return _real_select_for_update(self, nowait, skip_locked, of, no_key)
    clone = _noted(self, "lock", tuple(of), no_key)
    clone._for_write = True
    return clone


def _prefetch_related(self: Any, *lookups: Any) -> Any:
    if self._steps is None or lookups == (None,):
        return _real_prefetch_related(self, *lookups)
    clone = self._chain()
    clone._prefetch_related_lookups = clone._prefetch_related_lookups + lookups
    return clone


def _getitem(self: Any, key: Any) -> Any:
    is_simple = type(key) is slice and key.step is None and not key.start and type(key.stop) is int and key.stop > 0
    if self._steps is None or self._result_cache is not None or not is_simple or _is_sliced(self):
        return _real_getitem(self, key)
    return _noted(self, "limits", key.start, key.stop)


def _or(self: Any, other: Any) -> Any:
    if (
        self._steps is None
        or getattr(other, "_steps", None) is None
        or not (self._fields is None and other._fields is None)
        or _is_sliced(self)
        or _is_sliced(other)
        or self.model is not other.model
    ):
        return _real_or(self, other)
    combined = _noted(self, "or", other.model, other._steps)
    combined._merge_known_related_objects(other)
    return combined


def _is_ordered(self: Any) -> bool:
    if self._steps is None or any(step[0] == "or" for step in self._steps):
        return bool(_real_ordered.fget(self))  # type: ignore[misc]
    orders = [step[1] for step in self._steps if step[0] == "order"]
    return bool(orders[-1] if orders else self.model._meta.ordering)


def _get(self: Any, *args: Any, **kwargs: Any) -> Any:
    if self._steps is None or _is_sliced(self):
        return _real_get(self, *args, **kwargs)
    found = self.filter(*args, **kwargs).order_by()[: query.MAX_GET_RESULTS]
    if len(found) == 1:
        return found._result_cache[0]
    name = self.model._meta.object_name
    if not found:
        raise self.model.DoesNotExist(f"{name} matching query does not exist.")
    raise self.model.MultipleObjectsReturned(f"get() returned more than one {name}")


def _exists(self: Any) -> bool:
    if self._steps is None or self._result_cache is not None:
        return bool(_real_exists(self))
    compiler = compiler_of(self, "exists")
    return bool(_real_exists(self) if compiler is None else compiler.has_results())


def _count(self: Any) -> int:
    is_plain = self._steps is not None and all(step[0] in ("filter", "order") for step in self._steps)
    compiler = compiler_of(self, "count") if is_plain and self._result_cache is None else None
    return int(_real_count(self) if compiler is None else compiler.execute_sql(SINGLE)[0])


def _update(self: Any, **changes: Any) -> int:
    if self._steps is None or any(step[0] in ("limits", "or", "order", "annotate") for step in self._steps):
        return int(_real_update(self, **changes))
    compiler = compiler_of(self, "update", changes)
    if compiler is None:
        return int(_real_update(self, **changes))
    self._for_write = True
    with transaction.mark_for_rollback_on_error(using=self.db):
        rows: int = compiler.execute_sql(ROW_COUNT)
    self._result_cache = None
    return rows


def _fetch_all(self: Any) -> None:
    if self._result_cache is None and self._steps is not None:
        compiler = compiler_of(self, "rows")
        if compiler is not None:
            self._known = Known(compiler)
            try:
                self._result_cache = list(self._iterable_class(self))
            finally:
                self._known = None
    _real_fetch_all(self)


def _filter_prefetched(queryset: Any, field_name: str, instances: Any) -> Any:
    if queryset._steps is None or queryset._sticky_filter or _is_sliced(queryset):
        return _real_filter_prefetched(queryset, field_name, instances)
    queryset._steps = (*queryset._steps, ("prefetch", Q(**{f"{field_name}__in": instances})))
    return queryset


def _populators(klass_info: dict[str, Any], select: Any, db: str) -> Any:
    """How related rows become objects, which a kept query need not work out again."""
    known = klass_info.get("populators")
    if known is None:
        known = klass_info["populators"] = _real_populators(klass_info, select, db)
    return known


# Subqueries are put together only if they are needed


def _init_subquery(self: Any, queryset: Any, output_field: Any = None, **extra: Any) -> None:
    steps = getattr(queryset, "_steps", None)
    if steps is None:
        (_real_init_exists if isinstance(self, Exists) else _real_init_subquery)(
            self, queryset, **({"output_field": output_field} if output_field is not None else {}), **extra
        )
        return
    self._own_query = None
    self._put_together = (queryset.model, steps)
    self._constructor_args = (queryset,), {"output_field": output_field, **extra}
    self.extra = extra
    super(Subquery, self).__init__(output_field)


def _query_of_subquery(self: Any) -> Any:
    if self._own_query is None:
        own = build(*self._put_together)
        own.subquery = True
        self._own_query = own.exists() if isinstance(self, Exists) else own
    return self._own_query


def _set_query_of_subquery(self: Any, value: Any) -> None:
    self._own_query = value


_real_init = QuerySet.__init__
_real_clone = QuerySet._clone
_real_not_support = QuerySet._not_support_combined_queries
_real_next_is_sticky = QuerySet._next_is_sticky
_real_check_ordering = QuerySet._check_ordering_first_last_queryset_aggregation
_real_filter = QuerySet._filter_or_exclude
_real_order_by = QuerySet.order_by
_real_select_related = QuerySet.select_related
_real_values = QuerySet._values
_real_only = QuerySet.only
_real_select_for_update = QuerySet.select_for_update
_real_prefetch_related = QuerySet.prefetch_related
_real_getitem = QuerySet.__getitem__
_real_or = QuerySet.__or__
_real_ordered = QuerySet.ordered
_real_get = QuerySet.get
_real_exists = QuerySet.exists
_real_count = QuerySet.count
_real_update = QuerySet.update
_real_fetch_all = QuerySet._fetch_all
_real_query = QuerySet.query
_real_filter_prefetched = related_descriptors._filter_prefetch_queryset  # type: ignore[attr-defined]
_real_populators = query.get_related_populators
_real_init_subquery = Subquery.__init__
_real_init_exists = Exists.__init__
_ordered = property(_is_ordered)
_query = property(_get_query, _set_query)
