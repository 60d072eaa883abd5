"""The secrets of second steps at rest: allauth keeps them in its own table, encrypted with our keys (adapters.py)."""

from __future__ import annotations

import logging
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction

from postiz_pins.common import encryption

log = logging.getLogger(__name__)
# Where allauth keeps the key of an authenticator app, and the seed of recovery codes. Passkeys have no secret here.
SECRETS = ("secret", "seed")


def rotate_keys() -> int:
    """Encrypt every stored secret with the first of TOKEN_ENCRYPTION_KEYS, and return how many people have one.

    Secrets that no key opens stay as they are, and are logged.
    """
    rotated = set()
    with_secrets = Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN)
    for pk in with_secrets.order_by("pk").values_list("pk", flat=True).iterator():
        # One row at a time: a recovery code that is used meanwhile must stay used.
        with transaction.atomic():
            row = with_secrets.select_for_update().filter(pk=pk).first()
            if row is None:
                continue  # it was switched off at this moment
            try:
                row.data = {name: _renewed(name, value) for name, value in row.data.items()}
            except encryption.KeyMissing:
                log.error("No key in TOKEN_ENCRYPTION_KEYS decrypts the two-factor secret of user %s", row.user_id)
                continue
            row.save(update_fields=["data"])
            rotated.add(row.user_id)
    return len(rotated)


def _renewed(name: str, value: Any) -> Any:
    return encryption.encrypt(encryption.decrypt(value)) if name in SECRETS else value
