"""The Pinterest accounts that a workspace has connected."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from postiz_pins.common import encryption
from postiz_pins.common.leases import LeaseQuerySet

from .workspaces import ScopedQuerySet, Workspace


class AccountStatus(models.TextChoices):
    """Whether an account's tokens can be used."""

    ACTIVE = "active", "Connected"
    NEEDS_RECONNECT = "needs_reconnect", "Needs reconnecting"
    DISCONNECTED = "disconnected", "Disconnected"


# What the Pinterest id of an account begins with once its deletion has begun: connecting it again makes a new row.
DELETION_PREFIX = "erasing-"

# Renewal leaves a connection more than 30 days; with less than this left it has failed for a while.
ENDS_SOON = timedelta(days=14)


class PinterestAccountQuerySet(ScopedQuerySet, LeaseQuerySet):
    """Accounts by what can be done with their tokens."""

    # The lease of the one process that refreshes the tokens.
    holder_column = "refresh_claim_token"
    until_column = "refresh_claimed_until"
    UNCLAIMED = {"refresh_claim_token": None, "refresh_claimed_until": None}

    def active(self) -> Self:
        """Return the accounts that are connected."""
        return self.filter(status=AccountStatus.ACTIVE)

    def postable(self, now: datetime) -> Self:
        """Return connected accounts that neither Pinterest nor an operator has paused."""
        return self.not_rate_limited(now).filter(publishing_paused_at=None)

    def not_rate_limited(self, now: datetime) -> Self:
        """Return connected accounts that Pinterest has not asked to pause; NULL: it never has."""
        return self.active().filter(Q(posting_paused_until=None) | Q(posting_paused_until__lte=now))

    def real(self) -> Self:
        """Return accounts that Pinterest knows; it is never asked about the others."""
        return self.filter(is_made_up=False)

    def to_renew(self, now: datetime) -> Self:
        """Return connected accounts whose tokens are to be renewed; NULL means not planned yet, so due."""
        return self.active().real().filter(Q(renew_at=None) | Q(renew_at__lte=now))

    def held(self) -> Self:
        """Return accounts that a workspace holds: no other workspace may connect them."""
        return self.exclude(status=AccountStatus.DISCONNECTED)

    def in_use(self) -> Self:
        """Return accounts whose erasing has not begun."""
        return self.exclude(pinterest_user_id__startswith=DELETION_PREFIX)


class PinterestAccount(models.Model):
    """A Pinterest account that a workspace has connected. Disconnecting keeps the row: pins and history hang on it."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="pinterest_accounts")
    pinterest_user_id = models.CharField(max_length=30)
    username = models.CharField(max_length=100)
    # BUSINESS or PINNER, in Pinterest's words.
    account_type = models.CharField(max_length=20, blank=True, default="")
    avatar_url = models.URLField(max_length=500, blank=True, default="")
    scopes = models.JSONField(default=list, help_text="The scopes that the person granted.")
    status = models.CharField(max_length=20, choices=AccountStatus, default=AccountStatus.ACTIVE)
    # A sentence for people: why the account needs reconnecting. Empty while all is well.
    trouble = models.CharField(max_length=500, blank=True, default="")
    # NULL while all is well.
    trouble_since = models.DateTimeField(null=True, blank=True)
    # What the workspace's people were last told (alerts.Alert). Empty: nothing, or all is well again.
    last_alert = models.CharField(max_length=20, blank=True, default="", editable=False)
    connected_at = models.DateTimeField(default=timezone.now)
    # Made by `manage.py demo_history`: it exists nowhere, so Pinterest is never asked about it.
    is_made_up = models.BooleanField(default=False, db_default=False, editable=False)

    # Fernet ciphertext; connections/tokens.py is the only reader and writer. Empty once disconnected.
    access_token_encrypted = models.TextField(blank=True, default="", editable=False)
    refresh_token_encrypted = models.TextField(blank=True, default="", editable=False)
    # NULL once disconnected.
    access_expires_at = models.DateTimeField(null=True, blank=True)
    refresh_expires_at = models.DateTimeField(null=True, blank=True)
    # When both tokens are renewed ahead of their end (connections/token_renewal.py). NULL: as soon as possible.
    renew_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The lease of the one process that refreshes the tokens now; NULL when none does.
    refresh_claim_token = models.UUIDField(null=True, editable=False)
    refresh_claimed_until = models.DateTimeField(null=True, editable=False)

    # NULL until the first sync has ended.
    boards_synced_at = models.DateTimeField(null=True, blank=True)
    # Pinterest asked us (429) to write nothing for this account before then. NULL: no such wish.
    posting_paused_until = models.DateTimeField(null=True, blank=True)
    # Pinterest asked us (429) to read nothing for this account before then. NULL: no such wish.
    reading_paused_until = models.DateTimeField(null=True, blank=True, editable=False)
    # When an operator paused its publishing in the administration. NULL: it is not paused.
    publishing_paused_at = models.DateTimeField(null=True, blank=True, editable=False)

    # The queue (pins/queue/) adds no pin to a day that has so many. NULL: as many as there are publishing times.
    pins_per_day = models.PositiveSmallIntegerField(null=True, blank=True)
    # The queue keeps its pins so far apart from all others of the account.
    least_gap_minutes = models.PositiveSmallIntegerField(default=30, db_default=30)
    # Since when the queue holds its pins back. NULL: it is not paused.
    queue_paused_at = models.DateTimeField(null=True, blank=True, editable=False)
    # When people were told that its queue runs dry. NULL: it does not, or they were not told yet.
    queue_low_told_at = models.DateTimeField(null=True, blank=True, editable=False)

    # How far apart pins that are alike should be, and how many are too many (pins/spacing/). 0 or NULL: no matter.
    spacing_same_board = models.BooleanField(default=True, db_default=True)
    spacing_picture_days = models.PositiveSmallIntegerField(default=7, db_default=7)
    spacing_link_days = models.PositiveSmallIntegerField(default=2, db_default=2)
    spacing_day_hint = models.PositiveSmallIntegerField(default=25, db_default=25, null=True, blank=True)
    spacing_day_warning = models.PositiveSmallIntegerField(default=50, db_default=50, null=True, blank=True)
    spacing_hour_warning = models.PositiveSmallIntegerField(default=5, db_default=5, null=True, blank=True)
    spacing_picture_boards = models.PositiveSmallIntegerField(default=10, db_default=10, null=True, blank=True)

    # When it is deleted here, with its pins and figures. NULL: it was not requested.
    delete_at = models.DateTimeField(null=True, blank=True, editable=False, db_column="erase_at")

    objects = PinterestAccountQuerySet.as_manager()

    class Meta:
        verbose_name = "Pinterest account"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "pinterest_user_id"], name="account_once_per_workspace"),
            models.UniqueConstraint(
                fields=["pinterest_user_id"],
                condition=~Q(status="disconnected"),
                name="account_held_by_one_workspace",
                violation_error_message="Another workspace has connected this Pinterest account.",
            ),
            models.CheckConstraint(
                condition=Q(status="disconnected") | ~Q(access_token_encrypted=""),
                name="account_connected_has_token",
            ),
            models.CheckConstraint(condition=Q(status__in=AccountStatus.values), name="account_status_known"),
        ]

    def __str__(self) -> str:
        return f"@{self.username}"

    @property
    def access_token(self) -> str:
        """Return the decrypted access token."""
        return encryption.decrypt(self.access_token_encrypted)

    @property
    def refresh_token(self) -> str:
        """Return the decrypted refresh token."""
        return encryption.decrypt(self.refresh_token_encrypted)

    @property
    def is_active(self) -> bool:
        """Return whether the account is connected."""
        return self.status == AccountStatus.ACTIVE

    @property
    def ends_soon(self) -> bool:
        """Return whether the connection expires within two weeks although renewing it was tried."""
        ends_at = self.refresh_expires_at
        return self.is_active and ends_at is not None and ends_at - timezone.now() <= ENDS_SOON

    @property
    def is_being_deleted(self) -> bool:
        """Return whether its deletion has begun, and can no longer be canceled."""
        return self.pinterest_user_id.startswith(DELETION_PREFIX)

    def is_posting_paused(self, now: datetime) -> bool:
        """Return whether Pinterest or an operator has paused publishing for this account."""
        return self.publishing_paused_at is not None or self.is_rate_limited(now)

    def is_rate_limited(self, now: datetime) -> bool:
        """Return whether Pinterest has asked not to publish before a moment after `now`."""
        return self.posting_paused_until is not None and self.posting_paused_until > now
