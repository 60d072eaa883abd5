"""What is due is erased, to the last row and the last file, and nothing else is."""

from datetime import timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest
import time_machine
from django.apps import apps
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.deletion import execution as accounts_deletion
from accounts.deletion import requests as deletion_requests
from accounts.models import (
    AccountStatus,
    AuditEntry,
    Export,
    ExportStatus,
    Membership,
    PinterestAccount,
    User,
    Workspace,
)
from analytics.models import PinDay
from pins import deletion as pins_deletion
from pins.lifecycle.transitions import transition
from pins.media.storage import store_upload
from pins.models import DeletedPin, MediaFile, Pin, PinEventKind, PinQuerySet, PinStatus
from pins.publishing import claims
from postiz_pins import queueing, tasks
from postiz_pins.data import deletion as data_deletion
from tests.deletion_helpers import due, erase, everything_of, files, paths_to, populate, rows_of
from tests.factories import MediaFileFactory, PinDayFactory, PinFactory, WorkspaceFactory
from tests.media_bytes import picture_bytes

pytestmark = pytest.mark.django_db


def test_the_guard_knows_every_way_to_a_workspace(team, neighbours):
    found = {name.split(".")[0] for name in rows_of(Workspace, team.workspace.pk)}

    ways = {model.__name__ for model in apps.get_models() if any(paths_to(model, Workspace))}
    assert ways - found == {"AuditEntry", "PostingSlot"}, "`populate` makes no row of them"


def test_nothing_is_left_of_a_workspace_and_another_is_untouched(team, neighbours, settings):
    rows_before, files_before = everything_of(neighbours), files(settings, neighbours)
    folders = {Path(path).parents[1] for path in files(settings, team.workspace)}
    assert folders == {Path(settings.MEDIA_ROOT), Path(settings.EXPORT_ROOT)}
    deletion_requests.request_workspace_deletion(team.workspace, by=team.alice, now=timezone.now())
    due(team.workspace)

    erase()

    assert not Workspace.objects.filter(pk=team.workspace.pk).exists()
    assert rows_of(Workspace, team.workspace.pk) == {}
    assert files(settings) == files_before
    assert not (Path(settings.MEDIA_ROOT) / str(team.workspace.pk)).exists()
    assert everything_of(neighbours) == rows_before
    assert User.objects.filter(pk=team.bob.pk).exists()


def test_a_folder_of_somebody_elses_does_not_keep_a_workspace_from_being_deleted(team, neighbours, settings, caplog):
    theirs = Path(settings.MEDIA_ROOT) / str(team.workspace.pk) / "@eaDir"
    theirs.mkdir(parents=True, exist_ok=True)
    due(team.workspace)

    erase()

    assert not Workspace.objects.filter(pk=team.workspace.pk).exists()
    assert [path.name for path in theirs.parent.iterdir()] == ["@eaDir"]
    assert f"The folder {team.workspace.pk} could not be deleted" in caplog.text


def test_the_task_erases_what_is_due(team):
    due(team.workspace)

    tasks.erase_due()

    assert not Workspace.objects.filter(pk=team.workspace.pk).exists()


def test_the_audit_trail_tells_of_it_afterwards(team):
    deletion_requests.request_workspace_deletion(team.workspace, by=team.alice, now=timezone.now())
    due(team.workspace)
    erase()

    entries = AuditEntry.objects.filter(workspace_id=team.workspace.pk).order_by("pk")

    assert [(entry.action, entry.target, entry.by_name) for entry in entries] == [
        ("erasure_asked", f"workspace “{team.workspace}”", "alice@example.com"),
        ("erased", f"workspace “{team.workspace}”", "Postiz Pins"),
    ]


def test_a_workspace_that_was_kept_a_moment_before_stays(team, monkeypatch):
    """The worker has read the row while it was due."""
    deletion_requests.request_workspace_deletion(team.workspace, by=team.alice, now=timezone.now())
    due(team.workspace)
    begin = accounts_deletion.begin_workspace_deletion

    def kept_first(workspace, now):
        deletion_requests.cancel_workspace_deletion(team.workspace, by=team.alice, now=now)
        return begin(workspace, now)

    monkeypatch.setattr(accounts_deletion, "begin_workspace_deletion", kept_first)
    pin = PinFactory(board=team.board)

    erase()

    assert Pin.objects.filter(pk=pin.pk).exists()
    assert Membership.objects.in_workspace(team.workspace).count() == 2
    assert PinterestAccount.objects.get(pk=team.account.pk).is_active


def test_members_are_outside_as_soon_as_it_has_begun(team, client):
    client.force_login(team.alice)
    due(team.workspace)

    assert accounts_deletion.begin_workspace_deletion(team.workspace, timezone.now())

    assert client.get("/pins/")["Location"] == "/workspace/new/"


def test_a_scheduled_pin_is_taken_from_the_worker_that_has_it(team):
    pin = PinFactory(board=team.board)
    held = claims.claim_pin(pin.pk, PinQuerySet.to_post).pin
    due(team.workspace)
    steps = data_deletion._steps(timezone.now())

    next(steps)

    assert not transition(held, PinStatus.CREATING, PinEventKind.SENDING, sent_at=timezone.now())
    assert not Pin.objects.due(timezone.now()).exists()
    assert PinterestAccount.objects.get(pk=team.account.pk).access_token_encrypted == ""


@pytest.mark.parametrize("status", [PinStatus.CREATING, PinStatus.VERIFYING])
def test_a_pin_that_pinterest_may_be_creating_is_waited_for_a_day_at_most(team, status):
    now = timezone.now()
    unsure = PinFactory(board=team.board, status=status, sent_at=now, next_attempt_at=now)
    PinFactory(board=team.board, status=PinStatus.DRAFT)
    due(team.workspace)

    erase()

    assert list(Pin.objects.all()) == [unsure]
    assert MediaFile.objects.exists()

    with time_machine.travel(now + timedelta(days=1, minutes=1)):
        erase()

    assert not Workspace.objects.filter(pk=team.workspace.pk).exists()


def test_an_export_that_is_being_built_is_waited_for(team):
    now = timezone.now()
    export = Export.objects.create(
        workspace=team.workspace, status=ExportStatus.BUILDING, claimed_until=now + timedelta(minutes=5)
    )
    due(team.workspace)
    erase()
    assert Export.objects.filter(pk=export.pk).exists()

    with time_machine.travel(now + timedelta(minutes=6)):
        erase()

    assert not Workspace.objects.filter(pk=team.workspace.pk).exists()


def test_ids_at_pinterest_are_remembered_only_while_a_pin_in_doubt_could_be_taken_for_them(team):
    now = timezone.now()
    PinFactory(status=PinStatus.VERIFYING, sent_at=now - timedelta(hours=3), next_attempt_at=now)
    old = PinFactory(board=team.board, status=PinStatus.PUBLISHED, published_at=now - timedelta(hours=5))
    young = PinFactory(board=team.board, status=PinStatus.PUBLISHED, published_at=now - timedelta(hours=2))
    due(team.workspace)

    erase()

    remembered = set(DeletedPin.objects.values_list("pinterest_pin_id", flat=True))
    assert remembered == {young.pinterest_pin_id}
    assert old.pinterest_pin_id not in remembered


def test_no_transaction_is_large_however_much_there_is(team, monkeypatch):
    for module, name in (
        (accounts_deletion, "BATCH"),
        (pins_deletion, "PINS_AT_ONCE"),
        (pins_deletion, "FILES_AT_ONCE"),
    ):
        monkeypatch.setattr(module, name, 5)
    pins = [PinFactory(board=team.board, status=PinStatus.PUBLISHED) for _ in range(12)]
    for pin in pins[:3]:
        for days in range(12):
            PinDayFactory(pin=pin, date=timezone.now().date() - timedelta(days=days))
    due(team.workspace)
    counts = []

    def rows():
        return sum(model._base_manager.count() for model in (Pin, PinDay, MediaFile))

    before = rows()
    for _ in data_deletion._steps(timezone.now()):
        counts.append(before - rows())
        before = rows()

    assert before == 0
    assert max(counts) <= 5


def test_a_turn_ends_and_the_next_one_goes_on(team, monkeypatch):
    # Each look at the clock takes 25 seconds, so that a turn has three steps.
    seconds = count(step=25)
    monkeypatch.setattr(data_deletion, "time", SimpleNamespace(monotonic=lambda: next(seconds)))
    monkeypatch.setattr(pins_deletion, "PINS_AT_ONCE", 1)
    asked = []
    monkeypatch.setattr(queueing, "async_task", asked.append)
    for _ in range(4):
        PinFactory(board=team.board)
    due(team.workspace)

    turns = 0
    while Workspace.objects.filter(pk=team.workspace.pk).exists():
        erase()
        turns += 1

    assert turns > 3
    assert asked == ["postiz_pins.tasks.erase_due"] * (turns - 1)


def test_a_second_worker_leaves_the_first_one_alone(team):
    due(team.workspace)
    cache.add(data_deletion.TURN_KEY, True, 60)

    erase()

    assert Workspace.objects.filter(pk=team.workspace.pk).exists()


def test_one_that_cannot_be_erased_does_not_keep_the_others(team, monkeypatch, caplog):
    first = WorkspaceFactory(delete_at=timezone.now() - timedelta(days=1))
    MediaFileFactory(workspace=first)
    due(team.workspace)
    delete_media_files = pins_deletion.delete_media_files

    def broken(workspace):
        if workspace == first:
            raise OSError("The disk is gone.")
        return delete_media_files(workspace)

    monkeypatch.setattr(pins_deletion, "delete_media_files", broken)

    erase()

    assert list(Workspace.objects.filter(pk__in=[first.pk, team.workspace.pk])) == [first]
    assert f"deletion of workspace {first.pk} continues in the next run" in caplog.text


def test_what_a_request_has_written_meanwhile_is_erased_by_the_next_turn(team, monkeypatch, settings):
    due(team.workspace)
    delete_notifications = accounts_deletion.delete_notifications
    late = []

    def upload_meanwhile(workspace):
        if not late:
            late.append(MediaFileFactory(workspace=workspace))
        yield from delete_notifications(workspace)

    monkeypatch.setattr(accounts_deletion, "delete_notifications", upload_meanwhile)

    erase()
    assert Workspace.objects.filter(pk=team.workspace.pk).exists()
    erase()

    assert not Workspace.objects.filter(pk=team.workspace.pk).exists()
    assert files(settings) == {}


def test_a_file_is_found_by_its_row_wherever_it_lies(team, settings):
    media = MediaFileFactory(workspace=team.workspace)
    MediaFile.objects.filter(pk=media.pk).update(file=default_storage.save("elsewhere/chair.jpg", ContentFile(b"?")))
    due(team.workspace)

    erase()

    assert files(settings) == {}


@pytest.mark.django_db(transaction=True)
def test_an_upload_into_a_workspace_that_is_gone_leaves_no_file(settings):
    workspace = WorkspaceFactory()
    Workspace.objects.filter(pk=workspace.pk).delete()

    with pytest.raises(IntegrityError):
        store_upload(ContentFile(picture_bytes(), "chair.jpg"), workspace=workspace, by=None)

    assert files(settings) == {}


def test_only_the_pins_and_figures_of_the_account_are_erased(team, settings):
    erased = populate(team.workspace, team.alice)
    kept = PinFactory(board=team.board)
    media_before = files(settings)
    PinterestAccount.objects.filter(pk=erased.pk).update(status=AccountStatus.DISCONNECTED, access_token_encrypted="")
    deletion_requests.request_account_deletion(erased, by=team.alice, now=timezone.now())
    due(erased)

    erase()

    assert rows_of(PinterestAccount, erased.pk) == {}
    assert not PinterestAccount.objects.filter(pk=erased.pk).exists()
    assert list(Pin.objects.exclude(account=None)) == [kept]
    assert files(settings) == media_before
    assert PinterestAccount.objects.get(pk=team.account.pk).is_active
    assert AuditEntry.objects.filter(action="erased").values_list("target", "workspace_id").get() == (
        str(erased),
        team.workspace.pk,
    )


def test_the_cost_of_a_sweep_with_nothing_to_do_is_small(team):
    with CaptureQueriesContext(connection) as captured:
        assert list(data_deletion._steps(timezone.now())) == []

    assert len(captured) == 3
