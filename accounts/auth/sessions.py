"""Sessions in the database, or in a signed cookie for an hour while it is not writable.

With a full or read-only disk, an operator can still sign in.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.core import signing
from django.db import DatabaseError

from postiz_pins.database.full_disk import is_full_disk

log = logging.getLogger(__name__)

# No session key of Django's begins with it.
PREFIX = "~"
SALT = "accounts.sessions"  # as in the cookies that browsers have
# A cookie cannot be taken back by signing out elsewhere, only by a new password.
COOKIE_LIFE = timedelta(hours=1)


class SessionStore(DatabaseStore):
    """Django's store in the database, with the cookie where that cannot be written."""

    @classmethod
    def get_model_class(cls) -> Any:
        """Return Django's own model: no second table is needed."""
        return DatabaseStore.get_model_class()

    def load(self) -> dict[str, Any]:
        """Return the session's data from the database, or from its key if that is a signed cookie."""
        key = self.session_key or ""
        if not self._is_in_cookie(key):
            return super().load()
        try:
            found: dict[str, Any] = signing.loads(key.removeprefix(PREFIX), salt=SALT, max_age=COOKIE_LIFE)
        except signing.BadSignature:
            self._session_key = None
            return {}
        return found

    def save(self, must_create: bool = False) -> None:
        """Store the session, in its key if the database is not writable."""
        session = self._get_session(no_load=must_create)  # type: ignore[attr-defined]  # not in the stubs
        if self._is_in_cookie(self.session_key):
            self._session_key = None  # perhaps the database can be written again: it chooses a key
        try:
            super().save(must_create)
        except DatabaseError as error:
            if not is_full_disk(error):
                raise
            log.warning("The database is not writable, so a session is stored in a cookie")
            self._session_key = PREFIX + signing.dumps(session, salt=SALT, compress=True)

    def delete(self, session_key: str | None = None) -> None:
        """Delete the session; one in a cookie simply expires."""
        if self._is_in_cookie(session_key or self.session_key):
            return
        try:
            super().delete(session_key)
        except DatabaseError as error:
            # Named: the session of before signing in, which has no user. Else a user signs out.
            if session_key is None or not is_full_disk(error):
                raise

    def exists(self, session_key: str) -> bool:
        """Return whether a row has the key; a session in a cookie has none."""
        return not self._is_in_cookie(session_key) and super().exists(session_key)

    @staticmethod
    def _is_in_cookie(session_key: str | None) -> bool:
        return bool(session_key) and session_key.startswith(PREFIX)  # type: ignore[union-attr]  # not None then
