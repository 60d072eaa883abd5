"""The page of a change of many pins or files: first its options, then its preview, its progress and its result."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.middleware import WorkspaceRequest, posted_workspace
from accounts.permissions import can_publish, require_editor
from pins.exports.selection import query_of_pins
from pins.listing.selection import EXPORT
from pins.models import BulkChange, BulkItemStatus, BulkStatus
from postiz_pins.common.params import parse_keys
from postiz_pins.common.text import strip_nul
from postiz_pins.http.redirects import safe_local_path

from . import services as bulk
from . import timing
from .actions import ACTIONS
from .forms import FORMS, OptionsForm, SpreadForm
from .subjects import FILES, PINS

# So many of the rows that can be changed are shown in a preview; of an approval, all.
SHOWN = 50


@require_POST
def bulk_start(request: WorkspaceRequest) -> HttpResponse:
    """Write down what was chosen in a list, and lead to its preview."""
    workspace = posted_workspace(request)
    require_editor(request, workspace)
    name = request.POST.get("bulk_action", "")
    action = ACTIONS.get(name)
    subject = action.subject if action else FILES if FILES.field in request.POST else PINS
    back = safe_local_path(request.POST.get("next", "")) or reverse(subject.list_view)
    query = strip_nul(request.POST.get("query", "")) if request.POST.get("all") else None
    keys = parse_keys(request.POST.getlist(subject.field))[: bulk.MOST_PINS]
    is_export = name == EXPORT.name
    if action is None and not is_export:
        messages.error(request, f"Choose what to do with the selected {subject.noun}s.")
    elif query is None and not keys:
        messages.error(request, f"Select {subject.noun}s first.")
    elif query is not None and not subject.understands(QueryDict(query), workspace):
        messages.error(request, f"A filter of the list has changed. Check it, then select the {subject.noun}s again.")
    elif action is None:
        return redirect(f"{reverse('pins:export_page')}?{query if query is not None else query_of_pins(keys)}")
    elif action.is_for_publishers and not can_publish(request, workspace):
        messages.error(request, "Only admins can approve pins or send them back.")
    else:
        change = bulk.start(workspace, action.name, keys=keys, query=query, by=request.user)
        return redirect("pins:bulk_change", change.pk)
    return redirect(back)


@require_http_methods(["GET", "POST"])
def bulk_change(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Show the change as it stands; a POST gives its options, confirms it, or takes it back."""
    changes = BulkChange.objects.for_user(request.user).select_related("workspace")
    change = get_object_or_404(changes, pk=pk)
    require_editor(request, change.workspace)
    timezone.activate(change.workspace.zone)
    if request.method == "POST":
        match request.POST.get("step"):
            case "confirm":
                return _confirmed(request, change)
            case "undo":
                return _undone(request, change)
            case _:
                return _options(request, change)
    if change.status != BulkStatus.PREVIEW:
        return _result(request, change)
    return _preview(request, change) if change.options is not None else _options(request, change)


def _options(request: WorkspaceRequest, change: BulkChange) -> HttpResponse:
    """Show the form of the action, or store what was chosen in it as long as nothing was confirmed."""
    form_class = FORMS.get(change.action)
    if form_class is None:
        return redirect("pins:bulk_change", change.pk)
    form = form_class(request.POST if request.method == "POST" else None, workspace=change.workspace)
    if form.is_valid() and _store_options(request, change, form):
        return redirect("pins:bulk_change", change.pk)
    count = bulk.chosen(change)[: bulk.MOST_PINS + 1].count()
    return render(request, "pins/bulk/options.html", {**_head(request, change), "form": form, "count": count})


def _store_options(request: WorkspaceRequest, change: BulkChange, form: OptionsForm) -> bool:
    options = form.options
    if isinstance(form, SpreadForm):
        try:
            timing.with_moments(change, form.spread, options, by=request.user, now=timezone.now())
        except ValidationError as error:
            form.add_error("end", error)
            return False
    BulkChange.objects.filter(pk=change.pk, status=BulkStatus.PREVIEW).update(options=options)
    return True


def _preview(request: WorkspaceRequest, change: BulkChange, *, has_changed: bool = False) -> HttpResponse:
    action, now = ACTIONS[change.action], timezone.now()
    found = bulk.preview(change, by=request.user, now=now)
    shown = timing.in_time(change, found.can)
    if not action.shows_all_media:
        shown = shown[:SHOWN]
    warnings = timing.warnings_of(change, found.can, now)
    context = {
        **_head(request, change),
        "found": found,
        "shown": [(pin, bulk.told(change, pin), warnings.get(pin.pk, [])) for pin in shown],
        "warned_count": sum(bool(findings) for findings in warnings.values()),
        "more_count": len(found.can) - len(shown),
        "has_options": change.action in FORMS,
        "has_changed": has_changed,
        "is_too_many": bulk.chosen(change)[: bulk.MOST_PINS + 1].count() > bulk.MOST_PINS,
        "most": bulk.MOST_PINS,
        "now": now,
    }
    return render(request, action.subject.template, context)


def _confirmed(request: WorkspaceRequest, change: BulkChange) -> HttpResponse:
    if change.status == BulkStatus.PREVIEW:
        if change.options is None:
            return _options(request, change)
        try:
            bulk.confirm(change, request.POST.get("digest", ""), by=request.user, now=timezone.now())
        except bulk.SelectionChanged:
            change.refresh_from_db()
            return _preview(request, change, has_changed=True)
    return redirect("pins:bulk_change", change.pk)


def _undone(request: WorkspaceRequest, change: BulkChange) -> HttpResponse:
    if not bulk.begin_undo(change, by=request.user, now=timezone.now()):
        messages.error(request, "This can no longer be undone.")
    return redirect("pins:bulk_change", change.pk)


def _result(request: WorkspaceRequest, change: BulkChange) -> HttpResponse:
    """Show how far it is, or what became of each pin; of htmx, the progress alone."""
    items = change.items.order_by("position")
    left = BulkItemStatus.DONE if change.status == BulkStatus.UNDOING else BulkItemStatus.WAITING
    total = items.exclude(status=BulkItemStatus.REFUSED).count()
    left_count = items.filter(status=left).count()
    context = {
        **_head(request, change),
        "is_running": change.status in (BulkStatus.RUNNING, BulkStatus.UNDOING),
        "total": total,
        "done_count": total - left_count,
        "result_count": items.filter(status=BulkItemStatus.DONE).count(),
        "undone_count": items.filter(status=BulkItemStatus.UNDONE).count(),
        "refused": list(items.filter(status=BulkItemStatus.REFUSED).select_related("pin", "media")),
        "can_undo": bool(ACTIONS[change.action].kept) and change.can_undo(timezone.now()),
    }
    is_fragment = _is_htmx(request) and context["is_running"]
    return render(request, "pins/bulk/_progress.html" if is_fragment else "pins/bulk/result.html", context)


def _is_htmx(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def _head(request: WorkspaceRequest, change: BulkChange) -> dict[str, Any]:
    action, is_publisher = ACTIONS[change.action], can_publish(request, change.workspace)
    back = f"{reverse(action.subject.list_view)}{f'?{change.query}' if change.query else ''}"
    return {
        "change": change,
        "action": action,
        "subject": action.subject,
        "verb": action.verb_of(is_publisher=is_publisher),
        "is_proposing": action.is_sending and not is_publisher,
        "back_url": back,
    }
