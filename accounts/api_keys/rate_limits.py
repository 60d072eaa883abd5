"""How many requests a key may send in a minute, and the headers that tell programs how many are left."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.core.cache import caches
from django.http import HttpResponse

from accounts.models import ApiKey

WINDOW_SECONDS = 60


class Usage(NamedTuple):
    """What has been used of a limit in the present minute."""

    limit: int
    remaining: int
    # Seconds until the minute is over.
    reset_seconds: int
    is_exceeded: bool


def count_request(api_key: ApiKey, now: datetime) -> Usage:
    """Count a request of the key, and return what it has used; a limit of 0 counts nothing."""
    return count(f"api-requests:{api_key.pk}", settings.API_REQUESTS_PER_MINUTE, now)


def count(what: str, limit: int, now: datetime) -> Usage:
    """Count one of what may happen `limit` times a minute, and return how often it has; 0 counts nothing."""
    window, elapsed = divmod(int(now.timestamp()), WINDOW_SECONDS)
    used = 0
    if limit:
        cache, name = caches["rate_limits"], f"{what}:{window}"
        cache.add(name, 0, 2 * WINDOW_SECONDS)
        used = cache.incr(name)
    return Usage(limit, max(0, limit - used), WINDOW_SECONDS - elapsed, is_exceeded=used > limit)


def add_headers(response: HttpResponse, usage: Usage) -> None:
    """Add the RateLimit fields of the IETF's draft (draft-ietf-httpapi-ratelimit-headers-07) to a response."""
    if usage.limit:
        response["RateLimit-Limit"] = str(usage.limit)
        response["RateLimit-Remaining"] = str(usage.remaining)
        response["RateLimit-Reset"] = str(usage.reset_seconds)
