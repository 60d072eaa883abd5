"""Telling a workspace about a connection that is dead, or will be in 14, 7 and 1 days."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse

from accounts.models import EDITING_ROLES, ENDS_SOON, AccountStatus, NotificationKind, PinterestAccount
from accounts.notifications.services import notify
from postiz_pins.common.dates import format_moment


class Alert(models.TextChoices):
    """How urgently an account has to be reconnected."""

    NONE = "", "None"
    TWO_WEEKS = "14_days", "expires within 14 days"
    ONE_WEEK = "7_days", "expires within 7 days"
    ONE_DAY = "1_day", "expires within a day"
    RECONNECT = "reconnect", "needs reconnecting"


def alert_for(account: PinterestAccount, now: datetime) -> Alert:
    """Return the alert that is due for the account at `now`."""
    if account.status == AccountStatus.NEEDS_RECONNECT:
        return Alert.RECONNECT
    if not account.is_active or account.refresh_expires_at is None:
        return Alert.NONE
    remaining = account.refresh_expires_at - now
    for alert, limit in (
        (Alert.ONE_DAY, timedelta(days=1)),
        (Alert.ONE_WEEK, timedelta(days=7)),
        (Alert.TWO_WEEKS, ENDS_SOON),
    ):
        if remaining <= limit:
            return alert
    return Alert.NONE


def tell_due(now: datetime) -> int:
    """Tell what has not been told yet, and return for how many accounts. Each thing is told once."""
    may_matter = (
        Q(status=AccountStatus.NEEDS_RECONNECT)
        | Q(status=AccountStatus.ACTIVE, refresh_expires_at__lte=now + ENDS_SOON)
        | ~Q(last_alert="")
    )
    accounts = PinterestAccount.objects.filter(may_matter).select_related("workspace").order_by("pk")
    return sum(tell(account, now) for account in accounts.iterator(chunk_size=100))


def tell(account: PinterestAccount, now: datetime) -> bool:
    """Notify those who can reconnect the account.

    Returns False if there is nothing to say, or another worker was faster.
    """
    alert = alert_for(account, now)
    if alert == account.last_alert:
        return False
    unchanged = PinterestAccount.objects.filter(pk=account.pk, status=account.status, last_alert=account.last_alert)
    with transaction.atomic():
        if not unchanged.update(last_alert=alert) or alert == Alert.NONE:
            return False
        notify(
            account.workspace_id,
            NotificationKind.RECONNECT_NEEDED,
            _sentence(account, alert),
            path=reverse("accounts:connection_list"),
            now=now,
            roles=EDITING_ROLES,
        )
    return True


def _sentence(account: PinterestAccount, alert: Alert) -> str:
    if alert == Alert.RECONNECT:
        return f"{account} needs reconnecting. {account.trouble}"
    workspace = account.workspace
    ends_at = format_moment(account.refresh_expires_at, workspace.zone)
    return (
        f"{account} needs reconnecting soon: its connection expires on {ends_at} ({workspace.time_zone}), because"
        f" Pinterest hasn't renewed it. Reconnect it before then to avoid interruptions."
    )
