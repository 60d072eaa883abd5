"""What GET /boards makes of the stored boards, in the specification's shape."""

import pytest
from django.utils import timezone

from tests.factories import BoardFactory, MembershipFactory, PinterestAccountFactory

pytestmark = pytest.mark.django_db


def test_boards_have_exactly_the_shape_of_the_specification_ordered_by_name(alice, team):
    team.board.delete()
    BoardFactory(account=team.account, pinterest_id="987654321", name="Travel Ideas")
    BoardFactory(account=team.account, pinterest_id="123456789", name="My Inspiration Board")

    answer = alice.get("/boards")

    assert answer["Content-Type"] == "application/json"
    assert answer.json() == [
        {"id": "123456789", "name": "My Inspiration Board"},
        {"id": "987654321", "name": "Travel Ideas"},
    ]


def test_boards_of_other_workspaces_and_missing_ones_are_not_among_them(alice, team):
    BoardFactory(name="Somebody else's")
    BoardFactory(account=team.account, name="Gone", missing_since=timezone.now())

    assert [board["name"] for board in alice.get("/boards").json()] == [team.board.name]


def test_boards_are_those_of_the_current_workspace_only(alice, team):
    """A person with two workspaces sees one at a time."""
    second = MembershipFactory(user=team.alice).workspace
    theirs = BoardFactory(account__workspace=second)

    alice.post("/workspace/switch/", {"workspace": second.pk})

    assert alice.get("/boards").json() == [{"id": theirs.pinterest_id, "name": theirs.name}]


def test_boards_are_narrowed_to_one_account_by_name_or_key(alice, team):
    second = PinterestAccountFactory(workspace=team.workspace, username="tables")
    board = BoardFactory(account=second)
    expected = [{"id": board.pinterest_id, "name": board.name}]

    for wanted in ("tables", "@tables", str(second.pk)):
        assert alice.get("/boards", {"account": wanted}).json() == expected
    assert len(alice.get("/boards").json()) == 2


def test_a_user_name_that_looks_like_a_key_is_found(alice, team):
    second = PinterestAccountFactory(workspace=team.workspace, username=str(team.account.pk))
    BoardFactory(account=second)

    assert len(alice.get("/boards", {"account": second.username}).json()) == 2


@pytest.mark.parametrize("wanted", ["nobody", "9" * 30, "0", "-1", "a\0b", "٣"])
def test_an_account_that_is_not_there_is_a_404(alice, wanted):
    assert alice.get("/boards", {"account": wanted}).status_code == 404


def test_an_account_of_another_workspace_is_a_404(alice):
    foreign = BoardFactory().account

    for wanted in (foreign.username, str(foreign.pk)):
        assert alice.get("/boards", {"account": wanted}).status_code == 404


def test_the_number_of_queries_does_not_depend_on_the_number_of_boards(alice, team, django_assert_num_queries):
    # Session, user, membership, boards.
    with django_assert_num_queries(4):
        alice.get("/boards")
    for _ in range(10):
        BoardFactory(account=PinterestAccountFactory(workspace=team.workspace))
    with django_assert_num_queries(4):
        alice.get("/boards")
