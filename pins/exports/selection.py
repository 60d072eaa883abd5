"""Which pins are exported: those that the list shows with the same filters, or ticked ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urlencode

from django.http import Http404

from accounts.middleware import WorkspaceRequest
from pins.listing.forms import PinListForm
from pins.listing.tabs import tab_named
from pins.models import Pin, PinImport, PinQuerySet
from pins.models.shown_at import shown_at, title_key
from postiz_pins.common.params import parse_key, parse_keys

# With their boards, accounts and files, so many pins are a few megabytes, and two batches are in memory at a time.
BATCH = 100
# A list ticks no more at once; more are named by its filter.
MOST_KEYS = 500


def selected(request: WorkspaceRequest) -> PinQuerySet:
    """Return the pins of the current workspace that the query string asks for.

    Raises Http404 for an import that is not the workspace's.
    """
    pins = Pin.objects.in_workspace(request.workspace)
    if key := request.GET.get("import", ""):
        imports = PinImport.objects.in_workspace(request.workspace)
        if not imports.filter(pk=parse_key(key) or 0).exists():
            raise Http404("No such import.")
    if keys := request.GET.get("pins", ""):
        return pins.filter(pk__in=parse_keys(keys.split(","))[:MOST_KEYS])
    form = PinListForm(request.GET, workspace=request.workspace)
    form.is_valid()  # as in the list, what cannot be understood narrows nothing
    pins = form.filtered(pins.annotate(shown_at=shown_at(), title_key=title_key()))
    statuses = tab_named(request.GET.get("status", "")).statuses
    return pins.filter(status__in=statuses) if statuses else pins


def query_of_pins(keys: Iterable[int]) -> str:
    """Return the query string that names these pins."""
    return urlencode({"pins": ",".join(map(str, keys))}, safe=",")


def query_of(request: WorkspaceRequest) -> str:
    """Return the query string without parameters that are empty or only about the page."""
    kept = {name: value for name, value in request.GET.items() if value and name not in ("after", "view", "sort")}
    return f"?{urlencode(kept)}" if kept else ""


def in_batches(pins: PinQuerySet) -> Iterator[list[Pin]]:
    """Yield the pins with their content, the oldest first, so that any number costs the same memory."""
    last = 0
    while batch := list(pins.with_content().prefetch_related("tags").filter(pk__gt=last).order_by("pk")[:BATCH]):
        yield batch
        last = batch[-1].pk
        for pin in batch:  # it and what was prefetched hold each other, and the collector of such rings comes late
            pin._prefetched_objects_cache.clear()
