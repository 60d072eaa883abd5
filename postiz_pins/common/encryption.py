"""Encryption of the tokens at rest: Fernet, with the keys of TOKEN_ENCRYPTION_KEYS (newest first)."""

from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


@cache
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


class KeyMissing(ImproperlyConfigured):
    """No configured key opens a stored token."""


def encrypt(text: str) -> str:
    """Return the text encrypted with the first of TOKEN_ENCRYPTION_KEYS."""
    return _fernet(tuple(settings.TOKEN_ENCRYPTION_KEYS)).encrypt(text.encode()).decode()


def decrypt(ciphertext: str) -> str:
    """Return the text behind `ciphertext`.

    Raises KeyMissing if no configured key opens it.
    """
    try:
        return _fernet(tuple(settings.TOKEN_ENCRYPTION_KEYS)).decrypt(ciphertext.encode()).decode()
    except InvalidToken as error:
        raise KeyMissing(
            "A stored Pinterest token cannot be decrypted. Add the key that encrypted it to TOKEN_ENCRYPTION_KEYS."
        ) from error
