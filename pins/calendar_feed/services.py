"""Feeds are made and found by their tokens."""

from __future__ import annotations

import base64
import hashlib
import secrets
import uuid
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac

from accounts.models import Membership, PinterestAccount
from pins.models import CalendarFeed

RANDOM_BYTES = 32


def create(
    membership: Membership, account: PinterestAccount | None, *, now: datetime, form_token: uuid.UUID | None = None
) -> str:
    """Return the token of a new feed, which cannot be had again but by the form that has made it.

    Args:
        account: Whose pins the feed has; None for all accounts.
        form_token: Of the form and the account. A feed that was made with it before is not made again.
    """
    token = secrets.token_urlsafe(RANDOM_BYTES) if form_token is None else _token_of(form_token, membership, now)
    try:
        with transaction.atomic():
            CalendarFeed.objects.create(
                membership=membership, account=account, token_hash=_hash(token), created_at=now, form_token=form_token
            )
    except IntegrityError:
        made = CalendarFeed.objects.filter(membership=membership, form_token=form_token).first()
        if form_token is None or made is None:
            raise
        return _token_of(form_token, membership, made.created_at)
    return token


def _token_of(form_token: uuid.UUID, membership: Membership, made_at: datetime) -> str:
    """Return the token of the feed that the form made at that moment: sent again after a revocation, it has another."""
    made_of = f"{form_token} {membership.pk} {made_at.timestamp()}"
    digest = salted_hmac(__name__, made_of, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def feed_with(token: str) -> CalendarFeed | None:
    """Return the feed with this token, if the member who made it may still sign in.

    As with API keys, the search by a hash tells nothing by its time.
    """
    feeds = CalendarFeed.objects.filter(membership__user__is_active=True, token_hash=_hash(token))
    return feeds.select_related("membership__workspace", "account").first()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
