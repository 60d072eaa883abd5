"""The pages around pins: find the object, check the right, call one function, answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from accounts import boards as board_sync
from accounts.models import Board, PinterestAccount, Workspace
from accounts.permissions import can_edit, require_editor
from accounts.workspaces import WorkspaceRequest, posted_workspace

from . import composing, limits, scheduling
from .error_catalogue import explanation_of
from .forms import PinForm, attachments_from
from .models import Pin, PinStatus
from .paging import page_of
from .views_media import receive_uploads

PINS_PER_PAGE = 30
TOO_LATE = "Too late: Pinterest is creating the pin already, or has it. Nothing was changed."


@require_GET
def dashboard(request: WorkspaceRequest) -> HttpResponse:
    pins = Pin.objects.in_workspace(request.workspace).with_content()
    accounts = list(PinterestAccount.objects.in_workspace(request.workspace).held())
    context = {
        "next_pins": pins.filter(status=PinStatus.SCHEDULED).order_by("publish_at", "pk")[:5],
        "recent_pins": pins.published().order_by("-published_at", "-pk")[:6],
        "warned_pins": pins.with_warnings().order_by("publish_at", "pk")[:5],
        "failed_pins": pins.filter(status=PinStatus.FAILED).order_by("-pk")[:5],
        "has_draft": pins.filter(status=PinStatus.DRAFT).exists(),
        "has_account": bool(accounts),
        "has_board": Board.objects.in_workspace(request.workspace).offered().exists(),
        "trouble_accounts": [account for account in accounts if not account.is_active],
    }
    return render(request, "pins/dashboard.html", context)


@require_GET
def pin_list(request: WorkspaceRequest) -> HttpResponse:
    status, query = request.GET.get("status", ""), request.GET.get("q", "").replace("\0", "").strip()
    pins = Pin.objects.in_workspace(request.workspace).with_content()
    if status in PinStatus.values:
        pins = pins.filter(status=status)
    if query:
        pins = pins.filter(title__icontains=query)
    page = page_of(pins, request, PINS_PER_PAGE)
    context = {
        "pins": page.rows,
        "statuses": [(value, label, value == status) for value, label in PinStatus.choices],
        "current_status": status,
        "query": query,
        "next_url": page.next_url,
        "newest_url": page.newest_url,
    }
    return render(request, "pins/pin_list.html", context)


@require_http_methods(["GET", "POST"])
def pin_create(request: WorkspaceRequest) -> HttpResponse:
    return _compose(request, None, posted_workspace(request))


@require_http_methods(["GET", "POST"])
def pin_edit(request: WorkspaceRequest, pk: int) -> HttpResponse:
    pin = get_object_or_404(Pin.objects.for_user(request.user).with_content(), pk=pk)
    if request.method == "GET" and not pin.is_editable:
        messages.error(request, TOO_LATE)
        return redirect("pins:pin_detail", pk)
    return _compose(request, pin, pin.workspace)


def _compose(request: WorkspaceRequest, pin: Pin | None, workspace: Workspace) -> HttpResponse:
    require_editor(request, workspace)
    if request.method == "GET":
        attachments = pin.media_files if pin else []
        initial = PinForm.initial_for(pin) if pin else None
        form = PinForm(workspace=workspace, attachments=attachments, initial=initial)
        return _render_composer(request, form, pin, workspace)

    action = request.POST.get("action", "draft")
    stored, refusals = receive_uploads(request, "attachments", workspace)
    attachments = list(dict.fromkeys([*attachments_from(request.POST, workspace), *stored]))
    if action == "refresh_boards":
        notes = [str(outcome) for outcome in board_sync.sync_workspace(workspace)]
        form = PinForm(workspace=workspace, attachments=attachments, initial=request.POST.dict())
        return _render_composer(request, form, pin, workspace, board_notes=notes)
    form = PinForm(request.POST, workspace=workspace, attachments=attachments, action=action)
    if form.is_valid() and not refusals:
        return _save(request, form, pin, workspace)
    for refusal in refusals:
        form.add_error("attachments", ValidationError(refusal.message, code=refusal.code))
    return _render_composer(request, form, pin, workspace)


def _save(request: WorkspaceRequest, form: PinForm, pin: Pin | None, workspace: Workspace) -> HttpResponse:
    now = timezone.now()
    publish_at: datetime | None = form.cleaned_data["publish_at"]
    is_draft = form.action not in ("schedule", "publish")
    goes_out_at = now if form.action == "publish" or publish_at is None else publish_at
    content: dict[str, Any] = {"publish_at": publish_at, "by": request.user, "now": now}
    # Content and time change together: a worker must not see the one without the other.
    with transaction.atomic():
        is_edit = pin is not None
        if pin is None:
            token = form.cleaned_data["form_token"]
            pin = composing.create_pin(form.composition, workspace=workspace, form_token=token, **content)
        # A form that was sent before made its pin then; sent again, it edits it.
        is_new = pin.created_at == now
        is_saved = is_new or composing.edit_pin(pin, form.composition, is_draft=is_draft, **content)
        if is_saved and not is_draft:
            is_saved = scheduling.schedule(pin, goes_out_at, by=request.user, now=now)
    if not is_saved:
        if is_edit:  # what was typed stays on the page
            form.add_error(None, TOO_LATE)
            return _render_composer(request, form, pin, workspace)
        if form.action != "publish":  # a second click on “Publish now” has nothing to be told
            messages.error(request, TOO_LATE)
    elif is_draft:
        messages.success(request, "Saved as a draft.")
    elif goes_out_at < now:
        messages.warning(request, "That time has passed, so the pin goes out now.")
    elif goes_out_at > now:
        local = date_format(timezone.localtime(goes_out_at, workspace.zone), "j F Y, H:i")
        messages.success(request, f"Scheduled for {local} ({workspace.time_zone}).")
    return redirect("pins:pin_detail", pin.pk)


def _render_composer(
    request: WorkspaceRequest,
    form: PinForm,
    pin: Pin | None,
    workspace: Workspace,
    board_notes: list[str] | None = None,
) -> HttpResponse:
    offered = Board.objects.in_workspace(workspace).offered().values("pk")
    chosen = Q(pk=pin.board_id) if pin else Q()
    boards = list(Board.objects.in_workspace(workspace).filter(Q(pk__in=offered) | chosen).select_related("account"))
    context: dict[str, Any] = {
        "form": form,
        "pin": pin,
        "boards": boards,
        "board_problem": "" if boards else _board_problem(workspace.pk),
        "board_notes": board_notes or [],
        "attachments": form.attachments,
        "limits": limits,
        "composer_workspace": workspace,
    }
    return render(request, "pins/pin_form.html", context)


def _board_problem(workspace_id: int) -> str:
    has_account = PinterestAccount.objects.active().filter(workspace=workspace_id).exists()
    return "no_board" if has_account else "no_account"


@require_GET
@vary_on_headers("HX-Request")
def pin_detail(request: WorkspaceRequest, pk: int) -> HttpResponse:
    pin = get_object_or_404(Pin.objects.for_user(request.user).with_content(), pk=pk)
    timezone.activate(pin.workspace.zone)  # it may be another workspace than the current one
    context = {
        "pin": pin,
        "media": pin.media_files,
        "events": pin.events.select_related("by"),
        "explanation": explanation_of(pin),
        "hold": scheduling.hold_reason(pin, timezone.now()),
        "can_edit": can_edit(request, pin.workspace),
    }
    return render(request, "pins/_pin_status.html" if request.htmx else "pins/pin_detail.html", context)


@require_POST
def pin_cancel(request: WorkspaceRequest, pk: int) -> HttpResponse:
    pin = _editable_by(request, pk)
    if scheduling.cancel(pin, by=request.user):
        messages.success(request, "Cancelled. The pin is a draft again.")
    else:
        messages.error(request, TOO_LATE)
    return redirect("pins:pin_detail", pk)


@require_POST
def pin_retry(request: WorkspaceRequest, pk: int) -> HttpResponse:
    pin = _editable_by(request, pk)
    if not scheduling.retry(pin, by=request.user, now=timezone.now()):
        messages.error(request, "Nothing to retry: the pin has not failed.")
    return redirect("pins:pin_detail", pk)


@require_POST
def pin_duplicate(request: WorkspaceRequest, pk: int) -> HttpResponse:
    pin = _editable_by(request, pk)
    copy = composing.duplicate_pin(pin, by=request.user, now=timezone.now())
    messages.success(request, "This is the copy, a draft.")
    return redirect("pins:pin_edit", copy.pk)


@require_http_methods(["GET", "POST"])
def pin_delete(request: WorkspaceRequest, pk: int) -> HttpResponse:
    pin = _editable_by(request, pk)
    if request.method == "GET":
        return render(request, "pins/pin_delete.html", {"pin": pin})
    if composing.delete_pin(pin):
        messages.success(request, f"“{pin}” is deleted here.")
        return redirect("pins:pin_list")
    messages.error(request, TOO_LATE)
    return redirect("pins:pin_detail", pk)


def _editable_by(request: WorkspaceRequest, pk: int) -> Pin:
    """The pin, if the person may change it: 404 for an outsider, 403 for a viewer."""
    pin = get_object_or_404(Pin.objects.for_user(request.user).select_related("workspace", "account", "board"), pk=pk)
    require_editor(request, pin.workspace)
    return pin
