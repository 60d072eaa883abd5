"""A backup is rehearsed: written, everything lost, restored; with pg_dump or SQLite's own copy."""

import json
import shutil
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.connections import tokens
from accounts.models import PinterestAccount
from pins.media import folder as media_folder
from pins.models import CLOCK, MediaFile, Pin, PinStatus, ProcessKind, RunningProcess
from pins.publishing import heartbeats
from postiz_pins.operations import backup, media_copies
from postiz_pins.operations.heartbeats import Heartbeat
from tests.factories import MediaFileFactory, UserFactory
from tests.pins.conftest import shop  # noqa: F401  the fixture of the tests of publishing
from tests.pins.worker_helpers import run_until_idle
from tests.stored_files import lose_all, only_folders

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_migrated")]
MINUTE = timedelta(minutes=1)
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's copy is made by no program.")


@pytest.fixture
def _migrated():
    """What a test has dropped and restored is what others work on."""
    yield
    assert "pins_pin" in connection.introspection.table_names()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "backup"


def manifest_of(folder):
    return json.loads((folder / backup.MANIFEST).read_text())


def change_manifest(folder, **fields):
    (folder / backup.MANIFEST).write_text(json.dumps(manifest_of(folder) | fields))


def test_everything_comes_back_and_no_pin_goes_out_twice(shop, folder, time_machine, capsys):  # noqa: F811
    media_folder.require()
    heartbeats.beat(CLOCK, timezone.now())
    pins = [shop.pin(publish_at=timezone.now() + MINUTE) for _ in range(3)]
    names = set(MediaFile.objects.values_list("file", flat=True))
    call_command("backup", str(folder))
    # Life goes on: the pins are published, another one is made, and then all is lost.
    time_machine.move_to(timezone.now() + 2 * MINUTE)
    heartbeats.beat(CLOCK, timezone.now())
    run_until_idle()
    assert Pin.objects.published().count() == 3
    later = MediaFileFactory(workspace=shop.team.workspace)
    lose_all()

    call_command("restore", str(folder), "--replace")

    assert "Restored" in capsys.readouterr().out
    assert set(Pin.objects.values_list("pk", "status")) == {(pin.pk, PinStatus.SCHEDULED) for pin in pins}
    assert not MediaFile.objects.filter(pk=later.pk).exists()
    assert all(default_storage.size(name) for name in names)
    media_folder.check()
    account = PinterestAccount.objects.get(pk=shop.account.pk)
    assert tokens.call(account, lambda client: client.fetch_user_account())
    heartbeats.beat(CLOCK, timezone.now())
    run_until_idle()
    assert Pin.objects.published().count() == 3
    assert len(shop.live()) == 3


def test_a_backup_is_for_its_owner_only_and_says_what_it_holds(shop, folder):  # noqa: F811
    shop.pin()
    (Path(django_settings.MEDIA_ROOT) / "incoming").mkdir(parents=True, exist_ok=True)
    (Path(django_settings.MEDIA_ROOT) / "incoming" / "half").write_text("x")

    call_command("backup", str(folder))

    held = manifest_of(folder)
    assert (held["database"], held["counts"]["pins"], held["counts"]["media"]) == (connection.vendor, 1, 1)
    assert "pins.0001_initial" in held["migrations"]
    private = [folder, folder / backup.KEYS, folder / backup.DATABASE[connection.vendor]]
    assert [path for path in private if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
    assert not (folder / backup.MEDIA / "incoming").exists()
    assert django_settings.TOKEN_ENCRYPTION_KEYS[0] in (folder / backup.KEYS).read_text()


def test_a_directory_with_something_in_it_is_refused(folder):
    folder.mkdir()
    (folder / "other").touch()

    with pytest.raises(CommandError, match="is not empty"):
        call_command("backup", str(folder))
    with pytest.raises(CommandError, match="is not a complete backup"):
        call_command("restore", str(folder))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"migrations": ["pins.9999_tomorrow"], "version": "9.0"}, "made by a newer version"),
        ({"database": "oracle"}, "The backup is of oracle"),
    ],
)
def test_a_backup_that_does_not_fit_is_refused_before_anything_is_touched(folder, fields, words):
    call_command("backup", str(folder))
    change_manifest(folder, **fields)
    user = UserFactory()

    with pytest.raises(CommandError, match=words):
        call_command("restore", str(folder), "--replace")

    user.refresh_from_db()


def test_other_keys_are_refused_with_what_to_do(folder, settings):
    call_command("backup", str(folder))
    settings.TOKEN_ENCRYPTION_KEYS = ["b3RoZXJvdGhlcm90aGVyb3RoZXJvdGhlcm90aGVyb3Q="]

    with pytest.raises(CommandError, match="Add those in .*keys.env"):
        call_command("restore", str(folder))


def test_a_database_with_users_is_replaced_only_if_that_is_meant(folder):
    UserFactory()
    call_command("backup", str(folder))

    with pytest.raises(CommandError, match="add --replace"):
        call_command("restore", str(folder))


def test_running_processes_are_stopped_first(folder):
    call_command("backup", str(folder))
    Heartbeat(ProcessKind.CLOCK).beat(timezone.now())

    with pytest.raises(CommandError, match="Stop all processes first: clock on"):
        call_command("restore", str(folder))

    RunningProcess.objects.update(beat_at=timezone.now() - MINUTE)
    call_command("restore", str(folder))
    assert not RunningProcess.objects.exists()


def test_a_backup_that_lacks_a_file_says_so(shop, folder):  # noqa: F811
    shop.pin()
    call_command("backup", str(folder))
    shutil.rmtree(folder / backup.MEDIA)
    lose_all()

    with pytest.raises(CommandError, match="1 media files are missing"):
        call_command("restore", str(folder), "--replace")


@only_folders
def test_files_are_copied_where_links_cannot_be_made(shop, folder, monkeypatch):  # noqa: F811
    shop.pin()

    def fail(*args):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(media_copies.os, "link", fail)

    call_command("backup", str(folder))

    name = MediaFile.objects.get().file.name
    assert (folder / backup.MEDIA / name).read_bytes() == (Path(django_settings.MEDIA_ROOT) / name).read_bytes()
    assert not list((folder / backup.MEDIA).rglob("*.partial"))


def test_a_missing_pg_dump_is_named(folder, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(backup.BackupFailed, match=r"^pg_dump not found\. .*apt-get install postgresql-client"):
        backup._run("pg_dump")


@on_postgresql
def test_a_restore_without_its_programs_touches_nothing(folder, monkeypatch):
    call_command("backup", str(folder))
    user = UserFactory()
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(CommandError, match="^pg_restore and psql not found"):
        call_command("restore", str(folder), "--replace")

    user.refresh_from_db()


@on_postgresql
@pytest.mark.parametrize("percent", [1, 50, 99])
def test_a_dump_that_was_cut_off_leaves_the_database_as_it_was(folder, percent):
    call_command("backup", str(folder))
    user = UserFactory()
    dump = folder / backup.DATABASE["postgresql"]
    dump.write_bytes(dump.read_bytes()[: dump.stat().st_size * percent // 100])

    with pytest.raises(CommandError, match="the database is as it was before: pg_restore: error:"):
        call_command("restore", str(folder), "--replace")

    user.refresh_from_db()


@on_postgresql
def test_a_load_that_the_database_refuses_leaves_it_as_it_was(folder):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE shelf ()")
        call_command("backup", str(folder))
        cursor.execute("DROP TABLE shelf")
        cursor.execute("CREATE VIEW shelf AS SELECT 1")
    user = UserFactory()

    with pytest.raises(CommandError, match='the database is as it was before: .*"shelf" already exists'):
        call_command("restore", str(folder), "--replace")

    user.refresh_from_db()
    with connection.cursor() as cursor:
        cursor.execute("DROP VIEW shelf")
