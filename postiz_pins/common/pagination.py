"""Pages of long lists, newest first, by keyset: page 1,000 costs what page 1 costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from .params import parse_key


@dataclass(frozen=True)
class Page:
    """Some rows of a list, with links to the others."""

    rows: list[Any]
    # Query strings, as in "?status=draft&before=42"; None: there is no such page.
    next_url: str | None
    newest_url: str | None


def page_of(queryset: QuerySet[Any], request: HttpRequest, rows_per_page: int) -> Page:
    """Return the rows after the one of `?before=` (a primary key), and links that keep the other parameters."""
    before = parse_key(request.GET.get("before", ""))
    if before is not None:
        queryset = queryset.filter(pk__lt=before)
    rows = list(queryset.order_by("-pk")[: rows_per_page + 1])
    has_more = len(rows) > rows_per_page
    rows = rows[:rows_per_page]
    return Page(
        rows,
        next_url=page_link(request, before=str(rows[-1].pk)) if has_more else None,
        newest_url=None if before is None else page_link(request),
    )


def page_link(request: HttpRequest, **changes: str) -> str:
    """Return the query string of another page of the same list."""
    query = request.GET.copy()
    for name in ("before", "after"):
        query.pop(name, None)
    query.update(changes)
    return f"?{query.urlencode()}"
