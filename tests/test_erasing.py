"""What is due is erased, to the last row and the last file, and nothing else is."""

import hashlib
from datetime import timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth import get_user
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import Schedule

from accounts import api_keys, erasure
from accounts import erasing as accounts_erasing
from accounts.models import (
    AccountStatus,
    ApiKey,
    AuditEntry,
    BoardSection,
    Export,
    ExportStatus,
    Invitation,
    Membership,
    Notification,
    NotificationKind,
    PinterestAccount,
    Role,
    User,
    Workspace,
)
from accounts.models.exports import export_storage
from analytics.models import BoardPeriod, PinDay, PinPeriod, WeeklySummary
from pins import claims
from pins import erasing as pins_erasing
from pins.media import store_upload
from pins.models import DeletedPin, MediaFile, Pin, PinEvent, PinEventKind, PinQuerySet, PinStatus, UnsavedEdit
from pins.moves import move
from postiz_pins import erasing
from tests.accounts.second_steps import protect, type_password
from tests.factories import (
    AccountDayFactory,
    AccountFeedFactory,
    BoardFactory,
    InvitationFactory,
    MediaFileFactory,
    MembershipFactory,
    PinDayFactory,
    PinFactory,
    PinLifetimeFactory,
    PinSummaryFactory,
    PinterestAccountFactory,
    VideoFileFactory,
    WorkspaceFactory,
    picture_bytes,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_cache", "_own_export_folder")]

# Append-only, and kept on purpose: docs/architecture.md, "Deleting".
KEPT = {AuditEntry}


@pytest.fixture
def _own_export_folder(settings, tmp_path, monkeypatch):
    settings.EXPORT_ROOT = tmp_path / "exports"
    # The column has asked for its storage once, when the models were loaded.
    monkeypatch.setattr(Export._meta.get_field("file"), "storage", export_storage())


def populate(workspace, person):
    """Rows of every model, and files of every kind, that a workspace may have."""
    account = PinterestAccountFactory(workspace=workspace)
    board = BoardFactory(account=account)
    BoardSection.objects.create(board=board, pinterest_id="1", name="Oak")
    for status in set(PinStatus) - {PinStatus.CREATING, PinStatus.VERIFYING, PinStatus.PUBLISHED}:
        pin = PinFactory(board=board, status=status, created_by=person, proposed_by=person)
        PinEvent.objects.create(pin=pin, kind=PinEventKind.DRAFTED, by=person)
    UnsavedEdit.objects.create(pin=pin, user=person, form="title=Oak", version=1)
    published = PinSummaryFactory(pin=PinFactory(board=board, status=PinStatus.PUBLISHED)).pin
    for days in range(3):
        PinDayFactory(pin=published, date=timezone.now().date() - timedelta(days=days))
    PinLifetimeFactory(pin=published)
    PinPeriod.objects.create(pin=published, account=account, board=board, days=30)
    BoardPeriod.objects.create(board=board, account=account, days=30)
    AccountDayFactory(account=account)
    AccountFeedFactory(account=account)
    WeeklySummary.objects.create(workspace=workspace, enabled_by=person)
    video = VideoFileFactory(workspace=workspace, uploaded_by=person)
    MediaFileFactory(workspace=workspace, original=video)
    MediaFileFactory(workspace=workspace, deleted_at=timezone.now())
    default_storage.save(f"{workspace.pk}/left-by-a-request-that-died.jpg", ContentFile(b"?"))
    api_keys.create(workspace, "Shop import", by=person, now=timezone.now())
    InvitationFactory(workspace=workspace, invited_by=person)
    InvitationFactory(workspace=workspace, accepted_by=person, accepted_at=timezone.now(), email=person.email)
    Notification.objects.create(
        user=person, workspace=workspace, kind=NotificationKind.FAILED, text="A pin has failed.", path="/pins/"
    )
    Export.objects.create(
        workspace=workspace,
        status=ExportStatus.READY,
        file=ContentFile(b"PK", "all.zip"),
        expires_at=timezone.now() + timedelta(days=7),
    )
    Export.objects.create(workspace=workspace)
    return account


def paths_to(model, target, seen=()):
    """All ways along foreign keys from `model` to `target`, as lookups."""
    for field in model._meta.get_fields():
        if not (field.many_to_one or field.one_to_one) or not field.concrete or field.related_model in seen:
            continue
        if field.related_model is target:
            yield field.name
        elif field.related_model is not model:
            for path in paths_to(field.related_model, target, (*seen, model)):
                yield f"{field.name}__{path}"


def rows_of(target, pk):
    """How many rows of which model lead to it, by whatever way."""
    found = {}
    for model in apps.get_models():
        for path in paths_to(model, target):
            rows = model._base_manager.filter(**{path: pk}).count()
            if rows and model not in KEPT:
                found[f"{model.__name__}.{path}"] = rows
    return found


def everything_of(workspace):
    """Each row that leads to the workspace, column by column."""
    return {
        f"{model.__name__}.{path}": list(model._base_manager.filter(**{path: workspace.pk}).order_by("pk").values())
        for model in apps.get_models()
        for path in paths_to(model, Workspace)
    }


def files(settings, workspace=None):
    """The files in the storages with a hash of their content; of one workspace, or of all."""
    found = {}
    for root in (settings.MEDIA_ROOT, settings.EXPORT_ROOT):
        folder = Path(root) / str(workspace.pk) if workspace else Path(root)
        for path in folder.rglob("*"):
            if path.is_file():
                found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def due(row):
    type(row).objects.filter(pk=row.pk).update(erase_at=timezone.now() - timedelta(seconds=1))


def erase():
    erasing.erase_due(timezone.now())


@pytest.fixture
def neighbours(team):
    """The team with one of everything, and another workspace likewise in which alice is a member, too."""
    populate(team.workspace, team.alice)
    other = MembershipFactory(user=team.alice).workspace
    populate(other, team.alice)
    return other


def test_the_guard_knows_every_way_to_a_workspace(team, neighbours):
    found = {name.split(".")[0] for name in rows_of(Workspace, team.workspace.pk)}

    ways = {model.__name__ for model in apps.get_models() if any(paths_to(model, Workspace))}
    assert ways - found == {"AuditEntry", "PostingSlot"}, "`populate` makes no row of them"


def test_nothing_is_left_of_a_workspace_and_another_is_untouched(team, neighbours, settings):
    rows_before, files_before = everything_of(neighbours), files(settings, neighbours)
    folders = {Path(path).parents[1] for path in files(settings, team.workspace)}
    assert folders == {Path(settings.MEDIA_ROOT), Path(settings.EXPORT_ROOT)}
    erasure.ask_workspace(team.workspace, by=team.alice, now=timezone.now())
    due(team.workspace)

    erase()

    assert not Workspace.objects.filter(pk=team.workspace.pk).exists()
    assert rows_of(Workspace, team.workspace.pk) == {}
    assert files(settings) == files_before
    assert not (Path(settings.MEDIA_ROOT) / str(team.workspace.pk)).exists()
    assert everything_of(neighbours) == rows_before
    assert User.objects.filter(pk=team.bob.pk).exists()


def test_the_schedule_erases_what_is_due(team):
    due(team.workspace)

    import_string(Schedule.objects.get(name="Deletions whose waiting period is over").func)()

    assert not Workspace.objects.filter(pk=team.workspace.pk).exists()


def test_the_audit_trail_tells_of_it_afterwards(team):
    erasure.ask_workspace(team.workspace, by=team.alice, now=timezone.now())
    due(team.workspace)
    erase()

    entries = AuditEntry.objects.filter(workspace_id=team.workspace.pk).order_by("pk")

    assert [(entry.action, entry.target, entry.by_name) for entry in entries] == [
        ("erasure_asked", f"workspace “{team.workspace}”", "alice@example.com"),
        ("erased", f"workspace “{team.workspace}”", "Postiz Pins"),
    ]


def test_a_workspace_that_was_kept_a_moment_before_stays(team, monkeypatch):
    """The worker has read the row while it was due."""
    erasure.ask_workspace(team.workspace, by=team.alice, now=timezone.now())
    due(team.workspace)
    begin = accounts_erasing.begin_workspace

    def kept_first(workspace, now):
        erasure.keep_workspace(team.workspace, by=team.alice, now=now)
        return begin(workspace, now)

    monkeypatch.setattr(accounts_erasing, "begin_workspace", kept_first)
    pin = PinFactory(board=team.board)

    erase()

    assert Pin.objects.filter(pk=pin.pk).exists()
    assert Membership.objects.in_workspace(team.workspace).count() == 2
    assert PinterestAccount.objects.get(pk=team.account.pk).is_active


def test_members_are_outside_as_soon_as_it_has_begun(team, client):
    client.force_login(team.alice)
    due(team.workspace)

    assert accounts_erasing.begin_workspace(team.workspace, timezone.now())

    assert client.get("/pins/")["Location"] == "/workspace/new/"


def test_a_scheduled_pin_is_taken_from_the_worker_that_has_it(team):
    pin = PinFactory(board=team.board)
    held = claims.claim(pin.pk, PinQuerySet.to_post)
    due(team.workspace)
    steps = erasing._steps(timezone.now())

    next(steps)

    assert not move(held, PinStatus.CREATING, PinEventKind.SENDING, sent_at=timezone.now())
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
    for module, name in ((accounts_erasing, "BATCH"), (pins_erasing, "PINS_AT_ONCE"), (pins_erasing, "FILES_AT_ONCE")):
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
    for _ in erasing._steps(timezone.now()):
        counts.append(before - rows())
        before = rows()

    assert before == 0
    assert max(counts) <= 5


def test_a_turn_ends_and_the_next_one_goes_on(team, monkeypatch):
    # Each look at the clock takes 25 seconds, so that a turn has three steps.
    seconds = count(step=25)
    monkeypatch.setattr(erasing, "time", SimpleNamespace(monotonic=lambda: next(seconds)))
    monkeypatch.setattr(pins_erasing, "PINS_AT_ONCE", 1)
    asked = []
    monkeypatch.setattr(erasing, "async_task", asked.append)
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
    cache.add(erasing.TURN_KEY, True, 60)

    erase()

    assert Workspace.objects.filter(pk=team.workspace.pk).exists()


def test_one_that_cannot_be_erased_does_not_keep_the_others(team, monkeypatch, caplog):
    first = WorkspaceFactory(erase_at=timezone.now() - timedelta(days=1))
    MediaFileFactory(workspace=first)
    due(team.workspace)
    erase_media = pins_erasing.erase_media

    def broken(workspace):
        if workspace == first:
            raise OSError("The disk is gone.")
        return erase_media(workspace)

    monkeypatch.setattr(pins_erasing, "erase_media", broken)

    erase()

    assert list(Workspace.objects.filter(pk__in=[first.pk, team.workspace.pk])) == [first]
    assert f"workspace {first.pk} goes on in the next turn" in caplog.text


def test_what_a_request_has_written_meanwhile_is_erased_by_the_next_turn(team, monkeypatch, settings):
    due(team.workspace)
    erase_notifications = accounts_erasing.erase_notifications
    late = []

    def upload_meanwhile(workspace):
        if not late:
            late.append(MediaFileFactory(workspace=workspace))
        yield from erase_notifications(workspace)

    monkeypatch.setattr(accounts_erasing, "erase_notifications", upload_meanwhile)

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
    erasure.ask_pinterest_account(erased, by=team.alice, now=timezone.now())
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


def test_a_person_goes_and_the_team_keeps_its_pins_without_the_name(team, neighbours):
    dana = MembershipFactory(workspace=team.workspace, user__email="dana@example.com").user
    browser = Client()
    assert type_password(browser, dana).status_code == 302
    session_key = browser.session.session_key
    protect(dana)
    EmailAddress.objects.update_or_create(user=dana, email=dana.email, defaults={"verified": True, "primary": True})
    LogEntry.objects.create(
        user=dana,
        content_type=ContentType.objects.get_for_model(Pin),
        object_id="1",
        object_repr="x",
        action_flag=ADDITION,
    )
    for rows, column in ((Pin, "created_by"), (Pin, "proposed_by"), (PinEvent, "by"), (MediaFile, "uploaded_by")):
        rows.objects.update(**{column: dana})
    api_key, _ = api_keys.create(team.workspace, "Dana's", by=dana, now=timezone.now())
    InvitationFactory(workspace=team.workspace, invited_by=dana, email="friend@example.com")
    pins_before = Pin.objects.count()
    erasure.ask_person(dana, now=timezone.now())
    due(dana)

    erase()

    assert rows_of(User, dana.pk) == {}
    assert not User.objects.filter(email="dana@example.com").exists()
    assert not UserSession.objects.filter(user_id=dana.pk).exists()
    assert get_user(browser).is_anonymous
    assert not Session.objects.filter(session_key=session_key).exists()
    assert Pin.objects.count() == pins_before
    assert ApiKey.objects.get(pk=api_key.pk).revoked_at is not None
    assert Invitation.objects.get(email="friend@example.com").cancelled_at is not None
    actions = list(AuditEntry.objects.filter(target__contains="dana@").order_by("pk").values_list("action", flat=True))
    assert actions == ["erasure_asked", "left", "erased"]


def test_the_name_is_taken_from_many_rows_a_few_at_a_time(team, monkeypatch):
    monkeypatch.setattr(pins_erasing, "BATCH", 3)
    for _ in range(7):
        pin = PinFactory(board=team.board, created_by=team.bob)
        PinEvent.objects.create(pin=pin, kind=PinEventKind.DRAFTED, by=team.bob)
    PinFactory(board=team.board, created_by=team.alice)
    named = []

    for _ in pins_erasing.forget_person(team.bob):
        named.append(Pin.objects.filter(created_by=team.bob).count() + PinEvent.objects.filter(by=team.bob).count())

    assert named == [11, 8, 7, 4, 1, 0]
    assert Pin.objects.filter(created_by=team.alice).count() == 1


def test_the_address_can_sign_up_anew(team, client):
    erasure.ask_person(team.bob, now=timezone.now())
    due(team.bob)
    erase()

    response = client.post(
        "/accounts/signup/",
        {
            "email": "bob@example.com",
            "password1": "a long and unusual one",
            "workspace_name": "Bob's",
            "time_zone": "UTC",
        },
    )

    assert response.status_code == 302
    assert User.objects.get(email="bob@example.com").pk != team.bob.pk


def test_workspaces_of_the_person_alone_go_along(team, settings):
    alone = team.charlie.memberships.get().workspace
    populate(alone, team.charlie)
    erasure.ask_person(team.charlie, now=timezone.now())
    due(team.charlie)

    erase()

    assert rows_of(Workspace, alone.pk) == {}
    assert not Workspace.objects.filter(pk=alone.pk).exists()
    assert files(settings, alone) == {}
    assert list(Workspace.objects.all()) == [team.workspace]


def test_a_person_who_has_to_hand_over_stays_and_others_do_not_wait(team, caplog):
    User.objects.filter(pk__in=[team.alice.pk, team.charlie.pk]).update(erase_at=timezone.now() - timedelta(hours=1))

    erase()

    assert set(User.objects.values_list("email", flat=True)) == {"alice@example.com", "bob@example.com"}
    assert "the only admin of" in caplog.text
    assert Membership.objects.get(user=team.alice).role == Role.ADMIN


def test_the_cost_of_a_sweep_with_nothing_to_do_is_small(team):
    with CaptureQueriesContext(connection) as captured:
        assert list(erasing._steps(timezone.now())) == []

    assert len(captured) == 3
