from allauth.account.apps import AccountConfig
from django.apps import AppConfig
from django.core import checks


class AccountsConfig(AppConfig):
    """Configuration of the app, which also connects its receivers and system checks."""

    name = "accounts"
    default = True  # and not allauth's, which is imported here

    def ready(self) -> None:
        """Connect the receivers and register the check that no demo password is left on a public server."""
        from accounts.auth.demo_login import check_no_demo_login

        from .auth import sign_in_records
        from .task_queue import schedule_runs  # noqa: F401  its receiver is connected by importing it

        sign_in_records.take_over()
        checks.register(check_no_demo_login, checks.Tags.security, deploy=True)


class SignInConfig(AccountConfig):
    """allauth's app under a name of its own: the administration would show two blocks called “Accounts”."""

    verbose_name = "Sign-in"
    default = False
