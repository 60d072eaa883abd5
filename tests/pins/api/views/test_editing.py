"""Programs list, change, cancel, retry and delete pins by the rules that people have."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.api_keys import services as api_keys
from accounts.models import Scope
from pins.models import Pin, PinStatus
from tests.api_client import errors
from tests.factories import PinFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
LATER = "2027-03-28T09:30:00Z"


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def patch(program):
    """Change a pin, as of a version if one is given."""

    def send(pin, version=None, **fields):
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return program.patch(f"/api/pins/{pin['id']}", fields, content_type="application/json", headers=headers)

    return send


@pytest.fixture
def may_only_plan(team, program):
    """Give the program a key that leaves publishing to people."""
    _, program.key = api_keys.create(team.workspace, "Planner", by=team.alice, now=timezone.now(), scopes=[Scope.PLAN])


def test_only_the_fields_that_are_sent_change(program, content, patch):
    pin = program.create_pin(**content).json()

    response = patch(pin, title="Walnut chair")

    changed = response.json()
    assert (response.status_code, changed["title"], changed["status"]) == (200, "Walnut chair", "draft")
    same = ("board", "description", "link", "alt_text", "attachments", "publish_at")
    assert {name: changed[name] for name in same} == {name: pin[name] for name in same}
    assert (response["ETag"], changed["version"]) == (f'"{pin["version"] + 1}"', pin["version"] + 1)


def test_a_scheduled_pin_stays_scheduled_with_its_new_content(program, content, patch):
    pin = program.create_pin(**content, publish_at=LATER).json()

    changed = patch(pin, title="Walnut chair").json()

    assert (changed["status"], changed["publish_at"], changed["title"]) == ("scheduled", LATER, "Walnut chair")


def test_the_edit_of_a_scheduled_pin_by_a_key_that_may_only_plan_needs_an_approval(
    program, content, patch, team, request
):
    pin = program.create_pin(**content, publish_at=LATER).json()
    request.getfixturevalue("may_only_plan")

    changed = patch(pin, title="Walnut chair").json()

    assert (changed["status"], changed["publish_at"]) == ("proposed", LATER)


def test_a_key_that_may_only_plan_moves_a_scheduled_pin(program, content, patch, request):
    pin = program.create_pin(**content, publish_at=LATER).json()
    request.getfixturevalue("may_only_plan")

    moved = patch(pin, publish_at="2027-03-29T10:00:00+02:00").json()

    assert (moved["status"], moved["publish_at"]) == ("scheduled", "2027-03-29T08:00:00Z")


@pytest.mark.parametrize(
    ("publish_at", "status"), [(LATER, "scheduled"), ("now", "scheduled"), (None, "draft"), ("", "draft")]
)
def test_publish_at_decides_whether_a_pin_goes_out(program, content, patch, publish_at, status):
    pin = program.create_pin(**content, publish_at="2027-03-20T09:30:00Z").json()

    assert patch(pin, publish_at=publish_at, description="Oiled.").json()["status"] == status


@pytest.mark.parametrize("field", ["boards", "days_between", "same_time"])
def test_what_makes_several_pins_is_no_change_of_one(program, content, patch, field):
    pin = program.create_pin(**content).json()

    response = patch(pin, **{field: {"boards": [], "days_between": 7, "same_time": False}[field]})

    assert (response.status_code, errors(response)) == (422, [("unknown_field", field)])


def test_a_stale_version_is_refused_with_what_the_other_has_changed(program, content, patch):
    pin = program.create_pin(**content).json()
    patch(pin, title="Walnut chair")

    response = patch(pin, version=pin["version"], title="Beech chair")

    assert (response.status_code, errors(response)) == (409, [("conflict", "")])
    assert "Title: Walnut chair" in response.json()["errors"][0]["message"]
    assert Pin.objects.get().title == "Walnut chair"


def test_a_stale_move_is_refused(program, content, patch):
    pin = program.create_pin(**content, publish_at=LATER).json()
    patch(pin, publish_at="2027-03-29T10:00:00Z")

    response = patch(pin, version=pin["version"], publish_at="2027-03-30T10:00:00Z")

    assert (response.status_code, errors(response)) == (409, [("conflict", "")])


@pytest.mark.parametrize("value", ["x", '"-1"', "1" * 30, "²"])
def test_what_is_no_version_is_refused(program, content, value):
    pin = program.create_pin(**content).json()

    response = program.patch(
        f"/api/pins/{pin['id']}", {"title": "A"}, content_type="application/json", headers={"If-Match": value}
    )

    assert (response.status_code, errors(response)) == (422, [("if_match_invalid", "If-Match")])


@pytest.mark.parametrize(
    ("status", "sent_at"), [(PinStatus.PUBLISHED, None), (PinStatus.CREATING, NOW), (PinStatus.VERIFYING, NOW)]
)
def test_what_pinterest_has_is_not_changed(team, patch, status, sent_at):
    pin = PinFactory(board=team.board, status=status, sent_at=sent_at, title="Oak chair")

    response = patch({"id": pin.pk}, title="Walnut chair")

    assert (response.status_code, errors(response)) == (409, [("too_late", "")])
    assert Pin.objects.get().title == "Oak chair"


def test_the_rules_hold_for_changes(program, content, patch):
    pin = program.create_pin(**content, publish_at=LATER).json()

    assert errors(patch(pin, title="x" * 101)) == [("title_too_long", "title")]
    assert errors(patch(pin, attachments=[])) == [("attachment_required", "attachments")]
    assert errors(patch(pin, board="nothing")) == [("board_unknown", "board")]
    assert errors(patch(pin, attachments=[2**70])) == [("attachment_unknown", "attachments")]
    assert errors(patch(pin, publish_at="2027-02-28T09:30:00Z")) == [("publish_at_past", "publish_at")]


def test_a_pin_is_canceled_and_deleted(program, content):
    pin = program.create_pin(**content, publish_at=LATER).json()

    assert program.post(f"/api/pins/{pin['id']}/cancel").json()["status"] == "draft"
    assert program.post(f"/api/pins/{pin['id']}/cancel").json()["status"] == "draft"
    assert program.delete(f"/api/pins/{pin['id']}").status_code == 204
    assert not Pin.objects.exists()
    assert program.delete(f"/api/pins/{pin['id']}").status_code == 404


def test_a_published_pin_is_not_deleted(team, program):
    pin = PinFactory(board=team.board, status=PinStatus.PUBLISHED)

    response = program.delete(f"/api/pins/{pin.pk}")

    assert (response.status_code, errors(response)) == (409, [("pin_published", "")])
    assert Pin.objects.exists()


def test_a_failed_pin_is_sent_again(team, program, content):
    pk = program.create_pin(**content, publish_at=LATER).json()["id"]
    Pin.objects.filter(pk=pk).update(status=PinStatus.FAILED, error_code="board_not_found")

    response = program.post(f"/api/pins/{pk}/retry", "", content_type="application/json")
    assert (response.status_code, response.json().get("status")) == (200, "scheduled"), response.json()
    again = program.post(f"/api/pins/{pk}/retry", {"confirm": []}, content_type="application/json")
    assert errors(again) == [("nothing_to_retry", "")]


@pytest.mark.parametrize("step", ["cancel", "retry"])
def test_steps_need_their_scopes(team, program, step):
    _, program.key = api_keys.create(team.workspace, "Reader", by=team.alice, now=NOW, scopes=[Scope.READ])
    pin = PinFactory(board=team.board, status=PinStatus.FAILED)

    response = program.post(f"/api/pins/{pin.pk}/{step}", "", content_type="application/json")
    assert errors(response) == [("scope_missing", "")]
    assert errors(program.delete(f"/api/pins/{pin.pk}")) == [("scope_missing", "")]


class TestListing:
    """GET /api/pins."""

    @pytest.fixture
    def pins(self, team):
        day = timedelta(days=1)
        return [
            PinFactory(board=team.board, title="Draft", status=PinStatus.DRAFT, publish_at=None),
            PinFactory(
                board=team.board,
                title="Soon",
                status=PinStatus.SCHEDULED,
                publish_at=NOW + day,
                next_attempt_at=NOW + day,
            ),
            PinFactory(board=team.board, title="Out", status=PinStatus.PUBLISHED, published_at=NOW - day),
        ]

    @pytest.mark.parametrize(
        ("query", "titles"),
        [
            ({}, ["Out", "Soon", "Draft"]),
            ({"status": "draft"}, ["Draft"]),
            ({"status": ["draft", "published"]}, ["Out", "Draft"]),
            ({"from": "2027-03-01T12:00:00Z"}, ["Soon"]),
            ({"to": "2027-03-01T12:00:00Z"}, ["Out"]),
            ({"updated_since": "2027-03-02T00:00:00Z"}, []),
            ({"link": "https://elsewhere.example/"}, []),
        ],
    )
    def test_it_is_narrowed(self, program, pins, query, titles):
        listed = program.get("/api/pins", query).json()["pins"]

        assert [each["title"] for each in listed] == titles
        assert all("events" not in each for each in listed)

    @pytest.mark.parametrize("name", ["from", "to", "updated_since"])
    @pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2027-03-01", "soon"])
    def test_a_moment_that_is_none_is_refused_at_its_name(self, program, name, moment):
        response = program.get("/api/pins", {name: moment})

        assert (response.status_code, errors(response)) == (422, [("invalid", name)])

    def test_it_is_read_on_by_its_cursor(self, program, pins):
        first = program.get("/api/pins", {"limit": 2}).json()
        second = program.get("/api/pins", {"limit": 2, "cursor": first["next_cursor"]}).json()

        assert [each["title"] for each in first["pins"] + second["pins"]] == ["Out", "Soon", "Draft"]
        assert second["next_cursor"] is None

    def test_account_and_board_narrow_it(self, program, pins, team):
        query = {"account": team.account.username, "board": team.board.pinterest_id}
        assert len(program.get("/api/pins", query).json()["pins"]) == 3
        assert errors(program.get("/api/pins", {"account": "nothing"})) == [("account_unknown", "account")]
        assert errors(program.get("/api/pins", {"board": "nothing"})) == [("board_unknown", "board")]

    def test_its_queries_do_not_grow_with_its_pins(self, program, team, django_assert_max_num_queries):
        for _ in range(30):
            PinFactory(board=team.board)

        with django_assert_max_num_queries(8):
            assert len(program.get("/api/pins").json()["pins"]) == 30
