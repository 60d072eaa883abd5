"""What of a workspace's team, connections and trail is exported. Nothing that opens anything: no tokens, no hashes."""

from __future__ import annotations

from accounts.models import (
    ApiKey,
    AuditEntry,
    Board,
    BoardSection,
    Invitation,
    Membership,
    PinterestAccount,
    WebhookEndpoint,
    Workspace,
)
from postiz_pins.common.export_tables import Table, columns

WORKSPACE = Table(
    "workspace",
    "The workspace and its settings.",
    Workspace,
    columns("id=pk name time_zone requires_approval asks_for_alt_text first_weekday created_at erase_at=delete_at"),
    workspace="pk",
)
MEMBERS = Table(
    "members",
    "The members of the workspace and their roles.",
    Membership,
    columns("id=pk email=user__email first_name=user__first_name last_name=user__last_name role joined_at muted_kinds"),
)
INVITATIONS = Table(
    "invitations",
    "The invitations and what became of them.",
    Invitation,
    columns(
        "id=pk email role invited_by=invited_by__email created_at sent_at expires_at accepted_at "
        "accepted_by=accepted_by__email cancelled_at"
    ),
)
API_KEYS = Table(
    "api_keys",
    "The API keys: their names and first characters, not the keys.",
    ApiKey,
    columns("id=pk name prefix scopes created_by=created_by__email created_at last_used_at expires_at revoked_at"),
)
WEBHOOKS = Table(
    "webhooks",
    "The webhooks: where events are sent, not the secrets that sign them.",
    WebhookEndpoint,
    columns(
        "id=pk url events created_by=created_by__email created_at switched_off_at trouble failing_since"
        " previous_secret_until"
    ),
)
ACCOUNTS = Table(
    "accounts",
    "The connected Pinterest accounts, without their tokens.",
    PinterestAccount,
    columns(
        "id=pk pinterest_user_id username account_type avatar_url scopes status trouble trouble_since "
        "connected_at access_expires_at refresh_expires_at boards_synced_at "
        "pins_per_day least_gap_minutes queue_paused_at "
        "spacing_same_board spacing_picture_days spacing_link_days spacing_day_hint spacing_day_warning "
        "spacing_hour_warning spacing_picture_boards erase_at=delete_at"
    ),
)
SECTIONS = Table(
    "sections",
    "The sections of the boards.",
    BoardSection,
    columns("id=pk pinterest_id name missing_since"),
    workspace="board__account__workspace",
    parent="board",
)
BOARDS = Table(
    "boards",
    "The boards of the accounts; missing_since says since when Pinterest no longer lists one.",
    Board,
    columns(
        "id=pk account_id account=account__username pinterest_id name privacy owner pin_count "
        "missing_since sections_synced_at"
    ),
    workspace="account__workspace",
    lists={"sections": SECTIONS},
)
AUDIT = Table(
    "audit",
    "The audit log: who did what, and when.",
    AuditEntry,
    columns("id=pk at by=by_name action target detail"),
)

TABLES = (WORKSPACE, MEMBERS, INVITATIONS, API_KEYS, WEBHOOKS, ACCOUNTS, BOARDS, AUDIT)
