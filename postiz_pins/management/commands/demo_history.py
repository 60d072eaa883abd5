"""`manage.py demo_history`: two years of figures to look at, in a workspace of their own."""

import time
from argparse import ArgumentParser
from itertools import chain, count
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.auth import demo_login
from accounts.models import User, Workspace
from analytics.models import PinDay
from postiz_pins.demo.history import Wanted, make

NAME = "Demo history"


class Command(BaseCommand):
    help = (
        "Fill a new workspace with demo accounts, published pins and years of analytics, for demos and benchmarks."
        " The demo user becomes a member and can switch to it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        usual = Wanted()
        parser.add_argument("--workspace", help=f"name of the workspace (default: {NAME}, with a number if it exists)")
        parser.add_argument("--accounts", type=int, default=usual.accounts, help="default: %(default)s")
        parser.add_argument(
            "--pins",
            type=int,
            default=usual.pins,
            help="number of pins in all accounts together (default: %(default)s)",
        )
        parser.add_argument(
            "--days", type=int, default=usual.days, help="number of days of history (default: %(default)s)"
        )
        parser.add_argument(
            "--pin-days", type=int, help="maximum number of daily rows (default: every day of every pin)"
        )
        parser.add_argument(
            "--force", action="store_true", help="run even if the app is connected to the real Pinterest"
        )

    def handle(self, *, workspace: str | None, force: bool, **options: Any) -> None:
        if not settings.PINTEREST_SANDBOX and not force:
            raise CommandError(
                "This installation is connected to the real Pinterest (PINTEREST_APP_ID is set). To add demo"
                " accounts anyway, use --force."
            )
        wanted = Wanted(**{name: options[name] for name in ("accounts", "pins", "days", "pin_days")})
        if min(wanted.accounts, wanted.pins, wanted.days) < 1 or wanted.days > 730 or wanted.accounts > wanted.pins:
            raise CommandError("Use at least one account, at least one pin per account, and 1 to 730 days.")
        name = workspace or free_name()
        if is_taken(name):
            raise CommandError(f"The workspace {name!r} already exists. Choose another name with --workspace.")
        started = time.monotonic()
        user = User.objects.filter(email=demo_login.EMAIL).first()
        made = make(name, user, wanted, timezone.now(), self.say)
        rows, seconds = PinDay.objects.in_workspace(made).count(), time.monotonic() - started
        self.say(f"{wanted.pins:,} pins with {rows:,} days in {seconds:.0f} s, {rows / seconds:,.0f} days a second.")
        self.say(f"Switch to the workspace {name!r} to see them.")

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def free_name() -> str:
    """Return a name for the workspace that no other one has."""
    numbered = chain([NAME], (f"{NAME} {number}" for number in count(2)))
    return next(name for name in numbered if not is_taken(name))


def is_taken(name: str) -> bool:
    """Return whether there is such a workspace, not counting what a filling that was killed has left to be erased."""
    return Workspace.objects.filter(name=name).exclude(memberships=None, delete_at__isnull=False).exists()
