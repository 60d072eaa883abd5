"""The files of a library as a page shows them: filtered, in one of several orders, page by page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, Q
from django.db.models.functions import Lower
from django.http import HttpRequest, QueryDict

from accounts.models import Workspace
from pins.models import MediaFile, MediaFileQuerySet, MediaKind, Tag
from postiz_pins.common.pagination import Page, page_link
from postiz_pins.common.params import parse_key
from postiz_pins.common.text import strip_nul

KINDS = {"": "All", MediaKind.IMAGE: "Images", MediaKind.VIDEO: "Videos"}
UNUSED, USED = "unused", "used"
USES = {"": "All files", USED: "Used in a pin", UNUSED: "Not used yet"}


# What the library offers to do with the files that are ticked; pins/bulk/ does it.
SELECTION_ACTIONS = {"tag_files": "Add tags…", "delete_files": "Delete"}


@dataclass(frozen=True)
class Sort:
    """An order of the files, with an index of the model for each."""

    label: str
    key: Any
    is_descending: bool
    # Reads the key of a file out of the query string; None for what is no key.
    parse: Callable[[str], int | str | None]


NEWEST = "newest"
SORTS = {
    NEWEST: Sort("Newest first", F("pk"), True, parse_key),
    "oldest": Sort("Oldest first", F("pk"), False, parse_key),
    "name": Sort("By name", Lower("original_name"), False, strip_nul),
    "size": Sort("Largest first", F("size_bytes"), True, parse_key),
}


@dataclass(frozen=True)
class LibraryQuery:
    """What the query string asks for; what it asks in vain counts as not asked."""

    kind: str
    use: str
    # The key of one.
    tag: int | None
    sort: str
    text: str

    @classmethod
    def of(cls, query: QueryDict) -> LibraryQuery:
        """Read `?kind=`, `?use=`, `?tag=`, `?sort=` and `?q=`."""
        kind, use, sort = (query.get(name, "") for name in ("kind", "use", "sort"))
        if kind == UNUSED:  # the composer's choice has one list for both
            kind, use = "", UNUSED
        return cls(
            kind if kind in KINDS else "",
            use if use in USES else "",
            parse_key(query.get("tag", "")),
            sort if sort in SORTS else NEWEST,
            strip_nul(query.get("q", "")).strip(),
        )

    @classmethod
    def is_understood(cls, query: QueryDict, workspace: Workspace) -> bool:
        """Return whether nothing in the query string is asked in vain, as a tag that was deleted would be."""
        asked = cls.of(query)
        if asked.tag and not Tag.objects.in_workspace(workspace).filter(pk=asked.tag).exists():
            return False
        return all(not query.get(name) or str(value) == query[name] for name, value in asked.parameters.items())

    @property
    def parameters(self) -> dict[str, str | int | None]:
        """Return what is asked for by the names of its parameters."""
        return {"kind": self.kind, "use": self.use, "tag": self.tag, "sort": self.sort, "q": self.text}

    @property
    def query_string(self) -> str:
        """Return what is asked for as a query string."""
        return urlencode({name: value for name, value in self.parameters.items() if value})

    @property
    def is_narrowed(self) -> bool:
        """Return whether some files may be left out."""
        return bool(self.kind or self.use or self.tag or self.text)

    def files(self, workspace: Workspace) -> MediaFileQuerySet:
        """Return the files of the workspace's library that are asked for."""
        files = MediaFile.objects.in_workspace(workspace).in_library().with_used_count()
        if self.kind:
            files = files.filter(kind=self.kind)
        if self.use:
            files = files.unused() if self.use == UNUSED else files.used()
        if self.tag:
            files = files.filter(tags=self.tag)
        return files.matching(self.text) if self.text else files


def library_page(files: MediaFileQuerySet, request: HttpRequest, sort: Sort, files_per_page: int) -> Page:
    """Return the files after the one that `?after=` names: its key in this order, a ~ and its primary key."""
    after = _position(request.GET.get("after", ""), sort)
    files = files.annotate(sort_key=sort.key)
    if after is not None:
        value, pk = after
        beyond = "lt" if sort.is_descending else "gt"
        # The first condition says nothing new, but by it the index is entered at the right place.
        files = files.filter(**{f"sort_key__{beyond}e": value}).filter(
            Q(**{f"sort_key__{beyond}": value}) | Q(**{f"pk__{beyond}": pk})
        )
    sign = "-" if sort.is_descending else ""
    rows = list(files.order_by(f"{sign}sort_key", f"{sign}pk")[: files_per_page + 1])
    shown = rows[:files_per_page]
    return Page(
        shown,
        next_url=page_link(request, after=f"{shown[-1].sort_key}~{shown[-1].pk}")
        if len(rows) > files_per_page
        else None,
        newest_url=None if after is None else page_link(request),
    )


def _position(text: str, sort: Sort) -> tuple[int | str, int] | None:
    value_text, _, key_text = text.rpartition("~")
    value, key = sort.parse(value_text), parse_key(key_text)
    return None if value is None or key is None else (value, key)
