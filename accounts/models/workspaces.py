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
        """Return the rows of all workspaces that the user is a member of."""
        return self.filter(**{f"{self.workspace_path}__in": Workspace.objects.for_user(user)})

    def in_workspace(self, workspace: Workspace) -> Self:
        """Return the rows of the workspace."""
        return self.filter(**{self.workspace_path: workspace})


class Weekday(models.IntegerChoices):
    """The days of the week, numbered as `date.weekday()` does."""

    MONDAY = 0, "Monday"
    TUESDAY = 1, "Tuesday"
    WEDNESDAY = 2, "Wednesday"
    THURSDAY = 3, "Thursday"
    FRIDAY = 4, "Friday"
    SATURDAY = 5, "Saturday"
    SUNDAY = 6, "Sunday"


class WorkspaceQuerySet(models.QuerySet):
    """Workspaces by their members."""

    def for_user(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Return the workspaces that the user is a member of; none for an anonymous user."""
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
    # Whether the composer asks for alt text, and shows its field at once.
    asks_for_alt_text = models.BooleanField(default=False, db_default=False)
    # The day on which its weeks begin: 0 is Monday.
    first_weekday = models.PositiveSmallIntegerField(choices=Weekday, default=Weekday.MONDAY, db_default=Weekday.MONDAY)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # When it is deleted with all that belongs to it. NULL: it was not requested.
    delete_at = models.DateTimeField(null=True, blank=True, editable=False, db_column="erase_at")

    objects = WorkspaceQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """Return the time zone in which the workspace reads and writes times."""
        return zoneinfo.ZoneInfo(self.time_zone)


class Role(models.TextChoices):
    """What a member may do."""

    ADMIN = "admin", "Admin"
    EDITOR = "editor", "Editor"
    VIEWER = "viewer", "Viewer"


EDITING_ROLES = (Role.ADMIN, Role.EDITOR)


def muted_at_first() -> list[str]:
    """Return the kinds of which new members get no email: each pin that goes well."""
    return ["published"]


class Membership(models.Model):
    """A user in a workspace, with a role."""

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
        """Return whether the role may change pins and connections."""
        return self.role in EDITING_ROLES

    @property
    def is_admin(self) -> bool:
        """Return whether the role may manage the workspace."""
        return self.role == Role.ADMIN

    @property
    def can_publish(self) -> bool:
        """Return whether the member's pins are published without another member's approval."""
        return self.is_admin or (self.can_edit and not self.workspace.requires_approval)
