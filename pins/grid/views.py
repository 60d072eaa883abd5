"""The table of drafts: made from files, written row by row, then scheduled together.

Its address names the drafts (`?pins=7,8,9`), so it can be bookmarked and nothing about it is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.middleware import WorkspaceRequest, posted_workspace
from accounts.models import Workspace
from accounts.permissions import can_publish, require_editor
from pins import limits
from pins.bulk import services as bulk
from pins.bulk.subjects import FILES
from pins.composer import services as composer
from pins.media.views import receive_uploads, tell_notices
from pins.models import BulkChange, MediaFile, Pin, PinStatus
from pins.presets.choices import LinkPresets
from pins.rules.composition import Problem
from postiz_pins.common.params import parse_keys, parse_number
from postiz_pins.common.text import strip_nul
from postiz_pins.http.redirects import safe_local_path

from . import services as grid
from .boards import BoardNames
from .forms import COLUMNS, RowForm, prefix_of
from .services import CHANGED, FILL, FILL_ALL, CarouselRefused, RowState

# So many rows are sent at a time by a browser without scripts.
ROWS_WITHOUT_SCRIPTS = 20
# The buttons that hand the rows over to a change of many pins (pins/bulk/).
CHANGES = ("queue", "spread", "times")
# What the choice of another link preset sends along with all cells: it asks for the links, and saves nothing.
LINKS = "links"


@dataclass(frozen=True)
class Row:
    """A row as the page shows it, with what became of it when it was saved."""

    pin: Pin
    form: RowForm
    number: int = 1
    state: RowState = RowState.UNCHANGED
    message: str = ""
    # The link with the parameters of the link preset, where that differs from what is in the cell; or why it has none.
    link: str = ""
    link_problem: str = ""

    @property
    def is_draft(self) -> bool:
        """Return whether it can be changed here."""
        return self.pin.status == PinStatus.DRAFT

    @property
    def is_conflict(self) -> bool:
        """Return whether the user has to choose between two versions."""
        return self.state is RowState.CONFLICT

    @property
    def version(self) -> Any:
        """Return the version that the row's cells are based on."""
        return self.form["version"].value() if self.is_conflict else self.pin.version

    @property
    def problems(self) -> list[Problem]:
        """Return what is in the way of publishing the pin; what was not saved has to be settled first."""
        return [] if self.is_conflict else self.form.problems

    @property
    def is_written(self) -> bool:
        """Return whether the pin has all cells of the row that could be read."""
        return self.state in (RowState.SAVED, RowState.UNCHANGED)

    @property
    def is_saved(self) -> bool:
        """Return whether nothing that was typed got lost."""
        return self.is_written and not self.form.errors


def path_of(pins: Sequence[int]) -> str:
    """Return the address of the table with these drafts."""
    return f"{reverse('pins:grid')}?pins={','.join(map(str, pins))}"


@require_http_methods(["GET", "POST"])
def grid_page(request: WorkspaceRequest) -> HttpResponse:
    """Show the drafts that the address names; without any, ask for files and make drafts of them."""
    if "pins" in request.GET:
        return _rows_page(request)
    workspace = posted_workspace(request)
    require_editor(request, workspace)
    if request.method == "POST":
        return _make_drafts(request, workspace)
    return render(request, "pins/grid/files.html", {"limits": limits, "most": grid.MOST_ROWS})


def _make_drafts(request: WorkspaceRequest, workspace: Workspace) -> HttpResponse:
    """Make a draft of each file that was uploaded now (`file`), or chosen in the library (`media`, or `all`)."""
    back = safe_local_path(request.POST.get("next", "")) or reverse("pins:grid")
    chosen = _chosen_files(request, workspace)
    if len(chosen) + len(request.FILES.getlist("file")) > grid.MOST_ROWS:
        messages.error(request, f"You chose more than {grid.MOST_ROWS} files, and a table holds no more. Choose fewer.")
        return redirect(back)
    stored, refusals = receive_uploads(request, "file", workspace)
    for refusal in refusals:
        messages.error(request, refusal.message)
    files = list(dict.fromkeys([*chosen, *stored]))
    if not files:
        if not refusals:
            messages.error(request, "Choose images first.")
        return redirect(back)
    tell_notices(request, stored)
    made = composer.draft_each(files, workspace=workspace, by=request.user, now=timezone.now())
    return redirect(path_of([pin.pk for pin in made]))


def _chosen_files(request: WorkspaceRequest, workspace: Workspace) -> list[MediaFile]:
    """Return the files that were ticked, in their order, or all that the library's list finds; at most one too many."""
    if request.POST.get("all"):
        query = strip_nul(request.POST.get("query", ""))
        if not FILES.understands(QueryDict(query), workspace):
            return []
        found = FILES.chosen(BulkChange(workspace=workspace, query=query, is_by_query=True))
        return list(found[: grid.MOST_ROWS + 1])
    keys = parse_keys(request.POST.getlist("media"))[: grid.MOST_ROWS + 1]
    ticked = MediaFile.objects.in_workspace(workspace).in_library().in_bulk(keys)
    return [ticked[key] for key in keys if key in ticked]


def _rows_page(request: WorkspaceRequest) -> HttpResponse:
    pins = _named_pins(request)
    workspace = pins[0].workspace
    require_editor(request, workspace)
    timezone.activate(workspace.zone)
    page = Paginator(pins, ROWS_WITHOUT_SCRIPTS if "page" in request.GET else grid.MOST_ROWS).get_page(
        request.GET.get("page")
    )
    boards, presets = BoardNames(workspace), LinkPresets(workspace)
    shown, choice = list(page.object_list), _choice(request)
    if request.POST.get("step") == LINKS:
        return _links(request, shown, boards, presets)
    if request.method == "POST":
        rows = _save_all(request, shown, boards, presets, page.start_index())
        if all(row.is_saved for row in rows):
            for row in rows:
                if row.form.notice:
                    messages.info(request, f"Row {row.number}: {row.form.notice}")
            return _after_saving(request, [row.pin for row in rows], pins, workspace)
    else:
        forms = [RowForm(pin=pin, boards=boards, number=n) for n, pin in enumerate(shown, page.start_index())]
        state = RowState.UNCHANGED
        rows = [Row(form.pin, form, form.number, state, "", *_link(form, presets, choice)) for form in forms]
    context = {
        "rows": rows,
        "page": page,
        "has_more_than_a_page": "page" not in request.GET and len(pins) > ROWS_WITHOUT_SCRIPTS,
        "all_count": len(pins),
        "keys": request.GET["pins"],
        "columns": COLUMNS,
        "boards": boards,
        "presets": presets.all,
        "usual_preset": presets.usual(None),
        "link_preset": choice,
        "grid_workspace": workspace,
        "now": timezone.now(),
        "can_publish": can_publish(request, workspace),
        "has_errors": not all(row.is_saved for row in rows),
    }
    return render(request, "pins/grid/rows.html", context)


def _choice(request: WorkspaceRequest) -> str:
    """Return which link preset is chosen; the address keeps it for the page after the one that was sent."""
    return request.POST.get("link_preset", request.GET.get("link_preset", ""))


def _named_pins(request: WorkspaceRequest) -> list[Pin]:
    """Return the pins of the address, in its order, as far as they are of one workspace. Raises Http404 for none."""
    keys = parse_keys(request.GET["pins"].split(","))[: grid.MOST_ROWS]
    found = Pin.objects.for_user(request.user).with_content().prefetch_related("tags").in_bulk(keys)
    pins = [found[key] for key in keys if key in found]
    if not pins:
        raise Http404("No such pins.")
    of_one = [pin for pin in pins if pin.workspace_id == pins[0].workspace_id]
    for pin in of_one:
        pin.workspace = of_one[0].workspace
    return of_one


def _save_all(
    request: WorkspaceRequest, pins: Sequence[Pin], boards: BoardNames, presets: LinkPresets, start: int
) -> list[Row]:
    """Save the rows that were posted, after the column was filled that the pressed button names.

    The first of them has the number `start`. As in the composer, a button puts the parameters of the link preset into
    links, those of the ticked rows if there are any. One that fills a column does not, nor does one of a row (no step).
    """
    typed = request.POST.copy()
    step = typed.get("step", "")
    posted = [pin for pin in pins if f"{prefix_of(pin)}-version" in typed]
    is_filling = step.startswith((FILL, FILL_ALL))
    if is_filling:
        grid.fill(step, typed, [prefix_of(pin) for pin in posted if pin.status == PinStatus.DRAFT])
    chosen = [] if is_filling or not step else _ticked(request, posted) or posted
    numbered = enumerate(posted, start)
    return [_saved(request, typed, pin, boards, presets, n, keeps_link=pin not in chosen) for n, pin in numbered]


def _ticked(request: WorkspaceRequest, pins: Sequence[Pin]) -> list[Pin]:
    ticked = set(parse_keys(request.POST.getlist("ticked")))
    return [pin for pin in pins if pin.pk in ticked]


def _saved(
    request: WorkspaceRequest,
    typed: QueryDict,
    pin: Pin,
    boards: BoardNames,
    presets: LinkPresets,
    number: int,
    *,
    keeps_link: bool,
) -> Row:
    form = RowForm(typed, pin=pin, boards=boards, number=number)
    form.full_clean()
    now, choice = timezone.now(), typed.get("link_preset", "")
    content = form.composition
    if not keeps_link:
        try:
            content = form.with_link_preset(presets, choice, now)
        except ValidationError as error:
            form.add_error("link", error)
            content = form.composition
    replaces = parse_number(typed.get(f"{prefix_of(pin)}-replaces", ""))
    state, message = grid.save_row(form, content, replaces=replaces, by=request.user, now=now)
    if state in (RowState.SAVED, RowState.UNCHANGED) and content.link != form.composition.link:
        # Else the cell's typed link would be saved over it with the next change in the row.
        typed[form.add_prefix("link")] = form.cleaned_data["link"] = form.pin.link
    return Row(form.pin, form, number, state, message, *_link(form, presets, choice))


def _link(form: RowForm, presets: LinkPresets, choice: str) -> tuple[str, str]:
    """Return the link that a button saves, empty if it is the one in the cell, and why there is none."""
    try:
        link = form.with_link_preset(presets, choice, timezone.now()).link
    except ValidationError as error:
        return "", "" if form.errors.get("link") else error.messages[0]
    return "" if link == form.composition.link else link, ""


def _links(request: WorkspaceRequest, pins: Sequence[Pin], boards: BoardNames, presets: LinkPresets) -> HttpResponse:
    """Return the link of each row as a button would save it, for the rows that the page shows."""
    rows = []
    for pin in pins:
        form = RowForm(request.POST, pin=pin, boards=boards)
        form.full_clean()
        link, problem = _link(form, presets, _choice(request))
        rows.append(Row(pin, form, link=link, link_problem=problem))
    return render(request, "pins/grid/links.html", {"rows": rows})


def _after_saving(
    request: WorkspaceRequest, shown: Sequence[Pin], pins: Sequence[Pin], workspace: Workspace
) -> HttpResponse:
    """Do what the pressed button says with the ticked rows, or with all."""
    step, chosen = request.POST.get("step", ""), _ticked(request, pins)
    if step == "carousel":
        return _carousel(request, chosen, pins)
    if step in CHANGES:
        keys = [pin.pk for pin in chosen or pins]
        change = bulk.start(workspace, step, keys=keys, query=None, by=request.user)
        return redirect("pins:bulk_change", change.pk)
    if step == "save":
        messages.success(request, "Saved.")
    return _back(request)


def _back(request: WorkspaceRequest, **changed: str) -> HttpResponse:
    """Return to the table, where the link preset stays chosen."""
    query = request.GET.copy()
    query.pop("link_preset", None)
    for name, value in {"link_preset": _choice(request), **changed}.items():
        if value:
            query[name] = value
    return redirect(f"{request.path}?{query.urlencode(',')}")


def _carousel(request: WorkspaceRequest, chosen: Sequence[Pin], pins: Sequence[Pin]) -> HttpResponse:
    fresh = Pin.objects.with_content().in_bulk([pin.pk for pin in chosen])
    try:
        if len(fresh) < len(chosen):  # a second click was faster
            raise CarouselRefused(CHANGED)
        kept = grid.make_carousel([fresh[pin.pk] for pin in chosen], by=request.user, now=timezone.now())
    except CarouselRefused as refusal:
        messages.error(request, str(refusal))
        return _back(request)
    gone = {pin.pk for pin in chosen} - {kept.pk}
    messages.success(request, f"{len(chosen)} rows are one carousel now.")
    return _back(request, pins=",".join(str(pin.pk) for pin in pins if pin.pk not in gone))


@require_POST
def grid_row(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Save one row, and return what stands beneath it."""
    pin = get_object_or_404(Pin.objects.for_user(request.user).with_content(), pk=pk)
    require_editor(request, pin.workspace)
    timezone.activate(pin.workspace.zone)
    number = parse_number(request.GET.get("row", "")) or 1
    boards, presets = BoardNames(pin.workspace), LinkPresets(pin.workspace)
    row = _saved(request, request.POST, pin, boards, presets, number, keeps_link=True)
    moved_time = row.form["publish_at"].as_widget(attrs={"hx-swap-oob": "true"}) if row.form.notice else ""
    return render(request, "pins/grid/_row_state.html", {"row": row, "moved_time": moved_time})
