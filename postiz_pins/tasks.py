"""Entry points for django-q2 of what concerns every app; the schedules of accounts' migration 0006 name them."""

from django.utils import timezone

from . import erasing, exporting


def build_exports() -> None:
    exporting.build_due()


def erase_due() -> None:
    erasing.erase_due(timezone.now())
