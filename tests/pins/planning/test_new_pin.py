"""A new pin from the calendar: “+” of a day or an hour leads to its first free publishing time."""

from datetime import UTC, datetime, time
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine

from accounts.models import AccountStatus, PinterestAccount
from pins.models import PublishingTime
from tests.factories import BoardFactory, PinFactory, PinterestAccountFactory, PublishingTimeFactory
from tests.page_text import page_text

URL = "/calendar/new/"
FRIDAY = "2027-03-05"


@pytest.fixture(autouse=True)
def berlin(team):
    """The team's workspace in Berlin, on Monday 1 March 2027 at noon; it publishes on Fridays at 9:30 and 18:00."""
    team.workspace.time_zone = "Europe/Berlin"
    team.workspace.save()
    for at in (time(9, 30), time(18)):
        PublishingTimeFactory(account=team.account, weekday=4, time=at)
    with time_machine.travel(datetime(2027, 3, 1, 11, 0, tzinfo=UTC), tick=False):
        yield team


@pytest.mark.parametrize(
    ("query", "publish_at"),
    [
        ({}, "2027-03-05T09:30"),
        ({"hour": 9}, "2027-03-05T09:30"),
        ({"hour": 18}, "2027-03-05T18:00"),
        ({"hour": 11}, "2027-03-05T11:00"),
        ({"on": "2027-03-01", "hour": 12}, "2027-03-01T12:30"),
    ],
)
def test_the_only_account_leads_straight_to_the_composer(alice, team, query, publish_at):
    response = alice.get(URL, {"on": FRIDAY} | query)

    assert response.status_code == 302
    assert parse_qs(urlsplit(response.url).query) == {"account": [str(team.account.pk)], "publish_at": [publish_at]}
    assert f'value="{publish_at}"' in page_text(alice.get(response.url))


def test_a_taken_time_is_not_offered(alice, team):
    PinFactory(board=team.board, publish_at=datetime(2027, 3, 5, 8, 45, tzinfo=UTC))

    assert "publish_at=2027-03-05T18%3A00" in alice.get(URL, {"on": FRIDAY}).url


def test_an_earlier_time_of_the_day_takes_nothing_from_the_hour_that_was_asked_for(alice, team):
    PinterestAccount.objects.filter(pk=team.account.pk).update(pins_per_day=1)
    PublishingTimeFactory(account=team.account, weekday=4, time=time(14, 45))

    response = alice.get(URL, {"on": FRIDAY, "hour": "14"})

    assert response.url.endswith("publish_at=2027-03-05T14%3A45")


def test_of_several_accounts_the_page_asks_and_each_has_its_own_time(alice, team):
    other = PinterestAccountFactory(workspace=team.workspace)
    PublishingTime.objects.create(account=other, weekday=4, time=time(7, 15))
    without = PinterestAccountFactory(workspace=team.workspace)

    page = alice.get(URL, {"on": FRIDAY})

    text = page_text(page)
    assert "Which account is it for?" in text
    assert {(offer.account.pk, f"{offer.at:%H:%M}" if offer.at else None) for offer in page.context["offers"]} == {
        (team.account.pk, "08:30"),
        (other.pk, "06:15"),
        (without.pk, None),
    }
    assert f'href="/pins/new/?account={without.pk}"' in text
    assert "No free publishing time on this day." in text
    assert alice.get(URL, {"on": FRIDAY, "account": other.pk}).status_code == 302


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"on": ""}, "Choose a day of the calendar."),
        ({"on": "0001-01-01"}, "Choose a day between 2000 and 2999."),
        ({"on": "2027-02-30"}, "Write the day like 2027-03-28."),
        ({"hour": "24"}, "Ensure this value is less than or equal to 23."),
        ({"hour": "x"}, "Enter a whole number."),
        ({"account": "99999999999999999999"}, "This workspace has no such account."),
        ({"on": "2027-02-28"}, "This time has passed. Choose a later one."),
        ({"on": "2027-03-01", "hour": "11"}, "This time has passed. Choose a later one."),
        ({"on": "2027-03-02"}, "No free publishing time on this day."),
        ({"on": "2999-12-31"}, "No free publishing time on this day."),
    ],
)
def test_what_cannot_be_is_said(alice, query, sentence):
    response = alice.get(URL, {"on": FRIDAY} | query)

    assert response.status_code == 200
    assert sentence in page_text(response)


def test_without_an_account_the_page_leads_to_the_connections(alice, team):
    PinterestAccount.objects.update(status=AccountStatus.DISCONNECTED)

    assert "No accounts connected" in page_text(alice.get(URL, {"on": FRIDAY}))


def test_the_composer_opens_with_the_latest_board_of_the_account(alice, team):
    mine = BoardFactory(account=PinterestAccountFactory(workspace=team.workspace))
    PinFactory(board=mine, created_by=team.alice)
    PinFactory(board=team.board, created_by=team.alice)

    chosen = [alice.get("/pins/new/", query).context["board"] for query in ({}, {"account": mine.account_id})]

    assert chosen == [team.board, mine]


@pytest.mark.parametrize("is_alone", [True, False])
def test_days_and_empty_hours_of_the_calendar_lead_here_until_they_have_passed(alice, team, is_alone):
    if not is_alone:
        PinterestAccountFactory(workspace=team.workspace)
    PinFactory(board=team.board, publish_at=datetime(2027, 3, 2, 8, 0, tzinfo=UTC))  # Tuesday at 9

    month = alice.get("/calendar/", {"on": "2027-03-01"}).content.decode()
    week = alice.get("/calendar/", {"view": "week", "on": "2027-03-01"}).content.decode()

    assert "on=2027-03-02" in month
    assert "on=2027-02-28" not in month.partition("<table")[2]
    for hour, is_there in (("1&amp;hour=11", False), ("1&amp;hour=12", True), ("2&amp;hour=9", False)):
        assert (f"on=2027-03-0{hour}" in week) is is_there
