from allauth.account.apps import AccountConfig
from django.apps import AppConfig
from django.core import checks


class AccountsConfig(AppConfig):
    name = "accounts"
    default = True  # and not allauth's, which is imported here

    def ready(self) -> None:
        from accounts.auth.demo_login import check_no_demo_login

        from . import schedule_runs  # noqa: F401  its receiver is connected by importing it
        from .auth import sign_in_records

        sign_in_records.take_over()
        checks.register(check_no_demo_login, checks.Tags.security, deploy=True)


class SignInConfig(AccountConfig):
    """allauth's app under a name of its own: the administration would show two blocks called “Accounts”."""

    verbose_name = "Sign-in"
    default = False
