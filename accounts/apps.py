from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from . import encryption


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        checks.register(check_encryption_keys)


def check_encryption_keys(**options: Any) -> list[checks.CheckMessage]:
    """Keys that are none would show only when somebody connects an account."""
    try:
        encryption.encrypt("")
    except ImproperlyConfigured as error:
        return [checks.Error(str(error), id="accounts.E001")]
    return []
