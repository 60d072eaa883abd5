"""The pages of the queue."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
import time_machine
from django.urls import reverse

from accounts.models import AuditEntry, Role
from pins.lifecycle.notifications import tell_held
from pins.models import Pin, PinStatus
from pins.queue import services as queue
from pins.rules.composition import Problem
from pins.rules.questions import ConfirmationNeeded
from pins.scheduling import services as scheduling
from tests.factories import MembershipFactory, PinFactory
from tests.pins.queue.helpers import NOW, add_times

MONDAY_EVENING = datetime(2027, 3, 1, 17, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


def times_page(account):
    return reverse("pins:publishing_times", args=[account.pk])


def page_of(client, account):
    return client.get(reverse("pins:queue"), {"account": account.pk}).content.decode()


def draft(team, **columns):
    return PinFactory(board=team.board, status=PinStatus.DRAFT, **({"publish_at": None} | columns))


def queued(team, at, **columns):
    return PinFactory(board=team.board, publish_at=at, is_queued=True, **columns)


def read(pin):
    return Pin.objects.get(pk=pin.pk)


def test_the_week_begins_with_the_workspaces_first_day(alice, account, team):
    team.workspace.first_weekday = 6
    team.workspace.save()

    page = alice.get(times_page(account)).content.decode()

    assert page.index("Sunday</th>") < page.index("Monday</th>")


# The queue


def test_an_empty_queue_explains_itself_and_offers_presets(alice, account):
    page = page_of(alice, account)

    assert "No publishing times yet" in page
    assert "Start with 3 a day" in page


def test_places_and_pins_stand_in_their_order(alice, account, team):
    add_times(account, "18:30")
    queued(team, MONDAY_EVENING + DAY, title="Queued chair")

    page = page_of(alice, account)

    assert page.index("Mon 1 Mar 2027, 18:30") < page.index("Queued chair") < page.index("Wed 3 Mar 2027, 18:30")
    assert f'href="/pins/new/?account={account.pk}&amp;publish_at=2027-03-01T18:30"' in page


def test_the_queue_costs_as_many_queries_for_many_pins_as_for_few(alice, account, team, django_assert_num_queries):
    add_times(account, "18:30")
    page_of(alice, account)
    counts = []
    for _ in range(2):
        for number in range(4):
            queued(team, MONDAY_EVENING + number * DAY)
        with django_assert_num_queries(16, exact=False) as queries:
            page_of(alice, account)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_pause_holds_the_pins_and_resuming_lets_them_go(alice, account, team):
    add_times(account, "18:30")
    pin = queued(team, MONDAY_EVENING)

    alice.post(reverse("pins:queue_pause", args=[account.pk]))
    assert "Paused" in page_of(alice, account)
    assert "On hold" in page_of(alice, account)
    alice.post(reverse("pins:queue_resume", args=[account.pk]))

    account.refresh_from_db()
    assert account.queue_paused_at is None
    assert read(pin).publish_at == MONDAY_EVENING
    details = set(AuditEntry.objects.filter(target=str(account)).values_list("detail", flat=True))
    assert details == {"Queue paused.", "Queue resumed."}


@pytest.mark.parametrize("choice", ["next", "now", "draft"])
def test_resuming_asks_about_pins_whose_time_has_passed(alice, account, team, choice):
    add_times(account, "18:30")
    passed, coming = queued(team, NOW - timedelta(hours=1)), queued(team, MONDAY_EVENING)
    queue.pause(account, by=team.alice, now=NOW)
    resume = reverse("pins:queue_resume", args=[account.pk])

    asked = alice.post(resume)
    account.refresh_from_db()
    assert (asked.status_code, account.queue_paused_at) == (200, NOW)
    alice.post(resume, {"overdue": choice})

    account.refresh_from_db()
    assert account.queue_paused_at is None
    assert read(coming).publish_at == MONDAY_EVENING
    moved = read(passed)
    if choice == "next":
        assert (moved.status, moved.publish_at, moved.is_queued) == (
            PinStatus.SCHEDULED,
            MONDAY_EVENING + DAY,
            True,
        )
    elif choice == "now":
        assert list(Pin.objects.due(NOW)) == [passed]
    else:
        assert moved.status == PinStatus.DRAFT


def test_resuming_moves_every_pin_whose_time_has_passed(alice, account, team, monkeypatch):
    monkeypatch.setattr("pins.queue.moves.MOST_MOVES", 1)
    add_times(account, "18:30")
    pins = [queued(team, NOW - timedelta(hours=hours)) for hours in (2, 1)]
    queue.pause(account, by=team.alice, now=NOW)

    alice.post(reverse("pins:queue_resume", args=[account.pk]), {"overdue": "next"})

    assert [read(pin).publish_at for pin in pins] == [MONDAY_EVENING, MONDAY_EVENING + DAY]
    assert not Pin.objects.due(NOW).exists()


def test_what_was_held_for_days_is_published_too_when_a_person_says_so(alice, account, team):
    pin = queued(team, NOW - timedelta(days=3))
    queue.pause(account, by=team.alice, now=NOW)
    assert tell_held(NOW) == 0  # nothing is late that a person holds back

    alice.post(reverse("pins:queue_resume", args=[account.pk]), {"overdue": "now"})

    assert list(Pin.objects.due(NOW)) == [pin]


def test_scheduling_a_held_pin_again_does_not_take_it_out_of_the_paused_queue(account, team):
    pin = queued(team, NOW - timedelta(minutes=5))
    queue.pause(account, by=team.alice, now=NOW)

    assert scheduling.schedule(read(pin), pin.publish_at, by=team.alice, now=NOW)

    assert read(pin).is_queued
    assert not Pin.objects.due(NOW).exists()


def test_an_exact_double_is_asked_about_before_the_queue_is_resumed(alice, account, team):
    add_times(account, "18:30")
    passed = queued(team, NOW - timedelta(hours=1), link="https://example.com/oak")
    queue.pause(account, by=team.alice, now=NOW)
    resume = reverse("pins:queue_resume", args=[account.pk])
    question = Problem("publish_twice", "publish_at", "Another pin has the same content.")

    def refuse(pin, times, confirmed):
        if "publish_twice" not in confirmed:
            raise ConfirmationNeeded([question])
        return ""

    with patch("pins.scheduling.services.doubles.ask_about_double", refuse):
        page = alice.post(resume, {"overdue": "next"}).content.decode()
        assert question.message in page
        alice.post(f"{resume}?confirm=publish_twice", {"overdue": "next"})

    assert read(passed).publish_at == MONDAY_EVENING


def test_a_place_that_another_pin_has_taken_is_refused(alice, account, team):
    add_times(account, "18:30")
    first, second = draft(team), draft(team)
    data = {"free_time": "2027-03-01T18:30", "version": "1"}

    alice.post(reverse("pins:pin_move", args=[first.pk]), data)
    response = alice.post(reverse("pins:pin_move", args=[second.pk]), data)

    assert "Another pin has taken this time." in response.content.decode()
    assert (read(first).publish_at, read(second).publish_at) == (MONDAY_EVENING, None)


def test_a_queue_without_free_places_stays_paused(alice, account, team):
    passed = queued(team, NOW - timedelta(hours=1))
    queue.pause(account, by=team.alice, now=NOW)

    page = alice.post(reverse("pins:queue_resume", args=[account.pk]), {"overdue": "next"}).content.decode()

    account.refresh_from_db()
    assert "has no publishing times yet" in page
    assert "The queue is still paused." in page
    assert (account.queue_paused_at, read(passed).publish_at) == (NOW, passed.publish_at)


# Moving


def confirm(client, address, pk):
    page = client.get(reverse(address, args=[pk]))
    seen = page.context["seen"]
    return page, client.post(reverse(address, args=[pk]), {"seen": seen})


def test_changed_times_move_nothing_until_the_list_of_moves_is_confirmed(alice, account, team):
    add_times(account, "18:30")
    off, stands = queued(team, MONDAY_EVENING - timedelta(hours=4)), queued(team, MONDAY_EVENING)

    assert "1 queued pin no longer stands on a publishing time." in page_of(alice, account)
    preview, done = confirm(alice, "pins:queue_move", account.pk)

    assert [(move.pin, move.to) for move, _ in preview.context["moves"]] == [(off, MONDAY_EVENING + DAY)]
    assert done.status_code == 302
    assert (read(off).publish_at, read(off).is_queued) == (MONDAY_EVENING + DAY, True)
    assert read(stands).publish_at == MONDAY_EVENING
    assert read(off).events.last().text == "Moved from Mon 1 Mar 2027, 14:30 to Tue 2 Mar 2027, 18:30."


def test_a_list_that_has_changed_since_moves_nothing(alice, account, team):
    add_times(account, "18:30")
    off = queued(team, MONDAY_EVENING - timedelta(hours=4))
    address = reverse("pins:queue_move", args=[account.pk])
    seen = alice.get(address).context["seen"]
    queued(team, MONDAY_EVENING)

    page = alice.post(address, {"seen": seen})

    assert "The queue has changed since you opened this page." in page.content.decode()
    assert read(off).publish_at == off.publish_at
    assert [move.to for move, _ in page.context["moves"]] == [MONDAY_EVENING + DAY]


@pytest.mark.parametrize("status", [PinStatus.DRAFT, PinStatus.SCHEDULED])
def test_first_in_queue_moves_later_pins_by_one_place_up_to_the_first_free_one(alice, account, team, status):
    add_times(account, "18:30")
    monday, tuesday, thursday = [queued(team, MONDAY_EVENING + number * DAY) for number in (0, 1, 3)]
    own_time = None if status == PinStatus.DRAFT else MONDAY_EVENING + timedelta(days=9, hours=1)
    new = PinFactory(board=team.board, status=status, publish_at=own_time)

    preview, done = confirm(alice, "pins:pin_first", new.pk)

    assert len(preview.context["moves"]) == 3
    assert done.status_code == 302
    assert [read(pin).publish_at for pin in (new, monday, tuesday, thursday)] == [
        MONDAY_EVENING + number * DAY for number in (0, 1, 2, 3)
    ]
    assert (read(new).status, read(new).is_queued) == (PinStatus.SCHEDULED, True)


def test_first_in_queue_shows_which_pins_would_be_too_near(alice, account, team):
    add_times(account, "18:30")
    link = {"link": "https://example.com/sale", "link_key": "https://example.com/sale"}
    monday = queued(team, MONDAY_EVENING, title="Oak chair", **link)
    new = draft(team, title="Sale", **link)

    page = alice.get(reverse("pins:pin_first", args=[new.pk]))

    by_pin = {move.pin: [finding.code for finding in findings] for move, findings in page.context["moves"]}
    assert by_pin == {new: ["same_link"], monday: ["same_link"]}
    assert "This link is planned for Tue" in page.content.decode()


def test_first_in_a_queue_whose_first_place_is_free_moves_nobody(alice, account, team):
    add_times(account, "18:30")
    tuesday = queued(team, MONDAY_EVENING + DAY)
    new = draft(team)

    confirm(alice, "pins:pin_first", new.pk)

    assert [read(pin).publish_at for pin in (new, tuesday)] == [MONDAY_EVENING, MONDAY_EVENING + DAY]


def test_a_double_click_puts_a_pin_first_once_and_says_that_it_is(alice, account, team):
    add_times(account, "18:30")
    monday, new = queued(team, MONDAY_EVENING), draft(team)
    address = reverse("pins:pin_first", args=[new.pk])
    seen = alice.get(address).context["seen"]
    alice.post(address, {"seen": seen})

    page = alice.post(address, {"seen": seen})

    assert "This pin is first in the queue already." in page.content.decode()
    assert "The queue has changed" not in page.content.decode()
    assert [read(pin).publish_at for pin in (new, monday)] == [MONDAY_EVENING, MONDAY_EVENING + DAY]


def test_an_incomplete_pin_is_not_put_first(alice, account, team):
    add_times(account, "18:30")
    pin = PinFactory(board=team.board, status=PinStatus.DRAFT, publish_at=None, attachments=0)

    page = alice.get(reverse("pins:pin_first", args=[pin.pk]), follow=True)

    assert "This pin can&#x27;t be added to the queue." in page.content.decode()


def test_whose_pins_need_an_approval_neither_pauses_nor_rearranges_the_queue(client, account, team):
    team.workspace.requires_approval = True
    team.workspace.save()
    client.force_login(MembershipFactory(workspace=team.workspace, role=Role.EDITOR).user)
    pin = draft(team)

    for name in ("queue_pause", "queue_resume", "queue_move"):
        assert client.post(reverse(f"pins:{name}", args=[account.pk])).status_code == 403
    assert client.post(reverse("pins:pin_first", args=[pin.pk])).status_code == 403
    assert "Pause" not in page_of(client, account)


def test_an_editor_whose_pins_need_an_approval_is_offered_only_what_they_may_do(client, account, team):
    team.workspace.requires_approval = True
    team.workspace.save()
    client.force_login(MembershipFactory(workspace=team.workspace, role=Role.EDITOR).user)
    add_times(account, "18:30")
    approved = queued(team, MONDAY_EVENING + timedelta(hours=1))
    proposed = queued(team, MONDAY_EVENING + DAY, status=PinStatus.PROPOSED)

    page = page_of(client, account)
    times = client.get(times_page(account)).content.decode()

    assert reverse("pins:pin_move", args=[proposed.pk]) in page
    assert reverse("pins:pin_move", args=[approved.pk]) not in page
    assert reverse("pins:pin_first", args=[proposed.pk]) not in page
    assert "no longer stand" in times
    assert reverse("pins:queue_move", args=[account.pk]) not in times
