"""What is confirmed is what the preview has shown, in the name of the person who confirms it."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Role
from pins.bulk import services as bulk
from pins.models import BulkChange, Pin, PinStatus
from tests.factories import MembershipFactory, PinFactory, PublishingTimeFactory, UserFactory
from tests.page_text import page_text
from tests.pins.bulk.confirming import confirm, form_of

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 1, 11, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _still():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def browser_of(team, client):
    """Return a browser of another member, whose pins need an approval unless the role says otherwise."""
    team.workspace.requires_approval = True
    team.workspace.save()

    def do(role):
        browser = type(client)()
        browser.force_login(MembershipFactory(workspace=team.workspace, user=UserFactory(), role=role).user)
        return browser

    return do


def planned(team, **fields):
    return PinFactory(**{"board": team.board, "publish_at": NOW + timedelta(days=20)} | fields)


def fresh(pin):
    return Pin.objects.get(pk=pin.pk)


def choose(browser, action, *pins, **more):
    body = {"bulk_action": action, "pins": [pin.pk for pin in pins], **more}
    return browser.post(reverse("pins:bulk_start"), body).headers["Location"]


def test_a_pin_that_was_edited_after_it_was_shown_is_not_approved(team, alice):
    pin = planned(team, status=PinStatus.PROPOSED)
    url = choose(alice, "approve", pin)
    seen = form_of(alice, url)
    Pin.objects.filter(pk=pin.pk).update(title="Something else", version=pin.version + 1)

    text = page_text(alice.post(url, seen))

    assert "nothing was done" in text
    assert fresh(pin).status == PinStatus.PROPOSED
    confirm(alice, url)
    assert fresh(pin).status == PinStatus.SCHEDULED


def test_another_pin_than_was_shown_is_not_deleted(team, alice):
    shown = planned(team, status=PinStatus.DRAFT, title="Oak chair")
    url = choose(alice, "delete", all="1", query="q=oak")
    seen = form_of(alice, url)
    Pin.objects.filter(pk=shown.pk).update(title="Ash chair")
    other = planned(team, status=PinStatus.DRAFT, title="Oak table")

    assert "nothing was done" in page_text(alice.post(url, seen))

    assert Pin.objects.filter(pk=other.pk).exists()


def test_options_that_another_window_has_chosen_since_are_not_confirmed(team, alice):
    pin = planned(team, status=PinStatus.SCHEDULED)
    url = choose(alice, "shift", pin)
    alice.post(url, {"step": "options", "days": "1"})
    seen = form_of(alice, url)
    alice.post(url, {"step": "options", "days": "30"})

    assert "nothing was done" in page_text(alice.post(url, seen))

    assert fresh(pin).publish_at == pin.publish_at


def test_a_pin_that_is_edited_before_a_worker_comes_to_it_is_not_approved(team, alice, monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 0)
    edited, other = (planned(team, status=PinStatus.PROPOSED) for _ in range(2))
    url = choose(alice, "approve", edited, other)
    confirm(alice, url)
    Pin.objects.filter(pk=edited.pk).update(title="Something else", version=edited.version + 1)

    bulk.work_on(BulkChange.objects.get().pk, NOW)

    assert (fresh(edited).status, fresh(other).status) == (PinStatus.PROPOSED, PinStatus.SCHEDULED)
    assert "It was changed in the meantime. Nothing was done with it." in page_text(alice.get(url))


def test_a_pin_that_is_edited_before_a_worker_comes_to_it_gets_no_place_in_the_queue(team, alice, monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    for weekday in range(7):
        PublishingTimeFactory(account=team.account, weekday=weekday, time="09:00")
    edited, other = (
        planned(team, status=PinStatus.DRAFT, publish_at=None, link=f"https://example.com/{n}") for n in "12"
    )
    url = choose(alice, "queue", edited, other)
    alice.post(url, {"step": "options", "order": "listed"})
    confirm(alice, url)
    Pin.objects.filter(pk=edited.pk).update(title="Something else", version=edited.version + 1)

    bulk.work_on(BulkChange.objects.get().pk, NOW)

    assert (fresh(edited).status, fresh(other).status) == (PinStatus.DRAFT, PinStatus.SCHEDULED)


def test_a_worker_acts_for_the_member_who_confirmed_and_not_for_the_one_who_chose(team, alice, browser_of, monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 0)
    editor = browser_of(Role.EDITOR)
    pin = planned(team, status=PinStatus.DRAFT)
    url = choose(alice, "times", pin)

    confirm(editor, url)
    bulk.work_on(BulkChange.objects.get().pk, NOW)

    assert fresh(pin).status == PinStatus.PROPOSED


def test_a_worker_takes_a_change_back_for_the_member_who_asks_for_it(team, alice, browser_of, monkeypatch):
    editor = browser_of(Role.EDITOR)
    pin = planned(team, status=PinStatus.SCHEDULED)
    url = choose(alice, "shift", pin)
    alice.post(url, {"step": "options", "days": "1"})
    confirm(alice, url)
    monkeypatch.setattr(bulk, "AT_ONCE", 0)

    editor.post(url, {"step": "undo"})
    bulk.work_on(BulkChange.objects.get().pk, NOW)

    assert fresh(pin).publish_at == pin.publish_at + timedelta(days=1)
