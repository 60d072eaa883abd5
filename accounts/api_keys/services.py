"""Keys with which programs act for a workspace: made, verified and revoked."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_backends
from django.db import transaction
from django.db.models import F, Q

from accounts.audit import services as audit
from accounts.models import INCLUDED_SCOPES, ApiKey, AuditAction, Scope, User, Workspace

# By which people, and scanners for leaked secrets, know what they have found.
KEY_PREFIX = "ppk_"
RANDOM_BYTES = 32
SHOWN_LENGTH = len(KEY_PREFIX) + 8
# A busy program must not write a row for each of its requests.
LAST_USED_PRECISION = timedelta(minutes=1)


class KeyInvalid(Exception):
    """No usable key reads like this: it never existed, or it was revoked."""


class KeyExpired(KeyInvalid):
    """The key's time is over."""


class KeyWithoutEditor(Exception):
    """A key acts as the person who made it, and that person may no longer edit in the workspace, or sign in."""


def create(
    workspace: Workspace,
    name: str,
    *,
    by: User,
    now: datetime,
    scopes: Iterable[Scope] = tuple(Scope),
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Return the row of a new key, and the key itself, which cannot be had again.

    Args:
        scopes: What it may do; what they include is added.
        expires_at: None for a key that does not expire.
    """
    granted = {each for scope in scopes for each in (scope, *INCLUDED_SCOPES.get(scope, ()))}
    key = KEY_PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
    with transaction.atomic():
        api_key = ApiKey.objects.create(
            workspace=workspace,
            name=name,
            prefix=key[:SHOWN_LENGTH],
            key_hash=_hash(key),
            created_by=by,
            created_at=now,
            scopes=" ".join(scope for scope in Scope if scope in granted),
            expires_at=expires_at,
        )
        detail = f"Scopes: {api_key.scopes}."
        audit.record(workspace.pk, AuditAction.KEY_MADE, str(api_key), by=by, now=now, detail=detail)
    return api_key, key


def verify(key: str, *, now: datetime) -> ApiKey:
    """Return the usable key with this text, with its workspace and its creator.

    Every text, right or wrong, costs one hash and one search for it by an index. The search reveals nothing by its
    time, because no guesser can choose how the hash of a guess begins.

    Raises KeyInvalid, KeyExpired and KeyWithoutEditor.
    """
    keys = ApiKey.objects.usable().with_may_act().select_related("workspace", "created_by")
    api_key = keys.filter(key_hash=_hash(key)).first()
    if api_key is None:
        raise KeyInvalid
    if api_key.has_expired(now):
        raise KeyExpired
    may_act = api_key.may_act  # type: ignore[attr-defined]  # with_may_act adds it
    if not may_act or api_key.created_by is None or not _may_sign_in(api_key.created_by):
        raise KeyWithoutEditor
    _note_use(api_key, now)
    return api_key


def _may_sign_in(user: User) -> bool:
    """Return whether the user could sign in here; the demo's login only works with the sandbox."""
    backends: Iterable[Any] = get_backends()
    return all(backend.user_can_authenticate(user) for backend in backends)


def listed(workspace: Workspace, now: datetime) -> list[ApiKey]:
    """Return the keys of a workspace for its page, with `may_act`, `is_of_demo` and `is_expired`.

    A demo login that may not sign in here may not act by a key either.
    """
    keys = ApiKey.objects.in_workspace(workspace).with_may_act().select_related("created_by")
    rows = list(keys.order_by(F("revoked_at").desc(nulls_first=True), "-pk"))
    for row in rows:
        maker = row.created_by
        is_shut_out = maker is not None and not _may_sign_in(maker)
        row.is_of_demo = is_shut_out and bool(maker and maker.demo_password)  # type: ignore[attr-defined]
        row.may_act = row.may_act and not is_shut_out  # type: ignore[attr-defined]
        row.is_expired = row.has_expired(now)  # type: ignore[attr-defined]
    return rows


def revoke(api_key: ApiKey, *, by: User, now: datetime) -> bool:
    """Revoke the key, which is refused from now on; return False if it was revoked before."""
    with transaction.atomic():
        revoked = ApiKey.objects.usable().filter(pk=api_key.pk).update(revoked_at=now)
        if revoked:
            audit.record(api_key.workspace_id, AuditAction.KEY_REVOKED, str(api_key), by=by, now=now)
    return revoked == 1


def _note_use(api_key: ApiKey, now: datetime) -> None:
    stale_before = now - LAST_USED_PRECISION
    if api_key.last_used_at is None or api_key.last_used_at <= stale_before:
        is_stale = Q(last_used_at=None) | Q(last_used_at__lte=stale_before)
        ApiKey.objects.filter(is_stale, pk=api_key.pk).update(last_used_at=now)


def _hash(key: str) -> str:
    """Return the hash under which a key is stored: it is random enough to need neither salt nor a slow hash."""
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()
