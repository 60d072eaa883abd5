"""The weekly email of a workspace: which week is due, for whom, and that it is sent once.

The week is claimed before the first message is sent (WeeklySummary.sent_for). A crash after that may cost a workspace
one email, but no member ever gets two: what was missed is on the page, and a second one looks like a fault. Only when
the mail server could not be reached at all, so that surely nothing was sent, is the week given back, and tried again an
hour later.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from smtplib import SMTPException

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import Q

from accounts.models import AccountStatus, User, Workspace
from analytics.models import AccountFeed, Trouble, WeeklySummary
from analytics.periods import Period
from postiz_pins.runtime import stopping

from .emails import build_message
from .report import SummaryReport, build_report

log = logging.getLogger(__name__)

SEND_AT = time(8)
# Figures that are not complete by then are sent as they are, with a note.
PATIENCE = timedelta(days=2)
# Accounts with such a trouble will not have new figures by waiting.
HOPELESS = (Trouble.NOT_BUSINESS, Trouble.NO_PERMISSION, Trouble.NOT_CONNECTED)


def send_due(now: datetime) -> None:
    """Send the last full week to the members of every workspace for which it is due at `now`.

    What goes wrong with one workspace stops no other; it is raised at the end, so that the queue keeps it.
    """
    enabled = WeeklySummary.objects.exclude(enabled_at=None).select_related("workspace").order_by("pk")
    faults: list[Exception] = []
    for summary in enabled:
        if stopping.is_requested():
            break
        week = due_week(summary, now)
        try:
            if week is not None:
                _send_week(summary, week, now)
        except Exception as fault:  # noqa: BLE001  nothing is hidden: all of them are raised below
            faults.append(fault)
    if faults:
        raise ExceptionGroup("Weekly summaries could not be built", faults)


def last_week(workspace: Workspace, now: datetime) -> Period:
    """Return the last full week, Monday to Sunday, by the day of the workspace's zone."""
    return Period.ending(_this_monday(workspace, now) - timedelta(days=1), 7)


def due_week(summary: WeeklySummary, now: datetime) -> Period | None:
    """Return the week that is to be sent at `now`: from Monday at eight, and until the next one is there.

    After being switched on, the email starts with the coming Monday.
    """
    if summary.enabled_at is None:
        return None
    workspace = summary.workspace
    week = last_week(workspace, now)
    due_at = _due_at(workspace, now)
    has_sent = summary.sent_for is not None and summary.sent_for >= week.start_on
    if has_sent or now < due_at or summary.enabled_at >= due_at:
        return None
    return week


def send_test(workspace: Workspace, to: User, now: datetime) -> bool:
    """Send last week's summary to one user, whether or not it is switched on.

    Returns False if there are no figures to send. Raises SMTPException or OSError if the mail server refuses it.
    """
    week = last_week(workspace, now)
    report = build_report(workspace, week, is_complete=is_complete(workspace, week))
    if not report.has_figures:
        return False
    build_message(report, to.email, get_connection()).send()
    return True


def is_complete(workspace: Workspace, week: Period) -> bool:
    """Return whether Pinterest has told all days of the week, for every account of which that can be hoped."""
    feeds = AccountFeed.objects.in_workspace(workspace).filter(account__status=AccountStatus.ACTIVE)
    behind = feeds.filter(Q(latest_on=None) | Q(latest_on__lt=week.end_on))
    return not behind.exclude(trouble__in=HOPELESS).exists()


def _send_week(summary: WeeklySummary, week: Period, now: datetime) -> None:
    workspace = summary.workspace
    complete = is_complete(workspace, week)
    if not complete and now < _due_at(workspace, now) + PATIENCE:
        return
    report = build_report(workspace, week, is_complete=complete)
    if not report.has_figures:
        return  # nothing is claimed: figures that come late in the week are still sent
    connection: BaseEmailBackend = get_connection()
    if not claim(summary, week):
        return  # another worker was faster, or it was switched off
    try:
        connection.open()
    except (SMTPException, OSError):
        log.exception(
            "The mail server cannot be reached; the weekly summary of workspace %s will be sent later", workspace.pk
        )
        _give_back(summary, week)
        return
    try:
        _send_to_members(report, connection)
    finally:
        connection.close()


def claim(summary: WeeklySummary, week: Period) -> bool:
    """Return whether the caller is the one who sends this week."""
    unsent = Q(sent_for=None) | Q(sent_for__lt=week.start_on)
    rows = WeeklySummary.objects.filter(unsent, pk=summary.pk, enabled_at__isnull=False)
    return rows.update(sent_for=week.start_on) == 1


def _give_back(summary: WeeklySummary, week: Period) -> None:
    WeeklySummary.objects.filter(pk=summary.pk, sent_for=week.start_on).update(sent_for=summary.sent_for)


def _send_to_members(report: SummaryReport, connection: BaseEmailBackend) -> None:
    """Send one message to each, so that members see no addresses; one that is refused stops no other."""
    for email in recipients(report.workspace):
        try:
            build_message(report, email, connection).send()
        except (SMTPException, OSError):
            log.exception(
                "The mail server did not accept the weekly summary of workspace %s for one member", report.workspace.pk
            )


def recipients(workspace: Workspace) -> Sequence[str]:
    """Return the addresses of all active members."""
    members = User.objects.filter(memberships__workspace=workspace, is_active=True)
    return list(members.order_by("pk").values_list("email", flat=True))


def _this_monday(workspace: Workspace, now: datetime) -> date:
    today = now.astimezone(workspace.zone).date()
    return today - timedelta(days=today.weekday())


def _due_at(workspace: Workspace, now: datetime) -> datetime:
    return datetime.combine(_this_monday(workspace, now), SEND_AT, workspace.zone)
