"""Who works with Pins (users, workspaces, memberships) and what they work with (Pinterest accounts, boards)."""

from __future__ import annotations

import zoneinfo
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.contrib.auth.models import AbstractUser, AnonymousUser, BaseUserManager
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone

from . import encryption
from .time_zones import validate_time_zone

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser


class ScopedQuerySet(models.QuerySet):
    """The one way to narrow rows to what a person may see. `workspace_path` leads from the model to its workspace."""

    workspace_path = "workspace"

    def for_user(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        return self.filter(**{f"{self.workspace_path}__in": Workspace.objects.for_user(user)})

    def in_workspace(self, workspace: Workspace) -> Self:
        return self.filter(**{self.workspace_path: workspace})


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractUser):
    username = None  # type: ignore[assignment]  # the e-mail address is the name to sign in with
    email = models.EmailField("e-mail address", unique=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()  # type: ignore[assignment,misc]  # AbstractUser's manager asks for a user name

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique",
                violation_error_message="Somebody with this e-mail address is registered already.",
            )
        ]

    def __str__(self) -> str:
        return self.email


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
    created_at = models.DateTimeField(default=timezone.now, editable=False)

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


class Membership(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role)
    # NULL: a member from before we kept it.
    joined_at = models.DateTimeField(null=True, default=timezone.now, editable=False)

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


class InvitationQuerySet(ScopedQuerySet):
    def open(self) -> Self:
        """Neither accepted nor cancelled, be it expired or not: what a team still sees."""
        return self.filter(accepted_at=None, cancelled_at=None)

    def pending(self, now: datetime) -> Self:
        """Those that can be accepted now."""
        return self.open().filter(expires_at__gt=now)


class Invitation(models.Model):
    """An e-mail address that may join a workspace. Its link is mailed; here is only a hash of what makes it work."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="invitations")
    # In lower case, as allauth keeps addresses.
    email = models.EmailField("e-mail address")
    role = models.CharField(max_length=10, choices=Role)
    # SHA-256 of the token, which is random enough to need no salt. A new e-mail brings a new token.
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    # When its newest e-mail was handed over.
    sent_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    # NULL until somebody joins by it.
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
        return self.expires_at <= now


class AccountStatus(models.TextChoices):
    ACTIVE = "active", "Connected"
    NEEDS_RECONNECT = "needs_reconnect", "Needs reconnecting"
    DISCONNECTED = "disconnected", "Disconnected"


# Renewal leaves a connection more than 30 days; with less than this left it has failed for a while.
ENDS_SOON = timedelta(days=14)


class PinterestAccountQuerySet(ScopedQuerySet):
    def active(self) -> Self:
        return self.filter(status=AccountStatus.ACTIVE)

    def postable(self, now: datetime) -> Self:
        """Connected accounts that Pinterest has not asked to pause; NULL: it never has."""
        return self.active().filter(Q(posting_paused_until=None) | Q(posting_paused_until__lte=now))

    def to_renew(self, now: datetime) -> Self:
        """Connected accounts whose tokens are to be renewed; NULL: nobody has planned it, so it is due."""
        return self.active().filter(Q(renew_at=None) | Q(renew_at__lte=now))

    def held(self) -> Self:
        """Accounts that a workspace holds: no other workspace may connect them."""
        return self.exclude(status=AccountStatus.DISCONNECTED)


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
    # What the workspace's admins were last told by e-mail (alerts.Alert). Empty: nothing, or all is well again.
    last_alert = models.CharField(max_length=20, blank=True, default="", editable=False)
    connected_at = models.DateTimeField(default=timezone.now)

    # Fernet ciphertext; tokens.py is the only reader and writer. Empty once disconnected.
    access_token_encrypted = models.TextField(blank=True, default="", editable=False)
    refresh_token_encrypted = models.TextField(blank=True, default="", editable=False)
    # NULL once disconnected.
    access_expires_at = models.DateTimeField(null=True, blank=True)
    refresh_expires_at = models.DateTimeField(null=True, blank=True)
    # When both tokens are renewed ahead of their end (renewal.py). NULL: as soon as possible.
    renew_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The lease of the one process that refreshes the tokens now; NULL when nobody does.
    refresh_claim_token = models.UUIDField(null=True, editable=False)
    refresh_claimed_until = models.DateTimeField(null=True, editable=False)

    # NULL until the first sync has ended.
    boards_synced_at = models.DateTimeField(null=True, blank=True)
    # Pinterest asked us (429) to write nothing for this account before then. NULL: no such wish.
    posting_paused_until = models.DateTimeField(null=True, blank=True)

    objects = PinterestAccountQuerySet.as_manager()

    class Meta:
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
        return encryption.decrypt(self.access_token_encrypted)

    @property
    def refresh_token(self) -> str:
        return encryption.decrypt(self.refresh_token_encrypted)

    @property
    def is_active(self) -> bool:
        return self.status == AccountStatus.ACTIVE

    @property
    def ends_soon(self) -> bool:
        """Whether the connection dies within two weeks although renewal.py has tried to renew it."""
        ends_at = self.refresh_expires_at
        return self.is_active and ends_at is not None and ends_at - timezone.now() <= ENDS_SOON

    def is_posting_paused(self, now: datetime) -> bool:
        return self.posting_paused_until is not None and self.posting_paused_until > now


class BoardQuerySet(ScopedQuerySet):
    workspace_path = "account__workspace"

    def offered(self) -> Self:
        """Boards that a new pin may go to: Pinterest still lists them, and their account is connected."""
        return self.filter(missing_since=None, account__status=AccountStatus.ACTIVE)


class BoardPrivacy(models.TextChoices):
    PUBLIC = "PUBLIC", "Public"
    PROTECTED = "PROTECTED", "Protected"
    SECRET = "SECRET", "Secret"


class Board(models.Model):
    """A board as Pinterest last listed it.

    A board that left Pinterest keeps its row, since published pins still point at it. It only leaves the picker."""

    account = models.ForeignKey(PinterestAccount, on_delete=models.CASCADE, related_name="boards")
    pinterest_id = models.CharField(max_length=30)
    name = models.CharField(max_length=200)
    privacy = models.CharField(max_length=12, choices=BoardPrivacy, default=BoardPrivacy.PUBLIC)
    # NULL while Pinterest lists the board.
    missing_since = models.DateTimeField(null=True, blank=True)
    # NULL until somebody has chosen the board: an account may have hundreds, and each costs a request of its own.
    sections_synced_at = models.DateTimeField(null=True, blank=True)

    objects = BoardQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["account", "pinterest_id"], name="board_once_per_account")]

    def __str__(self) -> str:
        return self.name


class BoardSectionQuerySet(ScopedQuerySet):
    workspace_path = "board__account__workspace"

    def offered(self) -> Self:
        """Sections that Pinterest still lists."""
        return self.filter(missing_since=None)


class BoardSection(models.Model):
    """A section of a board, as Pinterest last listed it; like a board, it keeps its row when it is gone."""

    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="sections")
    pinterest_id = models.CharField(max_length=30)
    name = models.CharField(max_length=200)
    # NULL while Pinterest lists the section.
    missing_since = models.DateTimeField(null=True, blank=True)

    objects = BoardSectionQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["board", "pinterest_id"], name="section_once_per_board")]

    def __str__(self) -> str:
        return self.name


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

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
