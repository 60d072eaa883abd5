"""The demo's login: a superuser whose password is public, or is printed at each start. It is for the sandbox only.

Nothing is written when an app id is set or taken away: whether it may sign in, or go on, is decided by the settings at
each request and in each process (backends.py).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core import checks
from django.core.exceptions import ValidationError
from django.db import DatabaseError
from django.db.models import Q
from django.utils.crypto import salted_hmac

from accounts.models import DemoPassword, User, Workspace
from accounts.models.users import DEMO_PASSWORD
from accounts.workspaces import services as workspaces
from accounts.workspaces.services import create_workspace
from postiz_pins.common.time_zones import time_zone_names

EMAIL = "demo@example.com"
# Until the person signs in for the first time, from whose browser the zone is taken.
TIME_ZONE = "Europe/Berlin"
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def is_for_this_machine_only() -> bool:
    """Return whether only this machine can reach the app.

    A proxy would need a host name of its own.
    """
    names = [settings.HOST, urlsplit(settings.PUBLIC_URL).hostname]
    names += [host.lower().strip("[]") for host in settings.ALLOWED_HOSTS]
    return all(name in LOOPBACK for name in names)


def may_sign_in(user: User) -> bool:
    """Return whether the person is no demo login, or one that these settings allow."""
    if user.demo_password == DemoPassword.PUBLIC:
        return settings.PINTEREST_SANDBOX and is_for_this_machine_only()
    return settings.PINTEREST_SANDBOX or not user.demo_password


def prepare() -> str:
    """Create the demo user if there is none, and return its password; empty if a user has changed it.

    Where others can reach the app, the password belongs to this installation, and stays so from then on.
    """
    user = User.objects.filter(email=EMAIL).first()
    if user is None:
        user = User.objects.create_superuser(EMAIL, DEMO_PASSWORD, first_name="Demo")
        create_workspace("Demo team", TIME_ZONE, user)
    if user.demo_password == DemoPassword.NONE:
        return ""
    if user.demo_password == DemoPassword.PUBLIC and is_for_this_machine_only():
        return DEMO_PASSWORD
    password = own_password()
    if not check_password(password, user.password):
        user.set_password(password)
        user.demo_password = DemoPassword.PRINTED
        user.save(update_fields=["password", "demo_password"])
    return password


def own_password() -> str:
    """Return the installation's demo password, made of its key, so that each start can print it again."""
    return salted_hmac("accounts.demo_login", EMAIL, algorithm="sha256").hexdigest()[:16]


def take_time_zone(user: User, name: str, now: datetime) -> None:
    """Give the demo's workspace the time zone of the browser at the demo user's first sign-in.

    Not if a zone was chosen before, or `name` is no zone.
    """
    if not settings.PINTEREST_SANDBOX or user.email != EMAIL or user.last_login is not None:
        return
    workspace = Workspace.objects.for_user(user).order_by("pk").first()
    if workspace is not None and workspace.time_zone == TIME_ZONE and name in time_zone_names():
        workspaces.change(workspace, {"time_zone": name}, by=user, now=now)


class NotPublic:
    """A validator of passwords: that of the demo opens nothing but the demo."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError for the demo's published password."""
        if password == DEMO_PASSWORD:
            raise ValidationError("This is the demo's public password. Choose a different one.", code="public")

    def get_help_text(self) -> str:
        """Return no text: other users never think of that password."""
        return ""


def check_no_demo_login(**options: Any) -> list[checks.CheckMessage]:
    """Return errors for `check --deploy`: no demo login where the app talks to the real Pinterest."""
    if settings.PINTEREST_SANDBOX:
        return []
    try:
        candidates = list(User.objects.filter(Q(email=EMAIL) | Q(is_superuser=True) | ~Q(demo_password="")))
    except DatabaseError:  # not migrated yet, or away: then no user signs in either
        return []
    return [
        checks.Warning(
            f"{user.email} is a demo login, whose password "
            + ("was printed at each start." if user.demo_password == DemoPassword.PRINTED else "is public.")
            + (" It cannot sign in while PINTEREST_APP_ID is set." if user.demo_password else " It can sign in."),
            hint=f"Delete the user at /admin/accounts/user/, or set a password: manage.py changepassword {user.email}",
            id="accounts.W001",
        )
        for user in candidates
        if user.demo_password or check_password(DEMO_PASSWORD, user.password)
    ]
