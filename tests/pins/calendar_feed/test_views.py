"""The page of calendar feeds, and the feeds as calendars read them."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from accounts.models import Role
from pins.calendar_feed import forms
from pins.models import CalendarFeed, Pin, PinStatus
from pins.scheduling.moving import move_pin
from tests.factories import (
    BoardFactory,
    CalendarFeedFactory,
    MembershipFactory,
    PinFactory,
    PinterestAccountFactory,
    WorkspaceFactory,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2031, 5, 5, 12, tzinfo=UTC)
TOKEN = "secret"
PAGE = reverse("pins:calendar_feeds")


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)
    return time_machine


@pytest.fixture
def feed(team):
    return CalendarFeedFactory(membership=team.alice.memberships.get(), token=TOKEN)


def read(token=TOKEN, **headers):
    return Client(headers=headers).get(f"/calendar/feed/{token}.ics")


def events(token=TOKEN):
    response = read(token)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    return Calendar.from_ical(response.content).walk("VEVENT")


def titles():
    return [str(each["SUMMARY"]) for each in events()]


def scheduled(team, at=NOW + timedelta(days=1), **columns):
    columns = {"status": PinStatus.SCHEDULED, "title": "Oak chair"} | columns
    return PinFactory(board=columns.pop("board", team.board), publish_at=at, **columns)


def test_a_member_makes_a_feed_whose_link_is_shown_once(team, alice, settings):
    scheduled(team)
    response = alice.post(PAGE, {"workspace": team.workspace.pk})

    link = response.context["link"]
    assert link.startswith(f"{settings.PUBLIC_URL}/calendar/feed/")
    token = link.rpartition("/")[2].removesuffix(".ics")
    assert len(token) >= 43
    assert titles_of(token) == ["Scheduled: Oak chair"]
    assert "no-store" in response["Cache-Control"]
    assert token not in alice.get(PAGE).content.decode()
    assert token not in str(CalendarFeed.objects.values().get())


def token_in(response):
    return response.context["link"].rpartition("/")[2].removesuffix(".ics")


def test_a_form_that_is_sent_twice_makes_one_feed_and_shows_its_link_again(team, alice, monkeypatch, clock):
    monkeypatch.setattr(forms, "MOST_FEEDS", 1)
    body = {"workspace": team.workspace.pk, "form_token": alice.get(PAGE).context["form"]["form_token"].value()}

    first = alice.post(PAGE, body)
    clock.shift(1)
    second = alice.post(PAGE, body)

    assert CalendarFeed.objects.count() == 1
    assert token_in(first) == token_in(second)
    assert read(token_in(second)).status_code == 200


def test_a_revoked_link_stays_dead_when_its_form_is_sent_again(team, alice, clock):
    body = {"workspace": team.workspace.pk, "form_token": uuid4()}
    revoked = token_in(alice.post(PAGE, body))
    alice.post(reverse("pins:calendar_feed_revoke", args=[CalendarFeed.objects.get().pk]))
    clock.shift(1)

    again = token_in(alice.post(PAGE, body))

    assert (read(revoked).status_code, read(again).status_code) == (404, 200)


def test_another_account_or_member_makes_another_feed_of_the_same_form(team, alice):
    bob = Client()
    bob.force_login(team.bob)
    body = {"workspace": team.workspace.pk, "form_token": uuid4()}

    tokens = [
        token_in(browser.post(PAGE, body | more))
        for browser, more in [(alice, {}), (alice, {"account": team.account.pk}), (bob, {})]
    ]

    assert len(set(tokens)) == CalendarFeed.objects.count() == 3
    assert all(read(token).status_code == 200 for token in tokens)


def test_a_form_that_is_sent_twice_for_another_account_makes_one_more_feed(team, alice, monkeypatch):
    """Gone back to from the page of the first link: it counts as any other."""
    body = {"workspace": team.workspace.pk, "form_token": uuid4()}
    alice.post(PAGE, body)

    monkeypatch.setattr(forms, "MOST_FEEDS", 1)
    refused = alice.post(PAGE, body | {"account": team.account.pk})
    monkeypatch.setattr(forms, "MOST_FEEDS", 2)
    first, second = (alice.post(PAGE, body | {"account": team.account.pk}) for _ in range(2))

    assert refused.context["form"].non_field_errors()
    assert CalendarFeed.objects.count() == 2
    assert token_in(first) == token_in(second)
    assert read(token_in(second)).status_code == 200


def titles_of(token):
    return [str(each["SUMMARY"]) for each in events(token)]


def test_a_feed_may_be_of_one_account(team, alice):
    other = BoardFactory(account__workspace=team.workspace)
    scheduled(team)
    scheduled(team, board=other, title="Elm table")

    response = alice.post(PAGE, {"workspace": team.workspace.pk, "account": other.account.pk})

    token = response.context["link"].rpartition("/")[2].removesuffix(".ics")
    assert titles_of(token) == ["Scheduled: Elm table"]


def test_the_account_of_another_workspace_is_refused_at_the_field(team, alice):
    response = alice.post(PAGE, {"workspace": team.workspace.pk, "account": PinterestAccountFactory().pk})

    assert "isn't in the workspace" in response.context["form"].errors["account"][0]
    assert not CalendarFeed.objects.exists()


def test_a_member_has_a_limited_number_of_feeds(team, alice, monkeypatch):
    monkeypatch.setattr(forms, "MOST_FEEDS", 2)
    CalendarFeedFactory(membership=team.bob.memberships.get())

    first, second, third = (alice.post(PAGE, {"workspace": team.workspace.pk}) for _ in range(3))

    assert "link" in first.context
    assert "link" in second.context
    assert third.context["form"].non_field_errors() == [
        "You can have 2 feeds in each workspace. Revoke one that you no longer use first."
    ]
    assert CalendarFeed.objects.filter(membership__user=team.alice).count() == 2


def test_many_unknown_links_are_refused_but_a_right_one_goes_on(feed):
    answers = [read(f"guess{number}").status_code for number in range(61)]
    refused = read("guess")

    assert answers == [404] * 60 + [429]
    assert (refused.status_code, refused["Retry-After"]) == (429, "60")
    assert read().status_code == 200
    assert Client(REMOTE_ADDR="192.0.2.1").get("/calendar/feed/guess.ics").status_code == 404


def test_one_feed_is_read_only_so_often(team, feed, clock):
    CalendarFeedFactory(membership=team.bob.memberships.get(), token="other")
    etag = read()["ETag"]
    answers = [read(**{"If-None-Match": etag}).status_code for _ in range(29)]
    refused = read()

    assert answers == [304] * 29
    assert (refused.status_code, refused["Retry-After"]) == (429, "60")
    assert read("other").status_code == 200
    clock.shift(timedelta(seconds=61))
    assert read().status_code == 200


def test_the_page_lists_only_the_own_feeds_of_the_workspace(team, alice):
    own = CalendarFeedFactory(membership=team.alice.memberships.get())
    CalendarFeedFactory(membership=team.bob.memberships.get())
    CalendarFeedFactory(membership=MembershipFactory(user=team.alice, workspace=WorkspaceFactory()))

    assert list(alice.get(PAGE, {}).context["feeds"]) == [own]


def test_the_calendar_leads_to_the_page(alice):
    assert f'href="{PAGE}"' in alice.get(reverse("pins:calendar")).content.decode()


def test_a_revoked_feed_is_gone(team, alice, feed):
    assert read().status_code == 200

    response = alice.post(reverse("pins:calendar_feed_revoke", args=[feed.pk]))

    assert response["Location"] == PAGE
    assert read().status_code == 404


def test_the_feed_of_another_member_is_not_revoked(team, feed):
    bob = Client()
    bob.force_login(team.bob)

    assert bob.post(reverse("pins:calendar_feed_revoke", args=[feed.pk])).status_code == 404
    assert read().status_code == 200


@pytest.mark.parametrize("what", ["left", "locked out", "workspace deleted"])
def test_the_feed_ends_with_the_membership(team, feed, what):
    if what == "left":
        team.alice.memberships.get().delete()
    elif what == "locked out":
        team.alice.is_active = False
        team.alice.save()
    else:  # which begins with its members, accounts/deletion/
        team.workspace.memberships.all().delete()

    assert read().status_code == 404


def test_a_viewer_reads_on(team, feed):
    team.alice.memberships.update(role=Role.VIEWER)

    assert read().status_code == 200


@pytest.mark.parametrize("token", ["", "Secret", "secre", "secret ", "\0", "é", "x" * 5000, "../secret"])
def test_what_is_no_token_opens_nothing(feed, token):
    assert read(token).status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_a_feed_is_only_read(feed, method):
    assert getattr(Client(), method)("/calendar/feed/secret.ics").status_code == 405


def test_pins_stand_where_they_are_to_be_or_were_published(team, feed):
    scheduled(team, title="Planned")
    scheduled(team, title="Live", status=PinStatus.PUBLISHED, published_at=NOW - timedelta(days=2))
    scheduled(team, title="", status=PinStatus.DRAFT, at=NOW + timedelta(days=3))
    scheduled(team, title="Without a time", status=PinStatus.DRAFT, at=None)

    found = events()

    assert [(str(each["SUMMARY"]), each["DTSTART"].dt, str(each["STATUS"])) for each in found] == [
        ("Live", NOW - timedelta(days=2), "CONFIRMED"),
        ("Scheduled: Planned", NOW + timedelta(days=1), "CONFIRMED"),
        ("Draft: Untitled pin", NOW + timedelta(days=3), "TENTATIVE"),
    ]
    assert all(each["DURATION"].dt == timedelta(minutes=15) for each in found)


def test_the_feed_reaches_from_90_days_back_to_365_ahead(team, feed):
    minute = timedelta(minutes=1)
    for title, at in {
        "too early": NOW - timedelta(days=90) - minute,
        "first": NOW - timedelta(days=90),
        "last": NOW + timedelta(days=365) - minute,
        "too late": NOW + timedelta(days=365),
    }.items():
        scheduled(team, title=title, at=at)

    assert titles() == ["Scheduled: first", "Scheduled: last"]


def test_other_workspaces_stay_out(team, feed):
    scheduled(team, board=BoardFactory())

    assert events() == []


def test_the_id_stays_and_the_sequence_grows_with_each_change(team, feed, settings):
    settings.PUBLIC_URL = "https://pins.example.com"
    pin = scheduled(team)
    [before] = events()
    move_pin(pin, NOW + timedelta(days=2), version=pin.version, by=team.alice, now=NOW)
    [moved] = events()
    Pin.objects.filter(pk=pin.pk).update(status=PinStatus.PUBLISHED, published_at=NOW, pinterest_pin_id="1")
    [published] = events()

    assert str(before["UID"]) == str(moved["UID"]) == str(published["UID"]) == f"pin-{pin.pk}@pins.example.com"
    assert before["SEQUENCE"] < moved["SEQUENCE"] < published["SEQUENCE"]
    assert str(moved["URL"]) == f"https://pins.example.com/pins/{pin.pk}/"
    assert moved["DTSTART"].dt == NOW + timedelta(days=2)


def test_a_calendar_that_has_the_feed_gets_it_again_only_when_it_has_changed(team, feed, clock):
    pin = scheduled(team)
    first = read()
    clock.shift(timedelta(hours=1))

    unchanged = read(**{"If-None-Match": first["ETag"]})
    zipped = read(**{"If-None-Match": first["ETag"], "Accept-Encoding": "gzip"})
    Pin.objects.filter(pk=pin.pk).update(title="Elm chair")
    changed = read(**{"If-None-Match": first["ETag"]})

    assert [(each.status_code, each.content) for each in (unchanged, zipped)] == [(304, b"")] * 2
    assert (changed.status_code, changed["ETag"] == first["ETag"]) == (200, False)


def test_it_costs_the_same_queries_for_many_pins(team, feed, django_assert_num_queries):
    for count in (1, 3):
        for _ in range(count):
            scheduled(team)
        with django_assert_num_queries(2):
            events()


def test_texts_of_people_break_nothing(team, feed):
    hostile = "a;b,c\\d\r\nEND:VEVENT\nATTENDEE:x \x07 漢字 " + "é" * 60
    scheduled(team, title=hostile)
    team.workspace.name = "A;B\nX:1"
    team.workspace.save()

    content = read().content
    [event] = Calendar.from_ical(content).walk("VEVENT")

    assert str(event["SUMMARY"]) == f"Scheduled: {hostile}".replace("\r", "").replace("\x07", "")
    assert content.count(b"BEGIN:VEVENT") == content.count(b"\r\nEND:VEVENT") == 1
    assert "ATTENDEE" not in event
    assert b"\r\nNAME:A\\;B\\nX:1 (Postiz Pins)\r\n" in content
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
