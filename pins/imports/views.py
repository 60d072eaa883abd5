"""Pages of imports: take a file in, look at its rows, correct them, and have pins created."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.middleware import WorkspaceRequest
from accounts.permissions import can_publish, require_editor
from pins.media.uploads import dropped_uploads, is_within_rate
from pins.models import ImportStatus, PinImport, PinImportRow, RowStatus
from pins.models.pin_import import PinImportRowQuerySet
from postiz_pins.common.pagination import page_of
from postiz_pins.common.params import parse_number

from . import link_presets, services
from .checking import plans_of
from .columns import BY_KEY, OWN_COLUMNS, PINTEREST_COLUMNS, texts_of
from .corrected import delete_pins, problems_file
from .forms import DEFAULTS, CellForm, RowForm, SettingsForm, UploadForm
from .reading.sheet import FileRefused
from .services import ImportBusy

IMPORTS_PER_PAGE = 20
ROWS_PER_PAGE = 50
TOO_MANY = "You've uploaded many files within ten minutes. Wait ten minutes, then upload the rest."
TABS = {
    "": ("All", Q()),
    "problems": ("Problems", Q(status=RowStatus.OPEN, has_problems=True)),
    "media": ("Waiting for media", Q(status=RowStatus.OPEN, has_problems=False, needs_media=True)),
    "ready": ("Ready", Q(status=RowStatus.OPEN, has_problems=False, needs_media=False)),
    "created": ("Done", Q(status__in=services.DONE)),
    "skipped": ("Skipped", Q(status=RowStatus.SKIPPED)),
}


@require_http_methods(["GET", "POST"])
def import_list(request: WorkspaceRequest) -> HttpResponse:
    """Show the form for a file and the imports so far; a POST takes the file in."""
    require_editor(request, request.workspace)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST":
        pin_import = _take_in(request, form)
        if pin_import is not None:
            return redirect("pins:import_detail", pin_import.pk)
    imports = PinImport.objects.in_workspace(request.workspace).select_related("created_by")
    counted = imports.annotate(
        row_count=Count("rows"), created_count=Count("rows", filter=Q(rows__status__in=services.DONE))
    )
    context = {
        "form": form,
        "page": page_of(counted, request, IMPORTS_PER_PAGE),
        "pinterest_columns": PINTEREST_COLUMNS,
        "own_columns": OWN_COLUMNS,
    }
    return render(request, "pins/imports/import_list.html", context)


def _take_in(request: WorkspaceRequest, form: UploadForm) -> PinImport | None:
    if dropped := dropped_uploads(request, "file"):
        form.add_error("file", f"“{dropped[0].name}” is larger than 5 MB. Split it into several files.")
    elif not is_within_rate(request):
        form.add_error(None, TOO_MANY)
    if not form.is_valid():
        return None
    try:
        pin_import = services.take_in(
            form.sheet,
            form.cleaned_data["content"],
            workspace=request.workspace,
            by=request.user,
            now=timezone.now(),
            file_name=form.cleaned_data["name"],
        )
    except FileRefused as refused:
        form.add_error("file" if form.cleaned_data["name"] else "text", refused.message)
    except ImportBusy as busy:
        form.add_error(None, str(busy))
    else:
        return pin_import
    return None


@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def import_detail(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Show an import from its dry run to its result; a POST changes its columns and defaults."""
    pin_import = _import_of(request, pk)
    state = f"{pin_import.status} {_done_count(pin_import)}" if pin_import.is_under_way else ""
    if request.htmx and request.GET.get("state") == state and state:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)  # nothing is new
    form = _settings_form(request, pin_import)
    if request.method == "POST" and form.is_valid():
        if _try(request, lambda: services.change(pin_import, lambda _: _save(form), timezone.now())):
            messages.success(request, "All rows were checked again.")
        return redirect("pins:import_detail", pk)
    if request.htmx and not pin_import.is_under_way:
        return HttpResponse(headers={"HX-Refresh": "true"})  # all rows may be others
    context = _context(request, pin_import, form.deleted_preset) | {"form": form, "state": state}
    if request.htmx:
        return render(request, "pins/imports/_state.html", context)
    return render(request, "pins/imports/import_detail.html", context)


def _settings_form(request: WorkspaceRequest, pin_import: PinImport) -> SettingsForm:
    data = request.POST if request.method == "POST" else None
    is_free = can_publish(request, pin_import.workspace)
    return SettingsForm(data, pin_import=pin_import, can_publish=is_free)


def _save(form: SettingsForm) -> None:
    pin_import = form.instance
    pin_import.mapping = form.mapping
    pin_import.save(update_fields=["mapping", *DEFAULTS, *link_presets.COLUMNS])


def _context(request: WorkspaceRequest, pin_import: PinImport, deleted_preset: str) -> dict[str, Any]:
    now = timezone.now()
    counts = _counts(pin_import.rows.all())
    tab = request.POST.get("show") or request.GET.get("show", "")
    tab = tab if tab in TABS else ""
    rows = pin_import.rows.filter(TABS[tab][1]).select_related("pin")
    after = parse_number(request.GET.get("after", "")) or 0
    shown = list(rows.filter(number__gt=after).order_by("number")[: ROWS_PER_PAGE + 1])
    page, has_more = shown[:ROWS_PER_PAGE], len(shown) > ROWS_PER_PAGE
    rows_shown = _shown(pin_import, page)
    return {
        "pin_import": pin_import,
        "counts": counts,
        "tabs": [(value, label, counts[value], value == tab) for value, (label, _) in TABS.items()],
        "tab": tab,
        "rows": rows_shown,
        "next_url": f"?show={tab}&after={page[-1].number}" if has_more else None,
        "first_url": f"?show={tab}" if after else None,
        "earlier": list(services.earlier_imports(pin_import)[:3]) if counts["ready"] else [],
        "done_count": _done_count(pin_import) if pin_import.is_under_way else 0,
        # What an export with everything has brought back; new pins among them are few.
        "updates_pins": "pin_id" in pin_import.mapping and any(each["plan"].pin for each in rows_shown),
        "proposed_count": services.proposed_count(pin_import) if counts["created"] else 0,
        "can_publish": can_publish(request, pin_import.workspace),
        "can_delete_pins": pin_import.can_delete_pins(now),
        "ignored": [name for name, key in zip(pin_import.header, pin_import.mapping, strict=False) if not key],
        "deleted_preset": deleted_preset,
        "now": now,
    }


def _counts(rows: PinImportRowQuerySet) -> dict[str, int]:
    """Return how many rows each tab has; the names of aggregates must not be empty."""
    found = rows.aggregate(**{value or "all": Count("pk", filter=condition) for value, (_, condition) in TABS.items()})
    return {value: found[value or "all"] for value in TABS} | {"all": found["all"]}


def _done_count(pin_import: PinImport) -> int:
    """Return how much of what workers do is done."""
    if pin_import.status == ImportStatus.FETCHING:
        return pin_import.media.exclude(media=None, code="").count()
    return pin_import.rows.filter(status__in=services.DONE).count()


def _shown(pin_import: PinImport, rows: list[PinImportRow]) -> list[dict[str, Any]]:
    """Return what the page shows of each row: what it would become, and the cells that have problems."""
    shown = []
    for plan in plans_of(pin_import, rows, timezone.now()):
        texts = plan.texts
        keys = dict.fromkeys(problem["field"] for problem in plan.row.problems if problem["field"])
        fixes = [
            {
                "key": key,
                "name": BY_KEY[key].name,
                "value": texts.get(key, ""),
                "is_long": key in RowForm.LONG,
                "problems": [problem for problem in plan.row.problems if problem["field"] == key],
                "is_open": any(not problem["is_warning"] for problem in plan.row.problems if problem["field"] == key),
            }
            for key in keys
            if key in BY_KEY
        ]
        attachments = plan.composition.attachments
        shown.append(
            {
                "row": plan.row,
                "plan": plan,
                "title": texts.get("title", ""),
                "media": attachments[-1].media if attachments else None,
                "fixes": fixes,
                "others": [problem for problem in plan.row.problems if problem["field"] not in BY_KEY],
            }
        )
    return shown


@require_POST
def import_start(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Have the media fetched, or the pins created; a file that was imported before is asked about."""
    pin_import = _import_of(request, pk)
    is_creating = request.POST.get("action") == "create"
    if is_creating and services.earlier_imports(pin_import).exists() and not request.POST.get("again"):
        messages.error(request, "Pins were created from this file before. Tick the box to create these pins as well.")
        return redirect("pins:import_detail", pk)
    if is_creating and (message := link_presets.deleted_message(pin_import)):
        messages.error(request, message)
        return redirect("pins:import_detail", pk)
    status = ImportStatus.CREATING if is_creating else ImportStatus.FETCHING
    _try(request, lambda: services.begin(pin_import, status, by=request.user, now=timezone.now()))
    return redirect("pins:import_detail", pk)


@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def import_row(request: WorkspaceRequest, pk: int, number: int) -> HttpResponse:
    """Show a row with all its cells; a POST changes it, and checks it again."""
    pin_import = _import_of(request, pk)
    row = pin_import.rows.filter(number=number).first()
    if row is None:
        raise Http404("No such row.")
    form = RowForm(
        request.POST if request.POST.get("action") == "row" else None,
        pin_import=pin_import,
        texts=texts_of(pin_import, row),
    )
    if request.method == "POST" and (not form.is_bound or form.is_valid()):
        is_done = _try(request, lambda: _change_row(request, pin_import, number, form))
        if request.htmx:
            return _row_fragment(request, pin_import, number, is_alone=is_done)
        show = request.POST.get("show", "")
        query = f"?show={show}" if show in TABS else ""
        return redirect(f"{reverse('pins:import_detail', args=[pk])}{query}#row-{number}")
    (shown,) = _shown(pin_import, [row])
    return render(request, "pins/imports/import_row.html", {"pin_import": pin_import, "form": form, "shown": shown})


def _change_row(request: WorkspaceRequest, pin_import: PinImport, number: int, form: RowForm) -> None:
    now, action = timezone.now(), request.POST.get("action", "")
    if action == "row":
        services.set_cells(pin_import, number, form.cleaned_data, now)
    elif action in ("skip", "restore"):
        services.skip(pin_import, number, now, is_skipped=action == "skip")
    elif action == "date_order" and request.POST.get("value") in ("dmy", "mdy"):
        pin_import.date_order = request.POST["value"]
        services.change(pin_import, lambda changed: changed.save(update_fields=["date_order"]), now)
    elif action in ("cell", "all", "shorten"):
        cell = CellForm(request.POST)
        if not cell.is_valid():
            messages.error(request, "This cell can't be changed. Open the row and change it there.")
        elif action == "shorten":
            services.shorten(pin_import, number, cell.cleaned_data["key"], now)
        else:
            key, value = cell.cleaned_data["key"], cell.cleaned_data["value"]
            count = services.set_cell(pin_import, number, key, value, now, in_all=action == "all")
            if count > 1:
                messages.success(request, f"Changed in {count} rows.")


def _row_fragment(request: WorkspaceRequest, pin_import: PinImport, number: int, *, is_alone: bool) -> HttpResponse:
    """Return the row and the counts as they are now; what has changed other rows loads the page anew."""
    row = pin_import.rows.filter(number=number).select_related("pin").first()
    if row is None or not is_alone or request.POST.get("action") in ("all", "date_order"):
        return HttpResponse(headers={"HX-Refresh": "true"})
    (shown,) = _shown(pin_import, [row])
    context = _context(request, pin_import, link_presets.deleted_message(pin_import))
    context |= {"shown": shown, "is_fragment": True}
    return render(request, "pins/imports/_row.html", context)


@require_GET
def import_problems(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Return the rows with problems as a file to correct and upload again."""
    return problems_file(_import_of(request, pk))


@require_http_methods(["GET", "POST"])
def import_delete(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Ask what is to be deleted: the import, or the pins that it has created and that were not sent yet."""
    pin_import, now = _import_of(request, pk), timezone.now()
    pins = services.deletable_pins(pin_import) if pin_import.can_delete_pins(now) else []
    if request.method == "POST" and request.POST.get("what") == "pins" and pins:
        deleted = delete_pins(pin_import, pins, by=request.user, now=now)
        messages.success(request, f"{deleted} pin{'s' if deleted != 1 else ''} deleted.")
        return redirect("pins:import_detail", pk)
    if request.method == "POST":
        if not _try(request, lambda: services.delete_import(pin_import)):
            return redirect("pins:import_detail", pk)
        messages.success(request, f"The import “{pin_import}” was deleted. Its pins were kept.")
        return redirect("pins:import_list")
    kept = len(services.pins_of(pin_import)) - len(pins)
    return render(
        request, "pins/imports/import_delete.html", {"pin_import": pin_import, "pins": pins, "kept_count": kept}
    )


def _import_of(request: WorkspaceRequest, pk: int) -> PinImport:
    """Return the import for a user who may edit. Raises Http404 and PermissionDenied."""
    pin_import = services.of_user(request.user, pk)
    if pin_import is None:
        raise Http404("No such import.")
    require_editor(request, pin_import.workspace)
    timezone.activate(pin_import.workspace.zone)
    return pin_import


def _try(request: WorkspaceRequest, write: Callable[[], object]) -> bool:
    """Call `write`, or tell the user that workers are at the import."""
    try:
        write()
    except ImportBusy as busy:
        messages.error(request, str(busy))
        return False
    return True
