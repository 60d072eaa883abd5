"""Numbers of a made-up audience: the same for the same account or pin, day and time of asking, without being stored.

Made for 10,000 pins that are asked about at once: a day of a pin costs some two microseconds, hence the tables.
"""

import hashlib
import math
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

Day = dict[str, int]
COUNTS = ("IMPRESSION", "PIN_CLICK", "OUTBOUND_CLICK", "SAVE", "ENGAGEMENT")
LIFETIME_NAMES = {
    "IMPRESSION": "impression",
    "PIN_CLICK": "pin_click",
    "OUTBOUND_CLICK": "clickthrough",
    "SAVE": "save",
}
# Pinterest computes the newest days last; until then they have a status, but no numbers.
NEWEST_DAYS = 2
# How much of the missing share is still missing when a day is 2, 3 and 4 days old; then its figures stay.
REVISIONS = {2: 1.0, 3: 0.5, 4: 0.2}
DAY_SECONDS = 86_400

# Monday to Sunday: people look for ideas at the weekend.
WEEK = (0.95, 0.9, 0.87, 0.86, 0.93, 1.18, 1.31)
# By the ordinal of a day modulo 365: most of all in early December, which is 96 in these years, least in June.
YEAR = tuple(1 + 0.3 * math.cos((day - 96) / 365 * 2 * math.pi) for day in range(365))
# A pin is seen most in its first days, and a little for ever.
FADING = tuple(0.08 + 0.92 / (1 + age) ** 0.7 for age in range(4_000))
# One pin in twelve is passed around for some days, weeks after it was published: those whose number is 7, so that
# one of the seeded pins is among them.
VIRAL_ONE_IN, VIRAL = 12, 7
BURST = (4, 11, 22, 26, 19, 12, 7, 4, 2)
# An audience below this many a day has days without a visitor.
SMALL_REACH = 60
MASK = (1 << 64) - 1

# Impressions, pin clicks, outbound clicks, saves.
Counts = tuple[int, int, int, int]
NO_COUNTS: Counts = (0, 0, 0, 0)


class Audience(NamedTuple):
    """`seed` is 64 bits; `burst_at` the age in days at which a pin begins to be passed around, None for most."""

    seed: int
    reach: float
    burst_at: int | None


def seed_of(name: str) -> int:
    """Return a number that is always the same for a name."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest())


def mixed(seed: int, number: int) -> int:
    """Return 64 bits that look random and depend on nothing but the two (the steps of SplitMix64)."""
    bits = (seed + number * 0x9E3779B97F4A7C15) & MASK
    bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9 & MASK
    bits = (bits ^ bits >> 27) * 0x94D049BB133111EB & MASK
    return bits ^ bits >> 31


def day_of(moment: float) -> date:
    """Return the day in UTC."""
    return datetime.fromtimestamp(moment, UTC).date()


def latest_day(now: float) -> date:
    """Return the newest day that has numbers."""
    return day_of(now) - timedelta(days=NEWEST_DAYS)


def is_estimate(day: date, now: float) -> bool:
    """Return whether the numbers of the day are Pinterest's guess, as the newest ones are."""
    return day == latest_day(now)


def counted(seed: int, day: int, reach: float) -> Counts:
    """Return what an audience of this reach does on a day (an ordinal), with the rhythm of week and year."""
    bits = mixed(seed, day)
    if reach < SMALL_REACH and bits >> 56 < 26:
        return NO_COUNTS
    impressions = int(reach * WEEK[(day + 6) % 7] * YEAR[day % 365] * (0.8 + (bits & 0xFFF) / 10_240))
    # Rounded up or down by chance: many small pins together click and save as much as a large one.
    chance = (bits >> 48 & 0xFF) / 256
    pin_clicks = int(impressions * (0.025 + (bits >> 12 & 0xFFF) / 136_500) + chance)
    outbound = int(pin_clicks * (0.2 + (bits >> 24 & 0xFFF) / 13_650) + chance)
    saves = int(impressions * (0.006 + (bits >> 36 & 0xFFF) / 341_250) + chance)
    return impressions, pin_clicks, outbound, saves


@lru_cache(maxsize=65_536)
def audience_of_pin(pin_id: str) -> Audience:
    """Return the audience of a pin, always the same for an id."""
    seed = seed_of(pin_id)
    burst_at = 12 + (seed >> 28) % 20 if (seed >> 8) % VIRAL_ONE_IN == VIRAL else None
    return Audience(seed, 60 + 500 * (seed >> 32 & 0xFFFF) / 0xFFFF, burst_at)


def final_pin_day(audience: Audience, created_on: int, day: int) -> Counts:
    """Return the final figures of a pin's day; days are ordinals, `day` is not before `created_on`."""
    age = day - created_on
    share = FADING[min(age, len(FADING) - 1)]
    if audience.burst_at is not None and 0 <= age - audience.burst_at < len(BURST):
        share += BURST[age - audience.burst_at]
    return counted(audience.seed, day, audience.reach * share)


def final_account_day(account_id: str, monthly_views: int, created_on: int, day: int) -> Counts:
    """Return what an account gets beside its recent pins: profile and old pins. It has grown for 900 days."""
    growth = 0.55 + 0.45 * min(1.0, max(0, day - created_on) / 900)
    return counted(seed_of(account_id), day, monthly_views / 30 * 0.6 * growth)


def revised(final: Counts, seed: int, day: int, today: int) -> Counts:
    """Return the counts as far as Pinterest has them by `today`: 4 to 10 % are missing at first."""
    missing = REVISIONS.get(today - day)
    if missing is None:
        return final
    share = 1 - missing * (0.04 + 0.06 * (mixed(seed, ~day & MASK) >> 40) / (1 << 24))
    impressions, pin_clicks, outbound, saves = final
    # Rounded, not cut: most pins have one or two clicks a day, and cut, all of them would lose one.
    return round(impressions * share), round(pin_clicks * share), round(outbound * share), round(saves * share)


def named(counts: Counts) -> Day:
    """Return the counts by Pinterest's names."""
    impressions, pin_clicks, outbound, saves = counts
    return {
        "IMPRESSION": impressions,
        "PIN_CLICK": pin_clicks,
        "OUTBOUND_CLICK": outbound,
        "SAVE": saves,
        "ENGAGEMENT": pin_clicks + outbound + saves,
    }


def pin_counts(pin_id: str, created_on: int, day: int, today: int) -> Counts:
    """Return a pin's counts of a day as of `today`; days are ordinals."""
    audience = audience_of_pin(pin_id)
    return revised(final_pin_day(audience, created_on, day), audience.seed, day, today)


def pin_day(pin_id: str, created_on: date, day: date, now: float) -> Day:
    """Return a pin's metrics of a day as of `now`."""
    return named(pin_counts(pin_id, created_on.toordinal(), day.toordinal(), day_of(now).toordinal()))


class AccountHistory(NamedTuple):
    """What an account's days are made of; `pins` are ids with the ordinals of the days of their creation."""

    account_id: str
    monthly_views: int
    created_on: date
    pins: tuple[tuple[str, int], ...]


def account_day(account: AccountHistory, day: date, now: float) -> Day:
    """Return an account's metrics of a day, never less than the sum of its pins'."""
    today = min(day_of(now).toordinal(), day.toordinal() + max(REVISIONS) + 1)
    return named(account_counts(account, day.toordinal(), today))


@lru_cache(maxsize=1_024)
def account_counts(account: AccountHistory, day: int, today: int) -> Counts:
    """Return an account's counts of a day as of `today`; days are ordinals."""
    alone = final_account_day(account.account_id, account.monthly_views, account.created_on.toordinal(), day)
    total = list(revised(alone, seed_of(account.account_id), day, today))
    for pin_id, created_on in account.pins:
        if created_on <= day:
            for place, count in enumerate(pin_counts(pin_id, created_on, day, today)):
                total[place] += count
    return total[0], total[1], total[2], total[3]


@lru_cache(maxsize=65_536)
def pin_total(pin_id: str, created_on: date, start_on: date, end_on: date) -> Day:
    """Return the sum of the final figures of these days; both dates inclusive.

    10,000 pins have room in the cache.
    """
    audience, created = audience_of_pin(pin_id), created_on.toordinal()
    impressions = pin_clicks = outbound = saves = 0
    for day in range(max(start_on, created_on).toordinal(), end_on.toordinal() + 1):
        counts = final_pin_day(audience, created, day)
        impressions += counts[0]
        pin_clicks += counts[1]
        outbound += counts[2]
        saves += counts[3]
    return named((impressions, pin_clicks, outbound, saves))


def comments_and_reactions(pin_id: str, created_on: date, end_on: date) -> tuple[int, int]:
    """Return a pin's comments and reactions until that day."""
    saves = pin_total(pin_id, created_on, created_on, end_on)["SAVE"]
    return saves // 9, saves // 3


def pin_metrics(pin_id: str, created_at: float, now: float) -> dict[str, dict[str, int]]:
    """Return the `pin_metrics` of a pin, Pinterest's only lifetime impressions, clicks and saves."""
    created_on, end_on = day_of(created_at), latest_day(now)
    spans = {"90d": end_on - timedelta(days=89), "lifetime_metrics": created_on}
    metrics = {}
    for name, start_on in spans.items():
        total = pin_total(pin_id, created_on, start_on, end_on)
        metrics[name] = {shown: total[metric] for metric, shown in LIFETIME_NAMES.items()}
    comments, reactions = comments_and_reactions(pin_id, created_on, end_on)
    metrics["lifetime_metrics"] |= {"comment": comments, "reaction": reactions}
    return metrics
