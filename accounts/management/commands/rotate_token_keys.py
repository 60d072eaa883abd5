from typing import Any

from django.core.management.base import BaseCommand

from accounts.auth import mfa
from accounts.connections import token_renewal


class Command(BaseCommand):
    help = (
        "Encrypts all stored Pinterest tokens, and the secrets of second steps, with the first key of"
        " TOKEN_ENCRYPTION_KEYS."
        " Put a new key in front, restart everything, run this, then take the old key out."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Tokens of {token_renewal.rotate_keys()} accounts are encrypted with the first key.")
        self.stdout.write(f"Second steps of {mfa.rotate_keys()} people are encrypted with the first key.")
