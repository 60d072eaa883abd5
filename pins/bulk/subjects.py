"""What is changed many at a time: pins, or files of the library. What the machinery needs to know of either."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from accounts.models import Workspace
from pins.listing.forms import PinListForm
from pins.listing.tabs import tab_named
from pins.media.library import SORTS, LibraryQuery
from pins.models import BulkChange, MediaFile, Pin, PinQuerySet
from pins.models.media import MediaFileQuerySet
from pins.models.shown_at import shown_at


@dataclass(frozen=True)
class Subject:
    """One kind of row."""

    # Of one of them, for people.
    noun: str
    # Of the list that they are chosen in, for people and as an address.
    title: str
    list_view: str
    # What the check boxes of that list are called.
    field: str
    # The column of BulkItem.
    column: str
    template: str
    # Returns whether a query string of the list is understood.
    understands: Callable[[QueryDict, Workspace], bool]
    # Returns the chosen rows in the order of the list; of a filter, what it finds now.
    chosen: Callable[[BulkChange], QuerySet[Any]]
    # Returns the rows of these keys with all that the actions read.
    read: Callable[[Iterable[int]], dict[int, Any]]


def _chosen_pins(change: BulkChange) -> PinQuerySet:
    pins = Pin.objects.in_workspace(change.workspace).annotate(shown_at=shown_at())
    if change.is_by_query:
        asked = QueryDict(change.query)
        form = PinListForm(asked, workspace=change.workspace)
        form.is_valid()
        pins = form.filtered(pins)
        statuses = tab_named(asked.get("status", "")).statuses
        pins = pins.filter(status__in=statuses) if statuses else pins
    else:
        pins = pins.filter(pk__in=change.keys)
    return pins.order_by("shown_at", "pk").with_content()


def _chosen_files(change: BulkChange) -> MediaFileQuerySet:
    if not change.is_by_query:
        files = MediaFile.objects.in_workspace(change.workspace).in_library().with_used_count()
        return files.filter(pk__in=change.keys).order_by("-pk")
    asked = LibraryQuery.of(QueryDict(change.query))
    sort = SORTS[asked.sort]
    key = sort.key.desc() if sort.is_descending else sort.key.asc()
    return asked.files(change.workspace).order_by(key, "-pk" if sort.is_descending else "pk")


PINS = Subject(
    noun="pin",
    title="Pins",
    list_view="pins:pin_list",
    field="pins",
    column="pin_id",
    template="pins/bulk/preview.html",
    understands=lambda query, workspace: PinListForm(query, workspace=workspace).is_valid(),
    chosen=_chosen_pins,
    read=lambda keys: Pin.objects.with_content().in_bulk(keys),
)
FILES = Subject(
    noun="file",
    title="Media",
    list_view="pins:media_list",
    field="media",
    column="media_id",
    template="pins/bulk/preview_of_files.html",
    understands=lambda query, workspace: LibraryQuery.is_understood(query, workspace),
    chosen=_chosen_files,
    read=lambda keys: MediaFile.objects.in_library().with_used_count().select_related("workspace").in_bulk(keys),
)
