"""Best times to publish: the page, its tables as CSV and JSON, and the offer in the composer."""

from __future__ import annotations

from django.http import Http404, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.api_keys.authentication import open_to_keys
from accounts.middleware import WorkspaceRequest
from accounts.models import PinterestAccount, Scope, Workspace
from accounts.permissions import require_editor
from analytics.account_report.account_selection import accounts_to_choose, carried_query, feed_of, selected_account
from postiz_pins.common.csv_files import csv_response
from postiz_pins.common.params import parse_key

from . import services as times
from .free_slots import best_free_slot
from .heat_map import heat_rows

# The page names this many of the best hours.
NAMED_CELLS = 3


@require_GET
def best_times(request: WorkspaceRequest) -> HttpResponse:
    """Show the best hours and boards of an account."""
    account = selected_account(request)
    now = timezone.now()
    best = times.best_times(account, now) if account else None
    context = {
        "account": account,
        "accounts": [
            (each, f"?{carried_query(request, each)}", each == account)
            for each in accounts_to_choose(request.workspace)
        ],
        "query": carried_query(request, account),
        "feed": feed_of(account),
        "times": best,
        "heat_rows": heat_rows(best, request.workspace.zone, now) if best else [],
        "board_rows": [(board, 100 * board.median / (best.boards[0].median or 1)) for board in best.boards]
        if best
        else [],
        "best_cells": best.good_cells[:NAMED_CELLS] if best else [],
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
    """Return every hour with pins as CSV, even while there are too few for the page."""
    account = _account(request)
    best = times.best_times(account, timezone.now())
    rows = [
        (times.WEEKDAYS[cell.weekday], f"{cell.hour:02}:00", cell.pins, f"{cell.average:.2f}", f"{cell.ratio:.2f}")
        for cell in best.cells
    ]
    header = ["Weekday", f"Hour ({best.zone})", "Pins", "Engagement per pin", "Times the average"]
    return csv_response(_file_name("best-times", account, best), header, rows)


@require_GET
def best_boards_csv(request: WorkspaceRequest) -> StreamingHttpResponse:
    """Return the boards by engagement as CSV."""
    account = _account(request)
    best = times.best_times(account, timezone.now())
    rows = [(board.name, account.username, board.pins, f"{board.median:g}") for board in best.boards]
    header = ["Board", "Account", "Pins", "Median engagement in the first week"]
    return csv_response(_file_name("best-boards", account, best), header, rows)


@open_to_keys(Scope.FIGURES)
@require_GET
def best_times_json(request: WorkspaceRequest) -> JsonResponse:
    """Return the hours and boards of the page as JSON (api.document.BestTimesAnswer)."""
    account = _account(request)
    best = times.best_times(account, timezone.now())
    return JsonResponse(
        {
            "account": account.username,
            "time_zone": best.zone,
            "worked_out_at": best.worked_out_at,
            "pins": best.pins,
            "is_enough": best.is_enough,
            "missing": best.shortfalls,
            "hours": [
                {
                    "weekday": times.WEEKDAYS[cell.weekday],
                    "hour": cell.hour,
                    "pins": cell.pins,
                    "engagement": round(cell.average, 2),
                    "times_average": round(cell.ratio, 2),
                    "is_recommended": cell in best.good_cells,
                }
                for cell in best.cells
            ],
            "boards": [{"name": each.name, "pins": each.pins, "median": each.median} for each in best.boards],
        }
    )


@never_cache
@require_GET
def best_slot(request: WorkspaceRequest) -> HttpResponse:
    """Return the hint below the composer's time field, for the account of the selected board.

    Nothing where there is nothing good to say.
    """
    workspace = _named_workspace(request)
    require_editor(request, workspace)
    account, now = _account_of_board(request, workspace), timezone.now()
    if account is None:
        has_accounts = accounts_to_choose(workspace).exists()
        return render(request, "analytics/_best_slot.html", {"needs_board": has_accounts})
    best = times.best_times(account, now)
    slot = best_free_slot(best, account, now, pin_id=_key(request, "pin"))
    return render(request, "analytics/_best_slot.html", {"times": best, "slot": slot, "account": account})


def _account_of_board(request: WorkspaceRequest, workspace: Workspace) -> PinterestAccount | None:
    """Return the account of the new pin: the board's, or the workspace's only one; None if that is open."""
    accounts = accounts_to_choose(workspace)
    of_board = accounts.filter(boards=_key(request, "board")).first()
    few = list(accounts[:2])
    return of_board or (few[0] if len(few) == 1 else None)


def _account(request: WorkspaceRequest) -> PinterestAccount:
    account = selected_account(request)
    if account is None:
        raise Http404("This workspace has no Pinterest account. Connect one first.")
    return account


def _key(request: WorkspaceRequest, name: str) -> int | None:
    return parse_key(request.GET.get(name, ""))


def _named_workspace(request: WorkspaceRequest) -> Workspace:
    """Return the workspace of the composer, which need not be the current one.

    Raises Http404 for a workspace that is not the user's.
    """
    named = request.GET.get("workspace", "")
    if not named:
        return request.workspace
    for membership in request.memberships:
        if str(membership.workspace_id) == named:
            return membership.workspace
    raise Http404("No such workspace.")


def _file_name(table: str, account: PinterestAccount, found: times.BestTimes) -> str:
    start_on = (found.worked_out_at - times.LOOKBACK).date()
    return f"{table}-{account.username}-{start_on.isoformat()}-{found.worked_out_at.date().isoformat()}"
