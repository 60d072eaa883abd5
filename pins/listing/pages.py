"""A page of the list of pins."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.middleware import WorkspaceRequest
from pins.models import Pin, PinQuerySet, PinStatus
from postiz_pins.common.pagination import Page, page_link

from .orders import Grouping, Order

PINS_PER_PAGE = 30


def page_of(
    pins: PinQuerySet, request: WorkspaceRequest, statuses: Sequence[PinStatus], order: Order | Grouping
) -> Page:
    """Return the pins, annotated for the order, of these statuses or, without any, of all; after `?after=`."""
    after = request.GET.get("after", "")
    places, is_first = order.places(pins, statuses, after, PINS_PER_PAGE + 1, request.workspace)
    shown = places[:PINS_PER_PAGE]
    # The keys alone are looked for: with the joins of whole rows a planner may think it cheaper to sort.
    found = Pin.objects.with_content().in_bulk([place.key for place in shown])
    return Page(
        [found[place.key] for place in shown if place.key in found],
        next_url=page_link(request, after=shown[-1].written) if len(places) > PINS_PER_PAGE else None,
        newest_url=None if is_first else page_link(request),
    )
