"""Entry points for django-q2; the schedule of migration 0002 names them."""

from . import renewal


def renew_due_tokens() -> None:
    renewal.renew_due()
