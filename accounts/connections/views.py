"""The pages around connections, boards and workspaces."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.api_keys.authentication import open_to_keys
from accounts.middleware import WorkspaceRequest
from accounts.models import Board, PinterestAccount, Scope
from accounts.permissions import require_editor
from postiz_pins.common.params import parse_key

from . import board_sync, section_sync
from . import services as connections


@require_GET
def connection_list(request: WorkspaceRequest) -> HttpResponse:
    """Show the Pinterest accounts of the current workspace."""
    offered = Count("boards", filter=Q(boards__missing_since=None))
    accounts = PinterestAccount.objects.in_workspace(request.workspace).annotate(board_count=offered)
    context = {"accounts": accounts.order_by("username", "pk"), "can_edit": request.membership.can_edit}
    return render(request, "accounts/connection_list.html", context)


@require_POST
def board_refresh(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Fetch the account's boards from Pinterest now."""
    account = _editable_account(request, pk)
    outcome = board_sync.sync_account(account)
    (messages.success if outcome.changes.error is None else messages.error)(request, str(outcome))
    return redirect("accounts:connection_list")


@require_http_methods(["GET", "POST"])
def disconnect(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Ask for confirmation, then disconnect the account."""
    account = _editable_account(request, pk)
    if request.method == "GET":
        return render(request, "accounts/disconnect.html", {"account": account})
    connections.disconnect(account, by=request.user, now=timezone.now())
    messages.success(request, f"{account} disconnected. Its pins and history are still here.")
    return redirect("accounts:connection_list")


@open_to_keys(Scope.READ)
@require_GET
def board_list(request: WorkspaceRequest) -> JsonResponse:
    """Answer GET /boards of the specification ("Board Management").

    `?account=` is a username or a primary key.
    """
    offered = Board.objects.in_workspace(request.workspace).offered()
    wanted = request.GET.get("account", "")
    if wanted:
        accounts = board_sync.accounts_named(request.workspace, wanted)
        if not accounts:
            raise Http404("This workspace has no such account. Enter its username as shown under Connections.")
        offered = offered.filter(account__in=accounts)
    return JsonResponse([{"id": board.pinterest_id, "name": board.name} for board in offered], safe=False)


@require_GET
def board_sections(request: WorkspaceRequest) -> HttpResponse:
    """Return the select of the sections of `?board=`, with `?section=` selected.

    The sections are fetched from Pinterest if that is due (section_sync.py).
    """
    wanted, section = request.GET.get("board", ""), request.GET.get("section", "")
    board, problem = None, ""
    if wanted:
        boards = Board.objects.for_user(request.user).select_related("account__workspace")
        board = get_object_or_404(boards, pk=parse_key(wanted))
        require_editor(request, board.account.workspace)
        if section_sync.is_stale(board, timezone.now()):
            outcome = section_sync.sync_sections(board)
            problem = str(outcome) if outcome.changes.error is not None else ""
    context = {
        "board": board,
        "sections": section_sync.sections_of(board, section),
        "chosen": section,
        "problem": problem,
    }
    return render(request, "accounts/_section_picker.html", context)


def _editable_account(request: WorkspaceRequest, pk: int) -> PinterestAccount:
    """Return the account.

    Raises Http404 for an outsider and PermissionDenied for a viewer.
    """
    accounts = PinterestAccount.objects.for_user(request.user).select_related("workspace")
    account = get_object_or_404(accounts, pk=pk)
    require_editor(request, account.workspace)
    return account
