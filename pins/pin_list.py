"""The list of pins in the order of the times that it shows, by keyset: page 1,000 costs what page 1 costs."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware

from postiz_pins.common.pagination import Page, page_link
from postiz_pins.common.params import parse_key

from .models import ACTIVE_STATUSES, Pin, PinQuerySet, PinStatus
from .models.shown_at import shown_at

PINS_PER_PAGE = 30
# What is still to come is read forwards, what has been backwards.
SOONEST_FIRST = {*ACTIVE_STATUSES, PinStatus.PROPOSED}


def page_of(pins: PinQuerySet, request: HttpRequest, status: str) -> Page:
    """Return the pins after the one that `?after=` names (time and key, as in `2027-03-28T07:30:00+00:00~42`), of one
    status or of all ("")."""
    is_forward = status in SOONEST_FIRST
    after = _position(request.GET.get("after", ""))
    pins = pins.annotate(shown_at=shown_at())
    if after is not None:
        moment, key = after
        beyond = "gt" if is_forward else "lt"
        # The first condition says nothing new, but by it the index is entered at the right place.
        pins = pins.filter(**{f"shown_at__{beyond}e": moment}).filter(
            Q(**{f"shown_at__{beyond}": moment}) | Q(**{f"pk__{beyond}": key})
        )
    ordered = pins.order_by("shown_at", "pk") if is_forward else pins.order_by("-shown_at", "-pk")
    # The keys alone first: with the joins of whole rows a planner may think it cheaper to sort.
    keys = list(ordered.values_list("shown_at", "pk")[: PINS_PER_PAGE + 1])
    shown = keys[:PINS_PER_PAGE]
    found = Pin.objects.with_content().in_bulk([key for _, key in shown])
    return Page(
        [found[key] for _, key in shown if key in found],
        next_url=page_link(request, after=_written(*shown[-1])) if len(keys) > PINS_PER_PAGE else None,
        newest_url=None if after is None else page_link(request),
    )


def _written(moment: datetime, key: int) -> str:
    return f"{moment.isoformat()}~{key}"


def _position(text: str) -> tuple[datetime, int] | None:
    """None for anything that is no position: then it is the first page."""
    moment_text, _, key_text = text.partition("~")
    key = parse_key(key_text)
    try:
        moment = parse_datetime(moment_text)
    except ValueError:
        return None
    if moment is None or not is_aware(moment) or key is None:
        return None
    return moment, key
