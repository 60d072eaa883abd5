"""The queue in the JSON API: its next free times, and pins that get one."""

from datetime import UTC, datetime

import pytest
import time_machine

from accounts.models import Role
from pins.models import Pin, PinStatus
from tests.api_client import ApiClient, errors
from tests.factories import MediaFileFactory, MembershipFactory
from tests.pins.queue.helpers import NOW, add_times

FIRST = datetime(2027, 3, 1, 17, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def berlin(team):
    team.workspace.time_zone = "Europe/Berlin"
    team.workspace.save()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def times(team):
    add_times(team.account, "18:30")


def test_the_next_times_of_an_account_are_listed_in_utc_and_in_the_workspaces_zone(program, team, times):
    response = program.get(f"/api/accounts/{team.account.username}/next-times", {"count": 2})

    assert response.json() == [
        {"at": "2027-03-01T17:30:00Z", "local": "2027-03-01T18:30:00+01:00"},
        {"at": "2027-03-02T17:30:00Z", "local": "2027-03-02T18:30:00+01:00"},
    ]


def test_an_account_without_publishing_times_has_no_next_ones(program, team):
    assert program.get(f"/api/accounts/{team.account.username}/next-times").json() == []


@pytest.mark.parametrize("count", ["0", "51", "x"])
def test_a_count_that_is_none_is_refused(program, team, count):
    response = program.get(f"/api/accounts/{team.account.username}/next-times", {"count": count})

    assert (response.status_code, [field for _, field in errors(response)]) == (422, ["count"])


def test_an_unknown_account_is_refused(program):
    assert errors(program.get("/api/accounts/nobody/next-times")) == [("account_unknown", "account")]


def test_a_pin_gets_the_next_free_time(program, content, team, times):
    first = program.create_pin(**content, publish_at="queue").json()
    content["attachments"] = [MediaFileFactory(workspace=team.workspace).pk]
    second = program.create_pin(**content, publish_at="queue").json()

    assert (first["status"], first["publish_at"]) == ("scheduled", "2027-03-01T17:30:00Z")
    assert second["publish_at"] == "2027-03-02T17:30:00Z"
    assert Pin.objects.filter(is_queued=True).count() == 2


def test_the_same_image_again_gets_a_time_a_week_later(program, content, times):
    answers = [program.create_pin(**content, publish_at="queue").json() for _ in range(2)]

    assert [each["publish_at"] for each in answers] == ["2027-03-01T17:30:00Z", "2027-03-08T17:30:00Z"]


def test_a_repeated_request_takes_one_place(program, content, times):
    answers = [program.create_pin("order-1", **content, publish_at="queue") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 200]
    assert Pin.objects.get().publish_at == FIRST


def test_without_a_free_time_no_pin_is_made(program, content, team):
    response = program.create_pin(**content, publish_at="queue")

    assert (response.status_code, errors(response)) == (422, [("queue_full", "publish_at")])
    assert not Pin.objects.exists()


def test_an_incomplete_pin_is_refused_as_it_is_when_a_time_is_chosen(program, team, times):
    response = program.create_pin(title="Oak", publish_at="queue")

    assert response.status_code == 422
    assert {"board", "attachments"} <= {field for _, field in errors(response)}


def test_the_key_of_a_person_who_needs_an_approval_proposes_for_the_place(team, content, times):
    team.workspace.requires_approval = True
    team.workspace.save()
    editor = MembershipFactory(workspace=team.workspace, role=Role.EDITOR).user

    answer = ApiClient(team.workspace, editor).create_pin(**content, publish_at="queue").json()

    assert (answer["status"], answer["publish_at"]) == (PinStatus.PROPOSED, "2027-03-01T17:30:00Z")
