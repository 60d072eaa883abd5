"""The keys of programs."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone

from .users import User
from .workspaces import EDITING_ROLES, Membership, ScopedQuerySet, Workspace


class ApiKeyQuerySet(ScopedQuerySet):
    def usable(self) -> Self:
        return self.filter(revoked_at=None)

    def with_may_act(self) -> Self:
        """Adds `may_act`: whether the person who made the key may (still) edit in its workspace."""
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

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
