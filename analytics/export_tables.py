"""What of a workspace's figures is exported: what Pinterest told. Sums of it are not, as they can be made anew."""

from __future__ import annotations

from postiz_pins.common.export_tables import Table, columns

from .models import AccountDay, PinDay, PinLifetime, WeeklySummary

PIN = "pin_id pinterest_pin_id=pin__pinterest_pin_id date"
COUNTS = "impressions pin_clicks outbound_clicks saves"

ACCOUNT_DAYS = Table(
    "figures/account_days",
    "Daily analytics of each account; the rate is a fraction of the impressions.",
    AccountDay,
    columns(f"account_id account=account__username date data_status {COUNTS} engagement pin_click_rate others"),
    workspace="account__workspace",
    parent="account",
    order="date",
    is_long=True,
)
PIN_DAYS = Table(
    "figures/pin_days",
    "Daily analytics of each published pin.",
    PinDay,
    columns(f"{PIN} data_status {COUNTS} others"),
    workspace="pin__workspace",
    parent="pin",
    order="date",
    is_long=True,
)
PIN_LIFETIMES = Table(
    "figures/pin_lifetimes",
    "Lifetime totals of each published pin by date; added when they changed.",
    PinLifetime,
    columns(f"{PIN} {COUNTS} reactions comments others"),
    workspace="pin__workspace",
    parent="pin",
    order="date",
    is_long=True,
)
WEEKLY_SUMMARY = Table(
    "weekly_summary",
    "Who turned on the weekly email, and the last week it covered; empty if it was never on.",
    WeeklySummary,
    columns("enabled_at enabled_by=enabled_by__email sent_for"),
)

TABLES = (ACCOUNT_DAYS, PIN_DAYS, PIN_LIFETIMES, WEEKLY_SUMMARY)
