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
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRefresh

from accounts.api_keys.authentication import answer_errors, open_to_keys
from accounts.middleware import WorkspaceRequest
from accounts.models import PinterestAccount
from accounts.permissions import require_editor
from analytics.ingestion import runner
from analytics.metrics import IMPRESSIONS
from analytics.models import AccountFeed
from analytics.periods import newest_day
from postiz_pins.common.csv_files import csv_response
from postiz_pins.http.redirects import safe_local_path

from . import services as account_report
from . import spec_json
from . import status_messages as account_messages
from . import tables as account_tables
from .account_selection import accounts_to_choose, chosen_account, feed_of
from .forms import DaysForm, PeriodForm
from .services import ChosenRange

REPORT_ROWS = 5


# The texts under the charts are long and repeat themselves. Django pads such answers, so that their length tells
# nothing about the CSRF token in them.
@gzip_page
@require_GET
@vary_on_headers("HX-Request")
def overview(request: WorkspaceRequest) -> HttpResponse:
    account = chosen_account(request)
    feed = feed_of(account)
    context: dict[str, Any] = {
        "account": account,
        "feed": feed,
        "is_waiting": account is not None and _is_waiting(account, feed),
        "is_hopeless": account is not None and account_messages.is_hopeless(account, feed),
        "can_edit": request.membership.can_edit,
    }
    if request.htmx:
        return render(request, "analytics/_first_fetch.html", context) if context["is_waiting"] else _again()
    if account is not None:
        context |= _figures(request, account, feed, account_report.TOP)
        context["accounts"] = list(accounts_to_choose(request.workspace))
    return render(request, "analytics/overview.html", context)


@gzip_page
@require_GET
def report(request: WorkspaceRequest) -> HttpResponse:
    """One page of A4, without navigation."""
    account = chosen_account(request)
    feed = feed_of(account)
    context: dict[str, Any] = {"account": account, "feed": feed, "now": timezone.now()}
    if account is not None:
        context["account_notice"] = account_messages.account_notice(account, feed, context["now"])
        context |= _figures(request, account, feed, REPORT_ROWS)
    return render(request, "analytics/report.html", context)


@require_POST
def refresh(request: WorkspaceRequest) -> HttpResponse:
    account = chosen_account(request)
    if account is None:
        raise Http404("There's no account to refresh.")
    require_editor(request, account.workspace)
    again_at = runner.request_refresh(account, timezone.now())
    if request.htmx:
        # The page itself asked for the first figures. Somebody may have done so before, which is as good.
        return render(request, "analytics/_first_fetch.html", {"account": account, "is_asked_for": True})
    if again_at is None:
        messages.success(request, account_messages.asked_sentence(account, feed_of(account), timezone.now()))
    else:
        messages.info(request, account_messages.too_soon_sentence(account, again_at - runner.REFRESH_WAIT, again_at))
    return redirect(_page_before(request, account))


@open_to_keys
@require_GET
def account_json(request: WorkspaceRequest) -> HttpResponse:
    account = chosen_account(request)
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
    """The file of one table or chart of the account page: `what` names it, and the range is the page's."""
    account = chosen_account(request)
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


def _figures(
    request: WorkspaceRequest, account: PinterestAccount, feed: AccountFeed | None, top: int
) -> dict[str, Any]:
    form = PeriodForm(request.GET, **_limits(feed))
    chosen = form.cleaned_data["range"] if form.is_valid() else form.usual
    period, sort = chosen.period, _sort(request)
    days = account_report.stored_days(account, period)
    figures = account_report.figures_of(days, period)
    published = account_report.published_counts(account, period)
    return {
        "form": form,
        "period": period,
        "preset": chosen.preset,
        "figures": figures,
        "period_notice": account_messages.period_notice(period, figures, account_report.first_day(account), feed),
        "charts": list(zip(figures, account_report.charts_of(days, period, published), strict=True)),
        "sort": sort,
        "sort_label": account_report.SORTS[sort].label,
        "sorts": account_report.SORTS.values(),
        "top_pins": account_report.ranked_pins(account, chosen, sort, top),
        "boards": account_report.ranked_boards(account, chosen, sort, top),
        "query": _query(account, chosen),
    }


def _query(account: PinterestAccount, chosen: ChosenRange) -> str:
    """Account and range for the links of the page."""
    span: dict[str, Any] = {"days": chosen.preset}
    if chosen.preset is None:
        span = {"days": "custom", "start": chosen.period.start_on, "end": chosen.period.end_on}
    return urlencode({"account": account.pk} | span)


def _sort(request: WorkspaceRequest) -> str:
    sort = request.GET.get("sort", "")
    return sort if sort in account_report.SORTS else IMPRESSIONS.column


def _limits(feed: AccountFeed | None) -> dict[str, Any]:
    now = timezone.now()
    return {"today": now.astimezone(UTC).date(), "newest_on": newest_day(now, feed.latest_on if feed else None)}


def _is_waiting(account: PinterestAccount, feed: AccountFeed | None) -> bool:
    notice = account_messages.account_notice(account, feed, timezone.now())
    return notice is not None and notice.is_waiting


def _again() -> HttpResponse:
    """The first figures are there, or it has turned out why not: the page shows it."""
    return HttpResponseClientRefresh()


def _page_before(request: WorkspaceRequest, account: PinterestAccount) -> str:
    """The page of ours on which the button was pressed."""
    before = safe_local_path(request.POST.get("next", "")) or request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(before, {request.get_host()}, require_https=request.is_secure()):
        return before
    return f"{redirect('analytics:overview').url}?{urlencode({'account': account.pk})}"
