"""Pins of people who need an approval are proposed, however they are sent out."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import (
    AuditAction,
    AuditEntry,
    Notification,
    NotificationKind,
)
from pins.models import Pin, PinEventKind, PinStatus
from pins.scheduling import approval
from tests.api_client import ApiClient
from tests.factories import (
    MediaFileFactory,
    PinFactory,
)
from tests.pins.approval_helpers import TOMORROW, approve, events, opened, press, read, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("may_2031")]


def test_what_an_editor_sends_out_is_proposed_and_the_admins_are_asked_once(people, draft, now):
    at = now + timedelta(days=1)
    Pin.objects.update(publish_at=at)

    assert approval.send_out(read(draft), at, by=people.erin, now=now)

    pin = read(draft)
    assert (pin.status, pin.publish_at, pin.next_attempt_at, pin.proposed_by) == ("proposed", at, None, people.erin)
    assert events(pin) == [(PinEventKind.PROPOSED, people.erin)]
    asked = Notification.objects.get()
    assert (asked.user, asked.kind) == (people.alice, NotificationKind.APPROVAL_ASKED)
    assert asked.path == reverse("pins:pin_detail", args=[pin.pk])
    assert asked.text.startswith("erin@example.com requested approval of “Oak”, to be published on ")
    assert AuditEntry.objects.get().action == AuditAction.PROPOSED


def test_proposing_again_tells_nobody_twice(people, draft, now):
    press(people.erin_browser, draft, "propose", publish_at=TOMORROW)
    press(people.erin_browser, draft, "propose", title="Elm")
    press(people.frank_browser, draft, "propose", publish_at="2031-06-06T07:08")

    assert Notification.objects.count() == 1
    pin = read(draft)
    assert (pin.title, pin.publish_at.month, pin.proposed_by) == ("Elm", 6, people.erin)


def test_a_double_click_proposes_once(people, draft):
    form = opened(people.erin_browser, draft)
    for _ in range(2):
        assert press(people.erin_browser, draft, "propose", form, title="Elm").status_code == 302

    assert [kind for kind, _ in events(draft)] == [PinEventKind.EDITED, PinEventKind.PROPOSED]
    assert Notification.objects.count() == 1


def test_a_new_pin_sent_twice_is_proposed_once(people):
    media = MediaFileFactory(workspace=people.workspace)
    form = {"board": people.board.pk, "title": "Oak", "attachments": [media.pk], "version": 1, "action": "propose"}
    form["form_token"] = "5b1d1e52-6f5c-4d0e-9d8e-0f8f5f1c7a11"

    for _ in range(2):
        assert people.erin_browser.post(reverse("pins:pin_create"), form).status_code == 302

    assert Pin.objects.get().status == PinStatus.PROPOSED
    assert Notification.objects.count() == 1


def test_a_form_that_arrives_again_after_the_approval_does_not_take_it_back(people, draft):
    form = opened(people.erin_browser, draft) | {"publish_at": TOMORROW}
    press(people.erin_browser, draft, "propose", form)
    approve(people.alice_browser, draft)

    press(people.erin_browser, draft, "propose", form)

    assert read(draft).status == PinStatus.SCHEDULED


@pytest.mark.parametrize("action", ["schedule", "publish"])
@pytest.mark.parametrize("publish_at", ["", TOMORROW])
def test_a_forged_button_proposes(people, draft, action, publish_at):
    assert press(people.erin_browser, draft, action, publish_at=publish_at).status_code == 302

    pin = read(draft)
    assert (pin.status, pin.publish_at is not None) == (PinStatus.PROPOSED, bool(publish_at))


def test_a_pin_that_breaks_a_rule_is_not_proposed(people):
    pin = PinFactory(board=people.board, status=PinStatus.DRAFT, publish_at=None, attachments=0)

    response = press(people.erin_browser, pin, "propose", title="x" * 101)

    assert set(response.context["form"].errors) == {"attachments", "title"}
    assert read(pin).status == PinStatus.DRAFT


def test_an_admins_pins_need_nobody(people, draft):
    press(people.alice_browser, draft, "schedule", publish_at=TOMORROW)

    assert read(draft).status == PinStatus.SCHEDULED
    assert events(draft)[-1] == (PinEventKind.SCHEDULED, people.alice)
    assert not Notification.objects.exists()


def test_approval_switched_on_between_form_and_button(people, draft):
    people.workspace.requires_approval = False
    people.workspace.save()
    form = opened(people.erin_browser, draft)
    type(people.workspace).objects.update(requires_approval=True)

    press(people.erin_browser, draft, "publish", form)

    assert read(draft).status == PinStatus.PROPOSED


def test_approval_switched_off_between_form_and_button_publishes_nothing_by_a_button_that_proposes(people, draft):
    form = opened(people.erin_browser, draft)
    type(people.workspace).objects.update(requires_approval=False)

    press(people.erin_browser, draft, "propose", form)
    assert read(draft).status == PinStatus.PROPOSED

    approve(people.erin_browser, draft)
    assert read(draft).status == PinStatus.SCHEDULED


@pytest.mark.parametrize("status", [PinStatus.SCHEDULED, PinStatus.PROCESSING, PinStatus.FAILED])
def test_a_button_that_proposes_takes_back_what_its_editor_may_publish_by_now(people, status):
    pin = PinFactory(board=people.board, status=status)
    form = opened(people.erin_browser, pin)
    type(people.workspace).objects.update(requires_approval=False)

    for _ in range(2):
        press(people.erin_browser, pin, "propose", form, title="Elm", publish_at=TOMORROW)

    pin = read(pin)
    assert (pin.status, pin.title, pin.next_attempt_at) == (PinStatus.PROPOSED, "Elm", None)
    assert told(NotificationKind.APPROVAL_ASKED) == {"alice@example.com"}


def test_a_program_with_an_editors_key_proposes(people):
    media = MediaFileFactory(workspace=people.workspace)
    content = {"board": people.board.pinterest_id, "attachments": [media.pk], "publish_at": "2031-05-06T07:08:00Z"}

    answer = ApiClient(people.workspace, people.erin).create_pin(idempotency_key="1", **content)

    assert answer.status_code == 201
    assert answer.json()["status"] == "proposed"
    assert answer.json()["events"][-1]["kind"] == "proposed"
    assert read(Pin.objects.get()).proposed_by == people.erin
    assert told(NotificationKind.APPROVAL_ASKED) == {"alice@example.com"}
