"""The list of pins."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.middleware import WorkspaceRequest
from pins.models import Pin
from pins.models.shown_at import shown_at, title_key

from .forms import GRID, PANEL, PinListForm
from .orders import LATEST, ORDERS, SOONEST, STATUS, Grouping, Order
from .pages import page_of
from .selection import offered_actions
from .tabs import ALL, TABS, Tab, counts_of, tab_named


@require_GET
def pin_list(request: WorkspaceRequest) -> HttpResponse:
    """Show the pins of the current workspace, by tab, filters and order."""
    workspace = request.workspace
    tab = tab_named(request.GET.get("status", ""))
    form = PinListForm(request.GET, workspace=workspace)
    form.is_valid()  # what is wrong is said beside its field, and the rest is shown
    pins = form.filtered(Pin.objects.in_workspace(workspace).annotate(shown_at=shown_at(), title_key=title_key()))
    usual = SOONEST if tab.is_soonest_first else LATEST
    order = next((each for each in ORDERS if each.value == form.cleaned_data.get("sort")), usual)
    page = page_of(pins, request, tab.statuses, order)
    counts = counts_of(workspace, pins)
    context = {
        "form": form,
        "tab": tab,
        "pins": page.rows,
        "now": timezone.now(),
        "next_url": page.next_url,
        "newest_url": page.newest_url,
        "sort": order.value,
        "is_grid": form.cleaned_data.get("view") == GRID,
        "is_narrowed": bool(form.chosen() or form.cleaned_data.get("q")),
        "has_pins": counts[ALL.value] != "0",
        "match_count": counts[tab.value],
        "bulk_actions": offered_actions(can_publish=request.membership.can_publish),
        **_links(form, tab, order, counts, after=request.GET.get("after", "")),
    }
    return render(request, "pins/pin_list.html", context)


def _links(
    form: PinListForm, current: Tab, order: Order | Grouping, counts: dict[str, str], *, after: str
) -> dict[str, Any]:
    """Return the addresses of this page, the other tabs, orders and views, and those without one of the filters."""
    parameters = {"status": current.value, **form.asked()}

    def link(**changes: str) -> str:
        return f"?{urlencode({name: value for name, value in {**parameters, **changes}.items() if value})}"

    plan: dict[str, str] = {
        name: value for name, value in parameters.items() if name in ("account", "board", "tag", "q")
    }
    return {
        # An order that was chosen belongs to the tab: elsewhere the other one is usual.
        "tabs": [(tab.label, counts[tab.value], link(status=tab.value, sort=""), tab is current) for tab in TABS],
        # What has one status only is not put in their order.
        "orders": [
            (each.label, link(sort=each.value), each is order)
            for each in ORDERS
            if each is not STATUS or len(current.statuses) != 1
        ],
        "filters": [(label, link(**{name: ""})) for name, label in form.chosen()],
        "all_url": link(**dict.fromkeys((*PANEL, "q", "import"), "")),
        "here": f"{reverse('pins:pin_list')}{link(after=after)}",
        "list_query": link(view="").removeprefix("?"),
        "list_url": link(view=""),
        "grid_url": link(view=GRID),
        "calendar_url": f"{reverse('pins:calendar')}{'?' * bool(plan)}{urlencode(plan)}",
    }
