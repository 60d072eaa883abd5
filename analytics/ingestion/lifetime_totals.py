"""What pins have come to since they were published: listed 250 at a time, kept in PinSummary, dated in PinLifetime."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Max, Min, Q
from django.utils import timezone

from analytics.metrics import LIFETIME_METRICS
from analytics.models import PinLifetime, PinSummary
from postiz_pins.pinterest.analytics import PinLifetimeFigures
from postiz_pins.pinterest.errors import PinterestClientError

from . import upserts
from .claims import LIFETIME, FeedLease, enrolled_since

log = logging.getLogger(__name__)

# A snapshot is written when something has changed, and at the latest after so many days.
SNAPSHOT_DAYS = 7
# How many pins that the list did not contain are asked about one by one, each day.
ASKED_ALONE = 20
# A list is gone through in several turns if need be; a bookmark that is older may have died at Pinterest.
BOOKMARK_SECONDS = 3_600
# Refused so often in a row, it is not the pins: the account may not ask.
REFUSALS = 3

NAMES = {metric.lifetime_name: metric for metric in LIFETIME_METRICS}
COLUMNS = [metric.column for metric in LIFETIME_METRICS]


def fetch(lease: FeedLease) -> None:
    """Fetch the list of the account's pins, then those that it did not contain.

    The list reaches back to the oldest pin, gone or not: one that Pinterest shows again has come back.
    """
    young = PinSummary.objects.filter(account=lease.account, published_at__gte=enrolled_since(timezone.now()))
    oldest_at = young.aggregate(oldest=Min("published_at"))["oldest"]
    started_at = timezone.now()
    if oldest_at is not None:
        # A day's margin: our moments of publishing and Pinterest's of creating may differ.
        started_at = _go_through_list(lease, oldest_at - timedelta(days=1), started_at)
        _ask_alone(lease, young.filter(gone_at=None).filter(Q(lifetime_at=None) | Q(lifetime_at__lt=started_at)))
    now = timezone.now()
    lease.write(**{LIFETIME.fetched_at: now, LIFETIME.next_at: now + LIFETIME.period})


def _go_through_list(lease: FeedLease, since: datetime, now: datetime) -> datetime:
    """Store page after page, from where an earlier turn has stopped; return when the list was begun."""
    key = f"figures-list-{lease.account.pk}"
    seen: list[str]
    started_at, seen = cache.get(key) or (now, [""])
    while True:
        bookmark = seen[-1]
        try:
            page = lease.call(lambda client, bookmark=bookmark: client.fetch_pins_with_metrics(since, bookmark))  # type: ignore[misc]  # a default binds the loop's variable
        except PinterestClientError:
            cache.delete(key)  # the bookmark may be what is refused
            raise
        with lease.storing():
            store(lease, page.pins)
        # A bookmark that comes back a second time would never end.
        if not page.bookmark or page.bookmark in seen:
            cache.delete(key)
            return started_at
        seen.append(page.bookmark)
        cache.set(key, (started_at, seen), BOOKMARK_SECONDS)


def _ask_alone(lease: FeedLease, missed: Any) -> None:
    refused = 0
    rows = missed.order_by("lifetime_at", "pk").values_list("pk", "pin__pinterest_pin_id")
    for pk, pin_id in list(rows[:ASKED_ALONE]):
        try:
            reported = lease.call(lambda client, pin_id=pin_id: client.fetch_pin_with_metrics(pin_id))  # type: ignore[misc]  # a default binds the loop's variable
        except PinterestClientError as error:
            if error.status == 404:
                mark_gone(lease, pk)
                continue
            refused += 1
            if refused == REFUSALS:
                raise
            log.warning("Analytics of pin %s of account %s: %s", pk, lease.account.pk, error.message)
            PinSummary.objects.filter(pk=pk).update(lifetime_at=timezone.now())
            continue
        refused = 0
        with lease.storing():
            store(lease, [reported])


def mark_gone(lease: FeedLease, summary_id: int) -> None:
    """Mark a pin that Pinterest does not know; until it is listed again, it is not asked about.

    Its history stays.
    """
    with lease.storing():
        PinSummary.objects.filter(pk=summary_id).update(gone_at=timezone.now(), days_next_at=None)


def store(lease: FeedLease, reported: Iterable[PinLifetimeFigures]) -> None:
    """Write the newest metrics of our pins among `reported`, and a snapshot of those that have changed."""
    now = timezone.now()
    today = now.astimezone(UTC).date()
    by_id = {figures.pin_id: figures for figures in reported}
    ours = PinSummary.objects.filter(account=lease.account, pin__pinterest_pin_id__in=list(by_id))
    summaries = list(ours.select_related("pin").only(*_read_columns()))
    dated = PinLifetime.objects.filter(pin__in=[summary.pk for summary in summaries]).values("pin")
    snapshots = dict(dated.annotate(newest=Max("date")).values_list("pin", "newest"))
    changed, rows = [], []
    for summary in summaries:
        metrics = by_id[summary.pin.pinterest_pin_id].metrics
        if metrics is None:
            continue
        reported_columns, others, flaws = upserts.read_metrics(metrics, NAMES)
        for flaw in flaws:
            log.warning("Analytics of pin %s of account %s: %s", summary.pk, lease.account.pk, flaw)
        # What was known and is not told this time is still known.
        news = {name: value for name, value in reported_columns.items() if value is not None}
        is_changed = any(getattr(summary, name) != value for name, value in news.items())
        if is_changed:
            for name, value in news.items():
                setattr(summary, name, value)
            summary.save_rate = save_rate(summary)
            changed.append(summary)
        newest = snapshots.get(summary.pk)
        is_stale = newest is None or newest <= today - timedelta(days=SNAPSHOT_DAYS)
        if news and (is_changed or is_stale):
            known = {name: getattr(summary, name) for name in COLUMNS}
            rows.append(PinLifetime(pin_id=summary.pk, date=today, others=others, **known))
    write_summaries(changed, [*COLUMNS, "save_rate"])
    listed = PinSummary.objects.filter(pk__in=[summary.pk for summary in summaries])
    listed.update(lifetime_at=now)
    listed.exclude(gone_at=None).update(gone_at=None, days_next_at=now)  # back, or never gone
    PinLifetime.objects.bulk_create(
        rows,
        batch_size=upserts.BATCH,
        update_conflicts=True,
        unique_fields=["pin", "date"],
        update_fields=[*COLUMNS, "others"],
    )


def save_rate(summary: PinSummary) -> float | None:
    """Return saves per impression, as a fraction; None if one of them is unknown or zero."""
    return summary.saves / summary.impressions if summary.impressions and summary.saves is not None else None


def write_summaries(summaries: list[PinSummary], columns: list[str]) -> None:
    """Write these columns of many rows in one statement: an insert that meets its own row each time."""
    PinSummary.objects.bulk_create(
        summaries,
        batch_size=upserts.BATCH,
        update_conflicts=True,
        unique_fields=["pin"],
        update_fields=columns,
    )


def _read_columns() -> list[str]:
    """Return all columns of PinSummary, since an insert needs them, and of its pin only what names it."""
    return [*(field.name for field in PinSummary._meta.concrete_fields), "pin__pinterest_pin_id"]
