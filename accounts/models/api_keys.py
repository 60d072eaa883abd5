"""The keys of programs."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone

from .users import User
from .workspaces import EDITING_ROLES, Membership, ScopedQuerySet, Workspace


class Scope(models.TextChoices):
    """What a key may do. The value is what programs and people read; PUBLISH includes PLAN, and that READ."""

    READ = "read", "Read pins, media, boards and accounts"
    PLAN = "plan", "Create drafts and proposals, edit and move pins"
    PUBLISH = "publish", "Schedule, queue and publish pins without a person's confirmation"
    FIGURES = "figures", "Read analytics"


INCLUDED_SCOPES = {Scope.PUBLISH: (Scope.PLAN, Scope.READ), Scope.PLAN: (Scope.READ,)}
ALL_SCOPES = " ".join(Scope)


class ApiKeyQuerySet(ScopedQuerySet):
    """Keys by what they may do."""

    def usable(self) -> Self:
        """Return the keys that are not revoked."""
        return self.filter(revoked_at=None)

    def with_may_act(self) -> Self:
        """Add `may_act`: whether the user who created the key may (still) edit in its workspace."""
        makers = Membership.objects.filter(
            user=OuterRef("created_by"),
            user__is_active=True,
            workspace=OuterRef("workspace"),
            role__in=EDITING_ROLES,
        )
        return self.annotate(may_act=Exists(makers))


class ApiKey(models.Model):
    """A key with which a program acts for a workspace. The key itself is shown once and stored nowhere."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100)
    # The beginning of the key, by which people recognise it.
    prefix = models.CharField(max_length=16)
    # SHA-256 of the whole key, which is random enough to need no salt.
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    # NULL: never used so far.
    last_used_at = models.DateTimeField(null=True, blank=True)
    # NULL while it works.
    revoked_at = models.DateTimeField(null=True, blank=True)
    # From then on it is refused. NULL: it does not expire.
    expires_at = models.DateTimeField(null=True, blank=True)
    # Values of Scope with blanks between, as OAuth writes them. Keys from before there were scopes may do everything.
    scopes = models.CharField(max_length=60, db_default=ALL_SCOPES, default=ALL_SCOPES)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def scope_labels(self) -> list[str]:
        """Return what the key may do, in words."""
        return [Scope(value).label for value in self.scopes.split()]

    @property
    def may_publish(self) -> bool:
        """Return whether its pins go out without the confirmation of a person, as far as the key is concerned."""
        return Scope.PUBLISH in self.scopes.split()

    def has_expired(self, now: datetime) -> bool:
        """Return whether its time is over."""
        return self.expires_at is not None and self.expires_at <= now
