from datetime import UTC, date, datetime

import pytest

from analytics.models import PinSummary
from tests.factories import AccountFeedFactory, PinDayFactory, PinLifetimeFactory

from .pages import add, unknown, url_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(team):
    """Snapshots on three days, the last question on the 30th, and daily values that double."""
    AccountFeedFactory(account=team.account, latest_on=date(2026, 10, 28))
    summary = add(team.board, impressions=1523, pin_clicks=9, lifetime_at=datetime(2026, 10, 30, 9, tzinfo=UTC))
    PinSummary.objects.update(published_at=datetime(2026, 10, 1, 9, tzinfo=UTC), outbound_clicks=None)
    for number, total in ((2, 100), (20, 1000), (27, 1523)):
        PinLifetimeFactory(
            pin=summary.pin, date=date(2026, 10, number), impressions=total, pin_clicks=9, outbound_clicks=None
        )
    for number in range(15, 29):
        PinDayFactory(pin=summary.pin, date=date(2026, 10, number), impressions=10 if number < 22 else 20)
    return summary


def test_json_is_the_lifetime_development_in_the_shape_of_the_specification(told, alice):
    answer = alice.get(url_of(told, ".json")).json()

    assert [each["label"] for each in answer] == ["Impressions", "Pin Clicks", "Outbound Clicks", "Saves"]
    assert answer[0] == {
        "label": "Impressions",
        "percentageChange": 0,
        "data": [
            {"total": "100", "date": "2026-10-02"},
            {"total": "1000", "date": "2026-10-20"},
            {"total": "1523", "date": "2026-10-27"},
            {"total": "1523", "date": "2026-10-30"},
        ],
    }
    assert answer[2]["data"] == []


def test_json_of_some_days_compares_them_with_the_preceding_ones(told, alice):
    impressions = alice.get(url_of(told, ".json"), {"days": "7"}).json()[0]

    assert impressions["percentageChange"] == 100
    assert [each["date"] for each in impressions["data"]] == ["2026-10-27", "2026-10-30"]


def test_json_compares_with_no_time_before_the_publication(told, alice):
    PinDayFactory(pin=told.pin, date=date(2026, 10, 5), impressions=1)

    assert alice.get(url_of(told, ".json"), {"days": "20"}).json()[0]["percentageChange"] == 0


def test_json_of_a_pin_without_figures_has_no_data(team, alice):
    summary = unknown(team.board, days_old=1)

    assert [each["data"] for each in alice.get(url_of(summary, ".json")).json()] == [[], [], [], []]


@pytest.mark.parametrize("days", ["0", "-1", "732", "seven", "²", "1.5", "9" * 5000, "all"])
def test_json_says_what_is_wrong_with_days(told, alice, days):
    response = alice.get(url_of(told, ".json"), {"days": days})

    assert response.status_code == 400
    assert response.json()["errors"][0]["message"].startswith("“days” must be a whole number from 1 to 731")


def test_json_of_a_strangers_pin_is_a_json_404(told, client, team):
    client.force_login(team.charlie)

    response = client.get(url_of(told, ".json"))

    assert response.status_code == 404
    assert "Pin not found." in response.json()["errors"][0]["message"]
