"""Programs read and write the tags of pins, and list pins by them."""

import pytest

from pins.models import Pin, Tag
from tests.api_client import errors
from tests.factories import PinFactory, WorkspaceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def patch(program):
    """Change a pin."""

    def send(pin, **fields):
        return program.patch(f"/api/pins/{pin['id']}", fields, content_type="application/json")

    return send


def test_a_new_pin_has_its_tags_and_those_of_another_case_are_the_same(team, program):
    Tag.objects.create(workspace=team.workspace, name="Spring sale")

    response = program.create_pin(title="Oak", tags=["spring SALE", " #Outdoor ", "outdoor"])

    assert response.status_code == 201
    assert response.json()["tags"] == ["Outdoor", "Spring sale"]
    assert program.get(f"/api/pins/{Pin.objects.get().pk}").json()["tags"] == ["Outdoor", "Spring sale"]


@pytest.mark.parametrize(
    ("sent", "after"),
    [
        ({"title": "Elm"}, ["Spring"]),
        ({"tags": ["Autumn"]}, ["Autumn"]),
        ({"tags": []}, []),
        ({"tags": None}, []),
    ],
)
def test_tags_stay_unless_they_are_sent(program, patch, sent, after):
    pin = program.create_pin(title="Oak", tags=["Spring"]).json()

    assert patch(pin, **sent).json()["tags"] == after


@pytest.mark.parametrize("status", ["draft", "proposed", "scheduled", "creating", "published", "failed"])
def test_tags_alone_leave_a_pin_as_it_is_in_every_status(team, program, patch, status):
    pin = PinFactory(board=team.board, status=status)

    response = patch({"id": pin.pk}, tags=["Spring"])

    after = Pin.objects.get(pk=pin.pk)
    assert (response.status_code, response.json()["tags"]) == (200, ["Spring"])
    assert (after.status, after.version, after.publish_at) == (status, pin.version, pin.publish_at)
    assert not after.events.exists()


def test_tags_alone_are_not_written_over_a_version_that_was_not_seen(team, program):
    pin = PinFactory(board=team.board, status="scheduled", version=4)

    def send(version):
        headers = {"If-Match": version}
        body = {"tags": ["Spring"]}
        return program.patch(f"/api/pins/{pin.pk}", body, content_type="application/json", headers=headers)

    refused = send('"3"')
    assert (refused.status_code, errors(refused)) == (409, [("conflict", "")])
    assert not pin.tags.exists()
    assert send('"4"').json()["tags"] == ["Spring"]


@pytest.mark.parametrize(
    ("tags", "code"), [([f"Tag {n}" for n in range(11)], "tags_too_many"), (["x" * 51], "tag_too_long")]
)
def test_what_is_no_tag_is_refused_and_nothing_is_written(program, patch, tags, code):
    pin = program.create_pin(title="Oak", tags=["Spring"]).json()

    for response in (program.create_pin(title="Elm", tags=tags), patch(pin, tags=tags)):
        assert (response.status_code, errors(response)) == (422, [(code, "tags")])
    assert Pin.objects.count() == 1
    assert list(Tag.objects.values_list("name", flat=True)) == ["Spring"]


def test_a_batch_writes_tags_and_its_dry_run_none(team, program):
    pins = [{"title": "Oak", "tags": ["Spring"]}, {"title": "Elm", "tags": ["x" * 51]}]

    def send(**more):
        body = {"pins": pins, **more}
        return program.post("/api/pins/batch", body, content_type="application/json").json()["results"]

    assert [each["status"] for each in send(dry_run=True)] == ["valid", "refused"]
    assert not Tag.objects.exists()
    assert [each["pin"] and each["pin"]["tags"] for each in send()] == [["Spring"], None]


def test_pins_are_listed_by_tag_in_any_case_and_alphabet(team, program):
    for title, tags in (("Oak", ["Sommer", "Öl"]), ("Elm", ["Sommer"]), ("Ash", [])):
        program.create_pin(title=title, tags=tags)

    def titles(tag):
        return [pin["title"] for pin in program.get("/api/pins", {"tag": tag}).json()["pins"]]

    assert (titles("sommer"), titles("öl")) == (["Elm", "Oak"], ["Oak"])


def test_a_tag_that_the_workspace_does_not_have_is_refused(program):
    Tag.objects.create(workspace=WorkspaceFactory(), name="Rivals")

    assert errors(program.get("/api/pins", {"tag": "Rivals"})) == [("tag_unknown", "tag")]


def test_a_request_is_repeated_with_the_same_tags_only(program):
    first = program.create_pin("order-1", title="Oak", tags=["Spring"])

    assert first.status_code == 201
    assert program.create_pin("order-1", title="Oak", tags=["Spring"]).status_code == 200
    assert program.create_pin("order-1", title="Oak").status_code == 409


def test_tags_of_ten_pins_cost_no_more_queries_than_of_one(team, program, django_assert_max_num_queries):
    tag = Tag.objects.create(workspace=team.workspace, name="Spring")

    def count():
        with django_assert_max_num_queries(40) as queries:
            program.get("/api/pins")
        return len(queries)

    PinFactory(board=team.board).tags.add(tag)
    program.get("/api/pins")  # the first request of a key notes its use
    one = count()
    for _ in range(9):
        PinFactory(board=team.board).tags.add(tag)

    assert count() == one
