"""What django-q2 calls by name: a wrong one would fail every minute, and only in its log."""

from importlib import import_module

import pytest
from django.apps import apps
from django.utils.module_loading import import_string
from django_q.models import Schedule

migration = import_module("analytics.migrations.0002_schedules")
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", migration.SCHEDULES)
def test_each_schedule_names_a_function_that_exists(name):
    assert callable(import_string(migration.SCHEDULES[name]["func"]))


def test_migrating_makes_the_schedules_once_and_going_back_removes_them():
    names = set(migration.SCHEDULES)
    Schedule.objects.all().delete()

    migration.add_schedules(apps, None)
    migration.add_schedules(apps, None)
    assert sorted(Schedule.objects.values_list("name", flat=True)) == sorted(names)
    assert set(Schedule.objects.values_list("repeats", flat=True)) == {-1}
    assert Schedule.objects.get(func="analytics.tasks.fetch_due").minutes == 1

    migration.remove_schedules(apps, None)
    assert Schedule.objects.count() == 0
