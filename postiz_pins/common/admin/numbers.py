"""Numbers in requests to the administration that no column of the database holds, and chosen rows that are no keys.

Django asks the database for them nevertheless, and SQLite and PostgreSQL answer with an error. No row has the largest
number, so it stands for all that are beyond: a list finds nothing, a page is not found.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseBase, QueryDict

LARGEST = 2**63 - 1
# What people type to be searched for: there a long number may be one of Pinterest's ids, which are texts.
SEARCHED = {"q", "term"}
# With one more year after it.
YEAR = re.compile(r"(?!0000|9999)[0-9]{4}")

View = Callable[..., HttpResponseBase]


def bound_numbers(view: View) -> View:
    """Return `view` with the numbers of filters, of chosen rows and of the row's own address in bounds."""

    @wraps(view)
    def bounded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.GET = _bounded_query(request.GET, request.GET.keys() - SEARCHED)  # type: ignore[assignment]  # read only, too
        if request.method == "POST" and "_selected_action" in request.POST:
            chosen = _bounded_query(request.POST, {"_selected_action"})
            owner = getattr(view, "__self__", None)
            request.POST = _keys_only(chosen, owner) if isinstance(owner, ModelAdmin) else chosen  # type: ignore[assignment]  # read only, too
        if "object_id" in kwargs:
            kwargs["object_id"] = _bounded(kwargs["object_id"])
        return view(request, *args, **kwargs)

    return bounded


def _keys_only(query: QueryDict, owner: ModelAdmin[Any]) -> QueryDict:
    """Return the query without chosen rows that can be none: Django would ask for them, and fail."""
    changed = query.copy()
    changed.setlist("_selected_action", [key for key in query.getlist("_selected_action") if _is_key(key, owner)])
    changed._mutable = False
    return changed


def _is_key(value: str, owner: ModelAdmin[Any]) -> bool:
    try:
        owner.opts.pk.to_python(value)
    except ValidationError:
        return False
    return True


def _bounded_query(query: QueryDict, names: set[str]) -> QueryDict:
    changed = query.copy()
    for name in names:
        if name.endswith("__year") and not all(YEAR.fullmatch(value) for value in query.getlist(name)):
            del changed[name]  # Django would make a date of it
            continue
        changed.setlist(name, [",".join(map(_bounded, value.split(","))) for value in query.getlist(name)])
    changed._mutable = False
    return changed


def _bounded(value: str) -> str:
    try:
        is_beyond = abs(int(value)) > LARGEST
    except ValueError:
        return value
    return str(LARGEST) if is_beyond else value


_admin_view = admin.site.admin_view


def admin_view(view: View, cacheable: bool = False) -> View:
    """Return the administration's view, which refuses numbers that no database can hold."""
    return _admin_view(bound_numbers(view), cacheable)


# Each page of the administration passes here.
admin.site.admin_view = admin_view  # type: ignore[method-assign,assignment]
