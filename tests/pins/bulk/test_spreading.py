"""Pins that are spread over days, or go out at their own times: what the preview shows is what happens."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Role
from pins.bulk.spreading import Spread
from pins.models import Pin, PinStatus
from tests.factories import BoardFactory, MembershipFactory, PinFactory, UserFactory
from tests.page_text import page_text

NOW = datetime(2027, 3, 1, 11, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
DAYS = {"start": "2027-04-01", "end": "2027-04-30", "pins_per_day": "3", "earliest": "08:00", "latest": "21:00"}


@pytest.fixture(autouse=True)
def _still():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def prepare(team, alice):
    """Choose pins and give the options, if there are any; returns the address and the preview."""
    team.workspace.time_zone = "Europe/Berlin"
    team.workspace.save()

    def do(action, *pins, browser=alice, **options):
        chosen = browser.post(reverse("pins:bulk_start"), {"bulk_action": action, "pins": [pin.pk for pin in pins]})
        url = chosen.headers["Location"]
        if options:
            browser.post(url, options | {"step": "options"})
        return url, browser.get(url)

    return do


def confirm(browser, url, preview):
    return browser.post(url, {"step": "confirm", "digest": preview.context["found"].digest}, follow=True)


def draft(team, **fields):
    return PinFactory(**{"board": team.board, "status": PinStatus.DRAFT, "publish_at": None} | fields)


def spread(**fields):
    usual = {"start": date(2027, 4, 1), "end": date(2027, 4, 2), "earliest": time(8), "latest": time(21)}
    return Spread(**{"pins_per_day": 3} | usual | fields)


def local(pin):
    return f"{Pin.objects.get(pk=pin.pk).publish_at.astimezone(BERLIN):%d %H:%M}"


@pytest.mark.parametrize(
    ("pins_per_day", "times"),
    [
        (1, ["08:00"]),
        (2, ["08:00", "21:00"]),
        (3, ["08:00", "14:30", "21:00"]),
        (4, ["08:00", "12:20", "16:40", "21:00"]),
    ],
)
def test_the_times_of_a_day_are_evenly_apart(pins_per_day, times):
    assert [f"{at:%H:%M}" for at in spread(pins_per_day=pins_per_day).times] == times


def test_each_day_has_the_same_times_over_a_change_of_the_clocks():
    days = spread(start=date(2027, 3, 27), end=date(2027, 3, 28), earliest=time(2, 30), latest=time(9), pins_per_day=2)

    moments = days.moments(BERLIN, NOW)

    # 02:30 does not exist on the second day.
    assert [f"{at.astimezone(BERLIN):%d %H:%M}" for at in moments] == ["27 02:30", "27 09:00", "28 03:00", "28 09:00"]


def test_what_has_passed_of_today_is_left_out():
    today = spread(start=date(2027, 3, 1), end=date(2027, 3, 1))

    assert [f"{at.astimezone(BERLIN):%H:%M}" for at in today.moments(BERLIN, NOW)] == ["14:30", "21:00"]


def test_boards_are_interleaved_and_the_minute_that_is_shown_is_the_minute(team, alice, prepare):
    tables = BoardFactory(account=team.account, name="Tables")
    chairs = [draft(team, title=f"Chair {number}") for number in range(3)]
    table = draft(team, title="Table", board=tables)

    url, preview = prepare("spread", *chairs, table, **DAYS, order="interleaved")
    shown = {pin.title: text for pin, text, _ in preview.context["shown"]}
    with time_machine.travel(NOW + timedelta(hours=5), tick=False):
        confirm(alice, url, preview)

    assert [local(pin) for pin in (chairs[0], table, chairs[1], chairs[2])] == [
        "01 08:00",
        "01 14:30",
        "01 21:00",
        "02 08:00",
    ]
    assert list(shown) == ["Chair 0", "Table", "Chair 1", "Chair 2"]
    assert shown["Table"] == "Thu 1 Apr 2027, 14:30"
    assert set(Pin.objects.values_list("status", flat=True)) == {"scheduled"}


def test_pins_are_taken_in_the_order_in_which_they_were_chosen(team, prepare):
    pins = [draft(team) for _ in range(3)][::-1]

    _, preview = prepare("spread", *pins, **DAYS, order="listed")

    assert [pin for pin, _, _ in preview.context["shown"]] == pins
    assert [text[-5:] for _, text, _ in preview.context["shown"]] == ["08:00", "14:30", "21:00"]


def test_more_pins_than_minutes_are_refused_with_both_numbers(team, alice, prepare):
    pins = [draft(team) for _ in range(4)]

    url, _ = prepare("spread", *pins)
    page = alice.post(url, DAYS | {"end": "2027-04-01", "order": "listed", "step": "options"})

    assert "There is room for 3 pins on these days, and 4 are to be scheduled." in page_text(page)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"start": "2027-02-28"}, "This day has passed."),
        ({"start": "9999-12-31", "end": "9999-12-31"}, "This day is more than a year ahead."),
        ({"end": "2027-03-31"}, "The last day is before the first one."),
        ({"end": "2028-04-01"}, "up to 365 days"),
        ({"latest": "07:59"}, "This is earlier than the time that the day begins with."),
        ({"latest": "08:01"}, "Between 08:00 and 08:01 there aren't 3 minutes."),
    ],
)
def test_what_cannot_be_spread_is_said_at_its_field(team, alice, prepare, options, sentence):
    url, _ = prepare("spread", draft(team))

    assert sentence in page_text(alice.post(url, DAYS | options | {"order": "listed", "step": "options"}))


def test_what_cannot_be_published_gets_no_minute(team, prepare):
    unready = draft(team, board=None, workspace=team.workspace)
    ready = draft(team)

    _, preview = prepare("spread", unready, ready, **DAYS, order="listed")

    assert preview.context["found"].cannot == [(unready, "Choose a board for the pin.")]
    assert [(pin, text[-5:]) for pin, text, _ in preview.context["shown"]] == [(ready, "08:00")]


def test_a_pin_that_has_got_ready_since_is_not_scheduled_unseen(team, alice, prepare):
    unready = draft(team, board=None, workspace=team.workspace)
    url, _ = prepare("spread", unready, draft(team), **DAYS, order="listed")
    Pin.objects.filter(pk=unready.pk).update(board=team.board, account=team.account)

    page = alice.get(url)

    assert page.context["found"].cannot[0][1].startswith("It could not be scheduled when the times were given out.")


def test_pins_that_are_too_close_to_each_other_are_warned_about(team, prepare):
    pins = [draft(team, link="https://example.com/oak", link_key="https://example.com/oak") for _ in range(2)]

    _, preview = prepare("spread", *pins, **DAYS, order="listed")

    assert preview.context["warned_count"] == 2
    assert "have warnings, which don't stop anything" in page_text(preview)
    assert "This link is planned" in page_text(preview)


def test_drafts_go_out_at_the_times_in_their_rows(team, alice, prepare):
    at = datetime(2027, 4, 1, 8, 0, tzinfo=BERLIN)
    timed = draft(team, publish_at=at)
    others = [draft(team), draft(team, publish_at=NOW), PinFactory(board=team.board, publish_at=at)]

    url, preview = prepare("times", timed, *others)
    confirm(alice, url, preview)

    assert dict(preview.context["found"].cannot) == {
        others[0]: "It has no date yet.",
        others[1]: "Its time has passed.",
        others[2]: "It is scheduled already.",
    }
    assert [(pin, text) for pin, text, _ in preview.context["shown"]] == [(timed, "Thu 1 Apr 2027, 08:00")]
    saved = Pin.objects.get(pk=timed.pk)
    assert (saved.status, saved.publish_at) == ("scheduled", at)


@pytest.mark.parametrize("action", ["spread", "times"])
def test_pins_of_an_editor_become_proposals_for_their_times(team, client, prepare, action):
    team.workspace.requires_approval = True
    team.workspace.save()
    client.force_login(MembershipFactory(workspace=team.workspace, user=UserFactory(), role=Role.EDITOR).user)
    at = datetime(2027, 4, 1, 8, 0, tzinfo=BERLIN)
    pin = draft(team, publish_at=at)
    options = DAYS | {"order": "listed"} if action == "spread" else {}

    url, preview = prepare(action, pin, browser=client, **options)
    confirm(client, url, preview)

    assert "Propose 1 of 1 pin" in page_text(preview)
    assert "an admin approves them before they're published" in page_text(preview)
    saved = Pin.objects.get(pk=pin.pk)
    assert (saved.status, saved.publish_at) == ("proposed", at)
