"""Best times to publish: the page, its tables as CSV and JSON, and the offer in the composer."""

from __future__ import annotations

from django.http import Http404, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.api_keys.authentication import open_to_keys
from accounts.middleware import WorkspaceRequest
from accounts.models import PinterestAccount, Workspace
from accounts.permissions import require_editor
from analytics.account_report.account_selection import accounts_to_choose, chosen_account, feed_of
from postiz_pins.common.csv_files import csv_response
from postiz_pins.common.params import parse_key

from . import services as times
from .free_slots import best_free_slot

# The page names this many of the best hours.
NAMED_CELLS = 3


@require_GET
def best_times(request: WorkspaceRequest) -> HttpResponse:
    account = chosen_account(request)
    found = times.best_times(account, timezone.now()) if account else None
    context = {
        "account": account,
        "accounts": list(accounts_to_choose(request.workspace)),
        "feed": feed_of(account),
        "times": found,
        "best_cells": found.good_cells[:NAMED_CELLS] if found else [],
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
    account = _account(request)
    found = times.best_times(account, timezone.now())
    rows = [
        (times.WEEKDAYS[cell.weekday], f"{cell.hour:02}:00", cell.pins, f"{cell.average:.2f}", f"{cell.ratio:.2f}")
        for cell in found.cells
    ]
    header = ["Weekday", f"Hour ({found.zone})", "Pins", "Engagement per pin", "Times the average"]
    return csv_response(_file_name("best-times", account, found), header, rows)


@require_GET
def best_boards_csv(request: WorkspaceRequest) -> StreamingHttpResponse:
    account = _account(request)
    found = times.best_times(account, timezone.now())
    rows = [(board.name, account.username, board.pins, f"{board.median:g}") for board in found.boards]
    header = ["Board", "Account", "Pins", "Median engagement in the first week"]
    return csv_response(_file_name("best-boards", account, found), header, rows)


@open_to_keys
@require_GET
def best_times_json(request: WorkspaceRequest) -> JsonResponse:
    """See api_document.BestTimesAnswer; hours and boards are those of the page."""
    account = _account(request)
    found = times.best_times(account, timezone.now())
    return JsonResponse(
        {
            "account": account.username,
            "time_zone": found.zone,
            "worked_out_at": found.worked_out_at,
            "pins": found.pins,
            "is_enough": found.is_enough,
            "missing": found.shortfalls,
            "hours": [
                {
                    "weekday": times.WEEKDAYS[cell.weekday],
                    "hour": cell.hour,
                    "pins": cell.pins,
                    "engagement": round(cell.average, 2),
                    "times_average": round(cell.ratio, 2),
                    "is_recommended": cell in found.good_cells,
                }
                for cell in found.cells
            ],
            "boards": [{"name": each.name, "pins": each.pins, "median": each.median} for each in found.boards],
        }
    )


@never_cache
@require_GET
def best_slot(request: WorkspaceRequest) -> HttpResponse:
    """What the composer shows below its time field, for the account of the chosen board; nothing where there is nothing
    good to say."""
    workspace = _named_workspace(request)
    require_editor(request, workspace)
    account, now = _account_of_board(request, workspace), timezone.now()
    if account is None:
        has_accounts = accounts_to_choose(workspace).exists()
        return render(request, "analytics/_best_slot.html", {"needs_board": has_accounts})
    found = times.best_times(account, now)
    slot = best_free_slot(found, account, now, pin_id=_key(request, "pin"))
    return render(request, "analytics/_best_slot.html", {"times": found, "slot": slot, "account": account})


def _account_of_board(request: WorkspaceRequest, workspace: Workspace) -> PinterestAccount | None:
    """The account to which the pin goes: the board's, or the workspace's only one. None: nobody knows yet."""
    accounts = accounts_to_choose(workspace)
    of_board = accounts.filter(boards=_key(request, "board")).first()
    few = list(accounts[:2])
    return of_board or (few[0] if len(few) == 1 else None)


def _account(request: WorkspaceRequest) -> PinterestAccount:
    account = chosen_account(request)
    if account is None:
        raise Http404("This workspace has no Pinterest account. Connect one first.")
    return account


def _key(request: WorkspaceRequest, name: str) -> int | None:
    return parse_key(request.GET.get(name, ""))


def _named_workspace(request: WorkspaceRequest) -> Workspace:
    """The composer's, which needs not be the current one. Raises Http404 for somebody else's."""
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
