from datetime import UTC, datetime

import pytest

from analytics.models import PinKind, PinSummary
from analytics.pin_report.forms import PinFilterForm
from pins.models import PinStatus, Tag
from pins.tags.services import set_tags
from postiz_pins.common.date_range_forms import REVERSED
from tests.factories import BoardFactory, PinFactory, PinSummaryFactory

pytestmark = pytest.mark.django_db


def add(board, title="A chair", kind=PinKind.IMAGE, publish_at=datetime(2026, 10, 5, 12, tzinfo=UTC)):
    pin = PinFactory(board=board, title=title, status=PinStatus.PUBLISHED, publish_at=publish_at, attachments=0)
    return PinSummaryFactory(pin=pin, kind=kind)


def narrowed(team, **data):
    form = PinFilterForm(data, team.workspace)
    form.is_valid()
    return form, set(form.narrow(PinSummary.objects.in_workspace(team.workspace)))


def test_account_board_and_type_narrow(team):
    other_board = BoardFactory(account=team.account)
    third_board = BoardFactory(account__workspace=team.workspace)
    one, other = add(team.board), add(other_board, kind=PinKind.VIDEO)
    third = add(third_board)

    assert narrowed(team)[1] == {one, other, third}
    assert narrowed(team, account=team.account.pk)[1] == {one, other}
    assert narrowed(team, board=other_board.pk)[1] == {other}
    assert narrowed(team, kind="video")[1] == {other}
    assert narrowed(team, kind="video", board=team.board.pk)[1] == set()


def test_a_tag_narrows_and_a_pin_with_two_tags_is_there_once(team):
    tagged, others = add(team.board), [add(team.board), add(team.board)]
    set_tags(tagged.pin, ["Spring", "Oak"])
    set_tags(others[0].pin, ["Oak"])
    spring, oak = Tag.objects.get(name="Spring"), Tag.objects.get(name="Oak")

    assert narrowed(team, tag=spring.pk)[1] == {tagged}
    assert narrowed(team, tag=oak.pk)[1] == {tagged, others[0]}
    assert narrowed(team, tag=oak.pk, kind="video")[1] == set()
    form = PinFilterForm({"tag": oak.pk}, team.workspace)
    assert form.is_valid()
    assert form.narrow(PinSummary.objects.in_workspace(team.workspace)).count() == 2


def test_dates_are_days_in_the_zone_of_the_workspace_and_both_inclusive(team):
    # 22:30 UTC is half past midnight in Berlin.
    late = add(team.board, publish_at=datetime(2026, 10, 4, 22, 30, tzinfo=UTC))
    early = add(team.board, publish_at=datetime(2026, 10, 4, 21, 30, tzinfo=UTC))

    assert narrowed(team, since="2026-10-05")[1] == {late}
    assert narrowed(team, until="2026-10-04")[1] == {early}
    assert narrowed(team, since="2026-10-04", until="2026-10-05")[1] == {late, early}


def test_the_search_takes_wildcards_for_themselves(team):
    percent, underscore, plain = add(team.board, "50% off"), add(team.board, "oak_chair"), add(team.board, "Oak chair")

    assert narrowed(team, q="%")[1] == {percent}
    assert narrowed(team, q="_")[1] == {underscore}
    assert narrowed(team, q="CHAIR oak")[1] == {underscore, plain}
    assert narrowed(team, q="\\")[1] == set()
    assert narrowed(team, q="  ")[1] == {percent, underscore, plain}


@pytest.mark.parametrize(
    "data",
    [
        {"account": "²"},
        {"account": str(10**40)},
        {"board": "x"},
        {"board": "\0"},
        {"tag": "x"},
        {"kind": "poster"},
        {"since": "yesterday"},
        {"since": "0001-01-01"},
        {"until": "9999-12-31"},
        {"q": "\0"},
        {"q": "x" * 201},
    ],
)
def test_what_cannot_be_understood_narrows_nothing_and_says_so(team, data):
    summary = add(team.board)

    form, found = narrowed(team, **data)

    assert found == {summary}
    assert set(form.errors) == set(data)


def test_reversed_dates_have_a_clear_message(team):
    form, _ = narrowed(team, since="2026-10-05", until="2026-10-04")

    assert form.errors["until"] == [REVERSED]


def test_neither_boards_nor_accounts_nor_tags_of_others_can_be_chosen(team):
    foreign = add(BoardFactory(name="Secret plans"))
    set_tags(foreign.pin, ["Secret plans"])

    form, _ = narrowed(team, board=foreign.board_id, account=foreign.account_id, tag=foreign.pin.tags.get().pk)

    assert set(form.errors) == {"board", "account", "tag"}
    assert "Secret plans" not in form.as_p()
