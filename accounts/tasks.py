"""Entry points for django-q2; the schedules of migrations 0003 and 0006 name them."""

from django.utils import timezone

from . import alerts, digests, notifications, renewal


def renew_due_tokens() -> None:
    renewal.renew_due()


def send_notifications() -> None:
    now = timezone.now()
    alerts.tell_due(now)
    digests.send_due(now)
    notifications.delete_old(now)
