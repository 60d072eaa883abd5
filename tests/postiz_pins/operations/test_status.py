"""What operators are told about the installation: `manage.py health` and the status page."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AccountStatus
from pins.media import folder as media_folder
from pins.models import ProcessKind, RunningProcess
from pins.publishing.slots import claim_slot
from postiz_pins.operations import status, views
from postiz_pins.operations.heartbeats import Heartbeat
from tests.factories import BoardFactory, PinFactory, UserFactory
from tests.page_text import page_text

pytestmark = pytest.mark.django_db
STATUS = "/admin/status/"


@pytest.fixture
def running():
    """All that is needed runs."""
    media_folder.require()
    for kind in ProcessKind:
        Heartbeat(kind).beat(timezone.now())


@pytest.fixture
def root(client):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


def test_health_is_ok_when_all_is_well(running, capsys):
    call_command("health")

    assert capsys.readouterr().out == "ok\n"


@pytest.mark.parametrize("kind", ProcessKind.values)
def test_health_names_what_does_not_run(running, kind):
    RunningProcess.objects.filter(kind=kind).update(beat_at=timezone.now() - timedelta(seconds=31))

    with pytest.raises(CommandError, match=rf"^No {kind} has reported for 30 seconds\.$"):
        call_command("health")


def test_health_names_pins_that_nobody_publishes(running):
    PinFactory(publish_at=timezone.now() - timedelta(minutes=5))

    with pytest.raises(CommandError, match="Pins are due, but no worker publishes them"):
        call_command("health")


def test_health_names_a_lost_media_folder(running, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "lost"

    with pytest.raises(CommandError, match="media folder"):
        call_command("health")


def test_health_of_one_kind_looks_at_this_machine_only(running, capsys):
    call_command("health", "clock")
    RunningProcess.objects.filter(kind="clock").update(host="elsewhere")

    with pytest.raises(CommandError, match="No clock on"):
        call_command("health", "clock")
    call_command("health", "cluster")


def test_processes_with_different_limits_are_named(running):
    first = RunningProcess.objects.first()
    RunningProcess.objects.filter(pk=first.pk).update(limits={"PINTEREST_MAX_CONCURRENT_POSTS": 30})

    (sentence,) = status.processes(timezone.now()).disagreements()

    assert sentence.startswith("PINTEREST_MAX_CONCURRENT_POSTS differs between processes (3, 30).")


def test_the_page_shows_processes_slots_and_due_pins(running, root):
    now = timezone.now()
    board = BoardFactory(account__username="chairshop")
    PinFactory(board=board, publish_at=now - timedelta(minutes=10))
    PinFactory(board=board, publish_at=now)
    lost = BoardFactory(account__username="tableshop", account__status=AccountStatus.NEEDS_RECONNECT)
    PinFactory(board=lost, publish_at=now)
    PinFactory(board=lost, publish_at=now + timedelta(minutes=10))
    claim_slot(now).serve(board.account_id, now)

    text = page_text(root.get(STATUS))

    assert "1 of 3 posting slots in use." in text
    assert "Cluster" in text
    rows = status.due_by_account(timezone.now())
    assert [(row.account.username, row.due, row.late) for row in rows] == [("chairshop", 2, 1), ("tableshop", 1, 0)]
    assert AccountStatus.NEEDS_RECONNECT.label in text


def test_pins_that_their_paused_queue_holds_are_not_counted_as_due():
    now = timezone.now()
    board = BoardFactory(account__queue_paused_at=now)
    PinFactory(board=board, publish_at=now - timedelta(minutes=10), is_queued=True)
    PinFactory(board=BoardFactory(account__queue_paused_at=now), publish_at=now, is_queued=True)
    PinFactory(board=board, publish_at=now)

    rows = status.due_by_account(now)

    assert [(row.account, row.due, row.late) for row in rows] == [(board.account, 1, 0)]


def test_the_page_says_that_everything_runs_or_what_does_not(running, root):
    assert "Everything is running." in page_text(root.get(STATUS))

    RunningProcess.objects.filter(kind="clock").update(beat_at=timezone.now() - timedelta(seconds=40))

    text = page_text(root.get(STATUS))
    assert "No clock has reported for 30 seconds." in text
    assert "Not responding" in text
    assert "Everything is running." not in text


def test_the_page_answers_while_the_broker_does_not(running, root, monkeypatch):
    def fail():
        raise ConnectionRefusedError

    monkeypatch.setattr(views.queueing, "size", fail)

    assert "The queue does not answer." in page_text(root.get(STATUS))


def test_the_number_of_queries_does_not_depend_on_the_rows(running, root):
    def queries():
        PinFactory(publish_at=timezone.now())
        with CaptureQueriesContext(connection) as captured:
            root.get(STATUS)
        return len(captured)

    first = queries()

    assert [queries() for _ in range(2)] == [first, first]


def test_the_page_is_for_operators_only(client):
    assert client.get(STATUS).status_code == 302
    client.force_login(UserFactory())
    assert client.get(STATUS).status_code == 302
