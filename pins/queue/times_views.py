"""The page of an account's publishing times."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.middleware import WorkspaceRequest
from accounts.models import PinterestAccount, PinterestAccountQuerySet, User, Workspace
from accounts.permissions import can_edit, can_publish
from postiz_pins.common.params import parse_key

from . import moves, times
from .forms import AddTimeForm, CopyDayForm, HoursForm, LimitsForm, weekdays_of
from .places import off_places
from .times import TooManyTimes
from .views import account_of


@require_GET
def publishing_times_home(request: WorkspaceRequest) -> HttpResponse:
    """Lead to the publishing times of the workspace's first account; without one, say how to get one."""
    first = _accounts_of(request.workspace).first()
    if first is None:
        return render(request, "pins/queue/times_without_account.html")
    return redirect("pins:publishing_times", pk=first.pk)


def _accounts_of(workspace: Workspace) -> PinterestAccountQuerySet:
    return PinterestAccount.objects.in_workspace(workspace).in_use().order_by("username", "pk")


@require_http_methods(["GET", "POST"])
def publishing_times(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Every member may look; editors change. Each button of the page says what it does by `action`."""
    mine = PinterestAccount.objects.for_user(request.user).select_related("workspace")
    account = get_object_or_404(mine, pk=pk) if request.method == "GET" else account_of(request, pk)
    timezone.activate(account.workspace.zone)
    page = _TimesPage(account, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        message = page.act(by=request.user)
        if message:
            messages.success(request, message)
            return redirect("pins:publishing_times", pk=pk)
    may = {"can_edit": can_edit(request, account.workspace), "can_publish": can_publish(request, account.workspace)}
    return render(request, "pins/queue/times.html", page.context() | may)


class _TimesPage:
    """The forms of the page; only the one whose button was pressed is bound."""

    def __init__(self, account: PinterestAccount, posted: Any) -> None:
        self.account, self.posted = account, posted
        self.action = posted.get("action", "") if posted is not None else ""
        self.error = ""
        self.add = AddTimeForm(self._data("add"), workspace=account.workspace)
        self.copy = CopyDayForm(self._data("copy"), workspace=account.workspace)
        self.limits = LimitsForm(self._data("limits"), account=account)

    def _data(self, action: str) -> Any:
        return self.posted if self.action == action else None

    def act(self, *, by: User) -> str:
        """Do what the button says, and return what the person is told; empty if something is wrong."""
        who: dict[str, Any] = {"by": by, "now": timezone.now()}
        try:
            return self._act(who)
        except TooManyTimes as error:
            self.error = str(error)
            return ""

    def _act(self, who: dict[str, Any]) -> str:
        account = self.account
        if self.action == "add" and self.add.is_valid():
            at, weekdays = self.add.cleaned_data["time"], self.add.cleaned_data["weekdays"]
            return _added(times.add(account, [(weekday, at) for weekday in weekdays], **who))
        if self.action == "copy" and self.copy.is_valid():
            data = self.copy.cleaned_data
            return _added(times.copy_day(account, data["weekday"], data["weekdays"], **who))
        if self.action == "limits" and self.limits.is_valid():
            times.change_limits(account, **self.limits.cleaned_data, **who)
            return "Saved."
        if self.action == "hours":
            form = HoursForm(self.posted)
            if form.is_valid():
                return _added(times.add(account, form.cleaned_data["hours"], **who))
            self.error = str(form.errors["hours"][0])
        if self.action in times.PRESETS:
            return _added(times.apply_preset(account, self.action, **who))
        if "delete" in self.posted:
            is_deleted = times.delete(account, parse_key(self.posted.get("delete", "")), **who)
            return "Publishing time deleted." if is_deleted else "This publishing time was deleted before."
        return ""

    def context(self) -> dict[str, Any]:
        """Return what the page shows."""
        account = self.account
        present = list(account.publishing_times.all())
        ahead = moves.queued_pins(account).filter(publish_at__gt=timezone.now())
        return {
            "account": account,
            "accounts": _accounts_of(account.workspace),
            "week": [
                (name, [each for each in present if each.weekday == weekday])
                for weekday, name in weekdays_of(account.workspace)
            ],
            "count": len(present),
            "presets": [
                (name, label, ", ".join(f"{at:%H:%M}" for at in at_times))
                for name, (label, at_times) in times.PRESETS.items()
            ],
            "add": self.add,
            "copy": self.copy,
            "limits": self.limits,
            "error": self.error,
            "off_place_count": len(off_places(account, ahead)),
        }


def _added(count: int) -> str:
    if not count:
        return "The account has these times already."
    return f"{count} publishing time{'s' if count != 1 else ''} added."
