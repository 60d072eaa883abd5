"""Entry points for django-q2; the schedules of migration 0002 name them."""

from django.utils import timezone

from .ingestion import runner
from .weekly_summary import jobs as summary_jobs


def fetch_due() -> None:
    """Fetch analytics that are due."""
    runner.fetch_due()


def has_stalled() -> bool:
    """Return whether analytics are due and no worker fetches them."""
    return runner.has_stalled(timezone.now())


def fetch_account(account_id: int) -> None:
    """Fetch what is due of one account."""
    runner.fetch_account(account_id)


def send_weekly_summaries() -> None:
    """Send weekly summaries that are due."""
    summary_jobs.send_due(timezone.now())
