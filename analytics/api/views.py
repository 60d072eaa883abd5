"""The operations of the API that read analytics, in the specification's form."""

from __future__ import annotations

from datetime import UTC, date
from typing import Annotated, Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Path, Query

from accounts.connections.board_sync import accounts_named
from accounts.models import Scope
from analytics.account_report import services as account_report
from analytics.account_report import spec_json
from analytics.account_report.account_selection import feed_of
from analytics.account_report.forms import DaysForm
from analytics.periods import LONGEST_DAYS, Period, newest_day
from analytics.pin_report import services as pin_report
from pins.api.application import REFUSALS, ApiRequest, WorkspaceKey, api
from pins.api.errors import ApiValidationError, ErrorsAnswer
from pins.api.inputs import account_unknown
from pins.models import Pin, PinStatus
from pins.rules.composition import Problem

from .document import MetricAnswer

Days = Annotated[
    int | None,
    Query(description="Number of days, up to the newest day with data.", ge=1, le=LONGEST_DAYS),
]


@api.get(
    "/accounts/{account}/analytics",
    response={200: list[MetricAnswer], **REFUSALS},
    auth=WorkspaceKey(Scope.FIGURES),
    by_alias=True,
    operation_id="getAccountMetrics",
    summary="Read the daily analytics of an account",
)
def get_account_metrics(
    request: ApiRequest,
    account: Annotated[str, Path(description="Username of the account.")],
    days: Days = None,
    start: Annotated[date | None, Query(description="First day of a custom range, in UTC.")] = None,
    end: Annotated[date | None, Query(description="Last day of the range.")] = None,
) -> Any:
    """Return Pin Click Rate, Impressions, Pin Clicks, Engagement and Saves by day.

    Use either `days` or `start` and `end`; the default is the last 30 days.
    """
    accounts = accounts_named(request.auth.workspace, account)
    if len(accounts) != 1:
        raise ApiValidationError([account_unknown(account)])
    feed, now = feed_of(accounts[0]), timezone.now()
    newest_on = newest_day(now, feed.latest_on if feed else None)
    form = DaysForm(request.GET, today=now.astimezone(UTC).date(), newest_on=newest_on)
    if not form.is_valid():
        raise ApiValidationError([Problem(each.code, each.field, each.message) for each in form.problems])
    period = form.cleaned_data["range"].period
    return spec_json.account_answer(account_report.stored_days(accounts[0], period), period)


@api.get(
    "/pins/{int:id}/analytics",
    response={200: list[MetricAnswer], 404: ErrorsAnswer, 409: ErrorsAnswer, **REFUSALS},
    auth=WorkspaceKey(Scope.FIGURES),
    by_alias=True,
    operation_id="getPinMetrics",
    summary="Read the analytics of a pin",
)
def get_pin_metrics(request: ApiRequest, id: int, days: Days = None) -> Any:
    """Return Impressions, Pin Clicks, Outbound Clicks and Saves since the pin was published.

    The last `total` of each is its lifetime total. With `days`, only the totals of these days are listed, and
    `percentageChange` compares them with the days before.
    """
    pins = Pin.objects.in_workspace(request.auth.workspace).select_related("summary", "account")
    pin = get_object_or_404(pins, pk=id)
    if pin.status != PinStatus.PUBLISHED:
        raise ApiValidationError([Problem("pin_unpublished", "", "Only published pins have analytics.")], status=409)
    summary, period = pin_report.summary_of(pin), None
    if days is not None:
        feed = feed_of(pin.account)
        period = Period.ending(newest_day(timezone.now(), feed.latest_on if feed else None, summary.latest_on), days)
    return pin_report.json_of(summary, period)
