"""Teams: a workspace, its members, and the scope of what belongs to it."""

from __future__ import annotations

import zoneinfo
from typing import TYPE_CHECKING, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from postiz_pins.common.time_zones import validate_time_zone

from .users import User

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser


class ScopedQuerySet(models.QuerySet):
    """The one way to narrow rows to what a person may see. `workspace_path` leads from the model to its workspace."""

    workspace_path = "workspace"

    def for_user(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        return self.filter(**{f"{self.workspace_path}__in": Workspace.objects.for_user(user)})

    def in_workspace(self, workspace: Workspace) -> Self:
        return self.filter(**{self.workspace_path: workspace})


class WorkspaceQuerySet(models.QuerySet):
    def for_user(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        if user.pk is None:
            # A filter by None would find the workspaces that have no member at all.
            return self.none()
        return self.filter(memberships__user_id=user.pk)


class Workspace(models.Model):
    """A team and all that belongs to it."""

    name = models.CharField(max_length=100)
    # An IANA name. People read and type times in this zone; the database holds UTC.
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    # Whether what editors send out needs an admin's approval (pins/scheduling/approval.py).
    requires_approval = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # When it is deleted with all that belongs to it. NULL: nobody has asked for that.
    erase_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = WorkspaceQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)


class Role(models.TextChoices):
    ADMIN = "admin", "Admin"
    EDITOR = "editor", "Editor"
    VIEWER = "viewer", "Viewer"


EDITING_ROLES = (Role.ADMIN, Role.EDITOR)


def muted_at_first() -> list[str]:
    """Members get no e-mail about each pin that goes well, unless they ask for it."""
    return ["published"]


class Membership(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role)
    # NULL: a member from before we kept it.
    joined_at = models.DateTimeField(null=True, default=timezone.now, editable=False)
    # The kinds of notifications (NotificationKind) about which the member wants no e-mail.
    muted_kinds = models.JSONField(default=muted_at_first, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "workspace"],
                name="membership_once",
                violation_error_message="This person is a member of the workspace already.",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.workspace} ({self.get_role_display()})"

    @property
    def can_edit(self) -> bool:
        return self.role in EDITING_ROLES

    @property
    def is_admin(self) -> bool:
        return self.role == Role.ADMIN

    @property
    def can_publish(self) -> bool:
        """Whether what the member sends out goes out without somebody else's approval."""
        return self.is_admin or (self.can_edit and not self.workspace.requires_approval)
