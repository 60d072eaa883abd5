"""Entry points for django-q2 that concern every app; the schedules of accounts' migration 0006 name them."""

from django.utils import timezone

from . import erasing


def erase_due() -> None:
    erasing.erase_due(timezone.now())
