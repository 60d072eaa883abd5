import pytest
from django.core.exceptions import ValidationError

from pins.models import Tag
from pins.tags.services import add_tags, check_names, names_of, parse_names, set_tags, tags_named
from tests.factories import PinFactory, WorkspaceFactory

pytestmark = pytest.mark.django_db


def test_names_are_read_from_a_line_once_each_and_without_the_sign_of_a_hashtag():
    assert parse_names(" Spring sale, #outdoor;  spring  SALE ,, Café\u200b\nX") == [
        "Spring sale",
        "outdoor",
        "Café",
        "X",
    ]


def test_too_many_or_too_long_names_are_refused_with_what_is_allowed():
    with pytest.raises(ValidationError, match="11 tags are entered; up to 10"):
        check_names([str(number) for number in range(11)])
    with pytest.raises(ValidationError, match="has 41 characters; up to 40"):
        check_names(["x" * 41])


def test_a_name_in_another_case_is_the_same_tag(team):
    [first] = tags_named(["Café"], team.workspace)

    assert tags_named(["CAFÉ", "cafe"], team.workspace)[0] == first
    assert Tag.objects.count() == 2


def test_another_workspace_has_its_own_tag_of_the_name(team):
    [ours] = tags_named(["Sale"], team.workspace)
    [theirs] = tags_named(["Sale"], WorkspaceFactory())

    assert ours != theirs


def test_a_pin_has_exactly_the_tags_that_it_is_given(team):
    pin = PinFactory(board=team.board)

    set_tags(pin, ["Sale", "Oak"])
    set_tags(pin, ["oak", "Spring"])

    assert names_of(pin) == ["Oak", "Spring"]


def test_tags_are_added_only_if_there_is_room_for_all_of_them(team):
    pin = PinFactory(board=team.board)
    set_tags(pin, [str(number) for number in range(9)])

    assert not add_tags(pin, ["a", "b"])
    assert add_tags(pin, ["8", "a"])
    assert len(names_of(pin)) == 10
