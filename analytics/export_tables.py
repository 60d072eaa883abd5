"""What of a workspace's figures is exported: what Pinterest told. Sums of it are not, as they can be made anew."""

from __future__ import annotations

from postiz_pins.common.export_tables import Table

from .models import AccountDay, PinDay, PinLifetime, WeeklySummary

PIN = {"pin_id": "pin_id", "pinterest_pin_id": "pin__pinterest_pin_id", "date": "date"}
COUNTS = {name: name for name in ("impressions", "pin_clicks", "outbound_clicks", "saves")}

ACCOUNT_DAYS = Table(
    "figures/account_days",
    "The figures of each account for each day; the rate is a fraction of the impressions.",
    AccountDay,
    {
        "account_id": "account_id",
        "account": "account__username",
        "date": "date",
        "data_status": "data_status",
        **COUNTS,
        "engagement": "engagement",
        "pin_click_rate": "pin_click_rate",
        "others": "others",
    },
    workspace="account__workspace",
    parent="account",
    order="date",
    is_long=True,
)
PIN_DAYS = Table(
    "figures/pin_days",
    "The figures of each published pin for each day.",
    PinDay,
    {**PIN, "data_status": "data_status", **COUNTS, "others": "others"},
    workspace="pin__workspace",
    parent="pin",
    order="date",
    is_long=True,
)
PIN_LIFETIMES = Table(
    "figures/pin_lifetimes",
    "What each published pin had come to in all by a day; written when that had changed.",
    PinLifetime,
    {**PIN, **COUNTS, "reactions": "reactions", "comments": "comments", "others": "others"},
    workspace="pin__workspace",
    parent="pin",
    order="date",
    is_long=True,
)
WEEKLY_SUMMARY = Table(
    "weekly_summary",
    "Who switched the weekly e-mail on, and the week that it told of last; empty if nobody ever did.",
    WeeklySummary,
    {"enabled_at": "enabled_at", "enabled_by": "enabled_by__email", "sent_for": "sent_for"},
)

TABLES = (ACCOUNT_DAYS, PIN_DAYS, PIN_LIFETIMES, WEEKLY_SUMMARY)
