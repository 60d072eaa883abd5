"""Entry points for django-q2; the schedules of migrations 0003 and 0006 name them."""

from django.utils import timezone

from .connections import expiry_alerts, token_renewal
from .notifications import digests
from .notifications import services as notifications


def renew_due_tokens() -> None:
    token_renewal.renew_due()


def send_notifications() -> None:
    now = timezone.now()
    expiry_alerts.tell_due(now)
    digests.send_due(now)
    notifications.delete_old(now)
