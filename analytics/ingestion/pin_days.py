"""The daily figures of pins: a hundred in a request where Pinterest allows that, else one by one.

Young pins are asked about each day, old ones each week, every pin at an hour of its own.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings
from django.utils import timezone

from analytics.metrics import PIN_METRICS
from analytics.models import PinDay, PinSummary
from analytics.periods import Period
from postiz_pins.pinterest.analytics import PINS_PER_CALL, Days
from postiz_pins.pinterest.errors import PinterestClientError

from . import upserts
from .account_days import REVISED_DAYS
from .claims import PINS, FeedLease, enrolled_since
from .lifetime_totals import REFUSALS, mark_gone, write_summaries

log = logging.getLogger(__name__)

# How often a pin is asked about, by its age in days; the last holds for all that are older.
INTERVALS = ((30, 1), (180, 3))
OLD_INTERVAL = 7
# So many due pins are looked at together: the newest ones.
MOST_DUE = 5_000
# A request for fewer than a hundred pins waits for more of them, but not longer than this.
PATIENCE = timedelta(hours=6)
# After a refusal, the endpoint for many pins is tried again so much later: access to the beta may be granted.
REFUSED_FOR = timedelta(days=7)

NAMES = {metric.daily_name: metric for metric in PIN_METRICS}
COLUMNS = [metric.column for metric in PIN_METRICS]
LONGEST_STATUS = PinDay._meta.get_field("data_status").max_length or 0
LONGEST_LATEST_STATUS = PinSummary._meta.get_field("latest_status").max_length or 0


@dataclass(frozen=True)
class DuePin:
    """A pin whose days are to be fetched."""

    pk: int
    pin_id: str
    start_on: date
    # It has waited long enough to be asked about in a request that is not full.
    is_urgent: bool


def fetch(lease: FeedLease) -> None:
    """Ask about the pins that are due, as far as the turn and the budget reach, and stores each answer at once."""
    has_more = True
    while has_more:
        now = timezone.now()
        due = _due_pins(lease, now)
        has_more = len(due) == MOST_DUE
        refused_until = lease.feed.many_pins_refused_until
        if len(due) > 1 and (refused_until is None or refused_until <= now):
            due = _fetch_batches(lease, due)
        _fetch_alone(lease, due)
    now = timezone.now()
    lease.write(**{PINS.fetched_at: now, PINS.next_at: now + PINS.period})


def next_moment(pin_id: str, published_at: datetime, now: datetime) -> datetime | None:
    """Return when the pin's days are fetched next, at its own time of day; None if it is too old then."""
    age = (now - published_at).days
    days = next((days for limit, days in INTERVALS if age <= limit), OLD_INTERVAL)
    minutes = zlib.crc32(pin_id.encode()) % (24 * 60)
    moment = datetime.combine(now.astimezone(UTC).date() + timedelta(days=days), time.min, UTC)
    moment += timedelta(minutes=minutes)
    if moment - now < timedelta(days=days) - timedelta(hours=12):
        moment += timedelta(days=1)
    return moment if published_at >= enrolled_since(moment) else None


def _due_pins(lease: FeedLease, now: datetime) -> list[DuePin]:
    """Return those with the newest gaps first, so that neighbours can share a request."""
    today = now.astimezone(UTC).date()
    window = today - timedelta(days=settings.PINTEREST_ANALYTICS_WINDOW_DAYS)
    enrolled = PinSummary.objects.filter(account=lease.account, days_next_at__lte=now).enrolled(enrolled_since(now))
    columns = ("pk", "pin__pinterest_pin_id", "published_at", "latest_on", "days_next_at", "days_fetched_at")
    due = []
    for pk, pin_id, published_at, latest_on, next_at, fetched_at in enrolled.order_by("-published_at").values_list(
        *columns
    )[:MOST_DUE]:
        published_on = published_at.astimezone(UTC).date()
        start_on = max(window, published_on)
        if latest_on is not None:
            start_on = max(start_on, latest_on - timedelta(days=REVISED_DAYS - 1))
        # A pin that Pinterest created a little after our midnight; and dates ahead of ours.
        start_on = min(start_on, today)
        due.append(DuePin(pk, pin_id, start_on, fetched_at is None or next_at <= now - PATIENCE))
    return sorted(due, key=lambda pin: pin.start_on, reverse=True)


def _fetch_batches(lease: FeedLease, due: list[DuePin]) -> list[DuePin]:
    """Ask for a hundred pins at a time. Returns those that are left because Pinterest does not let us."""
    for start in range(0, len(due), PINS_PER_CALL):
        batch = due[start : start + PINS_PER_CALL]
        if len(batch) < PINS_PER_CALL and not any(pin.is_urgent for pin in batch):
            return []
        if not _fetch_batch(lease, batch):
            return due[start:]
    return []


def _fetch_batch(lease: FeedLease, batch: list[DuePin]) -> bool:
    """Fetch the days of a batch, halved as long as one of its pins is gone, which would hide the others.

    False: they are to be asked for one by one, because Pinterest does not let this app ask for many, or not so.
    """
    if len(batch) == 1:
        _fetch_alone(lease, batch)
        return True
    ids = [pin.pin_id for pin in batch]
    today = timezone.now().astimezone(UTC).date()
    try:
        reported = lease.call_for_days(
            lambda client, start_on: client.fetch_days_of_pins(ids, start_on, today),
            min(pin.start_on for pin in batch),
        )
    except PinterestClientError as error:
        if error.status == 404:
            middle = len(batch) // 2
            return _fetch_batch(lease, batch[:middle]) and _fetch_batch(lease, batch[middle:])
        if error.status not in (400, 403):
            raise
        log.warning("Account %s cannot request several pins at once: %s", lease.account.pk, error.message)
        if error.status == 403:  # not for this app; with a 400 the request was wrong, and the next one may be right
            lease.write(many_pins_refused_until=timezone.now() + REFUSED_FOR)
        return False
    _store(lease, batch, reported)
    return True


def _fetch_alone(lease: FeedLease, due: list[DuePin]) -> None:
    refused = 0
    for pin in due:
        today = timezone.now().astimezone(UTC).date()
        try:
            reported = _fetch_one(lease, pin, today)
        except PinterestClientError as error:
            if error.status == 404:
                mark_gone(lease, pin.pk)
                continue
            log.warning("Analytics of pin %s of account %s: %s", pin.pk, lease.account.pk, error.message)
            PinSummary.objects.filter(pk=pin.pk).update(days_next_at=timezone.now() + timedelta(days=1))
            refused += 1
            if refused == min(REFUSALS, lease.account.pin_summaries.filter(gone_at=None).count()):
                raise
            continue
        refused = 0
        _store(lease, [pin], {pin.pin_id: reported})


def _fetch_one(lease: FeedLease, pin: DuePin, today: date) -> Days:
    return lease.call_for_days(
        lambda client, start_on: client.fetch_pin_days(pin.pin_id, start_on, today), pin.start_on
    )


def _store(lease: FeedLease, batch: list[DuePin], reported: dict[str, Days]) -> None:
    """Write the new and revised days, and when each pin of the batch is fetched next.

    A pin that the response left out has to wait as well, or it would be asked about for ever.
    """
    now = timezone.now()
    with lease.storing():
        period = Period(min(pin.start_on for pin in batch), now.astimezone(UTC).date())
        rows = [
            row
            for pin in batch
            if pin.pin_id in reported
            for row in _rows(lease, pin, reported[pin.pin_id], period.end_on)
        ]
        rows_before = PinDay.objects.within(period).filter(pin__in=[pin.pk for pin in batch])
        stored = {(row.pin_id, row.date): row for row in rows_before}
        upserts.write(PinDay, upserts.merge(stored, rows, "pin_id", COLUMNS), "pin", COLUMNS)
        latest: dict[int, PinDay] = {row.pin_id: row for row in rows}
        with_figures = {row.pin_id: row.date for row in rows if row.impressions is not None}
        summaries = list(PinSummary.objects.filter(pk__in=[pin.pk for pin in batch]))
        ids = {pin.pk: pin.pin_id for pin in batch}
        for summary in summaries:
            summary.days_next_at = next_moment(ids[summary.pk], summary.published_at, now)
            if ids[summary.pk] in reported:
                summary.days_fetched_at = now
            if summary.pk in latest:
                summary.latest_status = latest[summary.pk].data_status[:LONGEST_LATEST_STATUS]
            if summary.pk in with_figures:
                summary.latest_on = max(filter(None, [summary.latest_on, with_figures[summary.pk]]))
        write_summaries(summaries, ["days_next_at", "days_fetched_at", "latest_status", "latest_on"])


def _rows(lease: FeedLease, pin: DuePin, days: Days, end_on: date) -> Iterator[PinDay]:
    """Yield the days from the pin's own start on, oldest first; days before it was created need no row."""
    for flaw in days.flaws:
        log.warning("Analytics of pin %s of account %s: %s", pin.pk, lease.account.pk, flaw)
    for day in days.days:
        if not pin.start_on <= day.date <= end_on or (not day.metrics and day.data_status.startswith("BEFORE")):
            continue
        columns, flaws = upserts.read_day(day, NAMES, LONGEST_STATUS)
        for flaw in flaws:
            log.warning("Analytics of pin %s of account %s on %s: %s", pin.pk, lease.account.pk, day.date, flaw)
        yield PinDay(pin_id=pin.pk, **columns)
