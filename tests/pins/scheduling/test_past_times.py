"""A time that has passed, or is far ahead: a person is asked before anything goes out, wherever it is sent."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from pins.models import Pin, PinEventKind, PinStatus
from pins.scheduling.past_times import GRACE
from tests.factories import MembershipFactory, PinFactory
from tests.page_text import text
from tests.pins.approval_helpers import approve, press, propose, read
from tests.pins.spacing.test_doubles import confirm

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 5, 5, 12, 0, tzinfo=UTC)
PAST, PAST_TYPED = datetime(2026, 12, 1, 9, 30, tzinfo=UTC), "2026-12-01T09:30"
QUESTION = "Tue 1 Dec 2026, 09:30 (UTC) has passed. Publish now, or pick another time?"


@pytest.fixture(autouse=True)
def _still():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def workspace(team):
    team.workspace.time_zone = "UTC"
    team.workspace.save()
    return team.workspace


@pytest.fixture
def draft(team, workspace):
    return PinFactory(board=team.board, status=PinStatus.DRAFT, publish_at=None, title="Oak")


def test_the_composer_asks_and_nothing_is_lost_or_sent(alice, draft):
    response = press(alice, draft, "schedule", publish_at=PAST_TYPED, title="Birch")

    page = text(response)
    assert QUESTION in page
    assert 'value="Birch"' in page
    assert f'value="{PAST_TYPED}"' in page
    assert '<a class="button" id="other-time" href="#id_publish_at">Pick another time</a>' in page
    pin = read(draft)
    assert (pin.status, pin.title, pin.next_attempt_at) == (PinStatus.DRAFT, "Oak", None)


def test_publish_now_is_the_one_answer(alice, draft):
    response = press(alice, draft, "schedule", publish_at=PAST_TYPED)
    assert 'id="confirm" name="action" value="publish"' in text(response)

    form = response.wsgi_request.POST.copy()
    form["action"] = "publish"
    alice.post(reverse("pins:pin_edit", args=[draft.pk]), form)

    assert (read(draft).status, read(draft).publish_at) == (PinStatus.SCHEDULED, NOW)


def test_the_code_confirms_the_same_request_too(alice, draft):
    response = confirm(alice, press(alice, draft, "schedule", publish_at=PAST_TYPED))

    assert response.status_code == 302
    assert (read(draft).status, read(draft).publish_at) == (PinStatus.SCHEDULED, NOW)
    event = draft.events.get(kind=PinEventKind.SCHEDULED)
    assert event.text == "Confirmed although Tue 1 Dec 2026, 09:30 (UTC) had passed."


def test_another_time_is_the_other_answer(alice, draft):
    form = press(alice, draft, "schedule", publish_at=PAST_TYPED).wsgi_request.POST.copy()

    alice.post(reverse("pins:pin_edit", args=[draft.pk]), form | {"publish_at": "2027-06-01T09:30"})

    assert read(draft).publish_at == datetime(2027, 6, 1, 9, 30, tzinfo=UTC)


def test_a_pin_that_is_new_asks_and_is_made_once(alice, team, draft):
    form = {**opened_values(draft), "publish_at": PAST_TYPED, "action": "schedule"}
    response = alice.post(reverse("pins:pin_create"), form)
    assert QUESTION in text(response)
    assert Pin.objects.count() == 1

    confirm(alice, response)

    assert Pin.objects.exclude(pk=draft.pk).get().publish_at == NOW


def opened_values(pin):
    return {"board": pin.board_id, "title": "Elm", "attachments": [media.pk for media in pin.media.all()]}


def test_moving_a_scheduled_pin_into_the_past_leaves_it_as_it_was(alice, team, workspace):
    tomorrow = NOW + timedelta(days=1)
    pin = PinFactory(board=team.board, publish_at=tomorrow, next_attempt_at=tomorrow)

    response = press(alice, pin, "schedule", publish_at=PAST_TYPED)

    assert QUESTION in text(response)
    pin = read(pin)
    assert (pin.status, pin.publish_at, pin.next_attempt_at) == (PinStatus.SCHEDULED, tomorrow, tomorrow)


@pytest.mark.parametrize(("ago", "is_asked"), [(GRACE, False), (GRACE + timedelta(minutes=1), True)])
def test_fifteen_minutes_are_for_typing(alice, draft, ago, is_asked):
    typed = f"{NOW - ago:%Y-%m-%dT%H:%M}"

    response = press(alice, draft, "schedule", publish_at=typed)

    assert (read(draft).status == PinStatus.DRAFT) == is_asked
    if is_asked:
        assert "has passed. Publish now" in text(response)
    else:
        assert "had just passed: published now." in draft.events.get(kind=PinEventKind.SCHEDULED).text


# Approval


@pytest.fixture
def erin_browser(workspace, client):
    workspace.requires_approval = True
    workspace.save()
    erin = MembershipFactory(workspace=workspace, role="editor").user
    browser = type(client)()
    browser.force_login(erin)
    browser.user = erin
    return browser


def test_proposing_for_a_time_that_has_passed_asks(erin_browser, draft):
    response = press(erin_browser, draft, "propose", publish_at=PAST_TYPED)

    assert "has passed. Propose it to be published as soon as it is approved, or pick another time?" in text(response)
    assert 'id="confirm" name="action" value="propose"' in text(response)
    assert read(draft).status == PinStatus.DRAFT
    confirm(erin_browser, response)
    assert (read(draft).status, read(draft).publish_at) == (PinStatus.PROPOSED, PAST)


def test_approving_a_proposal_whose_time_has_passed_asks(alice, erin_browser, draft):
    propose(draft, PAST, by=erin_browser.user, now=PAST - timedelta(days=1))

    page = approve(alice, draft)

    assert QUESTION in text(page)
    edit = reverse("pins:pin_edit", args=[draft.pk])
    assert f'<a class="button" id="other-time" href="{edit}#id_publish_at">' in text(page)
    assert (read(draft).status, read(draft).version) == (PinStatus.PROPOSED, 1)
    confirm(alice, page)
    assert (read(draft).status, read(draft).publish_at) == (PinStatus.SCHEDULED, NOW)


def test_a_page_that_says_approve_and_publish_now_has_asked(alice, erin_browser, draft):
    propose(draft, PAST, by=erin_browser.user, now=PAST - timedelta(days=1))
    page = text(alice.get(reverse("pins:pin_detail", args=[draft.pk])))

    address = f"{reverse('pins:pin_approve', args=[draft.pk])}?confirm=publish_at_past"
    assert f'formaction="{address}">Approve and publish now</button>' in page
    assert ">Pick another time</a>" in page
    alice.post(address, {"version": 1})
    assert read(draft).status == PinStatus.SCHEDULED


def test_approving_just_after_the_time_says_that_it_is_published_now(alice, erin_browser, draft):
    propose(draft, NOW - timedelta(minutes=3), by=erin_browser.user, now=NOW - timedelta(days=1))

    assert "Approved. Its time has just passed, so it's being published now." in text(approve(alice, draft))
    assert read(draft).publish_at == NOW


# Trying again


def test_trying_again_long_after_the_time_asks(alice, team, workspace):
    pin = PinFactory(board=team.board, status=PinStatus.FAILED, publish_at=PAST)

    response = alice.post(reverse("pins:pin_retry", args=[pin.pk]))

    assert QUESTION in text(response)
    assert read(pin).status == PinStatus.FAILED
    confirm(alice, response)
    assert (read(pin).status, read(pin).next_attempt_at) == (PinStatus.SCHEDULED, NOW)


def test_trying_again_soon_after_the_time_asks_nothing(alice, team):
    pin = PinFactory(board=team.board, status=PinStatus.FAILED, publish_at=NOW - timedelta(minutes=10))

    alice.post(reverse("pins:pin_retry", args=[pin.pk]))

    assert read(pin).status == PinStatus.SCHEDULED
    assert timezone.now() == NOW


def test_of_a_pin_in_doubt_nobody_is_asked_for_a_time_that_nobody_can_change(alice, team):
    sent_at = PAST + timedelta(minutes=1)
    pin = PinFactory(board=team.board, status=PinStatus.FAILED, publish_at=PAST, sent_at=sent_at)

    alice.post(reverse("pins:pin_retry", args=[pin.pk]))

    assert read(pin).status == PinStatus.VERIFYING


# More than a year ahead.

FAR, FAR_TYPED = datetime(2072, 6, 1, 9, 30, tzinfo=UTC), "2072-06-01T09:30"
FAR_QUESTION = "Wed 1 Jun 2072, 09:30 (UTC) is more than a year away. Schedule it anyway, or pick another time?"


def test_a_time_more_than_a_year_ahead_is_asked_about_and_confirmed(alice, draft):
    response = press(alice, draft, "schedule", publish_at=FAR_TYPED)
    assert FAR_QUESTION in text(response)
    assert "Schedule anyway" in text(response)
    assert read(draft).status == PinStatus.DRAFT

    confirm(alice, response)

    assert (read(draft).status, read(draft).publish_at) == (PinStatus.SCHEDULED, FAR)
    event = draft.events.get(kind=PinEventKind.SCHEDULED)
    assert event.text == "Confirmed although Wed 1 Jun 2072, 09:30 (UTC) is more than a year away."


def test_the_season_after_this_one_is_not_asked_about(alice, draft):
    press(alice, draft, "schedule", publish_at="2028-05-05T11:59")

    assert read(draft).status == PinStatus.SCHEDULED


def test_a_proposal_for_a_far_time_is_asked_about_too(alice, draft):
    response = press(alice, draft, "propose", publish_at=FAR_TYPED)

    assert FAR_QUESTION in text(response)
    assert "Request approval anyway" in text(response)
    confirm(alice, response)
    assert (read(draft).status, read(draft).publish_at) == (PinStatus.PROPOSED, FAR)
