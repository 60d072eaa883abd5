"""Entry points for django-q2; the schedules of migration 0002 name them."""

from django.utils import timezone

from . import ingest, summaries


def fetch_due() -> None:
    ingest.fetch_due()


def has_stalled() -> bool:
    return ingest.has_stalled(timezone.now())


def fetch_account(account_id: int) -> None:
    ingest.fetch_account(account_id)


def send_weekly_summaries() -> None:
    summaries.send_due(timezone.now())
