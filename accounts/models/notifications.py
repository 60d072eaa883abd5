"""What members are told (notifications/services.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from .users import User
from .workspaces import Membership, ScopedQuerySet, Workspace

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

TEXT_LENGTH = 500


class NotificationKind(models.TextChoices):
    """What a notification is about; members mute emails by kind."""

    PUBLISHED = "published", "Published"
    FAILED = "failed", "Failed"
    HELD = "held", "On hold"
    RECONNECT_NEEDED = "reconnect_needed", "Account needs reconnecting"
    APPROVAL_ASKED = "approval_asked", "Approval requested"
    REVIEWED = "reviewed", "Approved or sent back"
    QUEUE_LOW = "queue_low", "Queue almost empty"
    COMMENTED = "commented", "Comments and mentions"
    WEBHOOK_OFF = "webhook_off", "Webhook switched off"
    WORKSPACE = "workspace", "Exports and deletions"


class NotificationQuerySet(ScopedQuerySet):
    """Notifications of the users who are to read them."""

    def for_user(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Return those of the person alone, as long as the person is a member of their workspace."""
        return super().for_user(user).filter(user_id=user.pk)

    def unread(self) -> Self:
        """Return the notifications that their user has not read."""
        return self.filter(read_at=None)

    def to_email(self) -> Self:
        """Return those that wait for an e-mail."""
        return self.filter(wants_email=True, emailed_at=None)

    def of_members(self) -> Self:
        """Return those of people who can sign in and are still members of the workspace."""
        members = Membership.objects.filter(
            user=OuterRef("user"), workspace=OuterRef("workspace"), user__is_active=True
        )
        return self.filter(Exists(members))


class Notification(models.Model):
    """Something that one member is told: in the app, and by e-mail if that member wants it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=20, choices=NotificationKind)
    # A sentence for people.
    text = models.CharField(max_length=TEXT_LENGTH)
    # The page of this app that it leads to, as a path.
    path = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now)
    # NULL until the person has seen it.
    read_at = models.DateTimeField(null=True, blank=True)
    # As the member had chosen when it happened; no longer once it has been read.
    wants_email = models.BooleanField(default=False)
    # NULL: in no e-mail so far.
    emailed_at = models.DateTimeField(null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["user", "-id"], name="notification_list"),
            models.Index(fields=["user", "workspace"], name="notification_unread", condition=Q(read_at=None)),
            models.Index(
                fields=["user", "at"], name="notification_to_email", condition=Q(wants_email=True, emailed_at=None)
            ),
            # Asked for each that waits: without it, all that a person was ever told would be read each time.
            models.Index(
                fields=["user", "emailed_at"], name="notification_emailed", condition=Q(emailed_at__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=NotificationKind.values), name="notification_kind_known"),
            # It is followed by redirect, so it must not lead out of the app.
            models.CheckConstraint(
                condition=Q(path__startswith="/") & ~Q(path__startswith="//"), name="notification_path_is_ours"
            ),
        ]

    def __str__(self) -> str:
        return self.text


def unread_count() -> Coalesce:
    """Return, for a query of memberships, how many notifications of its workspace the member has not read."""
    unread = Notification.objects.unread().filter(user=OuterRef("user"), workspace=OuterRef("workspace"))
    counted = unread.order_by().values("workspace").annotate(count=Count("*")).values("count")
    return Coalesce(Subquery(counted), 0)
