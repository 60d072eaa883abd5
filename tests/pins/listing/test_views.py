"""The list of pins: its tabs with their counts, its filters, and its two views."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from pins.listing import tabs
from pins.models import MOVABLE_STATUSES, Pin, PinStatus
from tests.factories import BoardFactory, MembershipFactory, PinFactory
from tests.page_text import page_text

pytestmark = pytest.mark.django_db

URL = "/pins/"
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
UNDER_WAY = [PinStatus.UPLOADING, PinStatus.PROCESSING, PinStatus.CREATING, PinStatus.VERIFYING]


@pytest.fixture
def listed(alice):
    """`listed(board=3)`: the titles on that page of alice's list."""

    def read(**query):
        return [pin.title for pin in alice.get(URL, query).context["pins"]]

    return read


def counts_on(response):
    return {label: count for label, count, _, _ in response.context["tabs"]}


def test_each_tab_says_how_many_pins_it_holds(team, alice):
    for number, status in enumerate(PinStatus, start=1):
        for _ in range(number):
            PinFactory(board=team.board, status=status)
    PinFactory()  # another workspace's

    response = alice.get(URL)

    assert counts_on(response) == {
        "All": "45",
        "Drafts": "1",
        "Needs approval": "2",
        "Scheduled": "3",
        "On its way": "22",
        "Published": "8",
        "Failed": "9",
    }


def test_counting_ends_somewhere(team, alice, monkeypatch):
    monkeypatch.setattr(tabs, "COUNTED_UP_TO", 2)
    for _ in range(4):
        PinFactory(board=team.board, status=PinStatus.DRAFT)

    assert counts_on(alice.get(URL))["Drafts"] == "2+"


def test_the_counts_are_one_query_and_the_page_costs_the_same_for_any_number_of_pins(team, alice):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            alice.get(URL, {"status": "on-its-way"})
        return captured.captured_queries

    for status in PinStatus:
        PinFactory(board=team.board, status=status)
    few = queries()
    for status in list(PinStatus) * 3:
        PinFactory(board=team.board, status=status)

    assert len(queries()) == len(few)
    assert (
        len([query for query in few if "COUNT(*) FROM (SELECT" in query["sql"] and '"pins_pin"' in query["sql"]]) == 1
    )


@pytest.mark.parametrize("status", ["on-its-way", *UNDER_WAY])
def test_what_is_on_its_way_is_one_tab_soonest_first(team, listed, status):
    for number, each in enumerate(UNDER_WAY):
        at = NOON - timedelta(hours=number)
        PinFactory(board=team.board, status=each, title=str(number), publish_at=at)
    PinFactory(board=team.board, status=PinStatus.SCHEDULED, title="not yet")

    assert listed(status=status) == ["3", "2", "1", "0"]


def test_an_unknown_tab_is_all_pins(team, listed):
    PinFactory(board=team.board, title="Oak")

    assert listed(status="nonsense") == ["Oak"]


def test_the_list_is_narrowed_by_account_board_author_and_words(team, listed):
    other = BoardFactory(account__workspace=team.workspace)
    erin = MembershipFactory(workspace=team.workspace, role=Role.EDITOR).user
    PinFactory(board=team.board, title="Oak", created_by=team.alice)
    PinFactory(board=other, title="Birch", created_by=erin)

    assert listed(account=team.account.pk) == ["Oak"]
    assert listed(board=other.pk) == ["Birch"]
    assert listed(author=erin.pk) == ["Birch"]
    assert listed(author=erin.pk, board=team.board.pk) == []
    assert listed(q="oak") == ["Oak"]


def test_days_are_those_of_the_workspace(team, listed):
    """In Berlin, 26 November begins at 23:00 UTC the day before."""
    begin = datetime(2026, 11, 25, 23, tzinfo=UTC)
    for title, at in (("before", begin - timedelta(seconds=1)), ("first", begin), ("last", NOON + timedelta(hours=10))):
        PinFactory(board=team.board, title=title, publish_at=at)
    PinFactory(board=team.board, title="after", publish_at=begin + timedelta(days=1))

    assert listed(since="2026-11-26", until="2026-11-26", status="scheduled") == ["first", "last"]
    assert listed(since="2026-11-26", status="scheduled") == ["first", "last", "after"]
    assert listed(until="2026-11-25", status="scheduled") == ["before"]


def test_what_cannot_be_read_is_said_beside_its_field_and_left_out(team, alice):
    PinFactory(board=team.board, title="Oak")

    response = alice.get(URL, {"since": "soon", "board": "x", "sort": "x", "view": "x"})

    assert [pin.title for pin in response.context["pins"]] == ["Oak"]
    assert set(response.context["form"].errors) == {"since", "board", "sort", "view"}
    assert "Enter a valid date." in page_text(response)
    assert not response.context["is_narrowed"]


def test_words_that_are_too_long_are_refused_beside_the_search(team, alice):
    PinFactory(board=team.board)

    page = page_text(alice.get(URL, {"q": "x" * 101}))

    assert "Ensure this value has at most 100 characters (it has 101)." in page
    assert "data-menu open" not in page


def test_a_span_that_ends_before_it_begins_is_refused(team, alice):
    response = alice.get(URL, {"since": "2026-11-26", "until": "2026-11-25"})

    assert "This day is before the first one." in page_text(response)


def test_the_order_can_be_turned(team, listed):
    for hour in (2, 1, 3):
        PinFactory(board=team.board, title=str(hour), publish_at=NOON + timedelta(hours=hour))

    assert listed(status="scheduled", sort="latest") == ["3", "2", "1"]
    assert listed(sort="soonest") == ["1", "2", "3"]
    assert listed() == ["3", "2", "1"]


def test_a_tab_keeps_the_filters_and_the_view_but_not_the_order(team, alice):
    response = alice.get(URL, {"board": team.board.pk, "view": "grid", "sort": "latest", "status": "scheduled"})

    links = {label: url for label, _, url, _ in response.context["tabs"]}
    assert links["Failed"] == f"?status=failed&board={team.board.pk}&view=grid"
    assert response.context["list_url"] == f"?status=scheduled&board={team.board.pk}&sort=latest"
    assert response.context["calendar_url"] == f"{reverse('pins:calendar')}?board={team.board.pk}"


def test_a_filter_in_use_has_a_link_that_removes_it(team, alice):
    response = alice.get(URL, {"board": team.board.pk, "q": "oak", "since": "2026-11-26"})

    assert response.context["filters"] == [
        (team.board.name, "?since=2026-11-26&q=oak"),
        ("From 26 Nov 2026", f"?board={team.board.pk}&q=oak"),
    ]
    assert response.context["all_url"] == "?"
    assert "No matching pins" in page_text(response)


def test_the_grid_shows_the_same_pins_larger(team, alice):
    PinFactory(board=team.board, title="Oak")

    rows, tiles = alice.get(URL), alice.get(URL, {"view": "grid"})

    assert rows.context["pins"] == tiles.context["pins"]
    assert "/thumbnails/row/" in rows.content.decode()
    assert "/thumbnails/card/" in tiles.content.decode()


def test_an_end_that_was_deleted_meanwhile_leads_back(team, alice):
    response = alice.get(URL, {"after": f"{NOON.isoformat()}~5"})

    assert "No more pins" in page_text(response)
    assert not Pin.objects.exists()


@pytest.mark.parametrize("view", ["", "grid"])
def test_a_row_offers_to_move_its_pin_and_leads_back_to_the_list(team, alice, view):
    pins = {status: PinFactory(board=team.board, status=status) for status in PinStatus}

    page = alice.get(URL, {"view": view}).content.decode()

    back = f"?next=%2Fpins%2F%3F{'view%3Dgrid' if view else ''}"
    offered = {status for status, pin in pins.items() if f'href="/pins/{pin.pk}/move/{back}"' in page}
    assert offered == set(MOVABLE_STATUSES)


def test_a_row_offers_no_move_that_needs_an_approval_or_the_right_to_edit(people):
    for status in PinStatus:
        PinFactory(board=people.board, status=status)

    assert people.erin_browser.get(URL).content.decode().count("/move/") == 2  # the draft, and the proposal
    assert "/move/" not in people.bob_browser.get(URL).content.decode()
