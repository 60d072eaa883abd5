"""One search for pins, media and boards: what it finds, of whom, and what it costs."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Board
from pins.models import PinStatus
from pins.search import services
from pins.search.services import MOST_SHOWN, search
from tests.factories import BoardFactory, MediaFileFactory, PinFactory
from tests.page_text import page_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def pin(team):
    def make(**fields):
        bare = {"board": team.board, "status": PinStatus.DRAFT, "attachments": 0, "description": "", "link": ""}
        return PinFactory(**(bare | fields))

    return make


def found(team, text):
    results = search(team.workspace, text)
    return [list(kind) for kind in (results.pins, results.media, results.boards)]


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "An OAK bench"},
        {"description": "Made of oak."},
        {"keywords": "wood, oak"},
        {"link": "https://example.com/oak-bench"},
    ],
)
def test_a_pin_is_found_by_its_title_description_keywords_and_link(team, pin, fields):
    pin(title="Ash table")
    oak = pin(**({"title": "A bench"} | fields))

    assert found(team, "oak") == [[oak], [], []]


def test_a_pin_is_found_by_its_board_and_so_is_the_board(team, pin):
    board = BoardFactory(account=team.account, name="Autumn tables")
    table = pin(board=board, title="A bench")
    pin(title="Ash")

    assert found(team, "autumn") == [[table], [], [board]]


def test_each_word_may_be_in_another_field(team, pin):
    bench = pin(title="A bench", description="Made of oak.")
    pin(title="A bench", description="Made of ash.")

    assert found(team, "oak  bench")[0] == [bench]


def test_a_file_is_found_by_its_name_and_a_lost_board_is_not(team):
    media = MediaFileFactory(workspace=team.workspace, original_name="oak-chair.jpg")
    board = BoardFactory(account=team.account, name="Oak", missing_since=timezone.now())

    assert found(team, "oak") == [[], [media], []]
    assert Board.objects.filter(pk=board.pk).exists()


def test_nothing_of_another_workspace_is_found(team):
    foreign = PinFactory(title="Oak", board=BoardFactory(name="Oak"))
    MediaFileFactory(workspace=foreign.workspace, original_name="oak.jpg")

    assert found(team, "oak") == [[], [], []]


def test_a_few_are_shown_the_newest_first(team, pin):
    pins = [pin(title="Oak") for _ in range(MOST_SHOWN + 1)]

    assert found(team, "oak")[0] == pins[:0:-1]


def test_only_the_newest_are_looked_through(team, pin, monkeypatch):
    monkeypatch.setattr(services, "MOST_SEARCHED", 1)
    pin(title="An old oak")
    newest = pin(title="A new oak")

    assert found(team, "oak")[0] == [newest]


def test_the_number_of_queries_depends_on_neither_rows_nor_words(team, alice, pin, django_assert_num_queries):
    def add():
        PinFactory(board=BoardFactory(account=team.account, name="Oak"), title="Oak", attachments=2)
        MediaFileFactory(workspace=team.workspace, original_name="oak.jpg")

    add()
    with CaptureQueriesContext(connection) as one:
        alice.get("/search/", {"q": "oak"})
    add()
    add()

    with django_assert_num_queries(len(one)):
        alice.get("/search/", {"q": "oak " * 50})


@pytest.mark.parametrize("text", ["", "  ", "\0"])
def test_an_empty_search_finds_nothing_and_asks_nothing(team, text, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert search(team.workspace, text.replace("\0", "")).is_empty


def test_the_page_leads_to_what_was_found(team, alice, pin):
    oak = pin(title="Oak bench")
    board = BoardFactory(account=team.account, name="Oak things")

    page = page_text(alice.get("/search/", {"q": "oak"}))

    assert f'href="/pins/{oak.pk}/"' in page
    assert f'href="/pins/?board={board.pk}"' in page
    assert 'value="oak"' in page


def test_without_a_match_the_page_says_what_to_try(alice):
    assert "Nothing matches “<bdi>oak</bdi>”. Try fewer or shorter words." in page_text(
        alice.get("/search/", {"q": "oak"})
    )
    assert "Type part of a pin's title" in page_text(alice.get("/search/", {"q": "\0"}))


def test_the_dialog_gets_the_results_alone(alice, pin):
    pin(title="Oak bench")

    response = alice.get("/search/", {"q": "oak"}, headers={"HX-Request": "true"})

    assert "Oak bench" in page_text(response)
    assert "<html" not in page_text(response)
    assert "HX-Request" in response["Vary"]
