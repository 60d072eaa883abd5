"""The account page, its report on paper, its files, and "Refresh now"."""

from __future__ import annotations

from datetime import UTC
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRefresh

from accounts.api_keys.authentication import answer_errors, open_to_keys
from accounts.middleware import WorkspaceRequest
from accounts.models import PinterestAccount, Scope
from accounts.permissions import require_editor
from analytics.ingestion import runner
from analytics.metrics import ACCOUNT_METRICS, IMPRESSIONS, Metric
from analytics.models import AccountFeed
from analytics.periods import newest_day
from postiz_pins.common.csv_files import csv_response
from postiz_pins.http.redirects import safe_local_path

from . import kpis, spec_json
from . import services as account_report
from . import status_messages as account_messages
from . import tables as account_tables
from .account_selection import accounts_to_choose, feed_of, selected_account
from .forms import DaysForm, PeriodForm
from .range_control import range_control
from .services import ChosenRange


@require_GET
@vary_on_headers("HX-Request")
def overview(request: WorkspaceRequest) -> HttpResponse:
    """Show the analytics of an account in a range of days."""
    account = selected_account(request)
    feed = feed_of(account)
    context: dict[str, Any] = {
        "account": account,
        "feed": feed,
        "is_waiting": account is not None and _is_waiting(account, feed),
        "is_hopeless": account is not None and account_messages.is_hopeless(account, feed),
        "can_edit": request.membership.can_edit,
        "query": "",
    }
    if request.htmx.target == "waiting":
        return render(request, "analytics/_first_fetch.html", context) if context["is_waiting"] else _again()
    if account is not None:
        figures = _figures(request, account, feed)
        context |= figures | _page_of_figures(request, account, figures)
    return render(request, "analytics/overview.html", context)


@require_GET
def report(request: WorkspaceRequest) -> HttpResponse:
    """Show one page of A4, without navigation."""
    account = selected_account(request)
    feed = feed_of(account)
    context: dict[str, Any] = {"account": account, "feed": feed, "now": timezone.now()}
    if account is not None:
        context["account_status"] = account_messages.account_status(account, feed, context["now"])
        context |= _figures(request, account, feed)
        context["charts"] = account_report.charts_of(context["days"], context["period"], context["published"])
    return render(request, "analytics/report.html", context)


@require_GET
def tag_list(request: WorkspaceRequest) -> HttpResponse:
    """Show what the pins of each tag came to in a range of days, for one account."""
    account = selected_account(request)
    feed = feed_of(account)
    context: dict[str, Any] = {
        "account": account,
        "feed": feed,
        "can_edit": request.membership.can_edit,
        "query": "",
    }
    if account is not None:
        form, sort = PeriodForm(request.GET, **_limits(feed)), _sort(request)
        context |= {
            "form": form,
            "period": form.shown.period,
            "range": range_control(form, request.GET),
            "sort": sort,
            "heads": [
                (metric.label, _link(request, sort=column), column == sort)
                for column, metric in account_report.SORTS.items()
            ],
            "tags": account_report.ranked_tags(account, form.shown, sort),
            "most": account_report.MOST_TAGS,
            "query": urlencode({"account": account.pk} | form.query),
            "accounts": _account_links(request, account),
        }
    return render(request, "analytics/tag_list.html", context)


@require_POST
def refresh(request: WorkspaceRequest) -> HttpResponse:
    """Ask for new analytics of an account."""
    account = selected_account(request)
    if account is None:
        raise Http404("There's no account to refresh.")
    require_editor(request, account.workspace)
    again_at = runner.request_refresh(account, timezone.now())
    if request.htmx:
        # The page itself asked for the first figures. Another user may have done so before, which is as good.
        return render(request, "analytics/_first_fetch.html", {"account": account, "is_asked_for": True})
    if again_at is None:
        messages.success(request, account_messages.asked_sentence(account, feed_of(account), timezone.now()))
    else:
        messages.info(request, account_messages.too_soon_sentence(account, again_at - runner.REFRESH_WAIT, again_at))
    return redirect(_page_before(request, account))


@open_to_keys(Scope.FIGURES)
@require_GET
def account_json(request: WorkspaceRequest) -> HttpResponse:
    """Return the daily analytics of an account as JSON, in the specification's form."""
    account = selected_account(request)
    if account is None:
        raise Http404("This workspace has no Pinterest account. Connect one first.")
    form = DaysForm(request.GET, **_limits(feed_of(account)))
    if not form.is_valid():
        return answer_errors(form.problems, status=400)
    period = form.cleaned_data["range"].period
    # The specification's answer is a list. Nothing but a browser from another century runs one as a script.
    return JsonResponse(spec_json.account_answer(account_report.stored_days(account, period), period), safe=False)


@require_GET
def account_csv(request: WorkspaceRequest) -> HttpResponseBase:
    """Return the CSV of one table or chart of the account page, of the page's range.

    `what` names it.
    """
    account = selected_account(request)
    if account is None:
        raise Http404("There's no account.")
    form = PeriodForm(request.GET, **_limits(feed_of(account)))
    table = account_tables.table_of(request.GET.get("what", "days"))
    if table is None or not form.is_valid():
        sentence = form.sentences or "Unknown table. Use the links on the page."
        return HttpResponse(sentence, status=400, content_type="text/plain; charset=utf-8")
    chosen: ChosenRange = form.cleaned_data["range"]
    header, rows = table.build(account, chosen, _sort(request))
    period = chosen.period
    return csv_response(f"{account.username}-{table.name}-{period.start_on}-to-{period.end_on}", header, rows)


def _figures(request: WorkspaceRequest, account: PinterestAccount, feed: AccountFeed | None) -> dict[str, Any]:
    """Return what the page and the report have in common."""
    form = PeriodForm(request.GET, **_limits(feed))
    shown = form.shown
    period, sort = shown.period, _sort(request)
    days = account_report.stored_days(account, period)
    tiles = kpis.tiles_of({(account.pk, day): row for day, row in days.items()}, period, ACCOUNT_METRICS)
    figures = [tile.figure for tile in tiles]
    return {
        "form": form,
        "chosen": shown,
        "period": period,
        "days": days,
        "tiles": tiles,
        "published": account_report.published_counts(account, period),
        "period_status": account_messages.period_status(period, figures, account_report.first_day(account), feed),
        "sort": sort,
        "sort_label": account_report.SORTS[sort].label,
        "sorts": account_report.SORTS.values(),
        "top_pins": account_report.ranked_pins([account], shown, sort),
        "boards": account_report.ranked_boards(account, shown, sort),
        "query": urlencode({"account": account.pk} | form.query),
    }


def _page_of_figures(request: WorkspaceRequest, account: PinterestAccount, figures: dict[str, Any]) -> dict[str, Any]:
    """Return the controls of the page and the one chart of the selected metric."""
    metric, period = _metric(request), figures["period"]
    is_weekly = {"day": False, "week": True}.get(request.GET.get("by", ""), period.days > account_report.MOST_DAYS)
    chart = account_report.chart_of(
        metric, figures["days"], period, figures["published"], is_weekly=is_weekly and period.days >= 14
    )
    return {
        "metric": metric,
        "chart": chart,
        "tile_links": [
            (tile, _link(request, metric=tile.figure.metric.column), tile.figure.metric == metric)
            for tile in figures["tiles"]
        ],
        "by_links": [
            ("By day", _link(request, by="day"), not chart.is_weekly),
            ("By week", _link(request, by="week"), chart.is_weekly),
        ]
        if period.days > account_report.MOST_DAYS
        else [],
        "range": range_control(figures["form"], request.GET),
        "top_rows": account_report.with_parts(figures["top_pins"], figures["sort"]),
        "board_rows": account_report.with_parts(figures["boards"], figures["sort"]),
        "accounts": _account_links(request, account),
    }


def _account_links(request: WorkspaceRequest, account: PinterestAccount) -> list[tuple[PinterestAccount, str, bool]]:
    """Return each account with the address of the page about it, and whether it is the one that is shown."""
    return [
        (each, _link(request, account=str(each.pk)), each == account) for each in accounts_to_choose(request.workspace)
    ]


def _link(request: WorkspaceRequest, **changes: str) -> str:
    """Return the address of the page with other values of some parameters."""
    changed = request.GET.copy()
    for name, value in changes.items():
        changed[name] = value
    return f"?{changed.urlencode()}"


def _metric(request: WorkspaceRequest) -> Metric:
    named = request.GET.get("metric", "")
    return next((metric for metric in ACCOUNT_METRICS if metric.column == named), IMPRESSIONS)


def _sort(request: WorkspaceRequest) -> str:
    """Return the metric by which pins and boards are ranked: that of the chart, where pins have it."""
    sort = request.GET.get("sort") or _metric(request).column
    return sort if sort in account_report.SORTS else IMPRESSIONS.column


def _limits(feed: AccountFeed | None) -> dict[str, Any]:
    now = timezone.now()
    return {"today": now.astimezone(UTC).date(), "newest_on": newest_day(now, feed.latest_on if feed else None)}


def _is_waiting(account: PinterestAccount, feed: AccountFeed | None) -> bool:
    notice = account_messages.account_status(account, feed, timezone.now())
    return notice is not None and notice.is_waiting


def _again() -> HttpResponse:
    """Load the page again: the first figures are there, or it says why not."""
    return HttpResponseClientRefresh()


def _page_before(request: WorkspaceRequest, account: PinterestAccount) -> str:
    """Return the page of this app on which the button was pressed."""
    before = safe_local_path(request.POST.get("next", "")) or request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(before, {request.get_host()}, require_https=request.is_secure()):
        return before
    return f"{redirect('analytics:overview').url}?{urlencode({'account': account.pk})}"
