"""Who works with Pins (users, workspaces, memberships) and what they work with (Pinterest accounts, boards)."""

# The first migration finds validate_time_zone here.
from postiz_pins.common.time_zones import validate_time_zone

from .api_keys import ALL_SCOPES, INCLUDED_SCOPES, ApiKey, ApiKeyQuerySet, Scope
from .audit import AuditAction, AuditEntry, AuditEntryQuerySet
from .boards import Board, BoardPrivacy, BoardQuerySet, BoardSection, BoardSectionQuerySet
from .exports import Export, ExportQuerySet, ExportStatus
from .invitations import Invitation, InvitationQuerySet
from .notifications import Notification, NotificationKind, NotificationQuerySet, unread_count
from .pinterest_accounts import DELETION_PREFIX, ENDS_SOON, AccountStatus, PinterestAccount, PinterestAccountQuerySet
from .schedule_runs import ScheduleRun
from .users import DemoPassword, User, UserManager
from .webhooks import (
    DeliveryStatus,
    WebhookDelivery,
    WebhookDeliveryQuerySet,
    WebhookEndpoint,
    WebhookEndpointQuerySet,
    WebhookEvent,
)
from .workspaces import EDITING_ROLES, Membership, Role, ScopedQuerySet, Weekday, Workspace, WorkspaceQuerySet

__all__ = [
    "unread_count",
    "ALL_SCOPES",
    "EDITING_ROLES",
    "ENDS_SOON",
    "INCLUDED_SCOPES",
    "DELETION_PREFIX",
    "AccountStatus",
    "ApiKey",
    "ApiKeyQuerySet",
    "AuditAction",
    "AuditEntry",
    "AuditEntryQuerySet",
    "Board",
    "BoardPrivacy",
    "BoardQuerySet",
    "BoardSection",
    "BoardSectionQuerySet",
    "DeliveryStatus",
    "Export",
    "ExportQuerySet",
    "ExportStatus",
    "Invitation",
    "InvitationQuerySet",
    "Membership",
    "Notification",
    "NotificationKind",
    "NotificationQuerySet",
    "PinterestAccount",
    "PinterestAccountQuerySet",
    "Role",
    "ScheduleRun",
    "Scope",
    "ScopedQuerySet",
    "DemoPassword",
    "User",
    "UserManager",
    "WebhookDelivery",
    "WebhookDeliveryQuerySet",
    "WebhookEndpoint",
    "WebhookEndpointQuerySet",
    "WebhookEvent",
    "Weekday",
    "Workspace",
    "WorkspaceQuerySet",
    "validate_time_zone",
]
