"""The life of an account's tokens. Nothing else reads or writes them.

Pinterest rotates: a refresh kills the refresh token that it used (docs/pinterest.md, "OAuth"). So one process at a time
refreshes an account, and the new pair is written down before anything uses it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import AccountStatus, PinterestAccount, PinterestAccountQuerySet, WebhookEvent
from accounts.webhooks import outbox
from postiz_pins.common import encryption
from postiz_pins.pinterest.client import PinterestClient, require_no_pause
from postiz_pins.pinterest.errors import (
    AnsweredByProxy,
    AuthenticationFailed,
    PinterestClientError,
    PinterestError,
    RateLimited,
    ReconnectNeeded,
)
from postiz_pins.pinterest.oauth import TokenGrant, refresh_tokens

log = logging.getLogger(__name__)

T = TypeVar("T")

# Refresh this long before the access token expires, so that no request starts with a token that dies on its way.
AHEAD = timedelta(minutes=5)
# Renewed so long before they end, even if unused: after 25 of the access token's 30 days at the latest, when the
# refresh token still has more than 30 of its 60.
RENEW_ACCESS_AHEAD = timedelta(days=5)
RENEW_REFRESH_AHEAD = timedelta(days=30)
# However short Pinterest makes them live, no sweep renews them at every look.
SHORTEST_RENEWAL = timedelta(hours=1)
# Longer than the request can take; beyond it the refresher has crashed.
LEASE = timedelta(seconds=60)
# What Pinterest's token endpoint answers, in its own words, for a dead refresh token. All else may pass.
REVOKED_STATUSES = (400, 401)

REVOKED = "The connection to Pinterest was revoked or has expired. Reconnect the account."

UNREADABLE = "The stored connection can't be read on this server anymore. Reconnect the account."

ENCRYPTED_COLUMNS = ("access_token_encrypted", "refresh_token_encrypted")
TOKEN_COLUMNS = (
    *ENCRYPTED_COLUMNS,
    "reading_paused_until",
    "access_expires_at",
    "refresh_expires_at",
    "status",
    "trouble",
    "trouble_since",
)


class RefreshFailed(PinterestError):
    """The tokens could not be refreshed this time, and nothing else was sent: try again later.

    A name of its own, so that a failed refresh is never taken for a failed pin.
    """


class MadeUp(PinterestClientError):
    """The account is one of demo_history's, of which Pinterest knows nothing: it is not asked."""


class RefreshBusy(RefreshFailed):
    """Another process is refreshing this account's tokens at this moment: try again a little later."""


def token_columns(grant: TokenGrant) -> dict[str, object]:
    """Return the columns that hold `grant`, encrypted, to be written in one statement."""
    columns: dict[str, object] = {
        "access_token_encrypted": encryption.encrypt(grant.access_token),
        "refresh_token_encrypted": encryption.encrypt(grant.refresh_token),
        "access_expires_at": grant.access_expires_at,
    }
    ahead_of_end = grant.access_expires_at - RENEW_ACCESS_AHEAD
    if grant.refresh_expires_at is not None:  # else the old refresh token goes on, and no renewal makes it live longer
        columns["refresh_expires_at"] = grant.refresh_expires_at
        ahead_of_end = min(ahead_of_end, grant.refresh_expires_at - RENEW_REFRESH_AHEAD)
    return columns | {"renew_at": max(ahead_of_end, timezone.now() + SHORTEST_RENEWAL)}


def call(account: PinterestAccount, operation: Callable[[PinterestClient], T]) -> T:
    """Return the result of `operation`, called with fresh tokens; after a 401, refresh and repeat once.

    Raises ReconnectNeeded when Pinterest no longer accepts the tokens, RefreshFailed, RateLimited, and what `operation`
    raises.
    """
    ensure_fresh(account)
    used = account.access_token_encrypted
    try:
        return _ask(account, operation)
    except AuthenticationFailed:
        _note_expired(account, used)
        _refresh(account, used)
    try:
        return _ask(account, operation)
    except AuthenticationFailed as error:
        _mark_dead(account)
        raise _reconnect_needed(error) from error


def ensure_fresh(account: PinterestAccount) -> None:
    """Refresh the access token if it is about to expire.

    Raises as `call` does.
    """
    _check_readable(account)
    if account.access_expires_at is None or account.access_expires_at - AHEAD <= timezone.now():
        _refresh(account, account.access_token_encrypted)


def _note_expired(account: PinterestAccount, used: str) -> None:
    """Mark the access token with the ciphertext `used` as expired, since Pinterest refused it.

    While it cannot be refreshed, it is not sent again.
    """
    PinterestAccount.objects.filter(pk=account.pk, access_token_encrypted=used).update(access_expires_at=timezone.now())


def _check_readable(account: PinterestAccount) -> None:
    """Raise ReconnectNeeded if the account is not connected or its tokens cannot be decrypted, or MadeUp."""
    if account.is_made_up:
        raise MadeUp(f"{account} is a demo account that doesn't exist on Pinterest.", status=400)
    if not account.is_active:
        raise ReconnectNeeded(account.trouble or f"{account} is not connected.")
    try:
        for ciphertext in filter(None, (getattr(account, name) for name in ENCRYPTED_COLUMNS)):
            encryption.decrypt(ciphertext)
    except encryption.KeyMissing as error:
        log.error("The tokens of account %s cannot be read: %s", account.pk, error)
        _mark_dead(account, UNREADABLE)
        raise ReconnectNeeded(UNREADABLE) from error


def renew(account: PinterestAccount) -> None:
    """Replace both tokens, however long they would live.

    Raises as `call` does.
    """
    _check_readable(account)
    _refresh(account, account.access_token_encrypted)


def rotate_key(account: PinterestAccount) -> bool:
    """Encrypt the account's tokens with the first of TOKEN_ENCRYPTION_KEYS. Raises KeyMissing if no key opens them.

    False: nothing was changed, because they are being refreshed, or were replaced since `account` was read: those are
    encrypted with the first key anyway.
    """
    stored = {name: getattr(account, name) for name in ENCRYPTED_COLUMNS}
    rotated = {name: encryption.encrypt(encryption.decrypt(value)) if value else "" for name, value in stored.items()}
    # A refresher writes its answer only if it finds the ciphertext that it has read.
    unchanged = PinterestAccount.objects.unclaimed(timezone.now()).filter(pk=account.pk, **stored)
    return unchanged.update(**rotated) == 1


def _ask(account: PinterestAccount, operation: Callable[[PinterestClient], T]) -> T:
    client = PinterestClient(settings.PINTEREST_API_URL, account.access_token, account.reading_paused_until)
    try:
        return operation(client)
    except RateLimited as error:
        _note_pause(account, error)
        raise


def _note_pause(account: PinterestAccount, error: RateLimited) -> None:
    """Keep what Pinterest says about reading for all workers: it counts for the account, not for one pin or board.

    What it says about writing is kept by the publisher, and about analytics by the ingestion.
    """
    if error.is_for_reading:
        until = timezone.now() + timedelta(seconds=error.retry_after_seconds)
        rows = PinterestAccount.objects.filter(pk=account.pk)
        rows.exclude(reading_paused_until__gte=until).update(reading_paused_until=until)
        account.reading_paused_until = until


def _refresh(account: PinterestAccount, used: str) -> None:
    """Replace the access token with the ciphertext `used`, unless another process has done so meanwhile."""
    now = timezone.now()
    unchanged = PinterestAccount.objects.filter(pk=account.pk, access_token_encrypted=used)
    claim = unchanged.claim(now, now + LEASE)
    account.refresh_from_db(fields=TOKEN_COLUMNS)
    if claim is not None:
        try:
            _exchange(account, now)
        finally:
            PinterestAccount.objects.with_token(account.pk, claim).release()
    elif account.access_token_encrypted == used:
        raise RefreshBusy(f"The tokens of {account} are being refreshed.")
    elif account.access_token_encrypted and account.access_token == encryption.decrypt(used):
        # It was not refreshed: its key was rotated meanwhile (token_renewal.rotate_keys).
        _refresh(account, account.access_token_encrypted)
    if not account.access_token_encrypted:
        raise ReconnectNeeded(f"{account} is not connected.")


def _exchange(account: PinterestAccount, now: datetime) -> None:
    """Exchange the refresh token for a new pair, and write it if the row still has the old one.

    The lease does not decide about that: an answer that comes after its end holds the only refresh token that is alive,
    whereas a person may have connected the account anew or disconnected it while the lease was ours.
    """
    if not account.refresh_token_encrypted:
        _mark_dead(account)
        raise ReconnectNeeded(f"There is nothing to refresh the connection of {account} with.")
    require_no_pause(account.reading_paused_until)  # the category of POST /oauth/token is org_read, too
    try:
        grant = refresh_tokens(
            settings.PINTEREST_API_URL,
            settings.PINTEREST_APP_ID,
            settings.PINTEREST_APP_SECRET,
            account.refresh_token,
            now,
        )
    except RateLimited as error:
        error.is_for_reading = True
        _note_pause(account, error)
        raise
    except PinterestError as error:
        if isinstance(error, AnsweredByProxy) or error.status not in REVOKED_STATUSES:
            raise RefreshFailed(
                error.message, status=error.status, code=error.code, request_id=error.request_id
            ) from error
        if _mark_dead(account):
            raise _reconnect_needed(error) from error
        return
    same = _unless_replaced(account)
    with transaction.atomic():
        # Active again, in case a second refresher was refused because this one had used the token up.
        revived = same.exclude(status=AccountStatus.ACTIVE).update(
            status=AccountStatus.ACTIVE, trouble="", trouble_since=None
        )
        same.update(**token_columns(grant))
        account.refresh_from_db(fields=TOKEN_COLUMNS)
        if revived:
            outbox.tell_account(account, WebhookEvent.ACCOUNT_RECONNECTED, now=now)


def _mark_dead(account: PinterestAccount, trouble: str = REVOKED) -> bool:
    """Mark the account as needing a reconnection; return False if its tokens were replaced meanwhile."""
    now = timezone.now()
    with transaction.atomic():
        marked = _unless_replaced(account).update(
            status=AccountStatus.NEEDS_RECONNECT, trouble=trouble, trouble_since=now
        )
        was_active = account.is_active
        account.refresh_from_db(fields=TOKEN_COLUMNS)
        if marked and was_active:
            outbox.tell_account(account, WebhookEvent.ACCOUNT_RECONNECT_NEEDED, now=now)
    return marked == 1


def _unless_replaced(account: PinterestAccount) -> PinterestAccountQuerySet:
    """Return the row while it has the tokens of `account`; each encryption has another ciphertext."""
    same = PinterestAccount.objects.filter(pk=account.pk, refresh_token_encrypted=account.refresh_token_encrypted)
    return same.held()


def _reconnect_needed(error: PinterestError) -> ReconnectNeeded:
    return ReconnectNeeded(error.message, status=error.status, code=error.code, request_id=error.request_id)
