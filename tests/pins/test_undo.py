"""Toasts whose button undoes what has just been done."""

from datetime import timedelta

import pytest
import time_machine
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.models import PinterestAccount
from pins.models import Pin, PinStatus
from postiz_pins.common.undo import undo_of
from tests.factories import PinFactory
from tests.page_text import page_text
from tests.pins.approval_helpers import undo

pytestmark = pytest.mark.django_db


def url(name, pin):
    return reverse(f"pins:{name}", args=[pin.pk])


def said(page):
    [message] = page.context["messages"]
    return str(message)


def test_unscheduling_can_be_undone(team, alice):
    at = timezone.now() + timedelta(days=900)  # which is not asked about once more
    pin = PinFactory(board=team.board, publish_at=at, is_queued=True)

    page = alice.post(url("pin_cancel", pin), follow=True)
    assert Pin.objects.get(pk=pin.pk).status == PinStatus.DRAFT
    page = undo(alice, page)

    assert said(page) == "Scheduled again."
    pin.refresh_from_db()
    assert (pin.status, pin.publish_at, pin.next_attempt_at, pin.is_queued) == (PinStatus.SCHEDULED, at, at, True)


def test_unscheduling_is_not_undone_once_the_pin_has_changed(team, alice):
    pin = PinFactory(board=team.board, publish_at=timezone.now() + timedelta(days=3))
    page = alice.post(url("pin_cancel", pin), follow=True)
    Pin.objects.update(version=F("version") + 1)

    page = undo(alice, page)

    assert said(page) == "The pin has changed since. Its current status is below."
    assert Pin.objects.get().status == PinStatus.DRAFT


def test_a_draft_that_breaks_a_rule_is_not_scheduled_by_an_undo(team, alice):
    pin = PinFactory(board=team.board, publish_at=timezone.now() + timedelta(days=3))
    page = alice.post(url("pin_cancel", pin), follow=True)
    Pin.objects.update(board=None, account=None)

    assert said(undo(alice, page)) == "This pin can't be scheduled yet. Choose a board for the pin."


def test_a_time_that_has_passed_is_asked_about_before_an_undo_publishes(team, alice):
    at = timezone.now() + timedelta(hours=1)
    pin = PinFactory(board=team.board, publish_at=at)
    page = alice.post(url("pin_cancel", pin), follow=True)
    with time_machine.travel(at + timedelta(hours=1)):
        page = undo(alice, page)

    assert "has passed" in page_text(page)
    assert Pin.objects.get().status == PinStatus.DRAFT


def test_what_has_no_time_to_come_has_no_undo(team, alice):
    pin = PinFactory(board=team.board, publish_at=timezone.now() - timedelta(days=3))

    [message] = alice.post(url("pin_cancel", pin), follow=True).context["messages"]

    assert undo_of(message) is None


def test_a_withdrawn_proposal_is_proposed_again_by_its_undo(people, proposed):
    page = people.erin_browser.post(url("pin_cancel", proposed), follow=True)

    assert said(undo(people.erin_browser, page)) == "Proposed again."
    assert Pin.objects.get(pk=proposed.pk).status == PinStatus.PROPOSED


def test_pausing_can_be_undone(team, alice):
    page = alice.post(reverse("pins:queue_pause", args=[team.account.pk]), follow=True)
    [message] = page.context["messages"]
    button = undo_of(message)

    page = alice.post(button.url, button.fields, follow=True)

    assert [str(message) for message in page.context["messages"]] == [f"The queue of {team.account} is running again."]
    assert PinterestAccount.objects.get(pk=team.account.pk).queue_paused_at is None


def give_first_date(alice, pin, at):
    fields = {"publish_at": timezone.localtime(at, pin.workspace.zone).strftime("%Y-%m-%dT%H:%M"), "version": 1}
    return alice.post(url("pin_move", pin), fields, follow=True)


def test_a_draft_that_got_a_date_goes_back_to_those_without_one_and_to_its_date_again(team, alice):
    pin = PinFactory(board=team.board, status=PinStatus.DRAFT, publish_at=None)
    at = (timezone.now() + timedelta(days=3)).replace(second=0, microsecond=0)

    page = undo(alice, give_first_date(alice, pin, at))

    assert said(page) == f"“{pin}” moved to “No date yet”."
    pin.refresh_from_db()
    assert (pin.publish_at, pin.version, pin.status) == (None, 3, PinStatus.DRAFT)
    assert pin.events.last().text.endswith(" to no date.")
    undo(alice, page)
    assert Pin.objects.get().publish_at == at


def test_the_first_date_of_a_draft_stays_once_the_pin_has_changed(team, alice):
    pin = PinFactory(board=team.board, status=PinStatus.DRAFT, publish_at=None)
    page = give_first_date(alice, pin, timezone.now() + timedelta(days=3))
    Pin.objects.update(version=F("version") + 1)

    text = page_text(undo(alice, page))

    assert "Your move wasn't saved." in text
    assert Pin.objects.get().publish_at is not None


def test_a_draft_without_a_date_is_left_alone_by_a_forged_undo(team, alice):
    pin = PinFactory(board=team.board, status=PinStatus.DRAFT, publish_at=None)
    before = Pin.objects.values().get()

    text = page_text(alice.post(url("pin_move", pin), {"no_date": "1", "version": 1}, follow=True))

    assert "This draft has no date yet, so nothing was moved." in text
    assert Pin.objects.values().get() == before
    assert not pin.events.exists()


def test_a_draft_whose_first_date_was_taken_back_in_another_tab_is_told_as_a_change(team, alice):
    pin = PinFactory(board=team.board, status=PinStatus.DRAFT, publish_at=None)
    page = give_first_date(alice, pin, timezone.now() + timedelta(days=3))
    undo(alice, page)

    text = page_text(undo(alice, page))

    assert "Your move wasn't saved." in text
    assert Pin.objects.get().version == 3


def test_a_draft_that_was_scheduled_meanwhile_is_told_as_a_change_not_as_a_wrong_wish(team, alice):
    pin = PinFactory(board=team.board, status=PinStatus.DRAFT, publish_at=None)
    page = give_first_date(alice, pin, timezone.now() + timedelta(days=3))
    Pin.objects.update(version=F("version") + 1, status=PinStatus.SCHEDULED, next_attempt_at=F("publish_at"))

    text = page_text(undo(alice, page))

    assert "Your move wasn't saved." in text
    assert Pin.objects.get().publish_at is not None
