"""Numbers in requests to the administration that no column of the database holds.

Django asks the database for them nevertheless, and SQLite and PostgreSQL answer with an error. No row has the largest
number, so it stands for all that are beyond: a list finds nothing, a page is not found."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase, QueryDict

LARGEST = 2**63 - 1
# What people type to be searched for: there a long number may be one of Pinterest's ids, which are texts.
SEARCHED = {"q", "term"}

View = Callable[..., HttpResponseBase]


def bound_numbers(view: View) -> View:
    """Return `view` with the numbers of filters, of chosen rows and of the row's own address within bounds."""

    @wraps(view)
    def bounded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.GET = _bounded_query(request.GET, request.GET.keys() - SEARCHED)  # type: ignore[assignment]  # read only, too
        if request.method == "POST":
            chosen = {"_selected_action"} & request.POST.keys()
            request.POST = _bounded_query(request.POST, chosen)  # type: ignore[assignment]  # read only, too
        if "object_id" in kwargs:
            kwargs["object_id"] = _bounded(kwargs["object_id"])
        return view(request, *args, **kwargs)

    return bounded


def _bounded_query(query: QueryDict, names: set[str]) -> QueryDict:
    changed = query.copy()
    for name in names:
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
    return _admin_view(bound_numbers(view), cacheable)


# Each page of the administration passes here.
admin.site.admin_view = admin_view  # type: ignore[method-assign,assignment]
