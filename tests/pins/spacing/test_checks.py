"""What the spacing guard finds, for one pin and for many."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pins.models import Pin, PinStatus
from pins.spacing import checks
from pins.spacing.checks import check, check_many
from pins.spacing.counting import most_within_an_hour
from pins.spacing.kept import kept_by_neighbor
from pins.spacing.planned import Planned
from tests.factories import BoardFactory, MediaFileFactory, PinterestAccountFactory
from tests.pins.spacing.helpers import SALE, add_pin, at

pytestmark = pytest.mark.django_db


def planned(board, moment, *, link="", media=None, **more):
    return Planned(
        account=board.account,
        board=board,
        at=moment,
        link_key=link,
        picture_key=media.sha256 if media else "",
        **more,
    )


def codes(account, pin):
    return [finding.code for finding in check(pin, account.workspace.zone)]


@pytest.mark.parametrize(
    ("days", "clock", "found"),
    [(-2, "23:59", []), (-1, "00:00", ["same_link"]), (0, "18:30", ["same_link"])]
    + [(1, "23:59", ["same_link"]), (2, "00:00", [])],
)
def test_a_link_is_kept_two_days_apart(account, team, days, clock, found):
    add_pin(team.board, at(account), link=SALE)

    assert codes(account, planned(team.board, at(account, days, clock), link=SALE)) == found


@pytest.mark.parametrize(("days", "found"), [(-7, []), (-6, ["same_picture"]), (6, ["same_picture"]), (7, [])])
def test_an_image_goes_to_another_board_after_a_week(account, team, image, days, found):
    add_pin(team.board, at(account), media=image)
    other = BoardFactory(account=account)

    assert codes(account, planned(other, at(account, days), media=image)) == found


def test_an_image_that_is_on_the_board_already_is_warned_about_whenever_that_was(account, team, image):
    add_pin(team.board, at(account, -300), media=image, status=PinStatus.PUBLISHED)

    assert codes(account, planned(team.board, at(account), media=image)) == ["same_picture_on_board"]


def test_the_sentence_names_the_other_pin_and_when_it_is_planned(account, team):
    other = add_pin(team.board, at(account), link=SALE, title="Oak chair")

    (finding,) = check(planned(team.board, at(account, 1), link=SALE), account.workspace.zone)

    assert finding.message == (
        f"This link is planned for Tue 6 Apr 2027, 18:30 too: “Oak chair” ({team.board.name})."
        " Leave at least 2 days between pins with the same link."
    )
    assert (finding.other_pk, finding.is_hint, finding.field) == (other.pk, False, "link")


def test_the_nearest_of_several_is_named(account, team):
    add_pin(team.board, at(account, -1), link=SALE)
    nearest = add_pin(team.board, at(account, 0, "12:00"), link=SALE)
    add_pin(team.board, at(account, 1), link=SALE)

    (finding,) = check(planned(team.board, at(account), link=SALE), account.workspace.zone)

    assert finding.other_pk == nearest.pk


def test_a_published_pin_counts_when_it_was_published(account, team):
    late = add_pin(team.board, at(account, -30), link=SALE, status=PinStatus.PUBLISHED)
    Pin.objects.filter(pk=late.pk).update(published_at=at(account, -1))

    (finding,) = check(planned(team.board, at(account), link=SALE), account.workspace.zone)

    assert finding.message.startswith("This link was published Mon 5 Apr 2027, 18:30: ")


@pytest.mark.parametrize("status", [status for status in PinStatus if status != PinStatus.PUBLISHED])
def test_all_pins_count_but_drafts_and_failed_ones(account, team, status):
    add_pin(team.board, at(account), link=SALE, status=status)

    is_counted = status not in (PinStatus.DRAFT, PinStatus.FAILED)
    assert codes(account, planned(team.board, at(account), link=SALE)) == ["same_link"] * is_counted


def test_a_proposal_without_a_time_counts_for_its_board(account, team, image):
    add_pin(team.board, None, media=image, status=PinStatus.PROPOSED)

    (finding,) = check(planned(team.board, at(account), media=image), account.workspace.zone)

    assert finding.message.startswith("This image is waiting for approval too on the same board: ")


def test_a_pin_is_no_neighbor_of_its_own(account, team, image):
    pin = add_pin(team.board, at(account), link=SALE, media=image)

    assert codes(account, Planned.of(pin, at(account))) == []


def test_other_accounts_are_others(account, team, image):
    board = BoardFactory(account=PinterestAccountFactory(workspace=team.workspace))
    add_pin(board, at(account), link=SALE, media=image)

    assert codes(account, planned(team.board, at(account), link=SALE, media=image)) == []


def test_pins_without_a_link_are_not_alike(account, team):
    add_pin(team.board, at(account))

    assert codes(account, planned(team.board, at(account))) == []


@pytest.mark.parametrize(
    ("present", "found"),
    [
        (24, []),
        (25, [("many_pins_a_day", True)]),
        (49, [("many_pins_a_day", True)]),
        (50, [("many_pins_a_day", False)]),
    ],
)
def test_many_pins_a_day_get_a_hint_and_more_a_warning(account, team, present, found):
    account.spacing_hour_warning = None
    for number in range(present):
        add_pin(team.board, at(account, 0, f"{number // 3:02}:{number % 3 * 20:02}"))
    add_pin(team.board, at(account, -1, "23:59"))
    add_pin(team.board, at(account, 1, "00:00"))

    findings = check(planned(team.board, at(account)), account.workspace.zone)

    assert [(finding.code, finding.is_hint) for finding in findings] == found


@pytest.mark.parametrize(("present", "found"), [(4, []), (5, ["many_pins_an_hour"])])
def test_the_sixth_pin_of_an_hour_gets_a_warning(account, team, present, found):
    for number in range(present):
        add_pin(team.board, at(account, 0, f"17:{59 - 10 * number:02}"))

    assert codes(account, planned(team.board, at(account, 0, "18:10"))) == found


def test_a_pin_that_moves_within_its_day_is_counted_once(account, team):
    account.spacing_day_hint, account.spacing_hour_warning = 1, 1
    pin = add_pin(team.board, at(account))

    assert codes(account, Planned.of(pin, at(account), at(account, 0, "18:45"))) == []


def test_an_image_on_more_boards_than_wanted_gets_a_warning(account, team, image):
    account.spacing_picture_boards = 2
    boards = [team.board, *(BoardFactory(account=account) for _ in range(2))]
    for number, board in enumerate(boards[:2]):
        add_pin(board, at(account, -100 * number - 100), media=image, status=PinStatus.PUBLISHED)

    (finding,) = check(planned(boards[2], at(account), media=image), account.workspace.zone)

    assert finding.code == "picture_on_many_boards"
    assert "is on 3 boards" in finding.message


def test_what_an_account_does_not_ask_for_is_not_checked(account, team, image):
    account.spacing_link_days = account.spacing_picture_days = 0
    account.spacing_same_board = False
    account.spacing_day_hint = account.spacing_day_warning = None
    account.spacing_hour_warning = account.spacing_picture_boards = None
    for number in range(3):
        add_pin(team.board, at(account, 0, f"18:{number:02}"), link=SALE, media=image)
        add_pin(BoardFactory(account=account), at(account), media=image)

    assert codes(account, planned(team.board, at(account), link=SALE, media=image)) == []


@pytest.mark.parametrize("count", [1, 500])
def test_two_queries_are_enough_for_one_pin_and_for_hundreds(account, team, image, count, django_assert_num_queries):
    other = add_pin(team.board, at(account), link=SALE, media=image)
    rows = [planned(team.board, at(account, number % 300), link=SALE, media=image) for number in range(count)]

    with django_assert_num_queries(2):
        found = check_many(rows, account.workspace.zone)

    assert len(found) == count
    assert {finding.other_pk for finding in found[0]} == {other.pk}


def test_rows_that_are_not_stored_yet_count_for_each_other_when_asked(account, team):
    rows = [planned(team.board, at(account, days), link=SALE, title=f"Row {days}") for days in (0, 1, 4)]

    apart = check_many(rows, account.workspace.zone)
    beside = check_many(rows, account.workspace.zone, beside=True)

    assert apart == [[], [], []]
    assert [[finding.code for finding in row] for row in beside] == [["same_link"], ["same_link"], []]
    assert "“Row 1”" in beside[0][0].message
    assert beside[0][0].other_pk is None


def test_each_row_is_compared_with_few_others_however_many_have_its_image(account, team, monkeypatch):
    compared = []
    monkeypatch.setattr(checks, "kept_by_neighbor", lambda other: compared.append(other) or kept_by_neighbor(other))
    media = MediaFileFactory(workspace=team.workspace)
    rows = [planned(team.board, at(account, days), media=media) for days in range(300)]

    found = check_many(rows, account.workspace.zone, beside=True)

    assert {finding.code for each in found for finding in each} == {"same_picture_on_board"}
    assert len(compared) <= 3 * len(rows)


def test_days_are_those_of_the_workspace(account, team):
    """Monday, 23:30 in Auckland is Monday noon in UTC: two days before Wednesday, 00:30, there."""
    account.workspace.time_zone = "Pacific/Auckland"
    add_pin(team.board, datetime(2027, 4, 5, 11, 30, tzinfo=UTC), link=SALE)
    wednesday = datetime(2027, 4, 6, 12, 30, tzinfo=UTC)

    assert codes(account, planned(team.board, wednesday, link=SALE)) == []
    assert codes(account, planned(team.board, wednesday - timedelta(hours=1), link=SALE)) == ["same_link"]


@given(st.lists(st.integers(0, 15_000)), st.integers(0, 15_000))
def test_the_fullest_hour_around_a_moment_is_found(taken, second):
    starts = [start for start in [*taken, second] if start <= second < start + 3600]
    most = max(sum(start <= each < start + 3600 for each in [*taken, second]) for start in starts)

    assert most_within_an_hour(sorted(taken), second) == most


def test_pins_that_move_together_are_seen_where_they_will_stand(account, team):
    """Not where they are stored: the first one leaves the day on which the second one comes."""
    first = add_pin(team.board, at(account), link=SALE)
    second = add_pin(team.board, at(account, 9), link=SALE)
    third = add_pin(team.board, at(account, 20), link=SALE)
    now, zone = at(account, -1), account.workspace.zone

    def found(*moves):
        plans = [Planned.of(pin, now, at(account, days)) for pin, days in moves]
        return [[finding.other_pk for finding in each] for each in check_many(plans, zone, beside=True)]

    assert found((first, 9), (second, 0)) == [[], []]
    assert found((first, 5), (second, 6)) == [[second.pk], [first.pk]]
    assert found((first, 9), (second, 20)) == [[], [third.pk]]
