"""What goes wrong between placing a pin and publishing it: each is told in a sentence, and nothing is sent twice."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccountStatus
from pins.errors.lookup import explanation_of
from pins.models import Pin, PinStatus
from pins.publishing import worker
from pins.queue import services as queue
from pins.queue.places import next_free_times
from pins.scheduling import services as scheduling
from tests.factories import MediaFileFactory, PinFactory
from tests.page_text import page_text
from tests.pins.queue.helpers import NOW, add_times


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def placed(account, team):
    """A pin with a place in the queue."""
    add_times(account, "18:30")
    pin = PinFactory(board=team.board, status=PinStatus.DRAFT, publish_at=None)
    assert queue.place(pin, by=team.alice, now=NOW)
    return pin


def read(pin):
    return Pin.objects.with_content().get(pk=pin.pk)


def test_a_board_that_vanished_after_placing_fails_its_pin_with_a_sentence_and_sends_nothing(placed, team, alice):
    team.board.missing_since = NOW
    team.board.save()

    with time_machine.travel(placed.publish_at + timedelta(seconds=1), tick=False):
        worker.advance(placed.pk)
        page = page_text(alice.get(reverse("pins:pin_detail", args=[placed.pk])))

    failed = read(placed)
    assert (failed.status, failed.error_code, failed.sent_at) == (PinStatus.FAILED, "board_missing", None)
    assert explanation_of(failed).title in page


def test_a_pin_whose_board_vanished_is_not_put_back_into_the_queue(placed, team, alice):
    team.board.missing_since = NOW
    team.board.save()

    response = alice.post(reverse("pins:pin_first", args=[placed.pk]), follow=True)

    assert "This pin can&#x27;t be added to the queue." in response.content.decode()
    assert read(placed).publish_at == placed.publish_at


def test_a_disconnected_account_holds_its_queue_and_says_what_to_do(placed, account, alice):
    account.status = AccountStatus.DISCONNECTED
    account.save()
    queue_page = page_text(alice.get(reverse("pins:queue"), {"account": account.pk}))

    with time_machine.travel(placed.publish_at + timedelta(minutes=5), tick=False):
        worker.advance(placed.pk)
        reason = scheduling.hold_reason(read(placed), timezone.now())

    assert str(placed) in queue_page
    assert (read(placed).status, read(placed).publish_at) == (PinStatus.SCHEDULED, placed.publish_at)
    assert reason.startswith(f"{account} is disconnected. Connect it again.")


def test_nothing_is_added_to_the_queue_of_a_disconnected_account_and_the_form_says_why(account, team, alice):
    add_times(account, "18:30")
    account.status = AccountStatus.DISCONNECTED
    account.save()
    media = MediaFileFactory(workspace=team.workspace)
    form = {"board": team.board.pk, "attachments": media.pk, "title": "Oak", "version": 1}

    response = alice.post(reverse("pins:pin_create"), form | {"action": "send", "when": "queue"})

    assert response.status_code == 200
    assert [error.code for error in response.context["form"].errors.as_data()["board"]] == ["account_not_connected"]
    assert not Pin.objects.exists()


def test_a_failed_pin_leaves_its_place_taken_until_it_is_moved(placed, account, team):
    """It may be tried again at any moment, and would then stand too near to another."""
    Pin.objects.filter(pk=placed.pk).update(status=PinStatus.FAILED, next_attempt_at=None)

    assert next_free_times(account, now=NOW) == [placed.publish_at + timedelta(days=1)]
    assert next_free_times(account, now=NOW, without=[placed.pk]) == [placed.publish_at]
