"""The weekly summary as a message: plain text and HTML with the same numbers."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.urls import reverse

from .summary_report import SummaryReport


def build_message(report: SummaryReport, to: str, connection: BaseEmailBackend | None = None) -> EmailMultiAlternatives:
    settings_url = f"{settings.PUBLIC_URL}{reverse('analytics:weekly_summary')}"
    context = {"report": report, "settings_url": settings_url}
    message = EmailMultiAlternatives(
        subject=_subject(report),
        body=render_text(report),
        to=[to],
        connection=connection,
        # Where mail programs look for the way out; the page explains itself to those who may not change it.
        headers={"List-Unsubscribe": f"<{settings_url}>"},
    )
    message.attach_alternative(render_to_string("analytics/email/weekly_summary.html", context), "text/html")
    return message


def render_text(report: SummaryReport) -> str:
    settings_url = f"{settings.PUBLIC_URL}{reverse('analytics:weekly_summary')}"
    context = {"report": report, "settings_url": settings_url}
    return render_to_string("analytics/email/weekly_summary.txt", context).strip() + "\n"


def _subject(report: SummaryReport) -> str:
    # A line break in the workspace's name would end the header; Django would refuse the message, and nobody get any.
    name = " ".join(report.workspace.name.split())
    return f"{name} on Pinterest: {report.week_text}"
