"""A new pin from a day or an hour of the calendar: for which account, and at which time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.middleware import WorkspaceRequest
from accounts.models import AccountStatus, PinterestAccount, PinterestAccountQuerySet, Workspace
from accounts.permissions import require_editor
from pins.fields import LOCAL_FORMAT
from pins.queue.places import FreePlaces
from postiz_pins.common.dates import first_moment

from .forms import DayField


def accounts_of(workspace: Workspace) -> PinterestAccountQuerySet:
    """Return the accounts for which new pins can be made; one that needs reconnecting is among them."""
    return PinterestAccount.objects.in_workspace(workspace).in_use().exclude(status=AccountStatus.DISCONNECTED)


class NewPinForm(forms.Form):
    """A day of the calendar, or an hour of it; and the account, if the calendar shows only one."""

    on = DayField(required=True)
    hour = forms.IntegerField(required=False, min_value=0, max_value=23)

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts = accounts_of(workspace).order_by("username", "pk")
        self.accounts = accounts
        self.fields["account"] = forms.ModelChoiceField(
            accounts, required=False, error_messages={"invalid_choice": "This workspace has no such account."}
        )


@dataclass(frozen=True)
class Offer:
    """What an account offers to a new pin on the day, or in the hour."""

    account: PinterestAccount
    # None: it has no free time there.
    at: datetime | None
    is_publishing_time: bool

    @property
    def url(self) -> str:
        """Return the composer's address, with the account and the time if there is one."""
        query: dict[str, Any] = {"account": self.account.pk}
        if self.at is not None:
            query["publish_at"] = self.at.astimezone(self.account.workspace.zone).strftime(LOCAL_FORMAT)
        return f"{reverse('pins:pin_create')}?{urlencode(query)}"


@require_GET
def calendar_new(request: WorkspaceRequest) -> HttpResponse:
    """Lead to the composer with the time of the only account; of several, ask for which one the pin is."""
    workspace, now = request.workspace, timezone.now()
    require_editor(request, workspace)
    form = NewPinForm(request.GET, workspace=workspace)
    if not form.is_valid():
        return render(request, "pins/planning/new_pin.html", {"form": form})
    on, hour, account = (form.cleaned_data[name] for name in ("on", "hour", "account"))
    begin, end = _span(on, hour, workspace.zone)
    accounts = [account] if account else list(form.accounts)
    for each in accounts:
        each.workspace = workspace
    offers = [] if end <= now else [_offer_of(each, begin, end, now, has_hour=hour is not None) for each in accounts]
    if len(offers) == 1 and offers[0].at is not None:
        return redirect(offers[0].url)
    context = {"form": form, "on": on, "begin": begin, "hour": hour, "offers": offers, "has_passed": end <= now}
    return render(request, "pins/planning/new_pin.html", context)


def _span(on: date, hour: int | None, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the moments between which the day or the hour lies, the end excluded."""
    begin = first_moment(on, time(hour or 0), zone)
    if hour is not None:
        return begin, begin + timedelta(hours=1)
    return begin, first_moment(on + timedelta(days=1), time(), zone)


def _offer_of(account: PinterestAccount, begin: datetime, end: datetime, now: datetime, *, has_hour: bool) -> Offer:
    """Return the first free publishing time between the two; of an hour that has none, the first half hour to come."""
    at = FreePlaces(account, now=now).take(since=begin)
    free = at if at is not None and at < end else None
    if free is not None or not has_hour:
        return Offer(account, free, is_publishing_time=free is not None)
    halves = (begin, begin + timedelta(minutes=30))
    return Offer(account, next((at for at in halves if at > now), None), is_publishing_time=False)
