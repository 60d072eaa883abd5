"""Names that browsers and databases remember outlive every move of the code."""

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.auth import known_browsers, sessions


def test_sessions_of_earlier_versions_find_their_backend():
    """A session without its backend is signed out."""
    assert settings.AUTHENTICATION_BACKENDS == ["accounts.backends.PasswordBackend", "accounts.backends.EmailBackend"]
    assert all(import_string(name) for name in settings.AUTHENTICATION_BACKENDS)


def test_signed_cookies_of_earlier_versions_can_be_read():
    assert (known_browsers.SALT, sessions.SALT) == ("accounts.known_browsers", "accounts.sessions")
