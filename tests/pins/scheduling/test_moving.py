"""Moving a pin to another time: who may, what becomes of it, and what is refused."""

import random
import uuid
from datetime import UTC, datetime, time, timedelta
from unittest.mock import patch
from urllib.parse import quote

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, Role
from pins.models import MOVABLE_STATUSES, Pin, PinEvent, PinEventKind, PinStatus
from pins.rules.composition import Problem
from pins.rules.questions import ConfirmationNeeded
from pins.scheduling.moving import MoveError, move_pin
from postiz_pins.common.undo import undo_of
from tests.factories import MembershipFactory, PinFactory, PublishingTimeFactory, UserFactory

TO = "2027-03-05T09:30"
MOMENT = datetime(2027, 3, 5, 8, 30, tzinfo=UTC)
NOW = datetime(2027, 3, 1, 11, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def berlin(team):
    """The team's workspace in Berlin, on 1 March 2027 at noon."""
    team.workspace.time_zone = "Europe/Berlin"
    team.workspace.save()
    with time_machine.travel(NOW, tick=False):
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


def test_a_video_that_is_uploaded_goes_on_and_waits_for_its_new_time(alice, team):
    token = uuid.uuid4()
    until = timezone.now() + timedelta(minutes=1)
    pin = PinFactory(
        board=team.board, status=PinStatus.UPLOADING, pinterest_media_id="52", claim_token=token, claimed_until=until
    )

    assert post(alice, pin).status_code == 302

    moved = fresh(pin)
    assert (moved.status, moved.publish_at, moved.pinterest_media_id) == (PinStatus.UPLOADING, MOMENT, "52")
    assert (moved.claim_token, moved.next_attempt_at) == (token, pin.next_attempt_at)


@pytest.mark.parametrize("is_ready", [False, True])
def test_a_video_that_is_processed_is_not_uploaded_again(alice, team, is_ready):
    now = timezone.now()
    pin = PinFactory(
        board=team.board,
        status=PinStatus.PROCESSING,
        media_ready_at=now if is_ready else None,
        claim_token=uuid.uuid4(),
        claimed_until=now + timedelta(minutes=1),
    )

    assert post(alice, pin).status_code == 302

    moved = fresh(pin)
    assert (moved.status, moved.publish_at) == (PinStatus.PROCESSING, MOMENT)
    assert (moved.pinterest_media_id, moved.media_ready_at) == (pin.pinterest_media_id, pin.media_ready_at)
    assert moved.next_attempt_at == (MOMENT if is_ready else pin.next_attempt_at)
    assert moved.claim_token is None  # whoever is about to send it finds its claim lost


def test_the_page_offers_the_next_free_publishing_times(alice, pin, team):
    PublishingTimeFactory(account=team.account, weekday=4, time=time(9, 30))

    page = alice.get(reverse("pins:pin_move", args=[pin.pk])).content.decode()
    assert f'name="free_time" value="{TO}"' in page
    post(alice, pin, publish_at="", free_time=TO)

    assert (fresh(pin).publish_at, fresh(pin).is_queued) == (MOMENT, True)


def test_a_pin_that_was_dropped_on_a_day_is_offered_the_free_times_from_that_day_on(alice, team):
    draft = PinFactory(board=team.board, status=PinStatus.DRAFT, publish_at=None)
    PublishingTimeFactory(account=team.account, weekday=0, time=time(18, 30))

    page = alice.get(reverse("pins:pin_move", args=[draft.pk]), {"publish_at": "2027-03-10T09:00"}).content.decode()

    assert 'value="2027-03-15T18:30"' in page
    assert 'value="2027-03-08T18:30"' not in page


def test_the_own_time_of_a_pin_is_not_offered(alice, pin, team):
    PublishingTimeFactory(account=team.account, weekday=4, time=time(9, 30))
    post(alice, pin, publish_at="", free_time=TO)

    page = alice.get(reverse("pins:pin_move", args=[pin.pk])).content.decode()

    assert page.count('name="free_time"') == 4
    assert f'value="{TO}"' not in page.partition('name="free_time"')[2]


def test_another_time_takes_a_pin_out_of_the_queue_and_undo_puts_it_back(alice, team):
    before = timezone.now() + timedelta(days=1)
    pin = PinFactory(board=team.board, publish_at=before, is_queued=True)

    page = alice.post(reverse("pins:pin_move", args=[pin.pk]), {"publish_at": TO, "version": pin.version}, follow=True)
    assert (fresh(pin).publish_at, fresh(pin).is_queued) == (MOMENT, False)
    [message] = page.context["messages"]
    undo = undo_of(message)
    alice.post(undo.url, undo.fields)

    assert (fresh(pin).publish_at, fresh(pin).is_queued) == (before.replace(second=0, microsecond=0), True)


@pytest.mark.parametrize("status", sorted({*MOVABLE_STATUSES} - {PinStatus.DRAFT}))
def test_only_a_draft_can_be_without_a_date_even_by_a_forged_request(alice, team, status):
    pin = PinFactory(board=team.board, status=status, publish_at=MOMENT, is_queued=status == PinStatus.SCHEDULED)

    response = by_script(alice, pin, no_date="1", free_time=TO)

    assert response.status_code == 422
    assert response.content.decode().startswith("Only a draft can be without a date.")
    assert fresh(pin).publish_at == MOMENT


def test_a_failed_pin_in_doubt_is_not_moved(alice, team):
    pin = PinFactory(board=team.board, status=PinStatus.FAILED, sent_at=timezone.now())

    assert by_script(alice, pin).status_code == 422
    assert fresh(pin).status == PinStatus.FAILED


def colleague(team, email="ana@example.com"):
    user = UserFactory(email=email)
    MembershipFactory(workspace=team.workspace, user=user, role=Role.ADMIN)
    return user


@pytest.mark.parametrize(
    ("minutes", "sentence"),
    [
        (1, "ana@example.com moved this pin to Fri 5 Mar 2027, 09:30 a moment ago. Your move wasn't saved."),
        (60, "ana@example.com moved this pin to Fri 5 Mar 2027, 09:30. Your move wasn't saved."),
    ],
)
def test_a_stale_page_moves_nothing_and_says_who_was_faster(alice, pin, team, minutes, sentence):
    with time_machine.travel(NOW - timedelta(minutes=minutes), tick=False):
        move_pin(fresh(pin), MOMENT, version=pin.version, by=colleague(team), now=timezone.now())
    PinEvent.objects.create(pin=pin, kind=PinEventKind.CHECKED)  # by a worker

    response = by_script(alice, pin, publish_at="2027-04-01T10:00")

    assert (response.status_code, response.content.decode()) == (409, sentence)
    assert fresh(pin).publish_at == MOMENT


def test_a_stale_page_names_an_edit_and_the_other_tab_of_the_same_person(alice, pin, team):
    tab = timezone.now()
    move_pin(fresh(pin), MOMENT, version=pin.version, by=team.alice, now=tab)
    assert by_script(alice, pin).content.decode().startswith("You moved this pin to Fri 5 Mar 2027, 09:30 a moment ago")

    PinEvent.objects.create(pin=pin, kind=PinEventKind.EDITED, by=colleague(team))
    assert by_script(alice, pin).content.decode() == (
        "ana@example.com changed this pin a moment ago: it is planned for Fri 5 Mar 2027, 09:30."
        " Your move wasn't saved."
    )


def test_a_time_that_has_passed_today_is_asked_about_and_the_page_offers_now_and_free_times(alice, pin, team):
    PublishingTimeFactory(account=team.account, weekday=0, time=time(18, 30))
    sentence = "09:30 has already passed today. Choose another time."

    dropped = by_script(alice, pin, publish_at="2027-03-01T09:30")
    opened = alice.get(reverse("pins:pin_move", args=[pin.pk]), {"publish_at": "2027-03-01T09:30"})

    assert dropped.status_code == 300
    for page in (dropped.content.decode(), opened.content.decode()):
        assert sentence in page
        assert 'name="free_time" value="2027-03-01T18:30"' in page
        assert 'name="now" value="1"' in page
    assert fresh(pin).publish_at == pin.publish_at


def test_now_publishes_a_scheduled_pin_at_once(alice, pin, team):
    response = post(alice, pin, publish_at="2027-03-01T09:30", now="1")

    moved = fresh(pin)
    assert response.status_code == 302
    assert (moved.status, moved.publish_at, moved.next_attempt_at) == (PinStatus.SCHEDULED, NOW, NOW)


@pytest.mark.parametrize("status", [PinStatus.DRAFT, PinStatus.PROPOSED])
def test_now_is_not_offered_for_what_was_not_released_even_by_a_forged_request(alice, team, status):
    pin = PinFactory(board=team.board, status=status, publish_at=timezone.now() + timedelta(days=1))
    page = alice.get(reverse("pins:pin_move", args=[pin.pk]), {"publish_at": "2027-03-01T09:30"}).content.decode()

    refused = by_script(alice, pin, now="1")

    assert 'name="now"' not in page
    assert (refused.status_code, fresh(pin).publish_at) == (422, pin.publish_at)


def test_what_is_moved_is_told_in_full_words(alice, pin):
    told = by_script(alice, pin).content.decode()
    next_year = by_script(alice, fresh(pin), publish_at="2028-01-07T09:30").content.decode()

    assert told == f"“{pin}” moved to Friday 5 March, 09:30."
    assert next_year == f"“{pin}” moved to Friday 7 January 2028, 09:30."


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
    versions, refused, pages = [1, 1], 0, random.Random(13)
    for number in range(200):
        page = pages.randrange(2)
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
        ("2027-02-28T11:59", "This time has passed. Choose a later one."),
        ("2027-03-01T11:59", "11:59 has already passed today. Choose another time."),
        ("", "Choose a date and time."),
        ("tomorrow", "Enter the date and time like this: 2027-03-28 09:30."),
        ("9999-12-31T23:59", "Enter the date and time like this: 2027-03-28 09:30."),
    ],
)
def test_a_time_that_is_none_is_refused_beside_its_field_and_kept(alice, pin, publish_at, sentence):
    page = post(alice, pin, publish_at=publish_at)

    assert page.status_code == 200
    assert sentence in page.context["form"]["publish_at"].errors[0]
    assert page.context["form"]["publish_at"].value() == publish_at
    assert sentence in by_script(alice, pin, publish_at=publish_at).content.decode()
    assert fresh(pin).publish_at == pin.publish_at


def test_a_time_that_the_clocks_skip_is_the_next_one_there_is_and_the_answer_says_so(alice, pin):
    told = by_script(alice, pin, publish_at="2027-03-28T02:30").content.decode()

    assert fresh(pin).publish_at == datetime(2027, 3, 28, 1, tzinfo=UTC)  # 03:00 in Berlin
    assert "moved to Sunday 28 March, 03:00." in told
    assert "The clocks skip 02:30 on 28 Mar 2027, so it's the next time there is: 03:00." in told


@pytest.mark.parametrize("version", ["", "x", "0", "-1", str(2**40)])
def test_a_version_that_is_none_moves_nothing(alice, pin, version):
    assert by_script(alice, pin, version=version).status_code == 422
    assert fresh(pin).publish_at == pin.publish_at


def test_a_failed_pin_that_breaks_a_rule_says_which(alice, team):
    pin = PinFactory(board=team.board, status=PinStatus.FAILED, title="a" * 101)

    response = by_script(alice, pin)

    assert response.status_code == 422
    assert "The title has 101 characters" in response.content.decode()


def test_a_confirmed_free_time_stays_one_of_the_queue(alice, pin, team):
    PublishingTimeFactory(account=team.account, weekday=4, time=time(9, 30))
    question = Problem("exact_double", "publish_at", "Publish both?")
    refused = patch("pins.scheduling.services.doubles.ask_about_double", side_effect=ConfirmationNeeded([question]))

    with refused:
        page = post(alice, pin, publish_at="", free_time=TO).content.decode()

    button = page.partition('?confirm=exact_double"')[2].partition(">")[0]
    assert f'name="free_time" value="{TO}"' in button


def test_an_exact_double_is_asked_about(alice, pin, team):
    other = PinFactory(board=team.board, publish_at=MOMENT, link=pin.link, attachments=0)
    other.attachments.create(media=pin.media_files[0], position=0)

    page, asked = post(alice, pin), by_script(alice, pin)
    confirmed = alice.post(
        f"{reverse('pins:pin_move', args=[pin.pk])}?confirm=exact_double", {"publish_at": TO, "version": 1}
    )

    assert (page.status_code, asked.status_code) == (200, 300)
    for text in (page.content.decode(), asked.content.decode()):
        # Enter in the field presses the first button, which must not overrule the question.
        field, question, button = text.index(f'value="{TO}"'), text.index("Publish both?"), text.index("Move anyway")
        assert text.index(">Move</button>") < field < question < button
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
