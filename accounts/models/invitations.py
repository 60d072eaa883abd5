"""Invitations into a workspace."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from .users import User
from .workspaces import Role, ScopedQuerySet, Workspace


class InvitationQuerySet(ScopedQuerySet):
    """Invitations by whether they can still be accepted."""

    def open(self) -> Self:
        """Return those that were neither accepted nor canceled, expired or not: what a team still sees."""
        return self.filter(accepted_at=None, cancelled_at=None)

    def pending(self, now: datetime) -> Self:
        """Return those that can be accepted now."""
        return self.open().filter(expires_at__gt=now)


class Invitation(models.Model):
    """An e-mail address that may join a workspace. Its link is mailed; here is only a hash of what makes it work."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="invitations")
    # In lower case, as allauth keeps addresses.
    email = models.EmailField("email address")
    role = models.CharField(max_length=10, choices=Role)
    # SHA-256 of the token, which is random enough to need no salt. A new e-mail brings a new token.
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    # When its newest e-mail was handed over.
    sent_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    # NULL until a user joins by it.
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # NULL unless it was taken back.
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "email"],
                condition=Q(accepted_at=None, cancelled_at=None),
                name="invitation_open_once",
                violation_error_message="This address has been invited already.",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="invitation_role_known"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="invitation_email_lowercase"),
        ]

    def __str__(self) -> str:
        return f"{self.email} for {self.workspace}"

    def has_expired(self, now: datetime) -> bool:
        """Return whether its link has stopped working by `now`."""
        return self.expires_at <= now
