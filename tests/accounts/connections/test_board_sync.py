"""Stored boards against those at the sandbox."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.connections import board_sync, tokens
from accounts.models import AccountStatus, Board, BoardSection, PinterestAccount
from postiz_pins.pinterest.client import PinterestClient
from postiz_pins.pinterest.errors import PinterestError, RateLimited, ServerFailed
from tests.accounts.conftest import connected, said
from tests.factories import BoardFactory, PinFactory
from tests.page_text import page_text

pytestmark = pytest.mark.django_db


def names(account, **filters):
    return sorted(account.boards.filter(**filters).values_list("name", flat=True))


def at_sandbox(account, name):
    return account.boards.get(name=name).pinterest_id


def test_the_first_sync_stores_all_boards(shop, sandbox):
    sandbox.create_board("chairshop", "Ideas", privacy="PROTECTED")
    before = timezone.now()

    outcome = board_sync.sync_account(shop)

    assert names(shop) == ["Chairs", "Ideas", "Tables"]
    assert shop.boards.get(name="Ideas").privacy == "PROTECTED"
    assert (outcome.changes.offered, outcome.changes.added, outcome.changes.error) == (3, 3, None)
    shop.refresh_from_db()
    assert before <= shop.boards_synced_at <= timezone.now()


def test_260_boards_are_stored(sandbox, team):
    account = connected(sandbox, "hoarder", [f"Board {number}" for number in range(260)], workspace=team.workspace)

    outcome = board_sync.sync_account(account)

    assert account.boards.count() == 260
    assert (outcome.changes.offered, outcome.changes.added) == (260, 260)


def test_a_sync_writes_in_bulk(sandbox, team, django_assert_max_num_queries):
    account = connected(sandbox, "hoarder", [f"Board {number}" for number in range(260)], workspace=team.workspace)

    # Two for the savepoint, lock, read, moment of the sync; the upsert in as many parts as the database wants.
    with django_assert_max_num_queries(9):
        board_sync.sync_account(account)


def test_a_second_sync_changes_nothing(shop):
    board_sync.sync_account(shop)
    before = list(shop.boards.order_by("pk").values())

    outcome = board_sync.sync_account(shop)

    assert list(shop.boards.order_by("pk").values()) == before
    assert (outcome.changes.added, outcome.changes.renamed, outcome.changes.returned, outcome.changes.missing) == (
        0,
        0,
        0,
        0,
    )
    assert str(outcome) == "@chairshop: 2 boards, no changes."


def test_a_renamed_board_keeps_its_row(shop, sandbox):
    board_sync.sync_account(shop)
    board = shop.boards.get(name="Chairs")
    sandbox.change_board(board.pinterest_id, name="Seats", privacy="PROTECTED")

    outcome = board_sync.sync_account(shop)

    board.refresh_from_db()
    assert (board.name, board.privacy, outcome.changes.renamed) == ("Seats", "PROTECTED", 1)
    assert names(shop) == ["Seats", "Tables"]


def test_a_vanished_board_is_marked_kept_and_not_offered(shop, sandbox):
    board_sync.sync_account(shop)
    board = shop.boards.get(name="Chairs")
    pin = PinFactory(board=board)
    sandbox.delete_board(board.pinterest_id)

    outcome = board_sync.sync_account(shop)

    board.refresh_from_db()
    assert board.missing_since is not None
    assert outcome.changes.missing == 1
    assert names(shop, pk__in=Board.objects.offered()) == ["Tables"]
    pin.refresh_from_db()
    assert pin.board == board


def test_a_board_that_stays_away_keeps_the_moment_it_left(shop, sandbox):
    board_sync.sync_account(shop)
    left_at = timezone.now() - timedelta(days=3)
    gone = BoardFactory(account=shop, missing_since=left_at)

    outcome = board_sync.sync_account(shop)

    gone.refresh_from_db()
    assert gone.missing_since == left_at
    assert outcome.changes.missing == 0


def test_a_board_that_returned_is_offered_again(shop):
    board_sync.sync_account(shop)
    shop.boards.filter(name="Chairs").update(missing_since=timezone.now())

    outcome = board_sync.sync_account(shop)

    assert names(shop, missing_since=None) == ["Chairs", "Tables"]
    assert outcome.changes.returned == 1
    assert "1 back" in str(outcome)


def test_a_board_of_another_account_with_the_same_name_is_left_alone(shop, team):
    other = BoardFactory(account=team.account, name="Chairs")

    board_sync.sync_account(shop)

    other.refresh_from_db()
    assert other.missing_since is None


def test_a_fetch_that_fails_on_its_second_page_changes_nothing(sandbox, team, monkeypatch):
    account = connected(sandbox, "hoarder", [f"Board {number}" for number in range(260)], workspace=team.workspace)
    board_sync.sync_account(account)
    before = list(account.boards.order_by("pk").values())
    sandbox.change_board(at_sandbox(account, "Board 1"), name="Renamed")
    request = PinterestClient._request

    def break_after_this(client, *args, **kwargs):
        page = request(client, *args, **kwargs)
        sandbox.fault("boards/list", "server_error")
        return page

    monkeypatch.setattr(PinterestClient, "_request", break_after_this)

    outcome = board_sync.sync_account(account)

    assert isinstance(outcome.changes.error, ServerFailed)
    assert [entry["status"] for entry in sandbox.requests("boards/list")[-2:]] == [200, 500]
    assert list(account.boards.order_by("pk").values()) == before


def test_a_board_that_is_asked_for_alone_and_is_gone_is_marked_with_the_moment(shop, sandbox):
    board_sync.sync_account(shop)
    chairs = shop.boards.get(name="Chairs")
    sandbox.delete_board(chairs.pinterest_id)

    board_sync.check_board(chairs)

    left_at = chairs.missing_since
    assert left_at is not None
    board_sync.check_board(chairs)
    assert names(shop, missing_since=left_at) == ["Chairs"]


def test_a_board_that_is_asked_for_alone_and_is_there_changes_nothing(shop, sandbox):
    board_sync.sync_account(shop)
    before = list(shop.boards.order_by("pk").values())

    board_sync.check_board(shop.boards.get(name="Chairs"))

    assert list(shop.boards.order_by("pk").values()) == before
    assert len(sandbox.requests("boards/get")) == 1


@pytest.mark.parametrize(
    "look", [lambda shop, board: board_sync.check_board(board), lambda shop, board: board_sync.sync_account(shop)]
)
def test_a_missing_board_is_back_when_pinterest_shows_it_again(shop, sandbox, look):
    board_sync.sync_account(shop)
    chairs = shop.boards.get(name="Chairs")
    sandbox.change_board(chairs.pinterest_id, privacy="SECRET")
    look(shop, chairs)
    assert names(shop, missing_since=None) == ["Tables"]

    sandbox.change_board(chairs.pinterest_id, privacy="PUBLIC")
    look(shop, chairs)

    assert names(shop, missing_since=None) == ["Chairs", "Tables"]


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("server_error", {}),
        ("message", {"status": 403, "message": "No."}),
        *(("proxy", {"status": 404, "body": body}) for body in ("html", "empty", "json")),
    ],
)
def test_an_answer_that_leaves_a_board_open_marks_nothing(shop, sandbox, kind, keys):
    board_sync.sync_account(shop)
    sandbox.fault("boards/get", kind, **keys)

    with pytest.raises(PinterestError):
        board_sync.check_board(shop.boards.get(name="Chairs"))

    assert names(shop, missing_since=None) == ["Chairs", "Tables"]


def test_what_tells_boards_of_one_name_apart_is_stored(shop, sandbox):
    chairs = sandbox.create_board("chairshop", "Oak")
    sandbox.create_pin(chairs["id"])

    board_sync.sync_account(shop)

    stored = shop.boards.get(name="Oak")
    assert (stored.owner, stored.pin_count) == ("chairshop", 1)


@pytest.mark.parametrize(
    ("twins", "told"),
    [
        ([{"owner": "partner", "pin_count": 1}, {"pin_count": 1_200}], ["by @partner · 1 pin", "1,200 pins"]),
        ([{"sections": 2}, {"sections": 0}], ["2 sections", "0 sections"]),
        ([{"pin_count": 5}, {"pin_count": 5}], ["5 pins · ID 1", "5 pins · ID 2"]),
        ([{}, {"name": "CHAIRS"}], ["ID 1", "ID 2"]),
        ([{"pin_count": 5}, {"name": "Stools", "pin_count": 5}], ["", ""]),
    ],
)
def test_boards_of_one_name_and_account_can_be_told_apart(team, twins, told):
    made = []
    for number, fields in enumerate(twins, start=1):
        count = fields.pop("sections", None)
        synced_at = None if count is None else timezone.now()
        columns = {"name": "Chairs", "pinterest_id": str(number), "sections_synced_at": synced_at, **fields}
        made.append(BoardFactory(account=team.account, **columns))
        for place in range(count or 0):
            BoardSection.objects.create(board=made[-1], pinterest_id=f"{number}{place}", name=f"Section {place}")
    other = BoardFactory(name="Chairs")

    board_sync.tell_apart([*made, other])

    assert [board.distinction for board in made] == told
    assert other.distinction == ""


@pytest.mark.parametrize("address", ["/pins/new/", "/analytics/pins/"])
def test_the_pickers_tell_boards_of_one_name_apart(alice, team, address):
    for number in (3, 4):
        BoardFactory(account=team.account, name="Twins", pin_count=number)

    page = page_text(alice.get(address))

    assert f"Twins · {team.account}" in page
    assert all(re.search(rf"Twins · [^<]*{number} pins</option>", page) for number in (3, 4))


def test_long_names_and_unknown_privacy_are_stored_as_far_as_they_fit(shop, monkeypatch):
    listed = [board_sync.ListedBoard("123", "n" * 300, "FRIENDS_OF_FRIENDS")]
    monkeypatch.setattr(board_sync.tokens, "call", lambda account, operation: listed)

    board_sync.sync_account(shop)
    outcome = board_sync.sync_account(shop)

    board = shop.boards.get()
    assert (board.name, board.privacy) == ("n" * 200, "PUBLIC")
    assert outcome.changes.renamed == 0


def test_one_failing_account_does_not_stop_the_others(shop, sandbox, team):
    # The team's own account has tokens that the sandbox does not know.
    outcomes = board_sync.sync_workspace(team.workspace)

    assert {outcome.parent for outcome in outcomes} == {shop, team.account}
    by_account = {outcome.parent: str(outcome) for outcome in outcomes}
    assert by_account[shop] == "@chairshop: 2 boards, 2 new."
    assert "Reconnect" in by_account[team.account]
    assert names(shop) == ["Chairs", "Tables"]


def test_accounts_that_are_not_connected_are_not_asked(shop, sandbox, team):
    type(shop).objects.update(status=AccountStatus.NEEDS_RECONNECT)

    assert board_sync.sync_workspace(team.workspace) == []

    assert sandbox.requests() == []


# "Refresh boards"


def test_refreshing_says_what_has_changed(alice, shop, sandbox):
    board_sync.sync_account(shop)
    sandbox.create_board("chairshop", "Lamps")
    sandbox.change_board(at_sandbox(shop, "Chairs"), name="Seats")
    sandbox.delete_board(at_sandbox(shop, "Tables"))

    response = alice.post(f"/connections/{shop.pk}/refresh-boards/")

    assert response["Location"] == "/connections/"
    assert said(response) == [("success", "@chairshop: 2 boards, 1 new, 1 renamed, 1 gone from Pinterest.")]


@pytest.mark.parametrize(
    ("kind", "keys", "words"),
    [
        ("server_error", {}, "Try again in a minute"),
        ("rate_limited", {"seconds": 500}, "Try again in 9 minutes"),
        ("answer_lost", {}, "Try again in a minute"),
    ],
)
def test_a_refresh_that_fails_says_so(alice, shop, sandbox, kind, keys, words):
    sandbox.fault("boards/list", kind, **keys)

    response = alice.post(f"/connections/{shop.pk}/refresh-boards/")

    [(level, sentence)] = said(response)
    assert level == "error"
    assert "couldn't be refreshed" in sentence
    assert words in sentence


def test_a_pause_of_reading_is_kept_for_everybody_who_reads(shop, sandbox):
    """The limit is the account's: whoever asks next, for whatever, waits as long as Pinterest has said."""
    sandbox.fault("boards/list", "rate_limited", seconds=500)
    board_sync.sync_account(shop)
    asked = len(sandbox.requests())
    fresh = PinterestAccount.objects.get(pk=shop.pk)

    again = board_sync.sync_account(fresh)
    with pytest.raises(RateLimited) as refusal:
        tokens.call(PinterestAccount.objects.get(pk=shop.pk), lambda client: client.fetch_media_status("1"))
    with pytest.raises(RateLimited):
        tokens.renew(PinterestAccount.objects.get(pk=shop.pk))

    assert "Try again in 9 minutes" in str(again)
    assert 490 < refusal.value.retry_after_seconds <= 500
    assert len(sandbox.requests()) == asked
    with time_machine.travel(timezone.now() + timedelta(seconds=501)):
        assert board_sync.sync_account(PinterestAccount.objects.get(pk=shop.pk)).changes.error is None


def test_a_pause_of_reading_stops_no_writing_and_no_analytics(shop, sandbox):
    sandbox.fault("boards/list", "rate_limited", seconds=500)
    board_sync.sync_account(shop)
    today = timezone.now().date()

    tokens.call(shop, lambda client: client.register_video())
    tokens.call(shop, lambda client: client.fetch_account_days(today - timedelta(days=7), today))


def test_a_shorter_pause_does_not_end_a_longer_one(shop, sandbox):
    sandbox.fault("boards/list", "rate_limited", seconds=500)
    board_sync.sync_account(shop)
    stale = PinterestAccount.objects.get(pk=shop.pk)
    stale.reading_paused_until = None
    sandbox.fault("boards/list", "rate_limited", seconds=5)
    board_sync.sync_account(stale)

    shop.refresh_from_db()
    assert shop.reading_paused_until > timezone.now() + timedelta(seconds=400)


def test_a_dead_token_is_not_no_boards(alice, shop, sandbox):
    sandbox.revoke(username="chairshop")

    response = alice.post(f"/connections/{shop.pk}/refresh-boards/")

    [(level, sentence)] = said(response)
    assert level == "error"
    assert "Reconnect" in sentence
    assert "Reconnect" in alice.get("/connections/").content.decode()


def test_refreshing_is_for_editors_and_by_post(client, alice, team):
    path = f"/connections/{team.account.pk}/refresh-boards/"
    assert alice.get(path).status_code == 405

    client.force_login(team.bob)
    assert client.post(path).status_code == 403
    client.force_login(team.charlie)
    assert client.post(path).status_code == 404


# GET /boards
