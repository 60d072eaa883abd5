"""The sections of a board in the JSON API: fetched when somebody asks, and put into pins by their ids."""

import pytest

from accounts.models import BoardSection
from pins.models import Pin
from tests.api_client import errors
from tests.factories import BoardFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelves(shop):
    """A board of the sandbox with two sections that the app has not fetched."""
    listed = shop.sandbox.create_board("chairshop", "Shelves", sections=["Oak", "Ash"])
    return BoardFactory(account=shop.account, pinterest_id=listed["id"], name="Shelves")


def test_the_sections_of_a_board_are_fetched_and_listed(program, shelves):
    response = program.get(f"/api/boards/{shelves.pinterest_id}/sections")

    assert response.status_code == 200
    assert sorted(section["name"] for section in response.json()) == ["Ash", "Oak"]
    assert {section["id"] for section in response.json()} == {each.pinterest_id for each in shelves.sections.all()}


def test_a_section_that_was_never_fetched_is_found_when_a_pin_names_it(program, shelves, content):
    [oak] = [
        each for each in program.get(f"/api/boards/{shelves.pinterest_id}/sections").json() if each["name"] == "Oak"
    ]
    BoardSection.objects.all().delete()
    shelves.sections_synced_at = None
    shelves.save()

    sent = content | {"board": shelves.pinterest_id, "section": oak["id"]}
    response = program.create_pin(**sent, publish_at="now")

    assert response.status_code == 201
    assert Pin.objects.get().section.name == "Oak"


def test_sections_that_cannot_be_read_are_told_with_the_reason(program, shelves, content, shop):
    shop.sandbox.fault("board_sections/list", "server_error", times=9)

    listed = program.get(f"/api/boards/{shelves.pinterest_id}/sections")
    made = program.create_pin(**(content | {"board": shelves.pinterest_id, "section": "5550001"}))

    assert errors(listed) == [("sections_unreadable", "board")]
    assert errors(made) == [("sections_unreadable", "section")]
    assert not Pin.objects.exists()


@pytest.mark.parametrize("wanted", ["foreign", "nothing", "%00"])
def test_the_sections_of_a_board_of_others_are_not_listed(team, program, wanted):
    foreign = BoardFactory()
    BoardSection.objects.create(board=foreign, pinterest_id="5550001", name="Secret")

    response = program.get(f"/api/boards/{foreign.pinterest_id if wanted == 'foreign' else wanted}/sections")

    assert errors(response) == [("board_unknown", "board")]
