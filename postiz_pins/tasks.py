"""Entry points for django-q2 of what concerns every app; the schedules of accounts' migration 0006 name them."""

from . import exporting


def build_exports() -> None:
    exporting.build_due()
