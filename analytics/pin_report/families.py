"""Pins that were made together: their moments and figures side by side, and what they have come to in all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.middleware import WorkspaceRequest
from accounts.notifications.services import mark_seen
from accounts.permissions import can_edit
from analytics.metrics import PIN_METRICS
from analytics.models import PinSummary
from pins.models import FamilyKind, Pin, PinFamily


@dataclass(frozen=True)
class FamilyRow:
    """One pin of the family."""

    pin: Pin
    # Days of the calendar since the pin before it. None: one of the two has no moment.
    days: int | None
    # Its lifetime metrics with their labels. None: unknown.
    figures: list[tuple[str, int | None]]


@require_GET
def family(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Show the pins of a family in their order."""
    found = get_object_or_404(PinFamily.objects.for_user(request.user).select_related("workspace"), pk=pk)
    pins = list(Pin.objects.filter(family=found).with_content().select_related("summary").order_by("family_position"))
    if not pins:
        raise Http404
    mark_seen(request.memberships, found.workspace_id, request.path, timezone.now())
    timezone.activate(found.workspace.zone)  # it may be another workspace than the current one
    rows = _rows(pins)
    context = {
        "family": found,
        "is_variations": found.kind == FamilyKind.VARIATIONS,
        "first": pins[0],
        "rows": rows,
        "labels": [metric.label for metric in PIN_METRICS],
        "totals": _totals(rows),
        "published_count": sum(row.pin.status == "published" for row in rows),
        "can_edit": can_edit(request, found.workspace),
        "now": timezone.now(),
    }
    return render(request, "analytics/family.html", context)


def _rows(pins: Sequence[Pin]) -> list[FamilyRow]:
    rows: list[FamilyRow] = []
    before = None
    for pin in pins:
        at = pin.published_at or pin.publish_at
        day = timezone.localtime(at).date() if at else None
        days = (day - before).days if day and before else None
        rows.append(FamilyRow(pin, days, _figures(pin)))
        before = day or before
    return rows


def _figures(pin: Pin) -> list[tuple[str, int | None]]:
    summary: PinSummary | None = getattr(pin, "summary", None)
    return [(metric.label, getattr(summary, metric.column) if summary else None) for metric in PIN_METRICS]


def _totals(rows: Sequence[FamilyRow]) -> list[tuple[str, int | None]]:
    """Return the sum of what is known of each metric. None: nothing is."""
    totals: list[tuple[str, int | None]] = []
    for number, metric in enumerate(PIN_METRICS):
        known = [value for row in rows if (value := row.figures[number][1]) is not None]
        totals.append((metric.label, sum(known) if known else None))
    return totals
