"""What every page costs before it does anything of its own: session, person and memberships, one query each."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.connections import board_sync
from accounts.connections.sync import Changes
from accounts.models import Role
from tests.factories import MembershipFactory
from tests.overhead import MOST, about_who_asks
from tests.url_matrix import ADDRESSES, WITH_ROW
from tests.visits import Visits, member, populate

pytestmark = pytest.mark.django_db

PAGES = [name for name, address in ADDRESSES.items() if "GET" in address.answers]


@pytest.fixture(autouse=True)
def _no_pinterest(monkeypatch):
    monkeypatch.setattr(board_sync, "sync_account", lambda account: board_sync.SyncOutcome(account, Changes()))


def queries_about_who_asks(team, browser, name, user=None):
    url = Visits(team).url_of(name, user)
    with CaptureQueriesContext(connection) as captured:
        response = browser.get(url)
    if response.streaming:
        response.getvalue()  # else its file stays open
    assert response.status_code in (200, 302, 403)
    return about_who_asks(name, captured.captured_queries)


@pytest.mark.parametrize("role", Role.values)
def test_knowing_who_asks_where_and_with_what_right_costs_three_queries(case, team, client, role):
    user = member(team, role)
    client.force_login(user)
    populate(team)
    for name in PAGES:
        with case(name):
            queries = queries_about_who_asks(team, client, name, user)

            assert len(queries) <= MOST, queries


@pytest.mark.parametrize("role", Role.values)
def test_a_row_of_another_workspace_than_the_current_one_costs_no_more(case, team, client, role):
    user = member(team, role)
    current = MembershipFactory(user=user).workspace
    client.force_login(user)
    client.post(reverse("accounts:workspace_switch"), {"workspace": current.pk})
    for name in [name for name in PAGES if name in WITH_ROW]:
        with case(name):
            queries = queries_about_who_asks(team, client, name, user)

            assert len(queries) <= MOST, queries


def test_all_three_are_seen(team, alice):
    queries = queries_about_who_asks(team, alice, "pins:dashboard")

    assert [query.partition(' FROM "')[2].partition('"')[0] for query in queries][:2] == [
        "django_session",
        "accounts_user",
    ]
    assert len(queries) == MOST


def test_people_who_are_not_signed_in_cost_none(team):
    for name in ("account_login", "account_signup", "accounts:invitation"):
        with CaptureQueriesContext(connection) as captured:
            assert Client().get(reverse(name)).status_code in (200, 404)

        assert about_who_asks(name, captured.captured_queries) == []


@pytest.mark.parametrize(
    ("statement", "is_about"),
    [
        ('SELECT "a"."id", (SELECT COUNT(*) FROM "x" WHERE (1 = 1)) AS "n" FROM "accounts_membership"', True),
        ('SELECT 1 FROM "pins_pin" WHERE "w" IN (SELECT "w" FROM "accounts_membership" U0)', False),
        ('UPDATE "django_session" SET "a" = 1', True),
        ('INSERT INTO "django_session" ("a") VALUES (1)', True),
        ("BEGIN IMMEDIATE", False),
    ],
)
def test_a_query_is_about_who_asks_by_the_table_that_it_is_for(statement, is_about):
    assert bool(about_who_asks("", [{"sql": statement}])) is is_about
