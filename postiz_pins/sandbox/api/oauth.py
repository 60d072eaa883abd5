"""OAuth: codes, and the access and refresh tokens that they buy. The consent page is in consent.py."""

import base64
import binascii
import secrets
import sqlite3
from typing import Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse

from postiz_pins.sandbox import state

from .errors import invalid, invalid_grant, unauthenticated
from .operations import operation

CODE_SECONDS = 10 * 60
ACCESS_SECONDS = 30 * 86_400
REFRESH_SECONDS = 60 * 86_400
# What a person reads on the consent page.
SCOPES = {
    "user_accounts:read": "See your profile and your account's analytics",
    "boards:read": "See your public boards",
    "boards:write": "Create and change your public boards",
    "pins:read": "See your public Pins",
    "pins:write": "Create and delete public Pins",
    "boards:read_secret": "See your secret boards",
    "boards:write_secret": "Create and change your secret boards",
    "pins:read_secret": "See your secret Pins",
    "pins:write_secret": "Create and delete secret Pins",
}
DEFAULT_SCOPES = ("user_accounts:read", "boards:read", "boards:write", "pins:read", "pins:write")


def issue_code(db: sqlite3.Connection, account_id: str, redirect_uri: str, scopes: list[str]) -> str:
    """Return a new code for a consent to these scopes."""
    code = secrets.token_hex(20)
    db.execute(
        "INSERT INTO codes VALUES (?, ?, ?, ?, ?)",
        (code, account_id, redirect_uri, " ".join(scopes), state.now() + CODE_SECONDS),
    )
    return code


def issue_tokens(
    db: sqlite3.Connection,
    account_id: str,
    scope: str,
    response_type: str,
    expires_in: int = ACCESS_SECONDS,
) -> dict[str, Any]:
    """Return a new pair, in the form of the token endpoint; `scope` is space-separated."""
    now = state.now()
    access_token = f"pina_{secrets.token_hex(30).upper()}"
    refresh_token = f"pinr_{secrets.token_hex(30).upper()}"
    db.execute(
        "INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?)",
        (access_token, now + expires_in, refresh_token, now + REFRESH_SECONDS, account_id, scope),
    )
    return {
        "response_type": response_type,
        "access_token": access_token,
        "token_type": "bearer",
        "expires_in": expires_in,
        "scope": scope,
        "refresh_token": refresh_token,
        "refresh_token_expires_in": REFRESH_SECONDS,
        "refresh_token_expires_at": int(now + REFRESH_SECONDS),
    }


def is_the_app(request: HttpRequest) -> bool:
    """Return whether the request has the app's id and secret."""
    kind, _, encoded = request.headers.get("Authorization", "").partition(" ")
    try:
        credentials = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return False
    expected = f"{settings.PINTEREST_APP_ID}:{settings.PINTEREST_APP_SECRET}"
    return kind.lower() == "basic" and secrets.compare_digest(credentials.encode(), expected.encode())


@operation("oauth/token", is_open=True)
def token(request: HttpRequest) -> JsonResponse:
    """Answer POST /oauth/token."""
    if not is_the_app(request):
        raise unauthenticated()
    if request.content_type != "application/x-www-form-urlencoded":
        raise invalid("Invalid request: the body must be form-encoded.")
    grant_type = request.POST.get("grant_type", "")
    with state.store.transaction() as db:
        if grant_type == "authorization_code":
            return JsonResponse(exchange_code(db, request))
        if grant_type == "refresh_token":
            return JsonResponse(refresh(db, request))
    raise invalid("Invalid request: grant_type is not one of ['authorization_code', 'refresh_token'].")


def exchange_code(db: sqlite3.Connection, request: HttpRequest) -> dict[str, Any]:
    """Return tokens for the code of a consent, which works once."""
    # Single use: gone in the statement that finds it. A refusal below rolls this back.
    code = db.execute("DELETE FROM codes WHERE code = ? RETURNING *", (request.POST.get("code", ""),)).fetchone()
    if code is None or code["expires_at"] <= state.now():
        raise invalid_grant()
    if code["redirect_uri"] != request.POST.get("redirect_uri", ""):
        raise invalid_grant()
    return issue_tokens(db, code["account_id"], code["scope"], "authorization_code")


def refresh(db: sqlite3.Connection, request: HttpRequest) -> dict[str, Any]:
    """Return new tokens for a refresh token, which is dead afterwards."""
    old = db.execute(
        "SELECT * FROM tokens WHERE refresh_token = ? AND refresh_expires_at > ?",
        (request.POST.get("refresh_token", ""), state.now()),
    ).fetchone()
    if old is None:
        raise invalid("The refresh token is unknown, used, revoked or expired.")
    if state.option(db, "legacy_refresh", 0):
        return new_access_token(db, old)
    # The old refresh token dies at once; the access token beside it lives on until its own expiry.
    db.execute(
        "UPDATE tokens SET refresh_expires_at = 0 WHERE refresh_token = ?",
        (old["refresh_token"],),
    )
    return issue_tokens(db, old["account_id"], old["scope"], "refresh_token")


def new_access_token(db: sqlite3.Connection, old: sqlite3.Row) -> dict[str, Any]:
    """Return a new access token alone, as apps from before 2025-09-25 get it: the refresh token goes on."""
    access_token = f"pina_{secrets.token_hex(30).upper()}"
    db.execute(
        "UPDATE tokens SET access_token = ?, access_expires_at = ? WHERE refresh_token = ?",
        (access_token, state.now() + ACCESS_SECONDS, old["refresh_token"]),
    )
    return {
        "response_type": "refresh_token",
        "access_token": access_token,
        "token_type": "bearer",
        "expires_in": ACCESS_SECONDS,
        "scope": old["scope"],
    }
