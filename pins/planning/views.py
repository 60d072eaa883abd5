"""The calendar, and the page that moves a pin."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods
from django.views.decorators.vary import vary_on_headers

from accounts.middleware import WorkspaceRequest
from accounts.permissions import can_publish
from pins.fields import LOCAL_FORMAT
from pins.models import Pin, PinStatus
from pins.queue.advice import advice_on_pin
from pins.queue.moves import move_to_place
from pins.queue.places import next_free_times
from pins.rules.questions import ConfirmationNeeded, asked, confirmed_in
from pins.scheduling.moving import MoveError, move_pin
from pins.spacing.clearance import Likeness
from pins.spacing.services import findings_of
from pins.views import editable_pin
from postiz_pins.common.dates import first_moment, spoken_moment
from postiz_pins.common.undo import success_with_undo
from postiz_pins.http.redirects import safe_local_path

from .cells import changed_cells
from .chips import TRAY_LENGTH, add_warnings
from .days import calendar_of, earlier_and_listed, early_hours_of, hours_of
from .forms import CalendarForm, DayField, MoveForm
from .markup import draw
from .periods import DAY, MONTH, VIEWS, WEEK, Period, columns_of, period_of

# How many free publishing times the page that moves a pin offers.
FREE_TIMES = 4
FILTERS = ("account", "board", "tag", "status", "q")
# What a script is answered with a sentence; ASKED: with the page, which has what may be meant.
ASKED, STALE, REFUSED = 300, 409, 422


@require_GET
@vary_on_headers("X-Requested-With")
def calendar(request: WorkspaceRequest) -> HttpResponse:
    """Show the pins of a month, a week or a day, and the drafts without a time.

    A script gets the calendar alone: messages are left for the page that a person opens next.
    """
    context = _calendar_context(request, request.GET, request.get_full_path())
    name = "_calendar.html" if _is_script(request) else "calendar.html"
    return render(request, f"pins/planning/{name}", context)


def _calendar_context(request: WorkspaceRequest, query: QueryDict, address: str) -> dict[str, Any]:
    """Return what the calendar with this address and its query shows."""
    workspace, now = request.workspace, timezone.now()
    today = timezone.localtime(now, workspace.zone).date()
    form = CalendarForm(query, workspace=workspace)
    form.is_valid()  # what is wrong is said beside its field, and the rest is shown
    # Without a choice it is a month, which style sheets make a list of where a screen is narrow.
    chosen = form.cleaned_data.get("view", "")
    view, on = chosen or MONTH, form.cleaned_data.get("on") or today
    period = period_of(view, on, workspace.first_weekday)
    pins = form.filtered(Pin.objects.in_workspace(workspace))
    days, tray = calendar_of(period, pins, workspace.zone, today, request.membership)
    if request.membership.can_edit:
        for day in days:
            # The first free publishing time of the day is looked for when a person asks for one.
            day.new_pin_url = "" if day.is_past else _new_pin_url(day.on, form.cleaned_data.get("account"))
    shown = [chip for day in days for chip in day.chips]
    add_warnings(shown, form.accounts, workspace.zone)
    draw([*shown, *tray], address)
    hours = hours_of(days, workspace.zone, now) if period.view in (WEEK, DAY) else []
    earlier, listed = earlier_and_listed(days)
    return {
        "form": form,
        "period": period,
        "columns": columns_of(period),
        "weeks": [days[start : start + 7] for start in range(0, len(days), 7)] if period.view == MONTH else [],
        "hours": hours,
        "early_hours": early_hours_of(hours) if hours else 0,
        "days": days,
        "earlier_days": earlier,
        "listed_days": listed,
        "count": sum(day.count for day in days),
        "tray": tray[:TRAY_LENGTH],
        "has_more_drafts": len(tray) > TRAY_LENGTH,
        "links": _links(query, period, today, chosen),
        "is_usual_view": not chosen,
        "can_edit": request.membership.can_edit,
    }


def _new_pin_url(on: date, account: str | None) -> str:
    query = {"on": on.isoformat()} | ({"account": account} if account else {})
    return f"{reverse('pins:calendar_new')}?{urlencode(query)}"


def _links(query: QueryDict, period: Period, today: date, chosen: str) -> dict[str, Any]:
    """Return the addresses of the periods before and after, of today, of the other views and of each day."""
    filters = {name: str(query[name]) for name in FILTERS if query.get(name)}

    def link(view: str, on: date | None, kept: dict[str, str] = filters) -> str | None:
        named = {"view": view} if view else {}
        return None if on is None else f"?{urlencode({**named, 'on': on.isoformat(), **kept})}"

    return {
        "previous": link(chosen, period.previous),
        "next": link(chosen, period.next),
        "today": link(chosen, today),
        "unfiltered": link(chosen, period.on, {}),
        # Of all pins of the shown days, in whichever view.
        "export": f"{reverse('pins:export_page')}?{urlencode(filters | _days_of(period))}",
        "views": [(view, view.title(), link(view, period.on), view == period.view) for view in VIEWS],
        # What leads to a new pin, to which the day and the hour are added.
        "new": f"{reverse('pins:calendar_new')}?{urlencode({'account': filters.get('account', '')})}",
        # What leads to a day, which is put behind it.
        "day": f"?{urlencode({**filters, 'view': DAY})}&on=",
    }


def _days_of(period: Period) -> dict[str, str]:
    """Return the days of the period as the filters of the list of pins."""
    return {"since": period.first.isoformat(), "until": period.last.isoformat()}


@require_http_methods(["GET", "POST"])
def pin_move(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Ask for a new time, or give the pin the posted one."""
    pin, now = editable_pin(request, pk), timezone.now()
    timezone.activate(pin.workspace.zone)
    back = safe_local_path(request.GET.get("next", "")) or reverse("pins:pin_detail", args=[pk])
    if request.method == "GET":
        return _move_page(request, pin, _opened_form(request, pin, now), back)
    data, before, was_queued = _move_data(request), pin.publish_at, pin.is_queued
    form = MoveForm(data, pin=pin, now=now)
    if not form.is_valid():
        return _refused(request, pin, form, back, status=ASKED if form.has_passed_today else REFUSED)
    publish_at, version = form.cleaned_data["publish_at"], form.cleaned_data["version"]
    try:
        move = move_to_place if publish_at and "free_time" in data else move_pin
        move(pin, publish_at, version=version, by=request.user, now=now, confirmed=confirmed_in(request))
    except ConfirmationNeeded as needed:
        return _refused(request, editable_pin(request, pk), form, back, status=ASKED, **asked(request, needed))
    except MoveError as error:
        pin = editable_pin(request, pk)
        data["version"] = str(pin.version)
        form = MoveForm(data, pin=pin, now=now)
        form.add_error(None, str(error))
        return _refused(request, pin, form, back, status=STALE if error.is_stale else REFUSED)
    to = spoken_moment(publish_at, pin.workspace.zone, now) if publish_at else "“No date yet”"
    text = f"“{pin}” moved to {to}."
    text = " ".join([text, *filter(None, [form.notice]), *(finding.message for finding in findings_of(pin, now))])
    if publish_at == now:
        messages.success(request, f"“{pin}” is being published.")
    elif earlier := _earlier_place(pin, before, was_queued=was_queued, now=now):
        undo = reverse("pins:pin_move", args=[pk]) + f"?{urlencode({'next': back})}"
        success_with_undo(request, text, undo, {"version": pin.version, **earlier})
    else:
        messages.success(request, text)
    return _told(request, pin, before, text, back) if _is_script(request) else redirect(back)


def _earlier_place(pin: Pin, before: datetime | None, *, was_queued: bool, now: datetime) -> dict[str, str]:
    """Return the field that moves the pin back to where it was; none if that can't be."""
    if before is None:
        return {"no_date": "1"} if pin.status == PinStatus.DRAFT else {}
    at = timezone.localtime(before).strftime(LOCAL_FORMAT)
    return {"free_time" if was_queued else "publish_at": at} if before > now else {}


def _told(request: WorkspaceRequest, pin: Pin, before: datetime | None, text: str, back: str) -> HttpResponse:
    """Return what a script is told of a move: the changed cells of the calendar at `back`, or the sentence alone."""
    path, _, query = back.partition("?")
    if path == reverse("pins:calendar") and pin.workspace_id == request.workspace.pk:
        context = _calendar_context(request, QueryDict(query), back)
        cells = changed_cells(context, pin, before, request.workspace.zone)
        if cells is not None:
            return render(request, "pins/planning/cells.html", context | cells | {"sentence": text})
    return HttpResponse(text, content_type="text/plain")


def _opened_form(request: WorkspaceRequest, pin: Pin, now: datetime) -> MoveForm:
    """Return the form with the pin's time, or the one of the address; with what is wrong, if it has passed today."""
    asked_for = request.GET.get("publish_at")
    initial = {"version": pin.version, "publish_at": asked_for or pin.publish_at}
    form = MoveForm({name: str(value) for name, value in initial.items()}, pin=pin, now=now) if asked_for else None
    if form is not None and not form.is_valid() and form.has_passed_today:
        return form
    return MoveForm(pin=pin, now=now, initial=initial)


def _move_data(request: WorkspaceRequest) -> QueryDict:
    """Return what was posted, with the time of the button if it was one that was offered."""
    data = request.POST.copy()
    for name in ("free_time", "good_time"):
        if name in data:
            data["publish_at"] = request.POST[name]
    return data


def _move_page(
    request: WorkspaceRequest, pin: Pin, form: MoveForm, back: str, *, status: int = 200, **more: Any
) -> HttpResponse:
    account = pin.account
    # One more: the pin's own time would be no move.
    how: dict[str, Any] = {"count": FREE_TIMES + 1, "without": [pin.pk], "likeness": Likeness.of(pin)}
    since = _begin_of_asked_day(request, pin.workspace.zone)
    free = next_free_times(account, now=timezone.now(), since=since, **how) if account else []
    free = [at for at in free if at != pin.publish_at][:FREE_TIMES]
    context = {
        "pin": pin,
        "form": form,
        "back": back,
        "free_times": free,
        "can_publish": can_publish(request, pin.workspace),
        "advice": advice_on_pin(pin, timezone.now()),
        **more,
    }
    return render(request, "pins/planning/move.html", context, status=status)


def _begin_of_asked_day(request: WorkspaceRequest, zone: ZoneInfo) -> datetime | None:
    """Return when the day begins on which the pin was dropped; None if the address names none."""
    try:
        on = DayField().clean(request.GET.get("publish_at", "")[:10])
    except ValidationError:
        return None
    return first_moment(on, time.min, zone) if on else None


def _refused(
    request: WorkspaceRequest, pin: Pin, form: MoveForm, back: str, *, status: int, **more: Any
) -> HttpResponse:
    """Return the page with what is wrong; a script gets the sentence alone, unless it has something to choose."""
    if status == ASKED or not _is_script(request):
        return _move_page(request, pin, form, back, status=status if _is_script(request) else 200, **more)
    errors = [str(error) for each in form.errors.values() for error in each]
    return HttpResponse(" ".join(errors), content_type="text/plain", status=status)


def _is_script(request: WorkspaceRequest) -> bool:
    return request.headers.get("X-Requested-With") == "XMLHttpRequest"
