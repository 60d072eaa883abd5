"""Entry points for django-q2 of what concerns every app; the schedules of accounts' migration 0006 name them."""

from django.utils import timezone

from .data import deletion as data_deletion
from .data import export as data_export
from .operations import media_sweep


def build_exports() -> None:
    """Build the exports that wait, and remove those that have expired."""
    data_export.build_due()


def sweep_media() -> None:
    """Remove files of media that no row knows."""
    media_sweep.sweep(timezone.now())


def erase_due() -> None:
    """Delete what is due; schedules know the task by this name."""
    data_deletion.erase_due(timezone.now())
