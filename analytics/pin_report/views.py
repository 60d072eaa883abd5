"""The pages of the pins' figures, and the same as JSON and CSV."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.api_keys.authentication import JsonError, answer_errors, open_to_keys
from accounts.middleware import WorkspaceRequest
from accounts.models import Scope
from accounts.permissions import can_edit
from analytics.account_report.account_selection import carried_query
from analytics.account_report.forms import PeriodForm
from analytics.account_report.range_control import REPLACED, range_control
from analytics.metrics import PIN_METRICS
from analytics.models import AccountFeed, PinSummary
from analytics.periods import LONGEST_DAYS, Period, newest_day
from pins.models import Pin
from postiz_pins.common.csv_files import csv_response
from postiz_pins.common.params import parse_number

from . import keyset
from . import services as pin_report
from . import status_messages as pin_messages
from . import table as pin_table
from .forms import PinFilterForm, published_control, published_within

# A quarter shows how a pin begins and how it lasts.
DEFAULT_RANGE = "90"


@require_GET
def pin_list(request: WorkspaceRequest) -> HttpResponse:
    """Show the lifetime figures of all published pins."""
    form = PinFilterForm(published_within(request.GET, timezone.now()), request.workspace)
    form.is_valid()  # a field that cannot be understood narrows nothing, and says so
    summaries = form.narrow(PinSummary.objects.in_workspace(request.workspace))
    table = pin_table.page_of(summaries, request.GET, timezone.now())
    feed = _feed_to_show(request, form)
    context = {
        "form": form,
        "table": table,
        "range": published_control(form, request.GET),
        # The search keeps the days of publication.
        "spans": [(name, request.GET[name]) for name in REPLACED if name != "after" and request.GET.get(name)],
        "can_edit": request.membership.can_edit,
        "sort": keyset.parse_order(request.GET.get("sort", "")).parameter,
        "query_string": request.GET.urlencode(),
        "query": carried_query(request, form.cleaned_data.get("account")),
        "feed": feed,
        "account": feed.account if feed else None,
        # Asked only where it changes what an empty table says.
        "has_published": not table.rows and Pin.objects.in_workspace(request.workspace).published().exists(),
        "now": timezone.now(),
    }
    return render(request, "analytics/pin_list.html", context)


@require_GET
def pin_list_csv(request: WorkspaceRequest) -> HttpResponseBase:
    """Return the table as CSV, with the page's filters and order."""
    form = PinFilterForm(published_within(request.GET, timezone.now()), request.workspace)
    if not form.is_valid():  # a file carries no complaint, so it must not hold other pins than it was asked for
        return HttpResponse(form.sentences, status=400, content_type="text/plain; charset=utf-8")
    summaries = form.narrow(PinSummary.objects.in_workspace(request.workspace))
    order = keyset.parse_order(request.GET.get("sort", ""))
    now = timezone.now()
    account = form.cleaned_data.get("account")
    name = f"pins-{account.username if account else 'all-accounts'}-until-{now:%Y-%m-%d}"
    return csv_response(name, pin_table.CSV_HEADER, pin_table.csv_rows(summaries, order, now))


@require_GET
def pin_detail(request: WorkspaceRequest, pinterest_pin_id: str) -> HttpResponse:
    """Show the analytics of a pin."""
    pin = _find_pin(request, pinterest_pin_id)
    timezone.activate(pin.workspace.zone)  # it may be another workspace than the current one
    now = timezone.now()
    feed, summary = _feed_of(pin), pin_report.summary_of(pin)
    form = _period_form(request, summary, feed, now)
    period = form.shown.period
    development = pin_report.development_of(summary, period)
    days = list(development.days.values())
    context = {
        "pin": pin,
        "media": pin.media_files,
        "summary": summary,
        "facts": pin_report.facts_of(summary),
        "has_figures": pin_messages.has_lifetime_figures(summary),
        "state": pin_messages.lifetime_state(summary, now, pin_table.lookback()),
        "charts_state": pin_messages.charts_state(summary, period, development.period, days, now),
        "begins": development.period and pin_messages.before_publication(period, pin_report.published_on(summary)),
        "development": development,
        "range": range_control(form, request.GET),
        "range_query": urlencode(form.query),
        "query": carried_query(request, pin.account),
        "feed": feed,
        "can_edit": can_edit(request, pin.workspace),
    }
    return render(request, "analytics/pin_detail.html", context | _chart_of(request, summary, development))


def _chart_of(request: WorkspaceRequest, summary: PinSummary, development: pin_report.Development) -> dict[str, Any]:
    """Return the one chart of the page, and the tiles and links that switch it."""
    named = request.GET.get("metric", "")
    metric = next((metric for metric in PIN_METRICS if metric.column == named), PIN_METRICS[0])
    shows_growth = request.GET.get("show") == "growth"
    tiles = [
        (pin_report.tile_of(summary, development, each), _link(request, metric=each.column), each == metric)
        for each in PIN_METRICS
    ]
    show_links = [
        ("New", _link(request, show="new"), not shows_growth),
        ("Growth", _link(request, show="growth"), shows_growth),
    ]
    draw = pin_report.growth_chart if shows_growth else pin_report.daily_chart
    chart = draw(development, metric) if development.period else None
    return {"tiles": tiles, "show_links": show_links, "chart": chart, "metric": metric}


def _link(request: WorkspaceRequest, **changes: str) -> str:
    """Return the address of the page with other values of some parameters."""
    return f"?{urlencode(request.GET.dict() | changes)}"


@require_GET
def pin_csv(request: WorkspaceRequest, pinterest_pin_id: str) -> HttpResponseBase:
    """Return the daily figures of a pin as CSV."""
    pin = _find_pin(request, pinterest_pin_id)
    summary = pin_report.summary_of(pin)
    period = _period_form(request, summary, _feed_of(pin), timezone.now()).shown.period
    rows = pin_report.csv_rows(pin_report.development_of(summary, period))
    name = f"pin-{pinterest_pin_id}-{period.start_on}-to-{period.end_on}"
    return csv_response(name, pin_report.CSV_HEADER, rows)


@open_to_keys(Scope.FIGURES)
@require_GET
def pin_json(request: WorkspaceRequest, pinterest_pin_id: str) -> HttpResponse:
    """Return the specification's JSON of a pin (services.json_of).

    `?days=` is a whole number of days up to two years.
    """
    pin = _find_pin(request, pinterest_pin_id)
    days_text = request.GET.get("days", "")
    days = parse_number(days_text)
    if days_text and (days is None or not 1 <= days <= LONGEST_DAYS):
        error = f"“days” must be a whole number from 1 to {LONGEST_DAYS}, or be left out."
        return answer_errors([JsonError("days_invalid", "days", error)], status=400)
    summary, period = pin_report.summary_of(pin), None
    if days is not None:
        end_on = _newest_day(summary, _feed_of(pin), timezone.now())
        period = Period.ending(end_on, days)
    return JsonResponse(pin_report.json_of(summary, period), safe=False)


def _period_form(request: WorkspaceRequest, summary: PinSummary, feed: AccountFeed | None, now: datetime) -> PeriodForm:
    """Return the range, which ends with the pin's newest known day; “All” begins with its publication."""
    return PeriodForm(
        request.GET,
        today=now.astimezone(UTC).date(),
        newest_on=_newest_day(summary, feed, now),
        default=DEFAULT_RANGE,
        first_on=pin_report.published_on(summary),
    )


def _find_pin(request: WorkspaceRequest, pinterest_pin_id: str) -> Pin:
    """Return the published pin, of a workspace that the request reaches.

    Raises Http404 for any other.
    """
    reached = [membership.workspace_id for membership in request.memberships]
    pins = Pin.objects.filter(workspace__in=reached).published().with_content().select_related("summary")
    is_id = pinterest_pin_id.isascii() and pinterest_pin_id.isdecimal()
    pin = pins.filter(pinterest_pin_id=pinterest_pin_id).first() if is_id else None
    if pin is None:
        raise Http404("Pin not found. Use Pinterest's ID of a pin published from one of your workspaces.")
    return pin


def _newest_day(summary: PinSummary, feed: AccountFeed | None, now: datetime) -> date:
    return newest_day(now, feed.latest_on if feed else None, summary.latest_on)


def _feed_of(pin: Pin) -> AccountFeed | None:
    return AccountFeed.objects.filter(account=pin.account_id).first()


def _feed_to_show(request: WorkspaceRequest, form: PinFilterForm) -> AccountFeed | None:
    """Return the selected account's feed; of all accounts, one that has trouble, or else the stalest."""
    feeds = AccountFeed.objects.in_workspace(request.workspace).select_related("account")
    account = form.cleaned_data.get("account")
    if account:
        return feeds.filter(account=account).first()
    return min(feeds, key=_freshness, default=None)


def _freshness(feed: AccountFeed) -> tuple[Any, ...]:
    fetched_at = feed.days_fetched_at
    return (not feed.trouble, fetched_at is not None, fetched_at and fetched_at.timestamp(), feed.pk)
