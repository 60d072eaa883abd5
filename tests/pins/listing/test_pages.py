"""The list of pins is in the order of the times that it shows."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pins.listing import pages as listing_pages
from pins.models import Pin, PinStatus
from tests.factories import BoardFactory, PinFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
HOURS = (3, 1, 5, 2, 4)


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch):
    monkeypatch.setattr(listing_pages, "PINS_PER_PAGE", 2)


def pages(browser, **query):
    """The titles on the pages, one after the other, as somebody who presses “next” reads them."""
    response = browser.get(reverse("pins:pin_list"), query)
    found = [[pin.title for pin in response.context["pins"]]]
    while response.context["next_url"]:
        response = browser.get(reverse("pins:pin_list") + response.context["next_url"])
        assert response.context["newest_url"] is not None
        found.append([pin.title for pin in response.context["pins"]])
    return found


def make(team, column, status, hours=HOURS):
    """Pins whose title is the hour of the column that their row shows, in another order than made."""
    for hour in hours:
        pin = PinFactory(board=team.board, status=status, title=str(hour))
        columns = {column: NOON + timedelta(hours=hour)}
        if status in (PinStatus.SCHEDULED, PinStatus.PROCESSING):
            columns["next_attempt_at"] = columns[column]
        Pin.objects.filter(pk=pin.pk).update(**columns)


@pytest.mark.parametrize("status", [PinStatus.SCHEDULED, PinStatus.PROPOSED, PinStatus.PROCESSING])
def test_what_is_still_to_come_is_listed_soonest_first(team, alice, status):
    make(team, "publish_at", status)

    assert pages(alice, status=status) == [["1", "2"], ["3", "4"], ["5"]]


@pytest.mark.parametrize(
    ("status", "column"),
    [(PinStatus.PUBLISHED, "published_at"), (PinStatus.FAILED, "publish_at"), (PinStatus.DRAFT, "updated_at")],
)
def test_what_has_been_is_listed_newest_first(team, alice, status, column):
    make(team, column, status)

    assert pages(alice, status=status) == [["5", "4"], ["3", "2"], ["1"]]


def test_all_pins_are_listed_by_the_time_that_each_row_shows(team, alice):
    make(team, "published_at", PinStatus.PUBLISHED, [1])
    make(team, "publish_at", PinStatus.SCHEDULED, [5])
    make(team, "updated_at", PinStatus.DRAFT, [3])
    make(team, "publish_at", PinStatus.FAILED, [2])
    # A draft's planned time is not what its row shows.
    Pin.objects.filter(status=PinStatus.DRAFT).update(publish_at=NOON + timedelta(days=9))

    assert pages(alice) == [["5", "3"], ["2", "1"]]


@pytest.mark.parametrize("status", [PinStatus.SCHEDULED, PinStatus.PUBLISHED])
def test_pins_of_one_moment_come_once_each(team, alice, status):
    make(team, "publish_at" if status == PinStatus.SCHEDULED else "published_at", status)
    Pin.objects.update(published_at=NOON, publish_at=NOON)

    listed = [title for page in pages(alice, status=status) for title in page]

    assert sorted(listed) == ["1", "2", "3", "4", "5"]


def test_a_proposal_for_as_soon_as_possible_comes_first(team, alice):
    PinFactory(board=team.board, status=PinStatus.PROPOSED, title="later", publish_at=NOON + timedelta(days=900))
    PinFactory(board=team.board, status=PinStatus.PROPOSED, title="at once", publish_at=None)

    assert pages(alice, status="proposed") == [["at once", "later"]]


@pytest.mark.parametrize(
    "after", ["x", "~", "~5", "2026-11-26~5", "2026-11-26T12:00:00~5", "2026-99-26T12:00:00Z~5", f"{NOON:%c}~{10**40}"]
)
def test_what_is_no_position_is_the_first_page(team, alice, after):
    make(team, "published_at", PinStatus.PUBLISHED, [1])

    response = alice.get(reverse("pins:pin_list"), {"after": after})

    assert [pin.title for pin in response.context["pins"]] == ["1"]
    assert response.context["newest_url"] is None


def test_the_search_and_the_status_stay_from_page_to_page(team, alice):
    make(team, "publish_at", PinStatus.SCHEDULED)
    Pin.objects.update(title="Oak")

    assert pages(alice, status="scheduled", q="oak") == [["Oak", "Oak"], ["Oak", "Oak"], ["Oak"]]
    page = alice.get(reverse("pins:pin_list"), {"status": "scheduled", "q": "oak"})
    assert "Later pins" in page.content.decode()
    second = alice.get(reverse("pins:pin_list") + page.context["next_url"])
    assert "Back to the soonest" in second.content.decode()
    assert second.context["newest_url"] == "?status=scheduled&q=oak"


def test_a_long_title_is_cut_and_whole_in_its_tooltip(team, alice):
    title = "Oak " * 40 + "chair"
    PinFactory(board=team.board, title=title, status=PinStatus.DRAFT)

    page = alice.get(reverse("pins:pin_list")).content.decode()

    assert f'title="{title}">{title[:99]}…</a>' in page


def test_the_list_can_be_sorted_by_title(team, alice):
    """Small and capital letters alike; a tilde, which ends a title in the address, may be part of one."""
    for title, status in (
        ("birch", PinStatus.DRAFT),
        ("Oak ~ 2", PinStatus.SCHEDULED),
        ("Acorn", PinStatus.FAILED),
        ("Oak", PinStatus.DRAFT),
        ("oak ~ 1" + " and more" * 20, PinStatus.DRAFT),
    ):
        PinFactory(board=team.board, title=title, status=status)

    listed = [[title[:7] for title in page] for page in pages(alice, sort="title")]

    assert listed == [["Acorn", "birch"], ["Oak", "oak ~ 1"], ["Oak ~ 2"]]
    assert pages(alice, sort="title", status="failed") == [["Acorn"]]


def test_a_place_that_no_title_has_is_the_first_page(team, alice):
    PinFactory(board=team.board, title="Oak")

    response = alice.get(reverse("pins:pin_list"), {"sort": "title", "after": "a\0~5"})

    assert [pin.title for pin in response.context["pins"]] == ["Oak"]


def test_the_list_can_be_sorted_by_board(team, alice):
    """By its name, small and capital letters alike; on each board the latest first, and last what has none."""
    oak, acorn = BoardFactory(account=team.account, name="oak"), BoardFactory(account=team.account, name="Acorn")
    BoardFactory(account=team.account, name="Nothing on it")
    for hour, board in enumerate([acorn, oak, None, acorn, acorn, oak, None]):
        pin = PinFactory(board=board, workspace=team.workspace, title=str(hour), status=PinStatus.DRAFT)
        Pin.objects.filter(pk=pin.pk).update(updated_at=NOON + timedelta(hours=hour))

    assert pages(alice, sort="board") == [["4", "3"], ["0", "5"], ["1", "6"], ["2"]]
    assert pages(alice, sort="board", q="5") == [["5"]]
    assert pages(alice, sort="board", status="failed") == [[]]


def test_boards_of_one_name_come_one_after_the_other(team, alice):
    for board in (BoardFactory(account=team.account, name="Oak"), BoardFactory(account=team.account, name="oak")):
        for _ in range(3):
            PinFactory(board=board, title=str(board.pk))

    listed = [title for page in pages(alice, sort="board") for title in page]

    assert listed == sorted(listed) and len(listed) == 6


def test_the_list_can_be_sorted_by_status(team, alice):
    make(team, "published_at", PinStatus.PUBLISHED, [1, 9])
    make(team, "publish_at", PinStatus.FAILED, [8])
    make(team, "publish_at", PinStatus.SCHEDULED, [2, 3])
    make(team, "updated_at", PinStatus.DRAFT, [7])

    assert pages(alice, sort="status") == [["7", "3"], ["2", "9"], ["1", "8"]]
    assert pages(alice, sort="status", status="scheduled") == [["3", "2"]]


@pytest.mark.parametrize("after", ["0001-01-01T00:00:00+14:00~5", "9999-12-31T23:59:59-14:00~5"])
@pytest.mark.parametrize("sort", ["soonest", "latest"])
def test_a_place_at_a_time_that_no_calendar_has_in_utc_is_the_first_page(team, alice, sort, after):
    PinFactory(board=team.board, title="Oak")

    response = alice.get(reverse("pins:pin_list"), {"sort": sort, "after": after})

    assert [pin.title for pin in response.context["pins"]] == ["Oak"]
    assert response.context["newest_url"] is None


@pytest.mark.parametrize("sort", ["board", "status"])
@pytest.mark.parametrize("after", ["x", "~", "999999~2026-11-26T12:00:00+00:00~5", "draft~5", "none~x~5"])
def test_a_place_in_no_group_is_the_first_page(team, alice, sort, after):
    PinFactory(board=team.board, title="Oak")

    response = alice.get(reverse("pins:pin_list"), {"sort": sort, "after": after})

    assert [pin.title for pin in response.context["pins"]] == ["Oak"]
    assert response.context["newest_url"] is None


def test_the_page_goes_on_after_a_pin_that_has_left_its_board(team, alice):
    first, second = BoardFactory(account=team.account, name="A"), BoardFactory(account=team.account, name="B")
    for board in (first, first, second):
        PinFactory(board=board, title=board.name)
    page = alice.get(reverse("pins:pin_list"), {"sort": "board"})
    Pin.objects.filter(board=first).delete()

    response = alice.get(reverse("pins:pin_list") + page.context["next_url"])

    assert [pin.title for pin in response.context["pins"]] == ["B"]


def test_a_page_asks_for_no_more_boards_than_it_shows(team, alice):
    """In the tests, a page has two pins; a third one says that there are more."""

    def queries():
        with CaptureQueriesContext(connection) as captured:
            alice.get(reverse("pins:pin_list"), {"sort": "board"})
        return len(captured)

    for _ in range(3):
        PinFactory(board=BoardFactory(account=team.account))
    few = queries()
    for _ in range(3):
        PinFactory(board=BoardFactory(account=team.account))

    assert queries() == few
