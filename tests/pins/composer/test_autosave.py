"""The composer saves by itself: nothing typed is lost, nothing on its way changes, no second pin is made."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from pins.models import Pin, PinEventKind, PinStatus, UnsavedEdit
from tests.factories import BoardFactory, MediaFileFactory, MembershipFactory, PinFactory, UserFactory

pytestmark = pytest.mark.django_db

NEW = reverse("pins:pin_create")
SAVE_NEW = reverse("pins:pin_autosave_new")
TOKEN = "8f14e45f-ceea-4f7e-9b5c-0d2f3c4b5a69"
FORM = {"form_token": TOKEN, "version": 1}


def save(browser, pin=None, **fields):
    address = reverse("pins:pin_autosave", args=[pin.pk]) if pin else SAVE_NEW
    response = browser.post(address, FORM | fields, headers={"X-Requested-With": "XMLHttpRequest"})
    assert response.status_code == 200
    return response.json()


def edit(pin):
    return reverse("pins:pin_edit", args=[pin.pk])


@pytest.fixture
def carol(team):
    """The browser of a second editor."""
    browser = Client()
    browser.force_login(
        MembershipFactory(workspace=team.workspace, user=UserFactory(email="carol@example.com"), role=Role.EDITOR).user
    )
    return browser


@pytest.fixture
def draft(team):
    return PinFactory(board=team.board, status=PinStatus.DRAFT, title="Oak")


@pytest.fixture
def scheduled(team):
    return PinFactory(board=team.board, title="Oak", publish_at=timezone.now() + timedelta(days=1))


# A new pin.


def test_the_first_save_makes_the_draft_and_the_next_ones_change_it(team, alice):
    media = MediaFileFactory(workspace=team.workspace)

    first = save(alice, title="O")
    second = save(alice, title="Oak", attachments=media.pk, board=team.board.pk, version=first["version"])

    pin = Pin.objects.get()
    assert (pin.status, pin.title, pin.board, list(pin.media.all())) == ("draft", "Oak", team.board, [media])
    assert (first["state"], first["version"], second["version"], pin.version) == ("saved", 1, 2, 2)
    assert first["edit_url"] == edit(pin)
    assert first["autosave_url"] == reverse("pins:pin_autosave", args=[pin.pk])
    assert first["message"].startswith("Saved ")


def test_a_form_in_which_nothing_was_typed_makes_no_draft(alice):
    assert save(alice, title="  ", publish_at="")["state"] == "empty"
    assert not Pin.objects.exists()


@pytest.mark.parametrize("field", [{"publish_at": "2031-05-06T07:08"}, {"dominant_color": "#"}, {"board": "nonsense"}])
def test_anything_typed_makes_a_draft(alice, field):
    assert save(alice, **field)["state"] == "saved"


def test_a_save_whose_answer_was_lost_makes_no_second_pin(alice):
    first, again = save(alice, title="Oak"), save(alice, title="Oak")

    assert Pin.objects.count() == 1
    assert (first["edit_url"], again["state"]) == (again["edit_url"], "saved")


def test_publishing_after_saves_publishes_the_same_draft(team, alice):
    media = MediaFileFactory(workspace=team.workspace)
    content = {"title": "Oak", "board": team.board.pk, "attachments": media.pk}
    answer = save(alice, **content)

    for _ in range(2):  # a double click
        response = alice.post(answer["edit_url"], FORM | content | {"version": 1, "action": "publish"})

    pin = Pin.objects.get()
    assert (pin.status, response["Location"]) == ("scheduled", reverse("pins:pin_detail", args=[pin.pk]))
    assert [event.kind for event in pin.events.all()].count("scheduled") == 1
    assert "edited" not in [event.kind for event in pin.events.all()]


def test_a_form_whose_pin_has_gone_out_makes_no_further_ones_by_itself(team, alice):
    media = MediaFileFactory(workspace=team.workspace)
    content = FORM | {"title": "Oak", "board": team.board.pk, "attachments": media.pk}
    alice.post(NEW, content | {"action": "publish"})

    answer = save(alice, **content | {"title": "Birch"})

    assert answer["state"] == "too_late"
    assert Pin.objects.get().title == "Oak"


# A draft.


def test_a_draft_is_changed_in_place(alice, draft):
    answer = save(alice, draft, title="Birch", description="x" * 501)

    draft.refresh_from_db()
    assert (draft.title, draft.description, draft.version) == ("Birch", "x" * 501, 2)
    assert (answer["state"], answer["version"]) == ("saved", 2)


@pytest.mark.parametrize(
    ("unreadable", "told"),
    [
        ({"publish_at": "tomorrow"}, "without Schedule for: Enter the date and time like this"),
        ({"board": "nonsense"}, "without Board: This board isn't in"),
        ({"section": "99999"}, "without Section: This section no longer exists"),
        ({"link": "https://example.com/\0"}, "without Link: The link contains an invisible NUL"),
        ({"link": "https://example.com/" + "x" * 20_480}, "without Link: The link has 20,500 characters;"),
    ],
)
def test_a_field_that_cannot_be_read_does_not_stop_the_others(team, alice, draft, unreadable, told):
    before = {"board": team.board, "link": draft.link, "publish_at": draft.publish_at}

    answer = save(alice, draft, **{"title": "Birch", "board": team.board.pk, "link": draft.link} | unreadable)

    draft.refresh_from_db()
    assert draft.title == "Birch"
    assert answer["state"] == "saved"
    assert told in answer["message"]
    kept = before if "publish_at" in unreadable else {key: before[key] for key in ("board", "link")}
    assert {name: getattr(draft, name) for name in kept} == kept


def test_a_nul_in_the_text_of_an_image_keeps_the_files_as_they_were(team, alice, draft):
    before = list(draft.media.all())
    pictures = MediaFileFactory.create_batch(2, workspace=team.workspace)

    save(
        alice,
        draft,
        title="Birch",
        attachments=[each.pk for each in pictures],
        **{f"attachment_title-{pictures[0].pk}": "a\0b"},
    )

    draft.refresh_from_db()
    assert (draft.title, list(draft.media.all())) == ("Birch", before)


def test_all_saves_of_a_sitting_are_one_event(alice, draft):
    for number in range(5):
        save(alice, draft, title=f"Birch {number}", version=number + 1)

    [event] = draft.events.all()
    assert event.kind == PinEventKind.EDITED


def test_saves_of_two_people_are_told_apart(team, alice, carol, draft):
    save(alice, draft, title="Birch", version=1)
    save(carol, draft, title="Elm", version=2)
    save(alice, draft, title="Fir", version=3)

    assert [event.by.email for event in draft.events.all()] == [
        *("alice@example.com", "carol@example.com", "alice@example.com")
    ]


def test_a_later_sitting_is_an_event_of_its_own(team, alice, draft):
    save(alice, draft, title="Birch", version=1)
    draft.events.update(at=timezone.now() - timedelta(hours=2))

    save(alice, draft, title="Elm", version=2)

    assert draft.events.count() == 2


def test_a_draft_that_somebody_else_has_changed_is_left_alone(team, alice, carol, draft):
    save(carol, draft, title="Elm")

    answer = save(alice, draft, title="Birch")

    draft.refresh_from_db()
    assert draft.title == "Elm"
    assert answer["state"] == "conflict"
    assert answer["message"].startswith("Not saved: carol@example.com changed this pin at ")
    assert "version" not in answer
    page = alice.get(edit(draft))  # what alice typed waits for her
    assert page.context["form"]["title"].value() == "Birch"
    assert page.context["form"]["version"].value() == "1"


def test_a_time_that_the_clocks_skip_is_saved_as_the_next_one_and_the_field_gets_it(alice, draft):
    answer = save(alice, draft, title="Birch", publish_at="2027-03-28T02:30")

    draft.refresh_from_db()
    assert draft.publish_at == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
    assert answer["publish_at"] == "2027-03-28T03:00"
    notice = "The clocks skip 02:30 on 28 Mar 2027, so it's the next time there is: 03:00."
    assert re.fullmatch(rf"Saved \d\d:\d\d\. {notice}", answer["message"])
    assert "publish_at" not in save(alice, draft, title="Elm", publish_at="2027-03-28T03:00", version=2)


# A pin that is no draft.


@pytest.mark.parametrize("status", [PinStatus.SCHEDULED, PinStatus.UPLOADING, PinStatus.PROCESSING, PinStatus.FAILED])
def test_a_pin_that_is_no_draft_stays_as_it_is(team, alice, carol, status):
    pin = PinFactory(board=team.board, status=status, title="Oak")
    before = Pin.objects.values().get()

    answer = save(alice, pin, title="Birch", publish_at="2027-03-28T02:30", board=team.board.pk)

    assert Pin.objects.values().get() == before
    assert answer["state"] == "aside"
    page = alice.get(edit(pin))
    assert page.context["form"]["title"].value() == "Birch"
    assert page.context["form"]["publish_at"].value() == "2027-03-28T03:00"
    assert "The clocks skip 02:30" in page.content.decode()
    assert "Your unsaved changes from" in page.content.decode()
    assert carol.get(edit(pin)).context["form"]["title"].value() == "Oak"


def test_what_was_kept_aside_can_be_discarded(alice, scheduled):
    save(alice, scheduled, title="Birch")

    response = alice.post(edit(scheduled), FORM | {"title": "Birch", "action": "discard"})

    assert response["Location"] == edit(scheduled)
    assert alice.get(edit(scheduled)).context["form"]["title"].value() == "Oak"


@pytest.mark.usefixtures("may_2031")
def test_saving_clears_what_was_kept_aside(team, alice, scheduled):
    content = {"title": "Birch", "board": team.board.pk, "attachments": scheduled.media.get().pk}
    save(alice, scheduled, **content)

    alice.post(edit(scheduled), FORM | content | {"action": "schedule", "publish_at": "2031-05-06T07:08"})

    scheduled.refresh_from_db()
    assert (scheduled.title, scheduled.status) == ("Birch", "scheduled")
    assert not UnsavedEdit.objects.exists()


def test_typing_it_back_leaves_nothing_aside(team, alice, scheduled):
    local = timezone.localtime(scheduled.publish_at, team.workspace.zone)
    content = {
        "title": "Oak",
        "description": scheduled.description,
        "link": scheduled.link,
        "board": team.board.pk,
        "attachments": scheduled.media.get().pk,
        "publish_at": f"{local:%Y-%m-%dT%H:%M}",
    }

    save(alice, scheduled, **content | {"title": "Birch"})
    assert UnsavedEdit.objects.exists()
    save(alice, scheduled, **content)

    assert not UnsavedEdit.objects.exists()


def test_nothing_is_kept_of_what_is_no_part_of_the_pin(alice, scheduled):
    save(alice, scheduled, title="B\0irch", csrfmiddlewaretoken="secret", action="publish")

    kept = UnsavedEdit.objects.get()
    assert kept.form == urlencode({"form_token": TOKEN, "version": 1, "title": "B\0irch"})


def test_a_pin_that_pinterest_has_says_so(team, alice):
    published = PinFactory(board=team.board, status=PinStatus.PUBLISHED)

    assert save(alice, published, title="Birch")["message"].startswith("Not saved: the pin is already being published")
    assert not UnsavedEdit.objects.exists()


# Who may.


def test_an_expired_session_is_told_and_nothing_is_saved(alice, draft):
    alice.logout()

    response = alice.post(
        reverse("pins:pin_autosave", args=[draft.pk]), {"title": "x"}, headers={"X-Requested-With": "XMLHttpRequest"}
    )

    assert response.status_code == 401
    assert response.content.decode().startswith("You've been signed out.")


def test_boards_and_files_of_others_are_not_taken(team, alice):
    save(alice, title="Oak", board=BoardFactory().pk, attachments=MediaFileFactory().pk)

    pin = Pin.objects.get()
    assert (pin.board, pin.media.count()) == (None, 0)


def test_a_save_costs_few_queries(team, alice, draft, django_assert_max_num_queries):
    # Who asks (3), pin, files and events (4), files and board of the form (3), savepoint and writes (12).
    with django_assert_max_num_queries(22):
        save(alice, draft, title="Birch", board=team.board.pk, attachments=draft.media.get().pk)


def test_a_text_that_no_draft_holds_is_not_kept_aside_either(team, alice):
    pin = PinFactory(board=team.board)

    save(alice, pin, title="x" * 100_000, description="Kept")

    edit = UnsavedEdit.objects.get(pin=pin)
    assert "description=Kept" in edit.form
    assert len(edit.form) < 2_000
