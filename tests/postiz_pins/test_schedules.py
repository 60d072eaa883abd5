"""What django-q2 calls by name: a wrong one would fail every minute, and only in its log."""

from ast import literal_eval
from datetime import timedelta
from importlib import import_module
from inspect import signature

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import Schedule

from postiz_pins.schedules import DAY, HOUR, MINUTE, SCHEDULES

MIGRATIONS = {
    "accounts.migrations.0003_schedules": {"accounts.tasks.renew_due_tokens": 10},
    "accounts.migrations.0006_more_schedules": {
        "accounts.tasks.send_notifications": 1,
        "postiz_pins.tasks.build_exports": 5,
        "postiz_pins.tasks.erase_due": 30,
    },
    "accounts.migrations.0008_sessions": {"django.core.management.call_command": None},
    "accounts.migrations.0027_webhook_schedule": {"accounts.tasks.delete_old_webhook_deliveries": None},
    "pins.migrations.0003_schedules": {"pins.tasks.tell_held": 1},
    "pins.migrations.0023_queue_schedule": {"pins.tasks.tell_low_queues": None},
    "pins.migrations.0032_import_schedule": {"pins.tasks.continue_imports": 1},
    "pins.migrations.0035_bulk_schedule": {"pins.tasks.continue_bulk_changes": 1},
    "pins.migrations.0037_media_schedule": {"postiz_pins.tasks.sweep_media": None},
    "analytics.migrations.0002_schedules": {
        "analytics.tasks.fetch_due": 1,
        "analytics.tasks.send_weekly_summaries": None,
    },
}

pytestmark = pytest.mark.django_db


def step(name, verb):
    module = import_module(name)
    return getattr(module, f"{verb}_schedules", None) or getattr(module, f"{verb}_schedule")


@pytest.mark.parametrize("name", MIGRATIONS)
def test_migrating_makes_the_schedules_once_and_going_back_removes_them(name):
    Schedule.objects.all().delete()
    for _ in range(2):
        step(name, "add")(apps, None)

    assert dict(Schedule.objects.values_list("func", "minutes")) == MIGRATIONS[name]
    assert set(Schedule.objects.values_list("repeats", flat=True)) == {-1}
    for schedule in Schedule.objects.all():
        args = literal_eval(f"({schedule.args},)") if schedule.args else ()
        signature(import_string(schedule.func)).bind(*args)

    step(name, "remove")(apps, None)
    assert Schedule.objects.count() == 0


def test_the_table_in_code_is_what_the_migrations_make():
    """All migrations anew, since a test of real transactions leaves the tables empty."""
    Schedule.objects.all().delete()
    for name in MIGRATIONS:
        step(name, "add")(apps, None)
    every = {Schedule.MINUTES: MINUTE, Schedule.HOURLY: HOUR, Schedule.DAILY: DAY}
    made = {(row.name, row.func, every[row.schedule_type] * (row.minutes or 1)) for row in Schedule.objects.all()}

    assert made == {(scheduled.name, scheduled.task, scheduled.every) for scheduled in SCHEDULES}


def test_expired_sessions_are_forgotten(client):
    session = client.session
    session["kept"] = True
    session.save()
    Session.objects.create(session_key="old", session_data="", expire_date=timezone.now() - timedelta(days=1))
    step("accounts.migrations.0008_sessions", "add")(apps, None)
    schedule = Schedule.objects.get(func="django.core.management.call_command")

    import_string(schedule.func)(*literal_eval(f"({schedule.args},)"))

    assert list(Session.objects.values_list("session_key", flat=True)) == [session.session_key]
