"""The page of the weekly e-mail: admins switch it and try it out, others see its state."""

from __future__ import annotations

import logging
from smtplib import SMTPException

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods

from accounts.audit import services as audit
from accounts.middleware import WorkspaceRequest, posted_workspace
from accounts.models import AuditAction, PinterestAccount, Workspace
from accounts.permissions import is_admin, require_admin
from analytics.account_report.account_selection import carried_query, feed_of, selected_account
from analytics.models import WeeklySummary

from . import jobs as summary_jobs
from .emails import render_html
from .report import SummaryReport, build_report

log = logging.getLogger(__name__)

# The styles of an email stand in its elements. Nothing of it runs or is loaded, and only our own page frames it; its
# links open tabs, outside of the sandbox.
PREVIEW_POLICY = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "form-action": [NONE],
    "frame-ancestors": [SELF],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
}


@require_http_methods(["GET", "POST"])
def weekly_summary(request: WorkspaceRequest) -> HttpResponse:
    """Show last week's summary, or change who gets it by email."""
    workspace = posted_workspace(request)
    if request.method == "POST":
        require_admin(request, workspace)
        return _act(request, workspace, request.POST.get("action", ""))
    account = selected_account(request)
    report = _last_report(workspace, account)
    context = {
        "account": account,
        "query": carried_query(request, account),
        "feed": feed_of(account),
        "summary": WeeklySummary.objects.filter(workspace=workspace).select_related("enabled_by").first(),
        "report": report,
        "is_admin": is_admin(request, workspace),
        "recipient_count": len(summary_jobs.recipients(workspace)),
    }
    return render(request, "analytics/weekly_summary.html", context)


@require_GET
@xframe_options_sameorigin
@csp(PREVIEW_POLICY)  # type: ignore[arg-type]  # it knows of no request but Django's
def preview(request: WorkspaceRequest) -> HttpResponse:
    """Show the email of last week as it arrives, for the frame on the page."""
    report = _last_report(request.workspace, selected_account(request))
    # The frame is too small for the pages that the email links to.
    return HttpResponse(render_html(report).replace("<head>", '<head><base target="_blank">', 1))


def _last_report(workspace: Workspace, account: PinterestAccount | None) -> SummaryReport:
    """Return last week's summary of the selected account only, so that the page costs the same with twenty of them."""
    week = summary_jobs.last_week(workspace, timezone.now())
    accounts = [account] if account else []
    return build_report(workspace, week, is_complete=summary_jobs.is_complete(workspace, week), accounts=accounts)


def _act(request: WorkspaceRequest, workspace: Workspace, action: str) -> HttpResponse:
    if action not in ("on", "off", "test"):
        return HttpResponseBadRequest("Use the buttons on the page.", content_type="text/plain; charset=utf-8")
    if action == "test":
        _send_test(request, workspace)
    else:
        _switch(request, workspace, is_on=action == "on")
    return redirect("analytics:weekly_summary")


def _switch(request: WorkspaceRequest, workspace: Workspace, *, is_on: bool) -> None:
    """Switch the email on or off; switching on twice keeps the first moment, which decides the first Monday."""
    WeeklySummary.objects.get_or_create(workspace=workspace)
    now = timezone.now()
    to_switch = WeeklySummary.objects.filter(workspace=workspace, enabled_at__isnull=is_on)
    columns = {"enabled_at": now, "enabled_by": request.user} if is_on else {"enabled_at": None, "enabled_by": None}
    with transaction.atomic():
        if to_switch.update(**columns):
            action, detail = AuditAction.SETTINGS_CHANGED, "Turned on." if is_on else "Turned off."
            audit.record(workspace.pk, action, "weekly summary", by=request.user, now=now, detail=detail)
    if is_on:
        messages.success(request, "The weekly summary is on. The first one arrives next Monday.")
    else:
        messages.success(request, "The weekly summary is off.")


def _send_test(request: WorkspaceRequest, workspace: Workspace) -> None:
    try:
        has_figures = summary_jobs.send_test(workspace, request.user, timezone.now())
    except (SMTPException, OSError):
        log.exception("The mail server did not accept a test of the weekly summary of workspace %s", workspace.pk)
        messages.error(
            request,
            "The mail server didn't accept the email. Ask your administrator to check the email settings.",
        )
        return
    if has_figures:
        messages.success(request, f"Test email sent to {request.user.email}.")
    else:
        messages.warning(
            request, "There are no analytics for last week yet, so there's nothing to send. Try again later."
        )
