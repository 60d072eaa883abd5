"""A key may do what its scopes say until it expires, and only so much in a minute."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.api_keys import services as api_keys
from accounts.models import ApiKey, Scope
from pins.models import Pin
from tests.api_client import errors

pytestmark = pytest.mark.django_db

PAGE = reverse("accounts:api_key_list")


@pytest.fixture
def key_with(team, program):
    """Give the program a key with these scopes."""

    def give(*scopes, **options):
        row, program.key = api_keys.create(
            team.workspace, " ".join(scopes) or "No scope", by=team.alice, now=timezone.now(), scopes=scopes, **options
        )
        return row

    return give


@pytest.mark.parametrize(
    ("scope", "stored"),
    [
        (Scope.READ, "read"),
        (Scope.PLAN, "read plan"),
        (Scope.PUBLISH, "read plan publish"),
        (Scope.FIGURES, "figures"),
    ],
)
def test_a_scope_brings_what_it_includes(key_with, scope, stored):
    assert key_with(scope).scopes == stored


def test_a_key_for_reading_writes_nothing(key_with, program, content):
    key_with(Scope.READ)

    assert program.get("/api/boards").status_code == 200
    for response in (program.create_pin(**content), program.upload()):
        assert (response.status_code, errors(response)) == (403, [("scope_missing", "")])
    assert not Pin.objects.exists()


@pytest.mark.parametrize("path", ["/analytics/account.json", "/analytics/best-times.json"])
def test_analytics_need_their_own_scope(key_with, program, path):
    key_with(Scope.PUBLISH)
    assert errors(program.get(path)) == [("scope_missing", "")]

    key_with(Scope.FIGURES)
    assert program.get(path).status_code == 200
    assert errors(program.get("/api/boards")) == [("scope_missing", "")]


def test_the_pin_of_a_key_that_may_only_plan_is_proposed(key_with, program, content, team):
    key_with(Scope.PLAN)

    draft = program.create_pin(**content).json()
    timed = program.create_pin(**content | {"title": "Timed"}, publish_at="2027-03-28T09:30:00Z").json()

    assert (draft["status"], timed["status"]) == ("draft", "proposed")
    assert timed["publish_at"] == "2027-03-28T09:30:00Z"
    assert Pin.objects.get(pk=timed["id"]).proposed_by == team.alice


@pytest.mark.parametrize("publish_at", ["now", "queue"])
def test_a_key_that_may_only_plan_neither_publishes_nor_queues(key_with, program, content, publish_at):
    key_with(Scope.PLAN)

    response = program.create_pin(**content, publish_at=publish_at)

    assert (response.status_code, errors(response)) == (403, [("scope_missing", "")])
    assert not Pin.objects.exists()


def test_an_expired_key_says_so(key_with, program):
    now = datetime(2027, 3, 1, 12, tzinfo=UTC)
    with time_machine.travel(now, tick=False) as clock:
        key_with(Scope.READ, expires_at=now + timedelta(days=30))
        assert program.get("/api/boards").status_code == 200

        clock.shift(timedelta(days=30))
        response = program.get("/api/boards")

    assert (response.status_code, errors(response)) == (401, [("key_expired", "")])


def test_responses_tell_what_is_left_and_a_key_over_its_limit_waits(key_with, program, settings):
    settings.API_REQUESTS_PER_MINUTE = 2
    with time_machine.travel(datetime(2027, 3, 1, 12, 0, 20, tzinfo=UTC), tick=False) as clock:
        key_with(Scope.READ)
        first, second, third = (program.get("/api/boards") for _ in range(3))
        clock.shift(timedelta(seconds=40))
        later = program.get("/api/boards")

    assert [each.status_code for each in (first, second, third, later)] == [200, 200, 429, 200]
    assert [each["RateLimit-Remaining"] for each in (first, second, third, later)] == ["1", "0", "0", "1"]
    assert (third["RateLimit-Limit"], third["RateLimit-Reset"], third["Retry-After"]) == ("2", "40", "40")
    assert errors(third) == [("too_many_requests", "")]


def test_a_limit_of_zero_is_none(key_with, program, settings):
    settings.API_REQUESTS_PER_MINUTE = 0
    key_with(Scope.READ)

    response = program.get("/api/boards")

    assert (response.status_code, response.get("RateLimit-Limit")) == (200, None)


def test_the_page_makes_a_key_with_the_chosen_scopes_and_its_end(alice, team):
    alice.post(PAGE, {"workspace": team.workspace.pk, "name": "n8n", "scopes": ["plan", "figures"], "lifetime": "30"})

    row = ApiKey.objects.get(name="n8n")
    assert (row.scopes, row.expires_at) == ("read plan figures", row.created_at + timedelta(days=30))


def test_a_key_without_a_scope_is_refused_at_the_field(alice, team):
    response = alice.post(PAGE, {"workspace": team.workspace.pk, "name": "n8n", "lifetime": "2"})

    assert set(response.context["form"].errors) == {"scopes", "lifetime"}
    assert not ApiKey.objects.exists()
