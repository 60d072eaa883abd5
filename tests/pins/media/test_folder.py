"""A folder that is not that of the database is refused before any pin fails for want of its files."""

import io
import threading
import uuid
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from pins.media import folder as media_folder
from pins.models import MediaFolder
from postiz_pins.management.commands import run
from postiz_pins.runtime import readiness
from tests.factories import MediaFileFactory
from tests.stored_files import only_folders

pytestmark = [pytest.mark.django_db, only_folders]


def marker(settings):
    return Path(settings.MEDIA_ROOT) / media_folder.NAME


def test_first_start_marks_the_folder_and_the_next_ones_know_it(settings):
    with pytest.raises(media_folder.WrongFolder):
        media_folder.check()

    media_folder.require()
    media_folder.require()

    media_folder.check()
    assert marker(settings).read_text().startswith(str(MediaFolder.objects.get().marker))
    assert [path.name for path in Path(settings.MEDIA_ROOT).iterdir()] == [media_folder.NAME]


@pytest.mark.parametrize("content", [None, "", "not an id", str(uuid.UUID(int=7))])
def test_folder_without_our_marker_is_refused_and_left_alone(settings, content):
    media_folder.require()
    marker(settings).unlink()
    if content is not None:
        marker(settings).write_text(content)

    with pytest.raises(media_folder.WrongFolder, match="ount or restore the right folder"):
        media_folder.require()

    assert marker(settings).exists() is (content is not None)


def test_installation_of_before_is_marked_if_its_files_are_there(settings):
    MediaFileFactory()

    media_folder.require()

    assert marker(settings).exists()


def test_installation_of_before_whose_mount_is_lost_is_not_marked(settings, tmp_path):
    MediaFileFactory()
    settings.MEDIA_ROOT = tmp_path / "lost"

    with pytest.raises(media_folder.WrongFolder, match="none of the newest media files"):
        media_folder.require()

    assert not settings.MEDIA_ROOT.exists()
    assert not MediaFolder.objects.exists()


def test_new_database_takes_the_id_of_a_folder_that_is_moved_to_it(settings):
    media_folder.require()
    before = MediaFolder.objects.get().marker
    MediaFolder.objects.all().delete()

    media_folder.require()

    assert MediaFolder.objects.get().marker == before


def test_operator_may_say_that_the_folder_is_the_right_one(settings, tmp_path):
    media_folder.require()
    settings.MEDIA_ROOT = tmp_path / "restored without the marker"

    call_command("adopt_media_folder")

    media_folder.require()


@pytest.mark.django_db(transaction=True)
def test_programs_that_start_together_agree(settings):
    barrier, failures = threading.Barrier(6), []

    def start():
        barrier.wait()
        try:
            media_folder.require()
        except Exception as failure:  # noqa: BLE001  shown below
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []


@pytest.mark.parametrize("command", ["clock", "cluster"])
@pytest.mark.django_db(transaction=True)
def test_clock_and_cluster_refuse_a_wrong_folder_in_a_sentence(settings, monkeypatch, command):
    monkeypatch.setattr("postiz_pins.runtime.stopping.on_signals", lambda: None)
    media_folder.require()
    marker(settings).unlink()

    with pytest.raises(CommandError, match="is not the media folder of this database"):
        call_command(command)


def test_web_refuses_a_wrong_folder(settings, monkeypatch):
    monkeypatch.setattr(readiness.connection, "close", lambda: None)
    readiness.require_media_folder()
    marker(settings).unlink()

    with pytest.raises(media_folder.WrongFolder):
        readiness.require_media_folder()


def test_folder_without_hard_links_is_marked_too(settings, monkeypatch):
    def fail(*args):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("os.link", fail)

    media_folder.require()
    media_folder.check()

    assert [path.name for path in Path(settings.MEDIA_ROOT).iterdir()] == [media_folder.NAME]


@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), OSError(116, "Stale file handle")])
def test_disk_that_is_away_is_waited_for(monkeypatch, caplog, error):
    def fail():
        raise error

    monkeypatch.setattr(media_folder, "require", fail)
    monkeypatch.setattr(connection, "close", lambda: None)
    sentence = f"The media folder cannot be used: {error.strerror}."

    assert readiness._missing() == sentence
    readiness.require_media_folder()
    assert sentence in caplog.text


def test_make_run_starts_without_a_disk_and_waits_for_it(monkeypatch, settings):
    answers = [OSError(5, "Input/output error"), OSError(5, "Input/output error"), None]

    def require():
        answer = answers.pop(0)
        if answer:
            raise answer

    monkeypatch.setattr(media_folder, "require", require)
    monkeypatch.setattr(run, "call_command", lambda *args, **kwargs: None)
    monkeypatch.setattr(readiness, "TRY_AGAIN_SECONDS", 0)
    settings.PINTEREST_SANDBOX = False
    told = io.StringIO()
    command = run.Command(stderr=told)

    assert not command.prepare_if_possible()

    assert "The media folder cannot be used: Input/output error." in told.getvalue()
    command.prepare_when_possible()
    assert answers == []
