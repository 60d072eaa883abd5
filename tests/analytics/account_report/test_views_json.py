"""The account's figures as JSON, in the specification's shape."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from tests.factories import AccountDayFactory

from .test_views import LATEST, _now, feed

pytestmark = pytest.mark.django_db

__all__ = ["_now", "feed"]


def test_json_has_exactly_the_shape_of_the_specification(team, alice, feed):
    AccountDayFactory(account=team.account, date=LATEST, impressions=1523, pin_clicks=31, engagement=40, saves=None)
    AccountDayFactory(account=team.account, date=LATEST - timedelta(days=1), impressions=761)

    answer = alice.get(reverse("analytics:account_json"), {"account": team.account.username, "days": "1"})

    assert answer["Content-Type"] == "application/json"
    day = "2026-11-23"
    assert json.loads(answer.content) == [
        {"label": "Pin Click Rate", "percentageChange": 209.8, "data": [{"total": "2.04", "date": day}]},
        {"label": "Impressions", "percentageChange": 100.13, "data": [{"total": "1523", "date": day}]},
        {"label": "Pin Clicks", "percentageChange": 520.0, "data": [{"total": "31", "date": day}]},
        {"label": "Engagement", "percentageChange": 344.44, "data": [{"total": "40", "date": day}]},
        {"label": "Saves", "percentageChange": 0, "data": []},
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        *(({"days": value}, ["days"]) for value in ("0", "-1", "732", "9" * 40, "thirty", "1.5")),
        ({"days": "7", "start": "2026-11-01"}, [""]),
        ({"start": "2026-11-02", "end": "2026-11-01"}, ["end"]),
        ({"start": "2026-11-02", "end": "2027-11-01"}, ["end"]),
        ({"start": "\0", "end": "2026-11-01"}, ["start"]),
        ({"start": "2026-13-01", "end": "soon"}, ["start", "end"]),
        ({"start": "2026-11-02"}, ["end"]),
    ],
)
def test_json_names_each_wrong_parameter_once(team, alice, feed, query, expected):
    """In the shape of all of the API's refusals, since programs ask with their keys, too."""
    answer = alice.get(reverse("analytics:account_json"), query)

    assert answer.status_code == 400
    wrong = answer.json()["errors"]
    assert [each["field"] for each in wrong] == expected
    for each in wrong:
        assert each["message"].endswith(".")
        assert not each["field"] or each["message"].count(f"“{each['field']}”") == 1
        assert each["code"] == (f"{each['field']}_invalid" if each["field"] else "range_ambiguous")


@pytest.mark.parametrize("days", ["1", "30", "365", "731"])
def test_json_answers_any_number_of_days_up_to_two_years(team, alice, feed, days):
    AccountDayFactory(account=team.account, date=LATEST, impressions=2**62)

    impressions = alice.get(reverse("analytics:account_json"), {"days": days}).json()[1]

    assert impressions["data"] == [{"total": str(2**62), "date": "2026-11-23"}]


def test_json_of_a_foreign_account_is_a_404_with_a_sentence(team, client):
    client.force_login(team.charlie)

    answer = client.get(reverse("analytics:account_json"), {"account": team.account.pk})

    assert answer.status_code == 404
    assert "no such Pinterest account" in answer.json()["errors"][0]["message"]
