"""Figures in the words and digits of our pages."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone

from accounts.models import PinterestAccount
from analytics.account_report import status_messages as account_messages

from ..models import AccountFeed

register = template.Library()

# From here on the last digits say nothing at a glance.
SHORT_FROM = 10_000
UNITS = ((10**12, "tn"), (10**9, "bn"), (10**6, "m"), (10**3, "k"))


@register.filter
def exact(value: int | None) -> str:
    """1,234,567; an unknown number has no digits."""
    return "" if value is None else f"{value:,}"


@register.filter
def short(value: int | None) -> str:
    """1.23m for people at a glance; give the exact number in a title."""
    if value is None:
        return ""
    if abs(value) < SHORT_FROM:
        return f"{value:,}"
    # What rounds up to a thousand of one unit is one of the next: 999,999 is 1m, not 1000k.
    size, unit = next((size, unit) for size, unit in UNITS if abs(value) >= size * 0.9995)
    return f"{value / size:,.{0 if abs(value) >= 999.5 * size else 3}g}{unit}" if abs(value) < 1e15 else f"{value:.2e}"


@register.filter
def percent(fraction: float | None, digits: int = 2) -> str:
    """A rate, which is stored as a fraction."""
    return "" if fraction is None else f"{fraction * 100:.{digits}f}%"


@register.simple_tag
def account_notice(account: PinterestAccount, feed: AccountFeed | None) -> account_messages.StatusMessage | None:
    return account_messages.account_notice(account, feed, timezone.now())


@register.filter
def is_just_now(at: datetime) -> bool:
    """Under a minute ago; a clock that runs ahead counts, too."""
    return (timezone.now() - at).total_seconds() < 60
