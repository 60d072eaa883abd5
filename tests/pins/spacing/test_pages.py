"""The guard speaks where a pin is planned: composer, its page, the review, Move, calendar and API."""

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from pins.models import Pin, PinStatus
from pins.spacing.services import findings_of
from tests.factories import BoardFactory, MediaFileFactory, MembershipFactory
from tests.page_text import page_text
from tests.pins.queue.helpers import add_times
from tests.pins.spacing.helpers import SALE, add_pin, at

SENTENCE = "This link is planned for Tue 6 Apr 2027, 18:30 too: “Oak chair”"
GOOD = "The next good time is <strong>Thu 8 Apr 2027, 18:30</strong>."
CHECKLIST = reverse("pins:pin_checklist")


@pytest.fixture(autouse=True)
def days_before(account):
    with time_machine.travel(at(account, -10), tick=False):
        yield


@pytest.fixture
def chair(account, team):
    """A pin that is planned with a link."""
    return add_pin(team.board, at(account), link=SALE, title="Oak chair")


@pytest.fixture
def near(account, team, chair):
    """A pin with the same link on the day after."""
    return add_pin(
        team.board, at(account, 1), link=SALE, title="Stool", media=MediaFileFactory(workspace=team.workspace)
    )


def typed(team, **fields):
    media = MediaFileFactory(workspace=team.workspace)
    form = {"board": team.board.pk, "attachments": media.pk, "title": "Stool", "link": f"{SALE}/?utm_source=pinterest"}
    return form | {"when": "time", "publish_at": "2027-04-07T18:30"} | fields


def codes_of(pin):
    return [each.code for each in findings_of(Pin.objects.with_content().get(pk=pin.pk), timezone.now())]


# The composer.


def test_the_composer_names_the_other_pin_and_offers_the_next_good_time(alice, team, chair):
    text = page_text(alice.post(CHECKLIST, typed(team)))

    assert SENTENCE in text
    assert GOOD in text
    assert 'data-fills="id_publish_at" data-value="2027-04-08T18:30"' in text


@pytest.mark.parametrize("fields", [{"publish_at": "2027-04-08T18:30"}, {"when": "now"}, {"link": ""}, {"board": ""}])
def test_the_composer_says_nothing_where_nothing_is_near(alice, team, chair, fields):
    assert SENTENCE not in page_text(alice.post(CHECKLIST, typed(team, **fields)))


def test_the_free_time_that_the_composer_names_is_a_good_one(alice, team, account, chair):
    add_times(account, "18:30", weekdays=[1, 2, 3])
    Pin.objects.filter(pk=chair.pk).update(publish_at=at(account, -7))

    text = page_text(alice.post(CHECKLIST, typed(team, when="queue")))

    assert '<span id="free-moment" hx-swap-oob="innerHTML">: Wed 31 Mar 2027, 18:30</span>' not in text
    assert "Thu 1 Apr 2027, 18:30" in text
    assert "This link" not in text


def test_a_pin_that_is_edited_is_not_in_its_own_way(alice, team, chair):
    form = typed(team, pin=chair.pk, publish_at="2027-04-06T18:30")

    assert "This link" not in page_text(alice.post(CHECKLIST, form))


def test_without_scripts_a_button_takes_the_good_time(alice, team, chair):
    page = alice.post(reverse("pins:pin_create"), typed(team, action="use_time:2027-04-08T18:30"))

    assert page.context["form"]["publish_at"].value() == "2027-04-08T18:30"
    assert page.context["when"] == "time"
    assert SENTENCE not in page_text(page)


@pytest.mark.parametrize("time", ["", "never", "2027-02-30T10:00", "9" * 50])
def test_a_time_that_is_none_leaves_the_form_as_it_is(alice, team, time):
    page = alice.post(reverse("pins:pin_create"), typed(team, action=f"use_time:{time}"))

    assert page.status_code == 200
    assert page.context["form"]["title"].value() == "Stool"


def test_nothing_is_forbidden_and_what_the_composer_showed_is_kept(alice, team, chair):
    alice.post(reverse("pins:pin_create"), typed(team, action="schedule", keeps="same_link"))

    pin = Pin.objects.get(title="Stool")
    assert pin.status == PinStatus.SCHEDULED
    assert codes_of(pin) == []
    assert any(event.text.startswith(f"Kept although there are warnings: {SENTENCE}") for event in pin.events.all())


def test_what_was_not_shown_is_not_kept(alice, team, chair):
    alice.post(reverse("pins:pin_create"), typed(team, action="schedule"))

    pin = Pin.objects.get(title="Stool")
    assert pin.status == PinStatus.SCHEDULED
    assert codes_of(pin) == ["same_link"]


# The page of a pin, and its review.


def test_the_page_of_a_pin_has_both_answers(alice, near):
    text = page_text(alice.get(reverse("pins:pin_detail", args=[near.pk])))

    assert SENTENCE in text
    assert GOOD in text
    assert 'id="use-good-time"' in text
    assert 'id="keep"' in text


def test_a_viewer_reads_the_warning_and_has_no_buttons(client, team, near):
    client.force_login(team.bob)

    text = page_text(client.get(reverse("pins:pin_detail", args=[near.pk])))

    assert SENTENCE in text
    assert 'id="keep"' not in text
    assert 'id="use-good-time"' not in text


@pytest.mark.parametrize("status", [PinStatus.PUBLISHED, PinStatus.FAILED, PinStatus.CREATING])
def test_what_no_time_can_change_is_told_nothing(alice, account, team, chair, status):
    pin = add_pin(team.board, at(account, 1), link=SALE, status=status)

    assert "This link" not in page_text(alice.get(reverse("pins:pin_detail", args=[pin.pk])))


def test_the_good_time_of_the_page_is_taken_with_one_click(alice, account, near):
    url = reverse("pins:pin_move", args=[near.pk])
    alice.post(url, {"version": near.version, "good_time": "2027-04-08T18:30"})

    assert Pin.objects.get(pk=near.pk).publish_at == at(account, 2)


def test_who_approves_a_pin_beside_its_warnings_keeps_it(alice, team, account, chair):
    team.workspace.requires_approval = True
    team.workspace.save()
    author = MembershipFactory(workspace=team.workspace, role=Role.EDITOR).user
    image = MediaFileFactory(workspace=team.workspace)
    pin = add_pin(team.board, at(account, 1), link=SALE, media=image, status=PinStatus.PROPOSED, proposed_by=author)
    text = page_text(alice.get(reverse("pins:pin_detail", args=[pin.pk])))
    assert SENTENCE in text
    assert '<input type="hidden" name="keeps" value="same_link">' in text

    alice.post(reverse("pins:pin_approve", args=[pin.pk]), {"version": pin.version, "keeps": "same_link"})

    pin.refresh_from_db()
    assert (pin.status, codes_of(pin)) == (PinStatus.SCHEDULED, [])
    assert pin.events.last().by == team.alice
    assert pin.events.last().text.startswith("Kept although")


# Move and the calendar.


def test_the_page_that_moves_a_pin_says_what_is_near(alice, near):
    text = page_text(alice.get(reverse("pins:pin_move", args=[near.pk])))

    assert SENTENCE in text
    assert GOOD in text


def test_a_move_too_near_is_made_and_says_so(alice, account, team, chair):
    image = MediaFileFactory(workspace=team.workspace)
    pin = add_pin(team.board, at(account, 9), link=SALE, title="Stool", media=image)
    url = reverse("pins:pin_move", args=[pin.pk])

    response = alice.post(
        url, {"version": pin.version, "publish_at": "2027-04-07T18:30"}, headers={"X-Requested-With": "XMLHttpRequest"}
    )

    assert response.status_code == 200
    assert SENTENCE in response.content.decode()
    assert Pin.objects.get(pk=pin.pk).publish_at == at(account, 1)


@pytest.mark.parametrize("view", ["month", "week", "day", "list"])
def test_the_calendar_marks_what_is_too_near(alice, near, view):
    text = page_text(alice.get(reverse("pins:calendar"), {"on": "2027-04-07", "view": view}))

    assert f'title="{SENTENCE}' in text
    assert "Too close" in text


def test_the_calendar_marks_nothing_that_was_kept(alice, near):
    alice.post(reverse("pins:pin_keep", args=[near.pk]), {"keeps": "same_link"})

    assert "Too close" not in page_text(alice.get(reverse("pins:calendar"), {"on": "2027-04-07"}))


# The API.


def test_the_api_warns_and_creates_the_pin(program, content, account, team, chair):
    fields = content | {"link": SALE, "publish_at": "2027-04-07T18:30:00+02:00"}

    answer = program.create_pin(**fields)

    assert answer.status_code == 201
    (warning,) = answer.json()["warnings"]
    assert (warning["code"], warning["field"]) == ("same_link", "link")
    assert warning["message"].startswith(SENTENCE)
    assert program.get(f"/api/pins/{answer.json()['id']}").json()["warnings"] == [warning]


def test_a_program_overrules_a_warning_ahead(program, content, account, team, chair):
    fields = content | {"link": SALE, "publish_at": "2027-04-07T18:30:00+02:00", "confirm": ["same_link"]}

    answer = program.create_pin(**fields).json()

    assert answer["warnings"] == []
    assert any(event["text"].startswith("Kept although") for event in answer["events"])


def test_the_same_image_on_another_board_is_warned_about(program, content, account, team, picture):
    add_pin(BoardFactory(account=account), at(account), media=picture)

    answer = program.create_pin(**content, publish_at="2027-04-12T18:30:00+02:00").json()

    assert [each["code"] for each in answer["warnings"]] == ["same_picture"]
