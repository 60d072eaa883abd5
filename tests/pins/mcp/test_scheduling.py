"""Scheduling in two steps: nothing goes out that was not previewed exactly so."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.core import signing

from accounts.models import Role, Scope
from pins.mcp import scheduling
from pins.models import Pin, PinStatus
from tests.factories import MembershipFactory, PinFactory, PublishingTimeFactory

from .client import McpClient

pytestmark = pytest.mark.django_db

NOW = datetime(2031, 5, 5, 12, tzinfo=UTC)
LATER = "2031-05-06T09:00:00Z"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)
    return time_machine


@pytest.fixture
def pins(team):
    return [PinFactory(board=team.board, title=title, status=PinStatus.DRAFT) for title in ("Oak", "Elm")]


def timed(*pins, at=LATER, **options):
    return [{"id": pin.pk, "publish_at": at, **options} for pin in pins]


def statuses():
    return list(Pin.objects.order_by("pk").values_list("status", flat=True))


def test_what_was_previewed_is_scheduled(agent, pins):
    preview = agent.call("preview_schedule", pins=timed(*pins))
    assert statuses() == ["draft", "draft"]
    assert [(each["status"], each["publish_at"]) for each in preview["pins"]] == [("scheduled", LATER)] * 2
    assert (preview["errors"], preview["expires_at"]) == ([], "2031-05-05T12:30:00Z")

    answer = agent.call("schedule", pins=timed(*pins), token=preview["token"])

    assert answer["pins"] == preview["pins"]
    assert statuses() == ["scheduled", "scheduled"]
    assert Pin.objects.first().publish_at == datetime(2031, 5, 6, 9, tzinfo=UTC)


def test_now_is_when_it_is_scheduled(agent, pins, clock):
    preview = agent.call("preview_schedule", pins=timed(pins[0], at="now"))
    clock.shift(timedelta(minutes=5))

    answer = agent.call("schedule", pins=timed(pins[0], at="now"), token=preview["token"])

    assert answer["pins"][0]["publish_at"] == "2031-05-05T12:05:00Z"


def test_a_token_works_once(agent, pins):
    token = agent.call("preview_schedule", pins=timed(*pins))["token"]
    agent.call("schedule", pins=timed(*pins), token=token)
    agent.post(f"/api/pins/{pins[0].pk}/cancel")

    assert agent.call("schedule", pins=timed(*pins), token=token) == [("token_used", "token")]
    assert statuses() == ["draft", "scheduled"]


def test_a_token_is_used_up_by_an_attempt_that_fails(agent, pins):
    token = agent.call("preview_schedule", pins=timed(*pins))["token"]
    Pin.objects.filter(pk=pins[1].pk).delete()
    assert [code for code, _ in agent.call("schedule", pins=timed(*pins), token=token)] == ["not_found"]

    assert agent.call("schedule", pins=timed(*pins), token=token) == [("token_used", "token")]
    assert statuses() == ["draft"]


def test_a_token_lasts_half_an_hour(agent, pins, clock):
    token = agent.call("preview_schedule", pins=timed(*pins))["token"]
    clock.shift(timedelta(minutes=30, seconds=1))

    assert agent.call("schedule", pins=timed(*pins), token=token) == [("token_expired", "token")]
    assert statuses() == ["draft", "draft"]


def test_a_token_of_the_last_second_works(agent, pins, clock):
    token = agent.call("preview_schedule", pins=timed(*pins))["token"]
    clock.shift(timedelta(minutes=30))

    assert len(agent.call("schedule", pins=timed(*pins), token=token)["pins"]) == 2


@pytest.mark.parametrize("change", ["time", "fewer", "order", "confirm"])
def test_a_token_is_for_identical_arguments(agent, pins, change):
    token = agent.call("preview_schedule", pins=timed(*pins))["token"]
    wanted = {
        "time": timed(*pins, at="2031-05-06T09:00:01Z"),
        "fewer": timed(pins[0]),
        "order": timed(*pins[::-1]),
        "confirm": timed(*pins, confirm=["exact_double"]),
    }[change]

    assert agent.call("schedule", pins=wanted, token=token) == [("token_for_other_pins", "token")]
    assert statuses() == ["draft", "draft"]


def test_a_token_belongs_to_its_key(agent, pins, team):
    token = agent.call("preview_schedule", pins=timed(*pins))["token"]

    other = McpClient(team.workspace, team.alice)

    assert other.call("schedule", pins=timed(*pins), token=token) == [("token_invalid", "token")]


def test_a_token_that_was_signed_for_something_else_is_none(agent, pins):
    token = signing.dumps({"key": agent.row.pk}, salt="something else")

    assert agent.call("schedule", pins=timed(*pins), token=token) == [("token_invalid", "token")]


def test_a_pin_that_changes_after_the_preview_is_not_scheduled(agent, pins):
    token = agent.call("preview_schedule", pins=timed(*pins))["token"]
    agent.patch(f"/api/pins/{pins[1].pk}", {"title": "Ash"}, content_type="application/json")

    [(code, field)] = agent.call("schedule", pins=timed(*pins), token=token)

    assert (code, field) == ("conflict", f"pins.{pins[1].pk}")
    assert statuses() == ["draft", "draft"], "all of them, or none"


def test_places_of_the_queue_are_as_previewed_or_nothing_is_scheduled(agent, pins, team):
    for hour in (14, 16, 18):
        PublishingTimeFactory(account=team.account, weekday=NOW.weekday(), time=time(hour))
    preview = agent.call("preview_schedule", pins=timed(*pins, at="queue"))
    first, second = (each["publish_at"] for each in preview["pins"])
    assert first < second
    other = PinFactory(board=team.board, title="Another", status=PinStatus.DRAFT)
    agent.patch(f"/api/pins/{other.pk}", {"publish_at": first}, content_type="application/json")

    assert agent.call("schedule", pins=timed(*pins, at="queue"), token=preview["token"]) == [
        ("preview_outdated", "token")
    ]
    assert statuses() == ["draft", "draft", "scheduled"]
    again = agent.call("preview_schedule", pins=timed(*pins, at="queue"))
    answer = agent.call("schedule", pins=timed(*pins, at="queue"), token=again["token"])
    assert [each["publish_at"] for each in answer["pins"]] == [each["publish_at"] for each in again["pins"]]


def test_a_preview_says_what_stands_in_the_way(agent, team, pins):
    incomplete = PinFactory(board=team.board, status=PinStatus.DRAFT, attachments=0)
    published = PinFactory(board=team.board, status=PinStatus.PUBLISHED)

    wanted = [*timed(pins[0], incomplete, published), {"id": 99_999_999, "publish_at": LATER}]
    preview = agent.call("preview_schedule", pins=wanted)

    assert [each["id"] for each in preview["pins"]] == [pins[0].pk]
    found = {(each["id"], each["code"]) for each in preview["errors"]}
    assert found == {
        (incomplete.pk, "attachment_required"), (published.pk, "too_late"), (99_999_999, "not_found")
    }  # fmt: skip
    assert (preview["token"], preview["expires_at"]) == (None, None)


@pytest.mark.parametrize(
    ("at", "code"),
    [
        ("tomorrow", "publish_at_invalid"), ("2031-05-06T09:00", "publish_at_without_offset"),
        ("2031-05-05T11:00:00Z", "publish_at_past"), ("2041-05-05T11:00:00Z", "publish_at_far"),
    ],
)  # fmt: skip
def test_times_are_read_as_the_api_does(agent, pins, at, code):
    preview = agent.call("preview_schedule", pins=timed(pins[0], at=at))

    assert [each["code"] for each in preview["errors"]] == [code]


def test_a_question_may_be_confirmed(agent, pins):
    wanted = timed(pins[0], at="2041-05-05T11:00:00Z", confirm=["publish_at_far"])
    token = agent.call("preview_schedule", pins=wanted)["token"]

    assert agent.call("schedule", pins=wanted, token=token)["pins"][0]["publish_at"] == "2041-05-05T11:00:00Z"


def test_a_key_that_may_only_plan_sees_the_preview_but_gets_no_token(agent, narrow, pins):
    narrow(Scope.PLAN)

    preview = agent.call("preview_schedule", pins=timed(*pins))

    assert (preview["token"], [each["code"] for each in preview["errors"]]) == (None, ["scope_missing"] * 2)
    assert len(preview["pins"]) == 2
    assert agent.call("schedule", pins=timed(*pins), token="x") == [("scope_missing", "")]


def test_the_pins_of_an_editor_are_proposed_where_an_admin_approves(team, pins):
    team.workspace.requires_approval = True
    team.workspace.save()
    editor = MembershipFactory(workspace=team.workspace, role=Role.EDITOR).user
    agent = McpClient(team.workspace, editor)

    preview = agent.call("preview_schedule", pins=timed(*pins))
    agent.call("schedule", pins=timed(*pins), token=preview["token"])

    assert [each["status"] for each in preview["pins"]] == ["proposed", "proposed"]
    assert statuses() == ["proposed", "proposed"]


def test_fifty_pins_are_the_most(agent):
    wanted = [{"id": 1, "publish_at": LATER}] * (scheduling.MOST_PINS + 1)

    assert agent.call("preview_schedule", pins=wanted) == [("argument_invalid", "pins")]


def test_a_pin_is_named_once(agent, pins):
    assert agent.call("preview_schedule", pins=timed(pins[0], pins[0])) == [("invalid", "pins")]
