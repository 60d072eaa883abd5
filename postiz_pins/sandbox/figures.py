"""Numbers of a made-up audience: the same for the same account or pin and day, without being stored."""

import math
import zlib
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

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
DAY_SECONDS = 86_400


def noise(*parts: object) -> float:
    """A number from 0 to 1 that depends on nothing but the parts."""
    return zlib.crc32("|".join(map(str, parts)).encode()) / 0xFFFFFFFF


def day_of(moment: float) -> date:
    return datetime.fromtimestamp(moment, UTC).date()


def is_ready(day: date, now: float) -> bool:
    return day <= day_of(now) - timedelta(days=NEWEST_DAYS)


def day_of_audience(seed: str, day: date, reach: float) -> Day:
    weekly = 1 + 0.22 * math.sin((day.weekday() + 1) / 7 * 2 * math.pi)
    impressions = int(reach * weekly * (0.75 + noise(seed, day, "impressions") / 2))
    pin_clicks = int(impressions * (0.025 + 0.03 * noise(seed, day, "clicks")))
    outbound = int(pin_clicks * (0.2 + 0.3 * noise(seed, day, "outbound")))
    saves = int(impressions * (0.006 + 0.012 * noise(seed, day, "saves")))
    return {
        "IMPRESSION": impressions,
        "PIN_CLICK": pin_clicks,
        "OUTBOUND_CLICK": outbound,
        "SAVE": saves,
        "ENGAGEMENT": pin_clicks + outbound + saves,
    }


def account_day(account_id: str, day: date) -> Day:
    reach = 900 + 2_400 * noise(account_id)
    season = 1 + 0.3 * math.sin(day.toordinal() / 365 * 2 * math.pi)
    return day_of_audience(account_id, day, reach * season)


def pin_day(pin_id: str, created_on: date, day: date) -> Day:
    """A pin is seen most in its first days, and a little for ever."""
    age = (day - created_on).days
    reach = (60 + 500 * noise(pin_id)) * (0.08 + 0.92 / (1 + age) ** 0.7)
    return day_of_audience(pin_id, day, reach)


@lru_cache(maxsize=4_096)
def pin_total(pin_id: str, created_on: date, start_on: date, end_on: date) -> Day:
    """Both dates inclusive."""
    total = dict.fromkeys(COUNTS, 0)
    day = max(start_on, created_on)
    while day <= end_on:
        for name, value in pin_day(pin_id, created_on, day).items():
            total[name] += value
        day += timedelta(days=1)
    return total


def comments_and_reactions(pin_id: str, created_on: date, end_on: date) -> tuple[int, int]:
    saves = pin_total(pin_id, created_on, created_on, end_on)["SAVE"]
    return saves // 9, saves // 3


def pin_metrics(pin_id: str, created_at: float, now: float) -> dict[str, dict[str, int]]:
    """`pin_metrics` of a Pin: the only place where Pinterest tells lifetime impressions, clicks and saves."""
    created_on, end_on = day_of(created_at), day_of(now) - timedelta(days=NEWEST_DAYS)
    spans = {"90d": end_on - timedelta(days=89), "lifetime_metrics": created_on}
    metrics = {}
    for name, start_on in spans.items():
        total = pin_total(pin_id, created_on, start_on, end_on)
        metrics[name] = {shown: total[metric] for metric, shown in LIFETIME_NAMES.items()}
    comments, reactions = comments_and_reactions(pin_id, created_on, end_on)
    metrics["lifetime_metrics"] |= {"comment": comments, "reaction": reactions}
    return metrics
