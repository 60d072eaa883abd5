"""All pins with all that is known of them, as a table that can be imported again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.middleware import WorkspaceRequest
from analytics.models import PinSummary
from pins.errors.lookup import explanation_of
from pins.exports.rows import PLAN_HEADER, format_utc, plan_row
from pins.exports.selection import in_batches, selected
from pins.models import PinQuerySet, PinStatus
from postiz_pins.common.csv_files import Cell, csv_response

METRICS = ("impressions", "pin_clicks", "outbound_clicks", "saves")
HEADER = [
    *PLAN_HEADER,
    *("Pin URL", "Pinterest id", "Published at", "Impressions", "Pin clicks", "Outbound clicks", "Saves", "Problem"),
]


@require_GET
def plan_csv(request: WorkspaceRequest) -> HttpResponseBase:
    """Return the pins that the list of pins shows with the same filters, a row at a time."""
    return csv_response(f"pins-{timezone.localdate():%Y-%m-%d}", HEADER, rows_of(selected(request)))


def rows_of(pins: PinQuerySet) -> Iterator[Sequence[Cell]]:
    """Yield a row for each pin, the oldest first."""
    for batch in in_batches(pins):
        published = [pin.pk for pin in batch if pin.status == PinStatus.PUBLISHED]
        numbers = {row[0]: row[1:] for row in PinSummary.objects.filter(pk__in=published).values_list("pk", *METRICS)}
        for pin in batch:
            trouble = explanation_of(pin)
            yield (
                *plan_row(pin),
                *(pin.permalink, pin.pinterest_pin_id, format_utc(pin.published_at)),
                *numbers.get(pin.pk, [None] * len(METRICS)),
                " ".join(filter(None, [trouble.title, trouble.advice])) if trouble else "",
            )
