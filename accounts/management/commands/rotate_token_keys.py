from typing import Any

from django.core.management.base import BaseCommand

from accounts.auth import mfa
from accounts.connections import token_renewal
from accounts.webhooks import services as webhooks


class Command(BaseCommand):
    help = (
        "Re-encrypt all Pinterest tokens, two-factor secrets and webhook secrets with the first key of"
        " TOKEN_ENCRYPTION_KEYS. Put a new key first, restart everything, run this command, then remove the old key."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Tokens of {token_renewal.rotate_keys()} accounts are encrypted with the first key.")
        self.stdout.write(f"Two-factor secrets of {mfa.rotate_keys()} people are encrypted with the first key.")
        self.stdout.write(f"Secrets of {webhooks.rotate_keys()} webhooks are encrypted with the first key.")
