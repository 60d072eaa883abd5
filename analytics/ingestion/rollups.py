"""What pins and boards came to in the offered ranges, kept ready, so that ranking them costs no sums over days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Sum

from accounts.models import PinterestAccount
from analytics.metrics import PIN_METRICS
from analytics.models import AccountFeed, BoardPeriod, PinDay, PinPeriod, PinSummary
from analytics.periods import PRESETS, Period

COLUMNS = [metric.column for metric in PIN_METRICS]
ENGAGEMENT = ("pin_clicks", "outbound_clicks", "saves")
WEEK = 7
BATCH = 2_000
# Pins of the same weeks are looked at together, so that one span of days holds little else.
PINS_TOGETHER = 200


def refresh(account: PinterestAccount) -> None:
    """Recompute the account's rows for the offered ranges, and first weeks that are now complete.

    The rows of PinPeriod and BoardPeriod reach up to `AccountFeed.latest_on`. Readers see a range from before or from
    after, never some of each. The sums are made before a transaction opens, and each range is written in one of its
    own: SQLite has one writer at a time, and publishing must not wait for long.
    """
    latest_on = AccountFeed.objects.filter(account=account).values_list("latest_on", flat=True).first()
    if latest_on is None:
        return
    pins: dict[int, list[PinPeriod]] = {days: [] for days in PRESETS}
    for row in _pin_periods(account, latest_on):
        pins[row.days].append(row)
    for days, rows in pins.items():
        if not _replace(account, latest_on, days, rows):
            return  # a newer pass has moved on, and recomputes for its day
    _write_first_weeks(account)


def _replace(account: PinterestAccount, latest_on: date, days: int, pins: list[PinPeriod]) -> bool:
    """Write the rows of one range in place of the stored ones; return False if they are out of date."""
    boards = _board_periods(account, pins)
    with transaction.atomic():
        # Two at once would insert the same rows: the second one waits here for the first.
        feed = AccountFeed.objects.select_for_update().filter(account=account, latest_on=latest_on)
        if feed.first() is None:
            return False
        PinPeriod.objects.filter(account=account, days=days).delete()
        BoardPeriod.objects.filter(account=account, days=days).delete()
        PinPeriod.objects.bulk_create(pins, batch_size=BATCH)
        BoardPeriod.objects.bulk_create(boards, batch_size=BATCH)
    return True


def _pin_periods(account: PinterestAccount, latest_on: date) -> Iterator[PinPeriod]:
    """Yield one row for each pin and range with figures.

    Each day is read once: a longer range is the next shorter one and the days before it.
    """
    board_of = dict(PinSummary.objects.filter(account=account).values_list("pin", "board"))
    sums: dict[int, list[int]] = {}
    newest_on = latest_on
    for length in sorted(PRESETS):
        whole = Period.ending(latest_on, length)
        for pin_id, *totals in _sums(account, Period(whole.start_on, newest_on)):
            if pin_id in board_of and any(total is not None for total in totals):
                known = sums.get(pin_id, [0] * len(COLUMNS))
                sums[pin_id] = [before + (total or 0) for before, total in zip(known, totals, strict=True)]
        newest_on = whole.start_on - timedelta(days=1)
        for pin_id, totals in sums.items():
            values = dict(zip(COLUMNS, totals, strict=True))
            yield PinPeriod(pin_id=pin_id, account=account, board_id=board_of[pin_id], days=length, **values)


def _sums(account: PinterestAccount, period: Period) -> Iterator[tuple[Any, ...]]:
    """Yield the totals of each pin, None where nothing is known."""
    days = PinDay.objects.within(period).filter(pin__in=PinSummary.objects.filter(account=account).values("pin"))
    totals = {f"total_{column}": Sum(column) for column in COLUMNS}
    return days.order_by().values("pin").annotate(**totals).values_list("pin", *totals).iterator(chunk_size=BATCH)


def _board_periods(account: PinterestAccount, pins: list[PinPeriod]) -> list[BoardPeriod]:
    rows: dict[tuple[int, int], BoardPeriod] = {}
    for pin in pins:
        key = (pin.board_id, pin.days)
        row = rows.setdefault(key, BoardPeriod(account=account, board_id=pin.board_id, days=pin.days))
        row.pins += 1
        for column in COLUMNS:
            setattr(row, column, getattr(row, column) + getattr(pin, column))
    return list(rows.values())


def _write_first_weeks(account: PinterestAccount) -> None:
    """Fill in `first_week_engagement` where all seven days have figures; others are left alone."""
    unknown = PinSummary.objects.filter(account=account, first_week_engagement=None, latest_on__isnull=False)
    rows = unknown.order_by("published_at").values_list("pk", "published_at", "latest_on")
    weeks = []
    for pk, published_at, latest_on in rows:
        week = Period.ending(published_at.astimezone(UTC).date() + timedelta(days=WEEK - 1), WEEK)
        if latest_on and week.end_on <= latest_on:
            weeks.append((pk, week))
    for start in range(0, len(weeks), PINS_TOGETHER):
        _write_known_weeks(dict(weeks[start : start + PINS_TOGETHER]))


def _write_known_weeks(weeks: dict[int, Period]) -> None:
    span = Period(min(week.start_on for week in weeks.values()), max(week.end_on for week in weeks.values()))
    days = PinDay.objects.within(span).filter(
        pin__in=list(weeks), **{f"{column}__isnull": False for column in ENGAGEMENT}
    )
    known: dict[int, list[int]] = {pk: [] for pk in weeks}
    for pk, day, *counts in days.values_list("pin", "date", *ENGAGEMENT):
        if day in weeks[pk]:
            known[pk].append(sum(counts))
    totals = {pk: sum(values) for pk, values in known.items() if len(values) == WEEK}
    summaries = list(PinSummary.objects.filter(pk__in=list(totals), first_week_engagement=None))
    for summary in summaries:
        summary.first_week_engagement = totals[summary.pk]
    PinSummary.objects.bulk_update(summaries, ["first_week_engagement"], batch_size=PINS_TOGETHER)
