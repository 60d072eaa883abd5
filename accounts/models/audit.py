"""Who did what in a workspace (audit/services.py)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

from django.db import models
from django.utils import timezone

from .users import User
from .workspaces import ScopedQuerySet, Workspace

TARGET_LENGTH = 300
DETAIL_LENGTH = 500


class AuditAction(models.TextChoices):
    """What an entry of the audit log says was done."""

    CONNECTED = "connected", "Connected"
    DISCONNECTED = "disconnected", "Disconnected"
    COMPOSED = "composed", "Composed"
    EDITED = "edited", "Edited"
    PROPOSED = "proposed", "Proposed"
    APPROVED = "approved", "Approved"
    SENT_BACK = "sent_back", "Sent back"
    SCHEDULED = "scheduled", "Scheduled"
    CANCELLED = "cancelled", "Canceled"
    RETRIED = "retried", "Tried again"
    PUBLISHED = "published", "Published"
    DELETED = "deleted", "Deleted"
    INVITED = "invited", "Invited"
    INVITATION_CANCELLED = "invitation_cancelled", "Invitation canceled"
    JOINED = "joined", "Joined"
    ROLE_CHANGED = "role_changed", "Role changed"
    REMOVED = "removed", "Removed"
    LEFT = "left", "Left"
    KEY_MADE = "key_made", "API key created"
    KEY_REVOKED = "key_revoked", "API key revoked"
    WEBHOOK_ADDED = "webhook_added", "Webhook added"
    WEBHOOK_CHANGED = "webhook_changed", "Webhook changed"
    WEBHOOK_DELETED = "webhook_deleted", "Webhook deleted"
    SETTINGS_CHANGED = "settings_changed", "Settings changed"
    EXPORTED = "exported", "Exported"
    DELETION_REQUESTED = "erasure_asked", "Deletion requested"
    DELETION_CANCELED = "erasure_stopped", "Deletion canceled"
    ERASED = "erased", "Permanently deleted"


class AppendOnly(TypeError):
    """Entries of the audit trail are neither changed nor deleted."""


class AuditEntryQuerySet(ScopedQuerySet):
    """Entries that can be added, and neither changed nor deleted."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Raise AppendOnly."""
        raise AppendOnly

    def delete(self) -> NoReturn:
        """Raise AppendOnly."""
        raise AppendOnly

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raise AppendOnly."""
        raise AppendOnly

    def bulk_create(
        self,
        objs: Iterable[Any],
        batch_size: int | None = None,
        ignore_conflicts: bool = False,
        update_conflicts: bool = False,
        *args: Any,
        **kwargs: Any,
    ) -> list[Any]:
        """Add the entries.

        Raises AppendOnly if existing ones could be changed by it.
        """
        if update_conflicts:
            raise AppendOnly
        return super().bulk_create(objs, batch_size, ignore_conflicts)


class AuditEntry(models.Model):
    """One line of the audit log, which outlives the user and the workspace that it names.

    So no constraint binds their keys, and the user's address is written down.
    """

    # NULL: what a person did outside all workspaces.
    workspace = models.ForeignKey(
        Workspace, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="audit_entries"
    )
    action = models.CharField(max_length=20, choices=AuditAction)
    # What it was done to, as people call it: pin 7 “Oak chair”, @oak_and_ash, dana@example.com.
    target = models.CharField(max_length=TARGET_LENGTH)
    detail = models.CharField(max_length=DETAIL_LENGTH, blank=True, default="")
    # NULL: by the app itself.
    by = models.ForeignKey(User, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+")
    by_name = models.CharField(max_length=254)
    at = models.DateTimeField(default=timezone.now)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "audit entries"
        # Relations write by this one: workspace.audit_entries.add(entry) would move an entry.
        base_manager_name = "objects"
        indexes = [models.Index(fields=["workspace", "-id"], name="audit_of_workspace")]
        constraints = [
            models.CheckConstraint(condition=models.Q(action__in=AuditAction.values), name="audit_action_known")
        ]

    def __str__(self) -> str:
        return f"{self.by_name}: {self.get_action_display()} {self.target}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the entry.

        Raises AppendOnly for one that exists.
        """
        if self.pk is not None:
            raise AppendOnly
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raise AppendOnly."""
        raise AppendOnly
