"""The weekly summary as a message: plain text and HTML with the same numbers."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.urls import reverse

from .report import SummaryReport


def build_message(report: SummaryReport, to: str, connection: BaseEmailBackend | None = None) -> EmailMultiAlternatives:
    """Return the email with a report, as text and HTML."""
    context = _context(report)
    message = EmailMultiAlternatives(
        subject=f"{report.name} on Pinterest: {report.week_text}",
        body=render_text(report),
        to=[to],
        connection=connection,
        # Where mail programs look for the way out; the page explains itself to those who may not change it.
        headers={"List-Unsubscribe": f"<{context['settings_url']}>"},
    )
    message.attach_alternative(render_html(report), "text/html")
    return message


def render_html(report: SummaryReport) -> str:
    """Return the HTML of the email, a page of its own."""
    return render_to_string("analytics/email/weekly_summary.html", _context(report))


def render_text(report: SummaryReport) -> str:
    """Return the text of the email."""
    context = _context(report)
    return render_to_string("analytics/email/weekly_summary.txt", context).strip() + "\n"


def _context(report: SummaryReport) -> dict[str, Any]:
    return {"report": report, "settings_url": f"{settings.PUBLIC_URL}{reverse('analytics:weekly_summary')}"}
