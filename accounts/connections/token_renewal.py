"""Renewing tokens well before they end, those of idle accounts included.

After 60 idle days Pinterest would drop the connection (docs/pinterest.md, "OAuth"). `PinterestAccount.renew_at` is the
plan.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import PinterestAccount, PinterestAccountQuerySet
from postiz_pins.common import encryption
from postiz_pins.common.turns import turn
from postiz_pins.pinterest.errors import PinterestError, RateLimited, ReconnectNeeded
from postiz_pins.runtime import stopping

from . import tokens

log = logging.getLogger(__name__)

# Rows read at a time, so that memory does not grow with the number of accounts.
BATCH = 100
# After a renewal that failed for a reason that may pass. There are weeks to try again in.
RETRY_WAIT = timedelta(hours=1)
# One sweep at a time; a killed sweeper is missed for so long.
TURN_KEY = "token-renewal"
TURN_SECONDS = 3600


def renew_due() -> int:
    """Renew the tokens of every account that is due, and return how many were; nothing if another worker does.

    An account that fails does not stop the others; a 429 stops the sweep, because the limit is the app's.
    """
    renewed = 0
    with turn(TURN_KEY, TURN_SECONDS) as is_ours:
        for account in _batches(PinterestAccount.objects.to_renew(timezone.now())) if is_ours else ():
            if stopping.is_requested():
                break
            try:
                tokens.renew(account)
            except RateLimited as error:
                log.warning("Token renewal is paused for %s s at Pinterest's request", error.retry_after_seconds)
                _postpone(account, timezone.now() + max(RETRY_WAIT, timedelta(seconds=error.retry_after_seconds)))
                break
            except ReconnectNeeded:
                continue  # the account is marked, and says so on its page
            except PinterestError as error:
                log.warning("The tokens of account %s could not be renewed: %s", account.pk, error.message)
                _postpone(account, timezone.now() + RETRY_WAIT)
            else:
                renewed += 1
    return renewed


def rotate_keys() -> int:
    """Encrypt every stored token with the first of TOKEN_ENCRYPTION_KEYS, and return for how many accounts.

    Afterwards the older keys can be taken out. Tokens that no key opens stay as they are, and are logged.
    """
    rotated = 0
    for account in _batches(PinterestAccount.objects.held()):
        try:
            rotated += tokens.rotate_key(account)
        except encryption.KeyMissing:
            log.error("No key in TOKEN_ENCRYPTION_KEYS decrypts the tokens of account %s", account.pk)
    return rotated


def _batches(accounts: PinterestAccountQuerySet) -> Iterator[PinterestAccount]:
    """Yield the accounts in the order of their keys, each once however they change meanwhile."""
    last = 0
    while batch := list(accounts.filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = batch[-1].pk
        yield from batch
        batch.clear()  # or two of them would be held at a time


def _postpone(account: PinterestAccount, until: datetime) -> None:
    PinterestAccount.objects.filter(pk=account.pk).update(renew_at=until)
