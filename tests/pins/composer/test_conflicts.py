"""Two people, or two windows of one person, with the same pin: the later one is told before anything is overwritten."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from pins.composer import services as composer
from pins.composer.services import EditOutcome
from pins.models import Pin, PinStatus
from pins.rules.composition import Composition
from pins.scheduling import services as scheduling
from tests.factories import MediaFileFactory, MembershipFactory, PinFactory, UserFactory
from tests.page_text import text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("may_2031")]


@pytest.fixture
def carol(team):
    browser = Client()
    browser.force_login(
        MembershipFactory(workspace=team.workspace, user=UserFactory(email="carol@example.com"), role=Role.EDITOR).user
    )
    return browser


@pytest.fixture
def pin(team):
    return PinFactory(board=team.board, status=PinStatus.DRAFT, title="Oak", description="", link="")


def opened(browser, pin):
    """The form as it stands on the page of somebody who has just opened it."""
    form = browser.get(reverse("pins:pin_edit", args=[pin.pk])).context["form"]
    attachments = [attached.media.pk for attached in form.attachments]
    fields = {name: form[name].value() for name in ("board", "title", "description", "link", "version")}
    return fields | {"attachments": attachments, "form_token": ""}


def send(browser, pin, form, action="draft", replaces=None, **changes):
    """Presses a button of the form; `replaces` is the version that “Replace it with mine” overwrites."""
    address = reverse("pins:pin_edit", args=[pin.pk]) + (f"?replaces={replaces}" if replaces else "")
    return browser.post(address, form | changes | {"action": action})


def title(pin):
    return Pin.objects.get(pk=pin.pk).title


def test_the_later_one_is_told_who_was_faster_and_what_is_different(team, alice, carol, pin):
    hers, mine = opened(carol, pin), opened(alice, pin)
    media = MediaFileFactory(workspace=team.workspace, original_name="elm.jpg")
    send(carol, pin, hers, title="Elm", attachments=[media.pk], publish_at="2031-05-06T07:08")

    response = send(alice, pin, mine, title="Birch", description="By hand")

    page = text(response)
    conflict = response.context["conflict"]
    assert "carol@example.com changed this pin" in page
    assert timezone.now() - conflict.at < timezone.timedelta(minutes=1)
    assert {difference.label: difference.current for difference in conflict.differences} == {
        "Files": "elm.jpg",
        "Title": "Elm",
        "Description": "empty",
        "Schedule for": "Tue 6 May 2031, 07:08",
    }
    assert 'value="Birch"' in page
    assert ">By hand</textarea>" in page
    assert title(pin) == "Elm"


def test_a_second_press_overwrites_knowingly(alice, carol, pin):
    hers, mine = opened(carol, pin), opened(alice, pin)
    send(carol, pin, hers, title="Elm")
    response = send(alice, pin, mine, title="Birch")
    assert 'formaction="?replaces=2">Save mine instead</button>' in text(response)

    send(alice, pin, mine, title="Birch", replaces=2)

    assert title(pin) == "Birch"


def test_the_other_buttons_never_overwrite_what_somebody_else_has_changed(alice, carol, pin):
    hers, mine = opened(carol, pin), opened(alice, pin)
    send(carol, pin, hers, title="Elm")

    for _ in range(2):
        response = send(alice, pin, mine | {"version": mine["version"]}, link="https://example.com/mine")

        assert response.context["conflict"] is not None
    assert title(pin) == "Elm"


def test_a_third_change_in_between_is_told_again(alice, carol, pin):
    hers, mine = opened(carol, pin), opened(alice, pin)
    send(carol, pin, hers, title="Elm")
    first = send(alice, pin, mine, title="Birch")
    send(carol, pin, opened(carol, pin), title="Fir")

    assert first.context["pin"].version == 2
    second = send(alice, pin, mine, title="Birch", replaces=2)

    assert [difference.current for difference in second.context["conflict"].differences] == ["Fir"]
    assert title(pin) == "Fir"


def test_mine_can_be_dropped(alice, carol, pin):
    hers, mine = opened(carol, pin), opened(alice, pin)
    send(carol, pin, hers, title="Elm")
    send(alice, pin, mine, title="Birch")
    assert opened(alice, pin)["title"] == "Birch"  # kept until somebody decides

    send(alice, pin, mine, action="discard")

    assert opened(alice, pin)["title"] == "Elm"


def test_two_windows_of_one_person_are_two(alice, pin):
    first, second = opened(alice, pin), opened(alice, pin)
    send(alice, pin, first, title="Elm")

    assert "You changed this pin in another window" in text(send(alice, pin, second, title="Birch"))


def test_the_same_change_twice_is_no_conflict(alice, carol, pin):
    hers, mine = opened(carol, pin), opened(alice, pin)
    send(carol, pin, hers, title="Elm")

    assert send(alice, pin, mine, title="Elm").status_code == 302


def test_a_form_opened_before_somebody_scheduled_the_pin_does_not_take_it_back(team, alice, carol, pin):
    hers, mine = opened(carol, pin), opened(alice, pin)
    send(carol, pin, hers, action="schedule", publish_at="2031-05-06T07:08")

    response = send(alice, pin, mine, title="Birch")

    assert "carol@example.com changed this pin" in text(response)
    assert Pin.objects.get().status == PinStatus.SCHEDULED


def test_a_worker_that_takes_the_pin_up_is_no_conflict(team, alice):
    pin = PinFactory(board=team.board, title="Oak")
    mine = opened(alice, pin)
    Pin.objects.update(next_attempt_at=timezone.now(), attempts=2, updated_at=timezone.now())

    assert send(alice, pin, mine, action="schedule", publish_at="2031-05-06T07:08", title="Birch").status_code == 302
    assert title(pin) == "Birch"


def test_a_pin_that_is_too_late_to_change_can_become_a_new_one(team, alice, pin):
    mine = opened(alice, pin)
    Pin.objects.update(status=PinStatus.CREATING, sent_at=timezone.now(), next_attempt_at=timezone.now())
    late = text(send(alice, pin, mine, title="Birch"))
    assert 'value="copy">Save as a new pin</button>' in late

    response = send(alice, pin, mine, action="copy", title="Birch")

    copy = Pin.objects.exclude(pk=pin.pk).get()
    assert response["Location"] == reverse("pins:pin_edit", args=[copy.pk])
    assert (copy.title, copy.status, title(pin)) == ("Birch", "draft", "Oak")


def test_of_two_edits_of_one_version_one_is_written(team, pin):
    """As two processes do it: each has read the pin before the other writes."""
    first, second = Pin.objects.get(), Pin.objects.get()
    now = timezone.now()

    outcomes = [
        composer.edit_pin(
            read, Composition(title=typed), publish_at=None, is_draft=True, by=team.alice, now=now, version=read.version
        )
        for read, typed in ((first, "Elm"), (second, "Fir"))
    ]

    assert outcomes == [EditOutcome.SAVED, EditOutcome.CONFLICT]
    assert (title(pin), second.title) == ("Elm", "Elm")
    assert Pin.objects.get().version == 2


def test_the_conflict_names_whoever_scheduled_it(team, alice, carol, pin):
    hers, mine = opened(carol, pin), opened(alice, pin)
    send(carol, pin, hers, title="Elm")
    read = Pin.objects.get()
    scheduling.schedule(read, timezone.now() + timezone.timedelta(days=1), by=team.alice, now=timezone.now())

    response = send(alice, pin, mine, title="Birch")

    assert response.context["conflict"].summary == "You changed this pin in another window"
