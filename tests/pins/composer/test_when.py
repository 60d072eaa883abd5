"""“When” in the composer: one primary button does what is chosen."""

from datetime import UTC, datetime, time

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Role
from pins.models import Pin, PinEventKind, PinStatus, PublishingTime
from tests.factories import MediaFileFactory, MembershipFactory, PinFactory
from tests.page_text import page_text

pytestmark = pytest.mark.django_db

NEW = reverse("pins:pin_create")
# A Monday, 12:00 in Berlin.
NOW = datetime(2027, 3, 1, 11, 0, tzinfo=UTC)
NEXT_PLACE = datetime(2027, 3, 2, 17, 30, tzinfo=UTC)
TYPED_TIME = {"when": "time", "publish_at": "2027-05-05T10:00"}


@pytest.fixture(autouse=True)
def _still():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def form(team):
    """A complete form, as the composer posts it."""
    team.workspace.time_zone = "Europe/Berlin"
    team.workspace.save()
    media = MediaFileFactory(workspace=team.workspace)
    return {"board": team.board.pk, "attachments": media.pk, "title": "Oak", "action": "send", "version": 1}


@pytest.fixture
def evening_on_tuesdays(team):
    PublishingTime.objects.create(account=team.account, weekday=1, time=time(18, 30))


def said(response):
    return [str(message) for message in response.wsgi_request._messages]


def test_now_publishes_at_once_whatever_stands_in_the_hidden_field(alice, form):
    alice.post(NEW, form | TYPED_TIME | {"when": "now"})

    assert (Pin.objects.get().status, Pin.objects.get().publish_at) == (PinStatus.SCHEDULED, NOW)


def test_a_time_schedules(alice, form):
    alice.post(NEW, form | TYPED_TIME)

    assert Pin.objects.get().publish_at == datetime(2027, 5, 5, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize("when", [{"when": "time"}, {}, {"when": "nonsense"}])
def test_without_a_time_nothing_goes_out(alice, form, when):
    response = alice.post(NEW, form | when)

    assert response.status_code == 200
    assert "Choose a date and time, or choose “Now”." in page_text(response)
    assert not Pin.objects.exists()


def test_a_draft_that_is_meant_for_now_keeps_no_time(alice, form):
    alice.post(NEW, form | {"action": "draft", "when": "now", "publish_at": "2027-02-30T10:00"})

    assert (Pin.objects.get().status, Pin.objects.get().publish_at) == (PinStatus.DRAFT, None)


def test_the_next_free_time_is_taken_and_told(alice, form, evening_on_tuesdays):
    response = alice.post(NEW, form | {"when": "queue"})

    pin = Pin.objects.get()
    assert (pin.status, pin.publish_at, pin.is_queued) == (PinStatus.SCHEDULED, NEXT_PLACE, True)
    assert said(response) == ["Added to the queue: Tue 2 Mar 2027, 18:30 (Europe/Berlin)."]


def test_two_pins_get_two_places(alice, form, team, evening_on_tuesdays):
    for title in ("Oak", "Elm"):
        media = MediaFileFactory(workspace=team.workspace)
        alice.post(NEW, form | {"when": "queue", "title": title, "attachments": media.pk})

    assert [f"{pin.publish_at:%d %b}" for pin in Pin.objects.order_by("pk")] == ["02 Mar", "09 Mar"]


def test_without_a_free_place_the_form_comes_back_and_says_what_to_do(alice, form, team):
    response = alice.post(NEW, form | {"when": "queue"})

    assert response.status_code == 200
    assert f"{team.account} has no publishing times yet." in page_text(response)
    assert response.context["form"].errors.as_data()["when"][0].code == "queue_full"
    assert not Pin.objects.exists()


def test_first_in_queue_keeps_a_draft_and_leads_to_the_list_of_moves(alice, form, team, evening_on_tuesdays):
    waiting = PinFactory(board=team.board, publish_at=NEXT_PLACE, is_queued=True)

    response = alice.post(NEW, form | {"when": "queue", "action": "first"})

    pin = Pin.objects.exclude(pk=waiting.pk).get()
    assert (pin.status, pin.publish_at, response.url) == (PinStatus.DRAFT, None, f"/pins/{pin.pk}/first/")
    assert said(response) == []
    moves = [(move.pin.pk, f"{move.to:%d %b}") for move, _ in alice.get(response.url).context["moves"]]
    assert moves == [(pin.pk, "02 Mar"), (waiting.pk, "09 Mar")]


def test_an_incomplete_pin_is_not_put_first_and_the_form_comes_back(alice, form, evening_on_tuesdays):
    response = alice.post(NEW, form | {"when": "queue", "action": "first", "board": ""})

    assert response.status_code == 200
    assert "board" in response.context["form"].errors
    assert not Pin.objects.exists()


@pytest.mark.parametrize("is_scheduled", [False, True])
def test_first_in_queue_is_offered_for_what_is_not_on_its_way(alice, team, is_scheduled):
    pin = PinFactory(board=team.board, status=PinStatus.SCHEDULED if is_scheduled else PinStatus.DRAFT)

    assert ("First in queue…" in page_text(alice.get(f"/pins/{pin.pk}/edit/"))) is not is_scheduled
    assert "First in queue…" in page_text(alice.get(f"/pins/{pin.pk}/"))


def test_users_who_need_an_approval_request_it_with_the_same_choice(team, client, form, evening_on_tuesdays):
    team.workspace.requires_approval = True
    team.workspace.save()
    client.force_login(MembershipFactory(workspace=team.workspace, role=Role.EDITOR).user)
    page = page_text(client.get(NEW))
    assert "Request approval" in page
    assert "Publish now" not in page
    assert "First in queue" not in page

    for when, publish_at in (("now", None), ("time", datetime(2027, 5, 5, 8, 0, tzinfo=UTC)), ("queue", NEXT_PLACE)):
        client.post(NEW, form | TYPED_TIME | {"when": when, "title": when})

        pin = Pin.objects.get(title=when)
        assert (pin.status, pin.publish_at) == (PinStatus.PROPOSED, publish_at)


def test_the_next_new_pin_follows_at_once(alice, form):
    response = alice.post(NEW, form | {"action": "send_new", "when": "now"})

    assert response["Location"] == NEW
    assert Pin.objects.get().status == PinStatus.SCHEDULED


def test_the_checklist_names_the_moments(alice, form, evening_on_tuesdays):
    page = page_text(alice.post(reverse("pins:pin_checklist"), form | TYPED_TIME))

    assert '<span id="chosen-moment" hx-swap-oob="innerHTML"> for Wed 5 May 2027, 10:00</span>' in page
    assert '<span id="free-moment" hx-swap-oob="innerHTML">: Tue 2 Mar 2027, 18:30</span>' in page


@pytest.mark.parametrize(
    ("status", "publish_at", "when"),
    [
        (PinStatus.DRAFT, None, "now"),
        (PinStatus.DRAFT, NEXT_PLACE, "time"),
        (PinStatus.SCHEDULED, NEXT_PLACE, "time"),
        (PinStatus.FAILED, datetime(2027, 2, 1, tzinfo=UTC), "now"),
    ],
)
def test_the_choice_of_a_pin_is_shown(team, alice, status, publish_at, when):
    pin = PinFactory(board=team.board, status=status, publish_at=publish_at)

    page = page_text(alice.get(reverse("pins:pin_edit", args=[pin.pk])))

    assert f'name="when" value="{when}" checked' in page


def test_saving_a_queued_pin_keeps_its_place(team, alice, form, evening_on_tuesdays):
    alice.post(NEW, form | {"when": "queue"})
    pin = Pin.objects.get()

    alice.post(
        reverse("pins:pin_edit", args=[pin.pk]),
        form | {"version": pin.version, "title": "Birch", "when": "time", "publish_at": "2027-03-02T18:30"},
    )

    saved = Pin.objects.get()
    assert (saved.title, saved.publish_at, saved.is_queued) == ("Birch", NEXT_PLACE, True)
    assert saved.events.filter(kind=PinEventKind.SCHEDULED).exists()
