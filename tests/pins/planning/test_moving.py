"""Moving a pin to another time: who may, what becomes of it, and what is refused."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, Role
from pins.models import MOVABLE_STATUSES, Pin, PinEventKind, PinStatus
from pins.planning.services import MoveError, move_pin
from tests.factories import MembershipFactory, PinFactory

TO = "2027-03-05T09:30"
MOMENT = datetime(2027, 3, 5, 8, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def berlin(team):
    """The team's workspace in Berlin, on 1 March 2027 at noon."""
    team.workspace.time_zone = "Europe/Berlin"
    team.workspace.save()
    with time_machine.travel(datetime(2027, 3, 1, 11, 0, tzinfo=UTC), tick=False):
        yield team


@pytest.fixture
def pin(team):
    return PinFactory(board=team.board, publish_at=timezone.now() + timedelta(days=1))


def post(client, pin, **data):
    return client.post(reverse("pins:pin_move", args=[pin.pk]), {"publish_at": TO, "version": pin.version} | data)


def by_script(client, pin, **data):
    return client.post(
        reverse("pins:pin_move", args=[pin.pk]),
        {"publish_at": TO, "version": pin.version} | data,
        headers={"X-Requested-With": "XMLHttpRequest"},
    )


def fresh(pin):
    return Pin.objects.get(pk=pin.pk)


def test_a_scheduled_pin_goes_out_at_its_new_time_and_its_history_tells_of_it(alice, pin, team):
    response = post(alice, pin)

    moved = fresh(pin)
    assert response.status_code == 302
    assert (moved.status, moved.publish_at, moved.next_attempt_at) == (PinStatus.SCHEDULED, MOMENT, MOMENT)
    event = moved.events.last()
    assert (event.by, event.text) == (team.alice, "Moved from Tue 2 Mar 2027, 12:00 to Fri 5 Mar 2027, 09:30.")
    assert AuditEntry.objects.filter(detail__contains="Moved from").exists()


@pytest.mark.parametrize("status", [PinStatus.DRAFT, PinStatus.PROPOSED])
def test_a_draft_and_a_proposal_stay_what_they_are(alice, team, status):
    pin = PinFactory(board=team.board, status=status, publish_at=None)

    post(alice, pin)

    moved = fresh(pin)
    assert (moved.status, moved.publish_at, moved.next_attempt_at) == (status, MOMENT, None)
    assert (moved.events.last().kind, moved.events.last().text) == (
        PinEventKind.EDITED,
        "Planned for Fri 5 Mar 2027, 09:30.",
    )


def test_a_failed_pin_is_scheduled_again(alice, team):
    pin = PinFactory(board=team.board, status=PinStatus.FAILED, error_code="spam", attempts=3)

    post(alice, pin)

    moved = fresh(pin)
    assert (moved.status, moved.publish_at, moved.error_code, moved.attempts) == (PinStatus.SCHEDULED, MOMENT, "", 0)


@pytest.mark.parametrize("status", [status for status in PinStatus if status not in MOVABLE_STATUSES])
def test_what_pinterest_has_or_may_have_is_not_moved_even_by_a_forged_request(alice, team, status):
    pin = PinFactory(board=team.board, status=status, publish_at=timezone.now() + timedelta(days=1))

    response = by_script(alice, pin)

    assert (response.status_code, fresh(pin).publish_at) == (422, pin.publish_at)
    assert "can't be moved anymore" in response.content.decode()


def test_a_failed_pin_in_doubt_is_not_moved(alice, team):
    pin = PinFactory(board=team.board, status=PinStatus.FAILED, sent_at=timezone.now())

    assert by_script(alice, pin).status_code == 422
    assert fresh(pin).status == PinStatus.FAILED


def test_a_stale_page_moves_nothing_and_says_who_was_faster(alice, pin, team):
    move_pin(Pin.objects.get(pk=pin.pk), MOMENT, version=pin.version, by=team.alice, now=timezone.now())

    response = by_script(alice, pin, publish_at="2027-04-01T10:00")

    assert response.status_code == 409
    assert response.content.decode() == (
        "alice@example.com changed this pin a moment ago: it is planned for Fri 5 Mar 2027, 09:30. Nothing was moved."
    )
    assert fresh(pin).publish_at == MOMENT


def test_the_page_of_a_stale_move_can_be_sent_again(alice, pin, team):
    move_pin(Pin.objects.get(pk=pin.pk), MOMENT, version=pin.version, by=team.alice, now=timezone.now())

    page = post(alice, pin, publish_at="2027-04-01T10:00")
    again = post(alice, fresh(pin), publish_at=page.context["form"]["publish_at"].value())

    assert page.status_code == 200
    assert page.context["form"]["publish_at"].value() == "2027-04-01T10:00"
    assert page.context["form"]["version"].value() == str(fresh(pin).version - 1)
    assert again.status_code == 302
    assert fresh(pin).publish_at == datetime(2027, 4, 1, 8, 0, tzinfo=UTC)


def test_two_hundred_moves_from_two_pages_lose_and_double_nothing(pin, team):
    versions, refused = [1, 1], 0
    for number in range(200):
        page = number * 7 % 2
        try:
            to = MOMENT + timedelta(minutes=number)
            move_pin(Pin.objects.get(pk=pin.pk), to, version=versions[page], by=team.alice, now=timezone.now())
        except MoveError as error:
            assert error.is_stale
            refused += 1
        versions[page] = fresh(pin).version

    assert refused
    assert fresh(pin).version == 1 + 200 - refused
    assert fresh(pin).events.filter(text__startswith="Moved").count() == 200 - refused


@pytest.mark.parametrize(
    ("publish_at", "sentence"),
    [
        ("2027-03-01T11:59", "This time has passed. Choose a later one."),
        ("", "Choose a date and time."),
        ("tomorrow", "Enter the date and time like this: 2027-03-28 09:30."),
        ("9999-12-31T23:59", "Enter the date and time like this: 2027-03-28 09:30."),
        ("2027-03-28T02:30", "02:30 does not exist on 28 Mar 2027 in Europe/Berlin"),
    ],
)
def test_a_time_that_is_none_is_refused_beside_its_field_and_kept(alice, pin, publish_at, sentence):
    page = post(alice, pin, publish_at=publish_at)

    assert page.status_code == 200
    assert sentence in page.context["form"]["publish_at"].errors[0]
    assert page.context["form"]["publish_at"].value() == publish_at
    assert sentence in by_script(alice, pin, publish_at=publish_at).content.decode()
    assert fresh(pin).publish_at == pin.publish_at


@pytest.mark.parametrize("version", ["", "x", "0", "-1", str(2**40)])
def test_a_version_that_is_none_moves_nothing(alice, pin, version):
    assert by_script(alice, pin, version=version).status_code == 422
    assert fresh(pin).publish_at == pin.publish_at


def test_a_failed_pin_that_breaks_a_rule_says_which(alice, team):
    pin = PinFactory(board=team.board, status=PinStatus.FAILED, title="a" * 101)

    response = by_script(alice, pin)

    assert response.status_code == 422
    assert "The title has 101 characters" in response.content.decode()


def test_an_exact_double_is_asked_about(alice, pin, team):
    other = PinFactory(board=team.board, publish_at=MOMENT, link=pin.link, attachments=0)
    other.attachments.create(media=pin.media_files[0], position=0)

    page, sentence = post(alice, pin), by_script(alice, pin).content.decode()
    confirmed = alice.post(
        f"{reverse('pins:pin_move', args=[pin.pk])}?confirm=exact_double", {"publish_at": TO, "version": 1}
    )

    assert "Publish both?" in page.content.decode()
    assert "Move anyway" in page.content.decode()
    assert "Use “Move…” to confirm." in sentence
    assert confirmed.status_code == 302
    assert "Confirmed as a duplicate" in fresh(pin).events.last().text


def test_where_an_approval_is_needed_an_editor_moves_proposals_but_nothing_that_is_approved(client, pin, team):
    team.workspace.requires_approval = True
    team.workspace.save()
    editor = MembershipFactory(workspace=team.workspace, role=Role.EDITOR).user
    client.force_login(editor)
    proposed = PinFactory(board=team.board, status=PinStatus.PROPOSED, publish_at=None)

    page = client.get("/calendar/", {"on": pin.publish_at.date().isoformat()}).content.decode()
    assert reverse("pins:pin_move", args=[pin.pk]) not in page
    assert post(client, proposed).status_code == 302
    assert post(client, pin).status_code == 403
    assert fresh(pin).publish_at == pin.publish_at


def test_afterwards_the_page_that_asked_is_shown_but_never_another_site(alice, pin):
    url = reverse("pins:pin_move", args=[pin.pk])
    back = "/calendar/?view=week&on=2027-03-01"

    moved = alice.post(f"{url}?next={quote(back)}", {"publish_at": TO, "version": 1})
    again = alice.post(f"{url}?next=https://evil.example/", {"publish_at": "2027-04-01T09:30", "version": 2})

    assert moved.url == back
    assert again.url == reverse("pins:pin_detail", args=[pin.pk])
