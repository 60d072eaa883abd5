"""Pinterest's OAuth 2.0: the five scopes, and what the token endpoint answers (POST /oauth/token)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from .errors import ServerFailed
from .http import request_json

# The specification, "Required Permissions"; boards:write is asked for because it is listed there.
SCOPES = {
    "boards:read": "to list your boards",
    "boards:write": "part of the standard permissions; boards are never created or changed",
    "pins:read": "to check whether a pin was published",
    "pins:write": "to create pins",
    "user_accounts:read": "to identify the account",
}


@dataclass(frozen=True)
class TokenGrant:
    """The tokens that Pinterest has issued, with their ends."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    access_expires_at: datetime
    # None: the refresh token is the one that was used, and the answer does not say anew how long it lives.
    refresh_expires_at: datetime | None
    # Empty where the answer does not say, as some refreshes do.
    scopes: list[str]


def exchange_code(api_url: str, app_id: str, app_secret: str, code: str, redirect_uri: str) -> dict[str, Any]:
    """Return the token endpoint's response for the code of a consent, for `parse_token_grant`.

    A code works once. Raises PinterestClientError for a code that is used, too old or another app's,
    AuthenticationFailed for a wrong secret.
    """
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    return _request_tokens(api_url, app_id, app_secret, form)


def refresh_tokens(api_url: str, app_id: str, app_secret: str, refresh_token: str, now: datetime) -> TokenGrant:
    """Return new tokens for old.

    Pinterest rotates: the old refresh token is dead afterwards, so store the new one first. A response without a
    refresh token, as apps from before 2025-09-25 get it, leaves the old one alive: it is kept.

    Raises PinterestClientError or AuthenticationFailed if the refresh token is dead, other PinterestErrors if that is
    unknown.
    """
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return parse_token_grant(_request_tokens(api_url, app_id, app_secret, form), now, kept=refresh_token)


def _request_tokens(api_url: str, app_id: str, app_secret: str, form: dict[str, str]) -> dict[str, Any]:
    # Apps from before 2025-09-25 have to ask for refresh tokens that can be renewed; all others may.
    form = {**form, "continuous_refresh": "true"}
    return request_json("POST", f"{api_url}/oauth/token", auth=(app_id, app_secret), data=form)


def parse_token_grant(answer: Mapping[str, Any], now: datetime, *, kept: str = "") -> TokenGrant:
    """Return the tokens in a response of the token endpoint that came at `now`.

    Args:
        kept: The refresh token that stays valid if the response has none.

    Raises `ServerFailed` if a token is missing.
    """
    access_token, new_refresh_token = answer.get("access_token"), answer.get("refresh_token")
    if not access_token or not (new_refresh_token or kept):
        raise ServerFailed("Pinterest granted no lasting access: its answer lacks a token.")
    is_told = bool(new_refresh_token) or "refresh_token_expires_in" in answer or "refresh_token_expires_at" in answer
    return TokenGrant(
        access_token=str(access_token),
        refresh_token=str(new_refresh_token or kept),
        access_expires_at=now + timedelta(seconds=_seconds(answer, "expires_in", 30)),
        refresh_expires_at=_refresh_expires_at(answer, now) if is_told else None,
        scopes=str(answer.get("scope") or "").replace(",", " ").split(),
    )


def _refresh_expires_at(answer: Mapping[str, Any], now: datetime) -> datetime:
    expires_at = now + timedelta(seconds=_seconds(answer, "refresh_token_expires_in", 60))
    if isinstance(answer.get("refresh_token_expires_at"), int):
        expires_at = min(expires_at, datetime.fromtimestamp(answer["refresh_token_expires_at"], UTC))
    return expires_at


def _seconds(answer: Mapping[str, Any], key: str, default_days: int) -> int:
    value = str(answer.get(key, ""))
    return int(value) if value.isdecimal() else default_days * 86_400
