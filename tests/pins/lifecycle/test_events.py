"""What the audit trail says of pins and files: who composed, sent, published and deleted them."""

from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.audit import services as audit
from accounts.models import Role
from pins.composer import services as composer
from pins.lifecycle import events
from pins.media import editing as media_editing
from pins.models import MediaFile, Pin, PinEvent, PinEventKind, PinStatus
from pins.scheduling import services as scheduling
from tests.api_client import ApiClient
from tests.audit_helpers import trail
from tests.factories import AttachmentFactory, MediaFileFactory, MembershipFactory, PinFactory, UserFactory
from tests.pins.worker_helpers import advance

pytestmark = pytest.mark.django_db

ALICE, APP = "alice@example.com", "Postiz Pins"


def named(pin):
    return f"pin {pin.pk} “{pin.title}”"


def steps(workspace):
    return [(action, who) for action, _, who, _ in trail(workspace)]


def save(browser, pin=None, **fields):
    address = reverse("pins:pin_autosave", args=[pin.pk]) if pin else reverse("pins:pin_autosave_new")
    return browser.post(address, {"form_token": "8f14e45f-ceea-4f7e-9b5c-0d2f3c4b5a69", **fields}).json()


def test_every_kind_that_people_care_for_is_in_the_trail_and_what_workers_meet_is_not():
    assert set(PinEventKind) - set(events.AUDITED) == {
        *(PinEventKind.CHECKED, PinEventKind.UPLOADING, PinEventKind.PROCESSING, PinEventKind.SENDING),
        *(PinEventKind.WAITING, PinEventKind.VERIFYING, PinEventKind.FAILED, PinEventKind.RELEASED),
    }


def test_a_pins_way_is_told_by_whom_it_was_decided(team, alice):
    save(alice, title="Oak", board=team.board.pk)
    pin = Pin.objects.get()
    scheduling.schedule(pin, timezone.now() + timedelta(days=1), by=team.alice, now=timezone.now())
    scheduling.cancel(pin, by=team.alice)

    assert trail(team.workspace) == [
        ("composed", named(pin), ALICE, ""),
        ("scheduled", named(pin), ALICE, ""),
        ("cancelled", named(pin), ALICE, ""),
    ]


def test_publishing_is_the_apps_own_doing_and_retrying_a_persons(shop):
    pin = shop.pin(title="Oak", status=PinStatus.FAILED)
    scheduling.retry(pin, by=shop.team.alice, now=timezone.now())
    advance(Pin.objects.get())

    assert trail(shop.team.workspace) == [
        ("retried", named(pin), ALICE, ""),
        ("published", named(pin), APP, ""),
    ]


def test_what_a_program_does_names_its_key(team, settings):
    program = ApiClient(team.workspace, team.alice)
    media = MediaFileFactory(workspace=team.workspace)
    later = (timezone.now() + timedelta(days=1)).isoformat()
    answer = program.create_pin(title="Oak", board=team.board.pinterest_id, attachments=[media.pk], publish_at=later)
    assert answer.status_code == 201

    pin, text = Pin.objects.get(), "By the API key “Shop import”."
    assert trail(team.workspace)[1:] == [
        ("composed", named(pin), ALICE, text),
        ("scheduled", named(pin), ALICE, text),
    ]


def test_a_sitting_of_saves_every_few_seconds_is_one_entry(team, alice):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        saved = save(alice, title="O")
        assert saved["state"] == "saved"
        for minute in range(6, 3 * 60, 6):
            clock.shift(6 * 60)
            pin = Pin.objects.get()
            assert save(alice, pin, title=f"Oak {minute}", version=pin.version)["state"] == "saved"
            # An hour after it was composed, further saves are edits.
            edits = [("edited", ALICE)] if minute >= 60 else []
            assert steps(team.workspace) == [("composed", ALICE), *edits]


def test_saves_aside_and_forms_that_arrive_twice_leave_nothing(team, alice):
    pin = PinFactory(board=team.board, title="Oak", publish_at=timezone.now() + timedelta(days=1))
    for number in range(5):
        assert save(alice, pin, title=f"Pine {number}", version=pin.version)["state"] == "aside"

    assert trail(team.workspace) == []


def test_each_persons_sitting_is_an_entry(team, alice):
    bob = MembershipFactory(workspace=team.workspace, user=UserFactory(email="dora@example.com"), role=Role.EDITOR).user
    pin, now = PinFactory(board=team.board, status=PinStatus.DRAFT), timezone.now()
    content = composer.Composition.of(pin)

    for by in (team.alice, team.alice, bob, team.alice):
        composer.edit_pin(pin, content, publish_at=None, is_draft=True, by=by, now=now)

    assert steps(team.workspace) == [("edited", ALICE), ("edited", "dora@example.com"), ("edited", ALICE)]


# Deleting


@pytest.mark.parametrize(
    ("status", "detail"), [(PinStatus.DRAFT, "It was: Draft."), (PinStatus.PUBLISHED, "It was: Published.")]
)
def test_a_deleted_pin_is_told_with_what_it_was(team, alice, status, detail):
    pin = PinFactory(board=team.board, status=status, title="Oak")
    for _ in range(2):
        alice.post(reverse("pins:pin_delete", args=[pin.pk]))

    assert trail(team.workspace) == [("deleted", named(pin), ALICE, detail)]


def test_a_pin_without_a_title_is_told_by_its_number(team):
    pin = PinFactory(board=team.board, status=PinStatus.DRAFT, title="")
    number = pin.pk
    composer.delete_pin(pin, by=team.alice, now=timezone.now())

    assert trail(team.workspace)[0][1] == f"pin {number}"


def test_a_pin_that_cannot_be_deleted_leaves_nothing(team, alice):
    pin = PinFactory(board=team.board, status=PinStatus.CREATING)
    alice.post(reverse("pins:pin_delete", args=[pin.pk]))

    assert trail(team.workspace) == []


def test_a_deleted_file_is_told_once(team, alice):
    media = MediaFileFactory(workspace=team.workspace)
    for _ in range(2):
        alice.post(reverse("pins:media_delete", args=[media.pk]))

    assert trail(team.workspace) == [("deleted", "file “chair.jpg”", ALICE, "")]


def test_a_file_that_a_pin_needs_leaves_nothing(team, alice):
    media = MediaFileFactory(workspace=team.workspace)
    AttachmentFactory(pin=PinFactory(board=team.board, status=PinStatus.DRAFT), media=media, position=1)
    alice.post(reverse("pins:media_delete", args=[media.pk]))

    assert trail(team.workspace) == []


@pytest.mark.parametrize("make", [PinFactory, MediaFileFactory])
def test_what_an_operator_deletes_is_told_by_the_operator(client, make):
    client.force_login(UserFactory(email="root@example.com", is_staff=True, is_superuser=True))
    row = make()
    name = type(row)._meta.model_name
    form = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}

    client.post(reverse(f"admin:pins_{name}_changelist"), form)

    assert steps(row.workspace) == [("deleted", "root@example.com")]


@pytest.mark.parametrize("delete", [composer.delete_pin, media_editing.delete_media])
def test_a_deletion_that_cannot_be_written_down_is_not_done(team, delete, monkeypatch):
    row = PinFactory(board=team.board, attachments=0) if delete is composer.delete_pin else MediaFileFactory()
    monkeypatch.setattr(audit, "record", lambda *args, **kwargs: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        delete(row, by=team.alice, now=timezone.now())

    assert Pin.objects.count() + MediaFile.objects.filter(deleted_at=None).count() == 1


def test_what_is_rolled_back_is_in_neither_history_nor_trail(team):
    pin = PinFactory(board=team.board)

    with pytest.raises(RuntimeError), transaction.atomic():
        scheduling.cancel(pin, by=team.alice)
        raise RuntimeError

    assert not PinEvent.objects.exists()
    assert trail(team.workspace) == []


def test_what_pinterest_answered_stays_in_the_pins_own_history(team):
    pin = PinFactory(board=team.board)
    events.note(pin, PinEventKind.PUBLISHED, by=None, now=timezone.now(), text="It answered at length.")

    assert trail(team.workspace) == [("published", named(pin), APP, "")]
