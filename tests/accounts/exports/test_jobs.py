"""Exports as jobs: asked for once, built by one worker at a time, taken up again after a crash, and deleted in time."""

import os
import signal
import time
import uuid
import zipfile
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings as django_settings
from django.utils import timezone

from accounts.exports import jobs as export_jobs
from accounts.models import AuditAction, AuditEntry, Export, ExportStatus, Notification
from accounts.models.exports import export_storage
from postiz_pins import queueing
from postiz_pins.common.leases import LeaseLost
from postiz_pins.data import export as data_export
from tests import process_helpers
from tests.accounts.team.test_races import at_once
from tests.factories import ExportFactory, MediaFileFactory, MembershipFactory, UserFactory, WorkspaceFactory

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def messages(monkeypatch):
    """The tasks that the workers were told of."""
    told = []
    monkeypatch.setattr(queueing, "async_task", lambda *task: told.append(task))
    return told


def asked(workspace, by=None):
    return export_jobs.request_export(
        workspace, by=by or MembershipFactory(workspace=workspace).user, now=timezone.now()
    )[0]


def files():
    return [path for path in Path(django_settings.EXPORT_ROOT).rglob("*") if path.is_file()]


def make_old(path, hours=2):
    moment = time.time() - hours * 3600
    os.utime(path, (moment, moment))


def test_asking_makes_a_job_tells_the_workers_and_leaves_a_trace(team, messages, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        export, is_new = export_jobs.request_export(team.workspace, by=team.alice, now=timezone.now())

    assert is_new
    assert (export.status, export.asked_by) == (ExportStatus.WAITING, team.alice)
    assert messages == [("postiz_pins.tasks.build_exports",)]
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.by_name, entry.detail) == (AuditAction.EXPORTED, "alice@example.com", "Requested")


def test_asking_twice_finds_the_first(team, messages, django_capture_on_commit_callbacks):
    first = asked(team.workspace, team.alice)

    with django_capture_on_commit_callbacks(execute=True):
        second, is_new = export_jobs.request_export(team.workspace, by=team.alice, now=timezone.now())

    assert (second, is_new, messages) == (first, False, [])
    assert AuditEntry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_export_is_asked_for_without_a_broker_too(monkeypatch):
    def refuse(*task):
        raise ConnectionError

    monkeypatch.setattr(queueing, "async_task", refuse)

    assert asked(WorkspaceFactory()).status == ExportStatus.WAITING


@pytest.mark.django_db(transaction=True)
def test_a_double_click_makes_one_export():
    for _ in range(5):
        admin = MembershipFactory()

        request = partial(export_jobs.request_export, admin.workspace, by=admin.user, now=timezone.now())
        outcomes = at_once(*[request] * 3)

        assert [is_new for _, is_new in outcomes].count(True) == 1
        assert Export.objects.in_workspace(admin.workspace).count() == 1


def test_an_export_becomes_ready_and_who_asked_is_told(team):
    export = asked(team.workspace, team.alice)

    data_export.build_due()

    export.refresh_from_db()
    assert export.status == ExportStatus.READY
    assert export.expires_at - export.ready_at == timedelta(days=7)
    assert (export.claim_token, export.claimed_until) == (None, None)
    assert files() == [Path(export.file.path)]
    assert export.size_bytes == Path(export.file.path).stat().st_size
    assert zipfile.ZipFile(export.file.path).testzip() is None
    told = Notification.objects.get()
    assert (told.user, told.path) == (team.alice, f"/workspace/exports/?workspace={team.workspace.pk}")
    assert "is ready" in told.text


def test_the_oldest_goes_first_and_all_are_built():
    first, second = asked(WorkspaceFactory()), asked(WorkspaceFactory())

    assert export_jobs.claim_next(timezone.now()).export == first
    with time_machine.travel(timezone.now() + export_jobs.LEASE):
        data_export.build_due()

    assert [export.status for export in Export.objects.order_by("pk")] == [ExportStatus.READY] * 2
    assert Export.objects.get(pk=first.pk).ready_at <= Export.objects.get(pk=second.pk).ready_at


def test_one_is_built_at_a_time(team):
    asked(team.workspace)
    asked(WorkspaceFactory())
    now = timezone.now()

    assert export_jobs.claim_next(now) is not None
    assert export_jobs.claim_next(now) is None
    assert export_jobs.claim_next(now + export_jobs.LEASE - MINUTE) is None
    assert export_jobs.claim_next(now + export_jobs.LEASE) is not None


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_at_once_one_gets_an_export():
    for _ in range(5):
        Export.objects.all().delete()
        for _ in range(2):
            ExportFactory(status=ExportStatus.WAITING)

        outcomes = at_once(*[lambda: export_jobs.claim_next(timezone.now())] * 4)

        assert [claim is not None for claim in outcomes].count(True) == 1


def test_a_builder_that_gets_on_keeps_its_claim(team, monkeypatch):
    asked(team.workspace)
    claim = export_jobs.claim_next(timezone.now())
    monkeypatch.setattr(export_jobs, "RENEW_EVERY_SECONDS", 0)

    later = timezone.now() + MINUTE
    with time_machine.travel(later, tick=False):
        claim.keep()

    assert Export.objects.get().claimed_until == later + export_jobs.LEASE


def test_the_lease_is_not_written_at_every_step(team, django_assert_num_queries):
    asked(team.workspace)
    claim = export_jobs.claim_next(timezone.now())

    with django_assert_num_queries(0):
        claim.keep()


@pytest.mark.parametrize("notices", ["on its way", "at its end"])
def test_a_builder_that_comes_back_late_changes_nothing(team, notices, monkeypatch):
    asked(team.workspace)
    late = export_jobs.claim_next(timezone.now())

    with pytest.raises(LeaseLost), late.file() as file:
        file.write(b"half")
        with time_machine.travel(timezone.now() + export_jobs.LEASE):
            data_export.build_due()
        if notices == "on its way":
            monkeypatch.setattr(export_jobs, "RENEW_EVERY_SECONDS", 0)
            late.keep()

    built = Export.objects.get()
    assert (built.status, built.attempts) == (ExportStatus.READY, 2)
    assert zipfile.is_zipfile(built.file.path)
    assert files() == [Path(built.file.path)]


def test_a_claim_that_is_lost_between_the_last_look_and_the_row_leaves_no_file(team, monkeypatch):
    """The conditional write of the row decides, not the looks before it."""
    export = asked(team.workspace)
    claim = export_jobs.claim_next(timezone.now())
    storage = export_storage().__class__
    take = storage.take

    def lose(*arguments):
        take(*arguments)
        Export.objects.filter(pk=export.pk).update(claim_token=uuid4())

    monkeypatch.setattr(storage, "take", lose)

    with pytest.raises(LeaseLost), claim.file() as file:
        file.write(b"whole")

    assert Export.objects.get().status == ExportStatus.BUILDING
    assert files() == []


def test_a_workspace_that_is_deleted_meanwhile_leaves_no_file(team, monkeypatch):
    workspace = WorkspaceFactory()
    asked(workspace)
    monkeypatch.setattr(export_jobs, "RENEW_EVERY_SECONDS", 0)
    claim = export_jobs.claim_next(timezone.now())

    with pytest.raises(LeaseLost), claim.file() as file:
        file.write(b"half")
        workspace.delete()

    assert files() == []


def test_what_fails_again_and_again_ends_with_a_sentence(team, monkeypatch):
    export = asked(team.workspace, team.alice)
    monkeypatch.setattr(data_export, "write", lambda *args: 1 / 0)
    moment = timezone.now()

    for _ in range(export_jobs.ATTEMPTS):
        with time_machine.travel(moment), pytest.raises(ZeroDivisionError):
            data_export.build_due()
        moment += export_jobs.LEASE + MINUTE
    with time_machine.travel(moment):
        data_export.build_due()

    export.refresh_from_db()
    assert (export.status, export.error, export.attempts) == (ExportStatus.FAILED, export_jobs.GAVE_UP, 3)
    assert "three attempts" in Notification.objects.get().text
    assert files() == []


def test_one_that_cannot_be_built_does_not_keep_the_others_waiting(team):
    hopeless, other = asked(team.workspace), asked(WorkspaceFactory())
    Export.objects.filter(pk=hopeless.pk).update(attempts=3)

    data_export.build_due()

    assert Export.objects.get(pk=hopeless.pk).status == ExportStatus.FAILED
    assert Export.objects.get(pk=other.pk).status == ExportStatus.READY


def test_without_room_for_the_media_it_is_refused_before_it_begins(team, monkeypatch):
    MediaFileFactory(workspace=team.workspace, size_bytes=3 * 1024**3)
    export = asked(team.workspace, team.alice)
    free = export_jobs.ROOM_BYTES + 2 * 1024**3
    monkeypatch.setattr(export_jobs.shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    monkeypatch.setattr(data_export, "write", lambda *args: pytest.fail("it has begun"))

    data_export.build_due()

    export.refresh_from_db()
    assert export.status == ExportStatus.FAILED
    assert "takes up 3.0\xa0GB" in export.error
    assert "only 2.0\xa0GB left" in export.error


def test_a_disk_that_becomes_full_ends_it_with_a_sentence(team, monkeypatch):
    export = asked(team.workspace, team.alice)

    def write(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(data_export, "write", write)

    data_export.build_due()

    export.refresh_from_db()
    assert (export.status, export.error) == (ExportStatus.FAILED, data_export.DISK_FULL)
    assert files() == []


def test_a_newer_export_takes_the_place_of_the_older(team):
    older = ExportFactory(workspace=team.workspace)
    others = ExportFactory()
    asked(team.workspace)

    data_export.build_due()

    older.refresh_from_db()
    others.refresh_from_db()
    assert (older.status, older.file.name) == (ExportStatus.EXPIRED, "")
    assert others.status == ExportStatus.READY
    assert len(files()) == 2


def test_after_a_week_the_file_is_deleted_and_the_row_stays(team):
    export = ExportFactory(workspace=team.workspace)
    path = Path(export.file.path)

    export_jobs.tidy(export.expires_at - MINUTE)
    assert path.exists()
    export_jobs.tidy(export.expires_at)

    export.refresh_from_db()
    assert (export.status, export.file.name, export.size_bytes) == (ExportStatus.EXPIRED, "", 12)
    assert not path.exists()


def test_files_that_belong_to_no_export_are_removed_once_they_are_old(team):
    export = ExportFactory(workspace=team.workspace)
    gone = Path(ExportFactory(workspace=WorkspaceFactory()).file.path)
    Export.objects.exclude(pk=export.pk).delete()
    half = Path(export.file.path).with_name(f"7-{uuid.uuid4()}.part")
    half.write_bytes(b"half")
    fresh = half.with_name(f"8-{uuid.uuid4()}.part")
    fresh.write_bytes(b"half")
    for path in (Path(export.file.path), gone, half):
        make_old(path)

    export_jobs.tidy(timezone.now())

    assert set(files()) == {Path(export.file.path), fresh}


@pytest.mark.parametrize(
    "name", ["7/chair.jpg", "7/photos-of-the-summer.zip", "backups/2026-05-04.zip", "7/notes.part"]
)
def test_old_files_of_others_stay_where_they_are(team, settings, name):
    """Somebody may have chosen the folder of the media, or one that has been in use."""
    path = Path(settings.EXPORT_ROOT) / name
    path.parent.mkdir(parents=True)
    path.touch()
    os.utime(path, (0, 0))

    export_jobs.tidy(timezone.now())

    assert path.exists()


@pytest.mark.parametrize("step", ["begun", "media", "written", "renamed"])
@pytest.mark.django_db(transaction=True)
def test_a_builder_that_is_killed_leads_to_a_whole_export_later(step):
    media = MediaFileFactory(workspace=MembershipFactory(user=UserFactory()).workspace)
    export = ExportFactory(workspace=media.workspace, status=ExportStatus.WAITING)

    assert process_helpers.start("accounts.crashing_builder", step).wait(timeout=60) == -signal.SIGKILL
    export.refresh_from_db()
    assert (export.status, export.file.name) == (ExportStatus.BUILDING, "")
    with time_machine.travel(timezone.now() + export_jobs.LEASE, tick=True):
        data_export.build_due()

    export.refresh_from_db()
    assert (export.status, export.attempts) == (ExportStatus.READY, 2)
    assert zipfile.ZipFile(export.file.path).testzip() is None
    for path in files():
        make_old(path)
    export_jobs.tidy(timezone.now())
    assert files() == [Path(export.file.path)]
