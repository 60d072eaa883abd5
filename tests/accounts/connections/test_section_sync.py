"""Stored board sections against those at the sandbox, and the select that the composer shows them in."""

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.connections import board_sync, section_sync
from accounts.connections.sync import Changes
from accounts.models import AccountStatus, Board
from postiz_pins.pinterest.client import PinterestClient
from postiz_pins.pinterest.errors import RateLimited
from tests.factories import BoardFactory, PinFactory
from tests.page_text import page_text

pytestmark = pytest.mark.django_db

ADDRESS = reverse("accounts:board_sections")


@pytest.fixture
def shelves(shop, sandbox):
    """A board of the team with three sections at the sandbox, none of them fetched yet."""
    sandbox.create_board("chairshop", "Shelves", sections=["Oak", "Ash", "Pine"])
    board_sync.sync_account(shop)
    return shop.boards.get(name="Shelves")


def names(board):
    return [section.name for section in board.sections.filter(missing_since=None)]


def picker(browser, board, **query):
    response = browser.get(ADDRESS, {"board": board.pk} | query)
    assert response.status_code == 200
    return unescape(page_text(response))


def test_the_first_sync_stores_all_sections(shelves):
    before = timezone.now()

    outcome = section_sync.sync_sections(shelves)

    assert names(shelves) == ["Ash", "Oak", "Pine"]
    assert str(outcome) == "“Shelves”: 3 sections, 3 new."
    assert before <= Board.objects.get(pk=shelves.pk).sections_synced_at <= timezone.now()


def test_260_sections_are_stored_in_bulk(shop, sandbox, django_assert_max_num_queries):
    sandbox.create_board("chairshop", "Everything", sections=[f"Section {number}" for number in range(260)])
    board_sync.sync_account(shop)
    board = shop.boards.get(name="Everything")

    with django_assert_max_num_queries(9):
        outcome = section_sync.sync_sections(board)

    assert (outcome.changes.offered, outcome.changes.added, board.sections.count()) == (260, 260, 260)
    assert len(sandbox.requests("board_sections/list")) == 2


def test_sections_that_leave_are_marked_and_come_back(shelves):
    section_sync.sync_sections(shelves)
    oak = shelves.sections.get(name="Oak")
    shelves.sections.filter(name="Pine").update(name="Spruce")
    shelves.sections.filter(name="Ash").update(missing_since=timezone.now())
    gone = shelves.sections.create(pinterest_id="1", name="Elm")
    pin = PinFactory(board=shelves, section=gone)

    outcome = section_sync.sync_sections(shelves)

    assert str(outcome) == "“Shelves”: 3 sections, 1 renamed, 1 back, 1 gone from Pinterest."
    assert names(shelves) == ["Ash", "Oak", "Pine"]
    assert shelves.sections.get(name="Oak") == oak
    pin.refresh_from_db()
    assert (pin.section, pin.section.missing_since is not None) == (gone, True)


def test_a_second_sync_changes_nothing(shelves):
    section_sync.sync_sections(shelves)
    before = list(shelves.sections.order_by("pk").values())

    outcome = section_sync.sync_sections(shelves)

    assert list(shelves.sections.order_by("pk").values()) == before
    assert str(outcome) == "“Shelves”: 3 sections, no changes."


def test_a_fetch_that_fails_changes_nothing_and_says_why(shelves, sandbox):
    section_sync.sync_sections(shelves)
    sandbox.fault("board_sections/list", "server_error", times=None)

    outcome = section_sync.sync_sections(shelves)

    assert str(outcome).startswith("The sections of “Shelves” couldn't be refreshed: ")
    assert str(outcome).endswith("Try again in a minute.")
    assert names(shelves) == ["Ash", "Oak", "Pine"]


def test_a_fetch_that_is_limited_says_when_to_try_again(shelves, monkeypatch):
    def limited(client, board_id):
        raise RateLimited("Too many requests.", retry_after_seconds=67_150)

    monkeypatch.setattr(PinterestClient, "fetch_board_sections", limited)

    assert str(section_sync.sync_sections(shelves)).endswith("Too many requests. Try again in 19 hours.")


def test_an_account_that_is_not_connected_says_what_to_do(team):
    team.account.status = AccountStatus.NEEDS_RECONNECT
    team.account.save()

    assert "to refresh the sections" in str(section_sync.sync_sections(team.board))


# The select.


def test_choosing_a_board_lists_its_sections(shelves, alice):
    page = picker(alice, shelves)

    assert page.index("No section") < page.index("Ash") < page.index("Oak") < page.index("Pine")
    assert "disabled" not in page


def test_a_board_is_asked_once_a_day(shelves, alice, sandbox):
    for _ in range(3):
        picker(alice, shelves)
    assert len(sandbox.requests("board_sections/list")) == 1

    Board.objects.update(sections_synced_at=timezone.now() - timedelta(hours=24, seconds=1))
    picker(alice, shelves)
    assert len(sandbox.requests("board_sections/list")) == 2


def test_a_board_without_sections_says_so(shop, alice):
    board_sync.sync_account(shop)

    page = picker(alice, shop.boards.get(name="Chairs"))

    assert "This board has no sections" in page
    assert "disabled" in page


def test_without_a_board_there_is_nothing_to_choose(alice):
    page = page_text(alice.get(ADDRESS, {"board": ""}))

    assert "Choose a board first" in page
    assert "disabled" in page


def test_a_failure_is_told_beside_the_select(shelves, alice, sandbox):
    sandbox.fault("board_sections/list", "server_error", times=None)

    page = picker(alice, shelves)

    assert "The sections of “Shelves” couldn't be refreshed: " in page
    assert "This board has no sections" not in page


def test_a_section_that_is_gone_stays_chosen_and_is_marked(shelves, alice):
    section_sync.sync_sections(shelves)
    gone = shelves.sections.get(name="Oak")
    shelves.sections.filter(pk=gone.pk).update(missing_since=timezone.now())

    assert f'<option value="{gone.pk}" selected>Oak (deleted on Pinterest)</option>' in picker(
        alice, shelves, section=gone.pk
    )
    assert "Oak" not in picker(alice, shelves)


def test_only_editors_of_the_workspace_get_the_sections(team, shelves, client):
    client.force_login(team.charlie)
    assert client.get(ADDRESS, {"board": shelves.pk}).status_code == 404

    client.force_login(team.bob)
    assert client.get(ADDRESS, {"board": shelves.pk}).status_code == 403

    client.logout()
    assert client.get(ADDRESS, {"board": shelves.pk}).status_code == 302


@pytest.mark.parametrize("value", ["nonsense", "-1", "9" * 40, "²", "0"])
def test_a_board_that_is_none_is_a_404(alice, value):
    assert alice.get(ADDRESS, {"board": value}).status_code == 404


def test_a_section_that_is_no_number_is_none(team, alice, monkeypatch):
    monkeypatch.setattr(section_sync, "sync_sections", lambda board: section_sync.SyncOutcome(board, Changes()))
    board = BoardFactory(account=team.account, sections_synced_at=timezone.now())

    assert "selected" not in picker(alice, board, section="²")
