"""What workers do from time to time: the tasks that django-q2's cluster calls by a schedule.

Migrations make the rows, once, so that an administrator may change, pause or delete them. This table says what they are
made with; tests/postiz_pins/test_schedules.py compares the two.
"""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple


class ScheduledTask(NamedTuple):
    """A task that the clock starts again and again."""

    # What operators read in the administration.
    label: str
    task: str
    every: timedelta
    # Of its row, by which ScheduleRun knows it: a name that has landed stays.
    name: str


MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SCHEDULES = (
    ScheduledTask(
        "Renew access to Pinterest accounts",
        "accounts.tasks.renew_due_tokens",
        10 * MINUTE,
        "Connections: renew tokens ahead of their end",
    ),
    ScheduledTask(
        "Send notification emails",
        "accounts.tasks.send_notifications",
        MINUTE,
        "Notifications: e-mails and tidying",
    ),
    ScheduledTask(
        "Delete expired sessions",
        "django.core.management.call_command",
        DAY,
        "Sessions: forget those that have expired",
    ),
    ScheduledTask(
        "Delete old webhook deliveries",
        "accounts.tasks.delete_old_webhook_deliveries",
        HOUR,
        "Webhooks: delete old deliveries",
    ),
    ScheduledTask("Notify about pins on hold", "pins.tasks.tell_held", MINUTE, "Pins: tell of those that are held"),
    ScheduledTask(
        "Notify about queues that are almost empty",
        "pins.tasks.tell_low_queues",
        HOUR,
        "Queues: tell of those that run dry",
    ),
    ScheduledTask("Continue imports", "pins.tasks.continue_imports", MINUTE, "Imports: continue what was left"),
    ScheduledTask(
        "Continue bulk changes",
        "pins.tasks.continue_bulk_changes",
        MINUTE,
        "Bulk changes: continue what was left",
    ),
    ScheduledTask("Update analytics", "analytics.tasks.fetch_due", MINUTE, "Figures: fetch what is due"),
    ScheduledTask("Send weekly summaries", "analytics.tasks.send_weekly_summaries", HOUR, "Figures: weekly summaries"),
    ScheduledTask(
        "Build and expire exports",
        "postiz_pins.tasks.build_exports",
        5 * MINUTE,
        "Exports: build what waits, delete what has expired",
    ),
    ScheduledTask(
        "Remove left-over media files",
        "postiz_pins.tasks.sweep_media",
        DAY,
        "Media: remove what no row knows",
    ),
    ScheduledTask(
        "Carry out deletions after the waiting period",
        "postiz_pins.tasks.erase_due",
        30 * MINUTE,
        "Deletions whose waiting period is over",
    ),
)
