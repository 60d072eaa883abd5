"""Figures in the words and digits of our pages."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone

from accounts.models import PinterestAccount
from analytics.account_report import status_messages as account_messages

from ..models import AccountFeed
from ..numbers import exact, percent, short

register = template.Library()

for formatter in (exact, short, percent):
    register.filter(formatter)


@register.simple_tag
def account_status(account: PinterestAccount, feed: AccountFeed | None) -> account_messages.StatusMessage | None:
    """Return what stands in the way of the account's analytics; None if nothing does."""
    return account_messages.account_status(account, feed, timezone.now())


@register.filter
def is_just_now(at: datetime) -> bool:
    """Return whether the moment is under a minute ago; a clock that runs ahead counts too."""
    return (timezone.now() - at).total_seconds() < 60
