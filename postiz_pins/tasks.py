"""Entry points for django-q2 of what concerns every app; the schedules of accounts' migration 0006 name them."""

from django.utils import timezone

from .data import deletion as data_deletion
from .data import export as data_export


def build_exports() -> None:
    data_export.build_due()


def erase_due() -> None:
    data_deletion.erase_due(timezone.now())
