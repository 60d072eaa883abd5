"""The people who sign in."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

DEMO_PASSWORD = "pins-demo"  # noqa: S105  printed at every start, for the sandbox on this machine only


class DemoPassword(models.TextChoices):
    """Why a password is no secret."""

    NONE = "", "The person's own"
    PUBLIC = "public", "That of the demo"
    PRINTED = "printed", "Printed when it was made"


class UserManager(BaseUserManager["User"]):
    """Users by their email address, which is always in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a user who can sign in with the address in lower case."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a user with all permissions, the administration's included."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        """Return the user with exactly this address, in lower case.

        Databases match more than the counters of wrong passwords do: to PostgreSQL, "ſam" is "SAM".
        """
        email = (username or "").lower()
        for user in self.filter(email__iexact=email):
            if user.email.lower() == email:
                return user
        raise self.model.DoesNotExist


class User(AbstractUser):
    """A person who signs in with an email address."""

    username = None  # type: ignore[assignment]  # the e-mail address is the name to sign in with
    email = models.EmailField("email address", unique=True)
    # Anything but NONE may sign in to the sandbox only (auth/demo_login.py).
    demo_password = models.CharField(
        max_length=10, choices=DemoPassword, blank=True, default=DemoPassword.NONE, db_default="", editable=False
    )
    # Whether lines of lists are higher, with larger pictures.
    has_comfortable_rows = models.BooleanField(default=False, db_default=False, editable=False)
    # When the person's account is deleted. NULL: it was not requested.
    delete_at = models.DateTimeField(null=True, blank=True, editable=False, db_column="erase_at")

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()  # type: ignore[assignment,misc]  # AbstractUser's manager asks for a user name

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique",
                violation_error_message="A user with this email address already exists.",
            )
        ]

    def __str__(self) -> str:
        return self.email

    def set_password(self, raw_password: str | None) -> None:
        """Set the password, and note whether it is the demo's published one."""
        # The same one in a newer hash is no new one: Django makes that at a sign-in.
        if not (raw_password and self.password and check_password(raw_password, self.password)):
            self.demo_password = DemoPassword.PUBLIC if raw_password == DEMO_PASSWORD else DemoPassword.NONE
        super().set_password(raw_password)
