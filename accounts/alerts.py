"""E-mails to a workspace's admins about a connection that is dead, or will be in 14, 7 and 1 days."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import models
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse

from .models import ENDS_SOON, AccountStatus, Membership, PinterestAccount, Role, Workspace

log = logging.getLogger(__name__)


class Alert(models.TextChoices):
    NONE = "", "None"
    TWO_WEEKS = "14_days", "ends within 14 days"
    ONE_WEEK = "7_days", "ends within 7 days"
    ONE_DAY = "1_day", "ends within a day"
    RECONNECT = "reconnect", "needs reconnecting"


def alert_for(account: PinterestAccount, now: datetime) -> Alert:
    """What is to be told about the account at `now`."""
    if account.status == AccountStatus.NEEDS_RECONNECT:
        return Alert.RECONNECT
    if not account.is_active or account.refresh_expires_at is None:
        return Alert.NONE
    left = account.refresh_expires_at - now
    for alert, limit in (
        (Alert.ONE_DAY, timedelta(days=1)),
        (Alert.ONE_WEEK, timedelta(days=7)),
        (Alert.TWO_WEEKS, ENDS_SOON),
    ):
        if left <= limit:
            return alert
    return Alert.NONE


def send_due(now: datetime) -> int:
    """Tells what has not been told yet, and answers for how many accounts. Each thing is told once."""
    may_matter = (
        Q(status=AccountStatus.NEEDS_RECONNECT)
        | Q(status=AccountStatus.ACTIVE, refresh_expires_at__lte=now + ENDS_SOON)
        | ~Q(last_alert="")
    )
    accounts = PinterestAccount.objects.filter(may_matter).select_related("workspace").order_by("pk")
    return sum(_tell(account, alert_for(account, now)) for account in accounts.iterator(chunk_size=100))


def _tell(account: PinterestAccount, alert: Alert) -> bool:
    """Writes down what is told before it is told: a crash in between loses an e-mail, and none is sent twice.

    One that the mail server has refused is tried again."""
    if alert == account.last_alert:
        return False
    unchanged = PinterestAccount.objects.filter(pk=account.pk, last_alert=account.last_alert)
    if not unchanged.update(last_alert=alert) or alert == Alert.NONE:
        return False
    try:
        _send(account, alert)
    except (SMTPException, OSError):
        log.exception("The e-mail about account %s could not be sent; it is tried again", account.pk)
        PinterestAccount.objects.filter(pk=account.pk, last_alert=alert).update(last_alert=account.last_alert)
        return False
    return True


def _send(account: PinterestAccount, alert: Alert) -> None:
    context = {
        "account": account,
        "workspace": account.workspace,
        "is_dead": alert == Alert.RECONNECT,
        "connections_url": f"{settings.PUBLIC_URL}{reverse('accounts:connection_list')}",
    }
    verb = "needs reconnecting" if alert == Alert.RECONNECT else "will soon need reconnecting"
    text = render_to_string("accounts/email/connection_alert.txt", context)
    for address in _admin_addresses(account.workspace):
        EmailMessage(f"{account} {verb}", text, to=[address]).send()


def _admin_addresses(workspace: Workspace) -> list[str]:
    admins = Membership.objects.filter(workspace=workspace, role=Role.ADMIN, user__is_active=True)
    return list(admins.order_by("pk").values_list("user__email", flat=True))
