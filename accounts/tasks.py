"""Entry points for django-q2; the schedule of migration 0003 names them."""

from django.utils import timezone

from . import alerts, renewal


def renew_due_tokens() -> None:
    renewal.renew_due()
    alerts.send_due(timezone.now())
