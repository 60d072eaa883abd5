"""What pins and boards came to in the offered ranges, kept ready, so that ranking them costs no sums over days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, timedelta

from django.db import transaction
from django.db.models import Case, IntegerField, Sum, Value, When

from accounts.models import PinterestAccount

from .metrics import PIN_METRICS
from .models import AccountFeed, BoardPeriod, PinDay, PinPeriod, PinSummary
from .periods import PRESETS, Period

COLUMNS = [metric.column for metric in PIN_METRICS]
ENGAGEMENT = ("pin_clicks", "outbound_clicks", "saves")
WEEK = 7
BATCH = 2_000
# Pins of the same weeks are looked at together, so that one span of days holds little else.
PINS_TOGETHER = 200


def refresh(account: PinterestAccount) -> None:
    """Recomputes the account's PinPeriod and BoardPeriod rows up to `AccountFeed.latest_on`, and the engagement of
    first weeks that are now known. Readers see the rows from before or from after, never some of each.

    The sums are made before the transaction opens: with SQLite, nobody else writes while one is open."""
    latest_on = AccountFeed.objects.filter(account=account).values_list("latest_on", flat=True).first()
    if latest_on is None:
        return
    pins = list(_pin_periods(account, latest_on))
    boards = _board_periods(account, pins)
    with transaction.atomic():
        # Two at once would insert the same rows: the second one waits here for the first.
        feed = AccountFeed.objects.select_for_update().filter(account=account, latest_on=latest_on)
        if not feed.exists():
            return  # a newer pass has moved on, and recomputes for its day
        PinPeriod.objects.filter(account=account).delete()
        BoardPeriod.objects.filter(account=account).delete()
        PinPeriod.objects.bulk_create(pins, batch_size=BATCH)
        BoardPeriod.objects.bulk_create(boards, batch_size=BATCH)
    _write_first_weeks(account)


def _pin_periods(account: PinterestAccount, latest_on: date) -> Iterator[PinPeriod]:
    """One row for each pin and range with figures. Each day is read once and put into the shortest range that holds
    it; a longer range is the sum of the shorter ones and its own part."""
    ranges = sorted(PRESETS)
    longest = Period.ending(latest_on, ranges[-1])
    shortest = [When(date__gte=Period.ending(latest_on, days).start_on, then=Value(days)) for days in ranges]
    days = PinDay.objects.within(longest).filter(pin__summary__account=account)
    parts = (
        days.annotate(days=Case(*shortest, output_field=IntegerField()))
        .values("pin", "days")
        .annotate(**{f"total_{column}": Sum(column) for column in COLUMNS})
        .order_by()
        .values_list("pin", "days", "pin__summary__board", *(f"total_{column}" for column in COLUMNS))
    )
    by_pin: dict[int, dict[int, tuple[int | None, ...]]] = {}
    board_of: dict[int, int] = {}
    for pin_id, part, board_id, *totals in parts.iterator(chunk_size=BATCH):
        board_of[pin_id] = board_id
        by_pin.setdefault(pin_id, {})[part] = tuple(totals)
    for pin_id, its_parts in by_pin.items():
        sums = [0] * len(COLUMNS)
        is_known = False
        for length in ranges:
            told = its_parts.get(length, ())
            is_known = is_known or any(total is not None for total in told)
            for index, total in enumerate(told):
                sums[index] += total or 0
            if is_known:
                values = dict(zip(COLUMNS, sums, strict=True))
                yield PinPeriod(pin_id=pin_id, account=account, board_id=board_of[pin_id], days=length, **values)


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
    """Fills in `first_week_engagement` where all seven days have figures by now; what is there is left alone."""
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
