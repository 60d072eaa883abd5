"""The queue in the administration: last runs, failures, and who may change what runs."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Permission
from django_q import scheduler, tasks
from django_q.models import Failure, Schedule
from django_q.signals import post_execute

from accounts.models import ScheduleRun
from accounts.task_queue.admin import SCHEDULE_LABELS, label_of
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

STATUS = "/admin/status/"
AT = datetime(2027, 3, 1, 14, 5, 9, tzinfo=UTC)


@pytest.fixture
def root(client):
    client.force_login(UserFactory(email="root@example.com", is_staff=True, is_superuser=True))
    return client


def ended(group, *, success, at=AT):
    """What django-q2 tells of a task that has ended."""
    task = {"group": group, "success": success, "started": at, "stopped": at + timedelta(seconds=1.5)}
    post_execute.send(sender="django_q", task=task)


def test_the_page_shows_each_schedules_last_run(root):
    Schedule.objects.create(name="renew tokens", func="accounts.tasks.renew_due_tokens")
    ended("renew tokens", success=True, at=AT - timedelta(hours=1))
    ended("renew tokens", success=False)

    page = root.get(STATUS).content.decode()

    assert "2027-03-01 14:05:09 UTC" in page
    assert "1.50 s" in page
    assert "Failed" in page
    assert ScheduleRun.objects.count() == 1


def test_each_schedule_of_the_app_has_a_name_for_people(root):
    page = root.get(STATUS).content.decode()

    for schedule in Schedule.objects.all():
        assert schedule.func in SCHEDULE_LABELS
        assert label_of(schedule) in page
        assert f">{schedule.name}<" not in page


def test_a_schedule_made_by_hand_has_its_own_name(root):
    Schedule.objects.create(name="nightly check", func="django.core.management.call_command", args="'check'")

    assert "nightly check</a>" in root.get(STATUS).content.decode()


def test_a_task_without_a_schedule_is_no_run(root):
    ended(None, success=True)

    assert not ScheduleRun.objects.exists()


def test_django_q_names_the_schedule_as_group_of_its_tasks(monkeypatch):
    """What `schedule_runs` relies on, asked of the library itself."""
    sent = []
    monkeypatch.setattr("django_q.scheduler.close_old_django_connections", lambda: None)
    monkeypatch.setattr("django_q.scheduler.async_task", lambda *args, **kwargs: sent.append(kwargs) or "id")
    Schedule.objects.all().delete()
    Schedule.objects.create(name="renew tokens", func="accounts.tasks.renew_due_tokens", next_run=AT.replace(year=2020))

    scheduler.scheduler(broker=SimpleNamespace(list_key="postiz-pins"))

    assert [options["q_options"]["group"] for options in sent] == ["renew tokens"]


def test_failures_are_listed_with_their_reason(root):
    Failure.objects.create(
        id="1", name="a", func="pins.tasks.tell_held", started=AT, stopped=AT, success=False, result="KeyError: 'x'"
    )

    page = root.get(STATUS).content.decode()

    assert "pins.tasks.tell_held" in page
    assert "KeyError: &#x27;x&#x27;" in page


def test_the_page_needs_the_permission_to_see_schedules(client):
    client.force_login(UserFactory(is_staff=True))

    assert client.get(STATUS).status_code == 403


def test_only_superusers_write_what_is_run(root):
    form = {"name": "x", "func": "os.system", "args": "'true'", "schedule_type": "I", "minutes": 1, "repeats": -1}
    form |= {"next_run_0": "2027-01-01", "next_run_1": "00:00"}
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="django_q"))

    assert root.post("/admin/django_q/schedule/add/", form).status_code == 302
    schedule = Schedule.objects.get(func="os.system")
    root.force_login(user)
    assert root.post("/admin/django_q/schedule/add/", form).status_code == 403
    assert root.post(f"/admin/django_q/schedule/{schedule.pk}/change/", form).status_code == 403
    assert root.get(STATUS).status_code == 200


def test_running_a_failed_task_again_needs_the_permission_to_change(client, monkeypatch):
    sent = []
    monkeypatch.setattr(tasks, "async_task", lambda *args, **kwargs: sent.append(args))
    monkeypatch.setattr("django_q.admin.async_task", lambda *args, **kwargs: sent.append(args))
    failure = Failure.objects.create(id="1", name="a", func="f", started=AT, stopped=AT, success=False)
    user = UserFactory(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_failure"))
    client.force_login(user)

    client.post("/admin/django_q/failure/", {"action": "resubmit", "_selected_action": failure.pk})
    assert sent == []
    user.user_permissions.add(Permission.objects.get(codename="change_failure"))
    client.post("/admin/django_q/failure/", {"action": "resubmit", "_selected_action": failure.pk})
    assert sent == [("f",)]


def test_what_went_wrong_is_for_those_who_may_see_failures(client):
    Failure.objects.create(
        id="1", name="a", func="pins.tasks.tell_held", started=AT, stopped=AT, success=False, result="KeyError"
    )
    user = UserFactory(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_schedule"))
    client.force_login(user)

    assert "KeyError" not in client.get(STATUS).content.decode()
    user.user_permissions.add(Permission.objects.get(codename="view_failure"))
    assert "KeyError" in client.get(STATUS).content.decode()
