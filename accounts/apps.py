from typing import Any

from allauth.account.apps import AccountConfig
from django.apps import AppConfig
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from . import encryption


class AccountsConfig(AppConfig):
    name = "accounts"
    default = True  # and not allauth's, which is imported here

    def ready(self) -> None:
        from . import schedule_runs  # noqa: F401  its receiver is connected by importing it

        checks.register(check_encryption_keys)


class SignInConfig(AccountConfig):
    """allauth's app under a name of its own: the administration would show two blocks called “Accounts”."""

    verbose_name = "Sign-in"
    default = False


def check_encryption_keys(**options: Any) -> list[checks.CheckMessage]:
    """Keys that are none would show only when somebody connects an account."""
    try:
        encryption.encrypt("")
    except ImproperlyConfigured as error:
        return [checks.Error(str(error), id="accounts.E001")]
    return []
