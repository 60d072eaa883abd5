"""Entry points for django-q2; the schedules of migration 0002 name them."""

from django.utils import timezone

from .ingestion import runner
from .weekly_summary import jobs as summary_jobs


def fetch_due() -> None:
    runner.fetch_due()


def has_stalled() -> bool:
    return runner.has_stalled(timezone.now())


def fetch_account(account_id: int) -> None:
    runner.fetch_account(account_id)


def send_weekly_summaries() -> None:
    summary_jobs.send_due(timezone.now())
