"""When pins do best: the page, its tables as CSV, and the offer in the composer."""

from __future__ import annotations

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.csv_export import csv_response
from accounts.models import Workspace
from accounts.permissions import require_editor
from accounts.workspaces import WorkspaceRequest

from . import best_times as times
from .chosen import chosen_account, feed_of
from .free_slots import best_free_slot

# The page names this many of the best hours.
NAMED_CELLS = 3


@require_GET
def best_times(request: WorkspaceRequest) -> HttpResponse:
    account = chosen_account(request)
    found = times.best_times(request.workspace, timezone.now())
    context = {
        "account": account,
        "feed": feed_of(account),
        "times": found,
        "best_cells": found.good_cells[:NAMED_CELLS],
        "limits": {
            "pins": times.MIN_PINS,
            "weeks": times.MIN_WEEKS,
            "cells": times.MIN_CELLS,
            "cell_pins": times.CELL_PINS,
            "board_pins": times.BOARD_PINS,
            "prior_pins": times.PRIOR_PINS,
        },
    }
    return render(request, "analytics/best_times.html", context)


@require_GET
def best_times_csv(request: WorkspaceRequest) -> StreamingHttpResponse:
    """Every hour with pins, also while there are too few for the page: a spreadsheet may judge for itself."""
    found = times.best_times(request.workspace, timezone.now())
    rows = [
        (times.WEEKDAYS[cell.weekday], f"{cell.hour:02}:00", cell.pins, f"{cell.average:.2f}", f"{cell.ratio:.2f}")
        for cell in found.cells
    ]
    header = ["Weekday", f"Hour ({found.zone})", "Pins", "Engagement per pin", "Times the average"]
    return csv_response(_file_name("best-times", request.workspace, found), header, rows)


@require_GET
def best_boards_csv(request: WorkspaceRequest) -> StreamingHttpResponse:
    found = times.best_times(request.workspace, timezone.now())
    rows = [(board.name, board.username, board.pins, f"{board.median:g}") for board in found.boards]
    header = ["Board", "Account", "Pins", "Median engagement in the first week"]
    return csv_response(_file_name("best-boards", request.workspace, found), header, rows)


@never_cache
@require_GET
def best_slot(request: WorkspaceRequest) -> HttpResponse:
    """What the composer shows below its time field; nothing where there is nothing good to say."""
    workspace = _named_workspace(request)
    require_editor(request, workspace)
    now = timezone.now()
    found = times.best_times(workspace, now)
    pin = request.GET.get("pin", "")
    pin_id = int(pin) if pin.isdecimal() and len(pin) <= 18 else None
    slot = best_free_slot(found, workspace, now, pin_id=pin_id)
    return render(request, "analytics/_best_slot.html", {"times": found, "slot": slot})


def _named_workspace(request: WorkspaceRequest) -> Workspace:
    """The composer's, which needs not be the current one. Raises Http404 for somebody else's."""
    named = request.GET.get("workspace", "")
    if not named:
        return request.workspace
    for membership in request.memberships:
        if str(membership.workspace_id) == named:
            return membership.workspace
    raise Http404("No such workspace.")


def _file_name(table: str, workspace: Workspace, found: times.BestTimes) -> str:
    start_on = (found.worked_out_at - times.LOOKBACK).date()
    return f"{table}-{workspace}-{start_on.isoformat()}-{found.worked_out_at.date().isoformat()}"
