"""The calendar, and the page that moves a pin."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.middleware import WorkspaceRequest
from pins.models import Pin
from pins.rules.questions import ConfirmationNeeded, asked, confirmed_in
from pins.views import editable_pin
from postiz_pins.common.dates import format_moment
from postiz_pins.http.redirects import safe_local_path

from .days import TRAY_LENGTH, days_of, hours_of, undated_drafts
from .forms import CalendarForm, MoveForm
from .periods import DAY, LIST, MONTH, VIEWS, WEEK, Period, columns_of, period_of
from .services import MoveError, move_pin

FILTERS = ("account", "board", "status", "q")
# What a script is answered with a sentence; a page is shown again with it.
STALE, REFUSED = 409, 422


@require_GET
def calendar(request: WorkspaceRequest) -> HttpResponse:
    workspace, now = request.workspace, timezone.now()
    today = timezone.localtime(now, workspace.zone).date()
    form = CalendarForm(request.GET, workspace=workspace)
    form.is_valid()  # what is wrong is said beside its field, and the rest is shown
    period = period_of(form.cleaned_data.get("view") or MONTH, form.cleaned_data.get("on") or today)
    pins = form.filtered(Pin.objects.in_workspace(workspace))
    days = days_of(period, pins, workspace.zone, today)
    tray = undated_drafts(pins)
    context = {
        "form": form,
        "period": period,
        "columns": columns_of(period),
        "weeks": [days[start : start + 7] for start in range(0, len(days), 7)] if period.view == MONTH else [],
        "hours": hours_of(days, workspace.zone) if period.view in (WEEK, DAY) else [],
        "days": days,
        "listed_days": [day for day in days if day.count] if period.view == LIST else [],
        "count": sum(day.count for day in days),
        "tray": tray[:TRAY_LENGTH],
        "has_more_drafts": len(tray) > TRAY_LENGTH,
        "links": _links(request, period, today),
        "here": request.get_full_path(),
        "can_edit": request.membership.can_edit,
        "can_publish": request.membership.can_publish,
    }
    return render(request, "pins/planning/calendar.html", context)


def _links(request: WorkspaceRequest, period: Period, today: date) -> dict[str, Any]:
    """Return the addresses of the periods before and after, of today, of the other views and of each day."""

    filters = {name: request.GET[name] for name in FILTERS if request.GET.get(name)}

    def link(view: str, on: date | None) -> str | None:
        return None if on is None else f"?{urlencode({'view': view, 'on': on.isoformat(), **filters})}"

    return {
        "previous": link(period.view, period.previous),
        "next": link(period.view, period.next),
        "today": link(period.view, today),
        "views": [(view, view.title(), link(view, period.on), view == period.view) for view in VIEWS],
        # What leads to a day, which is put behind it.
        "day": f"?{urlencode({**filters, 'view': DAY})}&on=",
    }


@require_http_methods(["GET", "POST"])
def pin_move(request: WorkspaceRequest, pk: int) -> HttpResponse:
    pin, now = editable_pin(request, pk), timezone.now()
    timezone.activate(pin.workspace.zone)
    back = safe_local_path(request.GET.get("next", "")) or reverse("pins:pin_detail", args=[pk])
    if request.method == "GET":
        initial = {"version": pin.version, "publish_at": request.GET.get("publish_at") or pin.publish_at}
        return _move_page(request, pin, MoveForm(pin=pin, now=now, initial=initial), back)
    form = MoveForm(request.POST, pin=pin, now=now)
    if not form.is_valid():
        return _refused(request, pin, form, back)
    publish_at, version = form.cleaned_data["publish_at"], form.cleaned_data["version"]
    try:
        move_pin(pin, publish_at, version=version, by=request.user, now=now, confirmed=confirmed_in(request))
    except ConfirmationNeeded as needed:
        pin = editable_pin(request, pk)
        sentence = f"{needed.questions[0].message} Use “Move…” to confirm."
        return _refused(request, pin, form, back, sentence=sentence, **asked(request, needed))
    except MoveError as error:
        pin = editable_pin(request, pk)
        data = request.POST.copy()
        data["version"] = str(pin.version)
        form = MoveForm(data, pin=pin, now=now)
        form.add_error(None, str(error))
        return _refused(request, pin, form, back, status=STALE if error.is_stale else REFUSED)
    text = f"“{pin}” is planned for {format_moment(publish_at, pin.workspace.zone)}."
    if _is_script(request):
        return HttpResponse(text, content_type="text/plain")
    messages.success(request, text)
    return redirect(back)


def _move_page(request: WorkspaceRequest, pin: Pin, form: MoveForm, back: str, **more: Any) -> HttpResponse:
    context = {"pin": pin, "form": form, "back": back, **more}
    return render(request, "pins/planning/move.html", context)


def _refused(
    request: WorkspaceRequest, pin: Pin, form: MoveForm, back: str, *, status: int = REFUSED, **more: Any
) -> HttpResponse:
    """Return the page with what is wrong; a script gets the sentence alone."""
    if not _is_script(request):
        return _move_page(request, pin, form, back, **more)
    errors = [str(error) for each in form.errors.values() for error in each]
    return HttpResponse(" ".join(errors) or more["sentence"], content_type="text/plain", status=status)


def _is_script(request: WorkspaceRequest) -> bool:
    return request.headers.get("X-Requested-With") == "XMLHttpRequest"
