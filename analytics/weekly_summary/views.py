"""The page of the weekly e-mail: admins switch it and try it out, others see its state."""

from __future__ import annotations

import logging
from smtplib import SMTPException

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.audit import services as audit
from accounts.middleware import WorkspaceRequest, posted_workspace
from accounts.models import AuditAction, Workspace
from accounts.permissions import is_admin, require_admin
from analytics.account_report.account_selection import chosen_account, feed_of
from analytics.models import WeeklySummary

from . import jobs as summary_jobs
from .emails import render_text
from .report import build_report

log = logging.getLogger(__name__)


@require_http_methods(["GET", "POST"])
def weekly_summary(request: WorkspaceRequest) -> HttpResponse:
    workspace = posted_workspace(request)
    if request.method == "POST":
        require_admin(request, workspace)
        return _act(request, workspace, request.POST.get("action", ""))
    now = timezone.now()
    account = chosen_account(request)
    week = summary_jobs.last_week(workspace, now)
    # The preview shows the chosen account only, so that the page costs the same with twenty of them.
    shown = [account] if account else []
    report = build_report(workspace, week, is_complete=summary_jobs.is_complete(workspace, week), accounts=shown)
    context = {
        "account": account,
        "feed": feed_of(account),
        "summary": WeeklySummary.objects.filter(workspace=workspace).select_related("enabled_by").first(),
        "report": report,
        "preview": render_text(report) if report.has_figures else "",
        "is_admin": is_admin(request, workspace),
        "recipient_count": len(summary_jobs.recipients(workspace)),
    }
    return render(request, "analytics/weekly_summary.html", context)


def _act(request: WorkspaceRequest, workspace: Workspace, action: str) -> HttpResponse:
    if action not in ("on", "off", "test"):
        return HttpResponseBadRequest("Use the buttons on the page.", content_type="text/plain; charset=utf-8")
    if action == "test":
        _send_test(request, workspace)
    else:
        _switch(request, workspace, is_on=action == "on")
    return redirect("analytics:weekly_summary")


def _switch(request: WorkspaceRequest, workspace: Workspace, *, is_on: bool) -> None:
    """Switching on twice keeps the first moment: it decides which Monday is the first."""
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
