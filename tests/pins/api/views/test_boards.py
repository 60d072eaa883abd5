"""One pin for each of several boards in the JSON API."""

import pytest
import time_machine

from pins.models import Pin, PinStatus
from tests.api_client import errors
from tests.factories import BoardFactory
from tests.pins.families.helpers import NOW, boards_of
from tests.pins.queue.helpers import add_times

TEN = "2027-03-10T10:00:00+01:00"


@pytest.fixture(autouse=True)
def berlin(team):
    team.workspace.time_zone = "Europe/Berlin"
    team.workspace.save()
    with time_machine.travel(NOW, tick=False):
        yield


def named(boards):
    return [{"board": board.pinterest_id} for board in boards]


def test_each_board_gets_a_pin_and_the_answer_lists_them(program, content, team):
    others = {"boards": named(boards_of(team, 2)), "days_between": 3, "same_time": True}

    answer = program.create_pin(**content, publish_at=TEN, **others).json()

    made = list(Pin.objects.order_by("family_position"))
    assert answer["family"] == {"id": made[0].family_id, "position": 1, "pins": [pin.pk for pin in made]}
    assert [f"{pin.publish_at:%d %H:%M}" for pin in made] == ["10 09:00", "13 09:00", "16 09:00"]
    assert made[2].events.first().text.startswith("By the API key")
    assert program.get(f"/api/pins/{made[2].pk}").json()["family"]["position"] == 3


def test_by_default_they_get_publishing_times_a_week_apart(program, content, team):
    add_times(team.account, "18:30")

    program.create_pin(**content, publish_at="queue", boards=named(boards_of(team, 1)))

    assert [f"{pin.publish_at:%d %H:%M}" for pin in Pin.objects.order_by("pk")] == ["01 17:30", "08 17:30"]


def test_a_pin_that_was_made_alone_has_no_family(program, content):
    assert program.create_pin(**content).json()["family"] is None


def test_a_repeated_request_makes_them_once(program, content, team):
    others = {"boards": named(boards_of(team, 1)), "same_time": True}

    answers = [program.create_pin(**content, publish_at=TEN, **others, idempotency_key="order-1") for _ in range(2)]

    assert [each.status_code for each in answers] == [201, 200]
    assert answers[0].json()["family"] == answers[1].json()["family"]
    assert Pin.objects.count() == 2


@pytest.mark.parametrize(
    ("others", "code"),
    [
        ({"days_between": 91}, "days_between"),
        ({"publish_at": None}, "boards_without_time"),
        ({"boards": [{"board": "1"}]}, "board_unknown"),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_is_made(program, content, team, others, code):
    sent = content | {"publish_at": TEN, "boards": named(boards_of(team, 1)), "same_time": True} | others

    answer = program.create_pin(**sent)

    assert answer.status_code == 422
    assert code in {value for error in errors(answer) for value in error}
    assert not Pin.objects.exists()


def test_the_same_board_twice_and_an_account_without_a_free_place_are_refused(program, content, team):
    sent = {**content, "publish_at": TEN}

    twice = program.create_pin(**sent, boards=named([team.board]))
    full = program.create_pin(**sent, boards=named([BoardFactory(account=team.account)]))

    assert errors(twice) == [("board_repeated", "boards")]
    assert errors(full) == [("queue_full", "publish_at")]
    assert not Pin.objects.exists()


def test_a_key_that_may_only_plan_proposes_all_of_them(program, content, team):
    program.row.scopes = "plan"
    program.row.save()

    program.create_pin(**content, publish_at=TEN, boards=named(boards_of(team, 2)), same_time=True)

    assert {pin.status for pin in Pin.objects.all()} == {PinStatus.PROPOSED}
    assert Pin.objects.count() == 3
