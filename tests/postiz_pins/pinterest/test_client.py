"""What the client makes of Pinterest's answers: the sandbox's, and scripted ones where that is too well-behaved."""

import base64
import io
import tomllib
from datetime import UTC, datetime, timedelta

import pytest

from postiz_pins.pinterest import oauth
from postiz_pins.pinterest.client import ListedBoard, PinterestClient, UserAccount, VideoUpload
from postiz_pins.pinterest.errors import PinterestClientError, ServerFailed
from postiz_pins.pinterest.upload import upload_video
from tests.media_bytes import picture_bytes
from tests.process_helpers import ROOT


def picture():
    data = base64.b64encode(picture_bytes(200, 300)).decode()
    return {"source_type": "image_base64", "content_type": "image/jpeg", "data": data}


def board_id_of(client, name="Chairs"):
    return next(board.id for board in client.fetch_boards() if board.name == name)


def test_the_profile_says_whose_token_it_is(client):
    profile = client.fetch_user_account()

    assert (profile.username, profile.account_type) == ("chairshop", "BUSINESS")
    assert profile.id.isdecimal()
    assert profile.avatar_url.startswith("http")


def test_the_request_goes_out_with_the_token(sandbox, client):
    client.fetch_user_account()

    [request] = sandbox.requests("user_account/get")
    assert (request["status"], request["account"]) == (200, "chairshop")


def test_every_request_says_which_program_asks_and_where_it_runs(script, scripted_client, settings):
    settings.PUBLIC_URL = "https://pins.example.com"
    script.answer({"id": "7", "username": "chairshop", "upload_url": script.url, "access_token": "a"})
    scripted_client.fetch_user_account()
    oauth.exchange_code(script.url, "app", "secret", "code", "http://localhost/")
    upload_video(VideoUpload("5", script.url, {"key": "k"}), io.BytesIO(b"video"), 5)

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    told = f"Postiz-Pins/{project['version']} (+https://pins.example.com)"
    assert [headers["User-Agent"] for headers in script.headers] == [told] * 3


def test_the_token_is_not_replaced_by_what_netrc_says_about_the_host(sandbox, client, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))

    client.fetch_user_account()

    assert sandbox.requests("user_account/get")[0]["status"] == 200


def test_one_board_is_fetched_by_its_id(sandbox, client):
    board = client.fetch_boards()[0]

    assert client.fetch_board(board.id) == board
    assert [request["path"] for request in sandbox.requests("boards/get")] == [f"/v5/boards/{board.id}"]


def test_a_board_that_is_not_there_is_refused(client):
    with pytest.raises(PinterestClientError) as caught:
        client.fetch_board("12345")

    assert (caught.value.status, caught.value.message) == (404, "Board not found.")


def test_an_answer_that_names_no_board_is_no_board(script, scripted_client):
    script.answer({"name": "Chairs"})

    with pytest.raises(ServerFailed):
        scripted_client.fetch_board("12345")


@pytest.mark.parametrize("answer", [{}, {"id": None, "username": "chairshop"}])
def test_a_profile_that_does_not_say_whose_it_is_is_no_profile(script, scripted_client, answer):
    script.answer(answer)

    with pytest.raises(ServerFailed):
        scripted_client.fetch_user_account()


def test_missing_fields_are_empty_texts(script, scripted_client):
    script.answer({"id": 700, "username": "chairshop"})
    assert scripted_client.fetch_user_account() == UserAccount("700", "chairshop", "", "")


def test_a_board_without_its_fields_is_still_a_board_and_one_without_an_id_is_none(script, scripted_client):
    script.answer({"items": [{"id": 5}, {"id": "6", "name": "Chairs"}, {"name": "Nameless"}, None, "7"]})

    assert scripted_client.fetch_boards() == [ListedBoard("5", "", "PUBLIC"), ListedBoard("6", "Chairs", "PUBLIC")]


def test_a_board_says_whose_it_is_and_how_many_pins_it_has(sandbox, client):
    sandbox.create_pin(board_id_of(client))

    assert [(board.owner, board.pin_count) for board in client.fetch_boards()] == [("chairshop", 1), ("chairshop", 0)]


@pytest.mark.parametrize("odd", [{"owner": "chairshop", "pin_count": "many"}, {"owner": {}, "pin_count": -1}])
def test_what_a_board_says_unreadably_is_not_told(script, scripted_client, odd):
    script.answer({"id": "6", "name": "Chairs", **odd})

    assert scripted_client.fetch_board("6") == ListedBoard("6", "Chairs", "PUBLIC")


def test_260_boards_are_followed_to_the_end(sandbox):
    sandbox.create_account("hoarder", boards=260)

    boards = PinterestClient(sandbox.api_url, sandbox.token("hoarder")).fetch_boards()

    assert {board.name for board in boards} == {f"Board {number}" for number in range(1, 261)}
    assert len(boards) == 260
    assert [request["query"]["page_size"] for request in sandbox.requests("boards/list")] == ["250", "250"]


def test_boards_come_with_their_privacy(sandbox, client):
    sandbox.create_board("chairshop", "Ideas", privacy="PROTECTED")

    assert {board.name: board.privacy for board in client.fetch_boards()} == {
        "Chairs": "PUBLIC",
        "Tables": "PUBLIC",
        "Ideas": "PROTECTED",
    }


def test_a_bookmark_that_comes_back_ends_the_list(script, scripted_client):
    page = {"items": [{"id": "1", "name": "Chairs", "privacy": "PUBLIC"}], "bookmark": "again"}
    script.answer(page)

    boards = scripted_client.fetch_boards()

    assert {board.id for board in boards} == {"1"}
    assert script.requests == ["/v5/boards?page_size=250", "/v5/boards?page_size=250&bookmark=again"]


def test_a_page_without_its_items_is_no_empty_list(script, scripted_client):
    script.answer({"bookmark": None})

    with pytest.raises(ServerFailed):
        scripted_client.fetch_boards()


def test_a_created_pin_is_on_its_board(sandbox, client):
    board_id = board_id_of(client)
    before = datetime.now(UTC).replace(microsecond=0)

    created = client.create_pin({"board_id": board_id, "title": "A chair", "media_source": picture()})

    [live] = sandbox.pins(board_id)
    assert (live["id"], live["title"]) == (created.id, "A chair")
    assert before <= created.created_at <= datetime.now(UTC)


def test_a_new_pin_without_an_id_is_a_failure_and_no_pin(script, scripted_client):
    script.answer({"title": "A chair"}, 201)

    with pytest.raises(ServerFailed):
        scripted_client.create_pin({"board_id": "1"})


def test_pins_of_a_board_come_newest_first_with_their_texts(sandbox, client):
    board_id = board_id_of(client)
    sandbox.create_pin(board_id, title="Old", days_ago=3)
    sandbox.create_pin(
        board_id, title="New", description="Oak", link="https://example.com/", media_type="video", days_ago=1
    )

    new, old = client.fetch_board_pins_since(board_id, datetime.now(UTC) - timedelta(days=4)).pins

    assert (new.title, new.description, new.link, new.media_type) == ("New", "Oak", "https://example.com/", "video")
    assert (old.title, old.description, old.link, old.media_type) == ("Old", "", "", "image")
    assert abs(new.created_at - (datetime.now(UTC) - timedelta(days=1))) < timedelta(minutes=1)


def listed(pin_id, created_at):
    return {"id": pin_id, "created_at": created_at}


SINCE = datetime(2026, 11, 2, 10, tzinfo=UTC)


def look(client):
    listing = client.fetch_board_pins_since("5", SINCE)
    return [pin.id for pin in listing.pins], listing.is_complete


def test_an_older_pin_does_not_hide_those_behind_it_on_its_page(script, scripted_client):
    script.answer({"items": [listed("1", "2026-11-01T10:00:00"), listed("2", "2026-11-02T10:00:00")], "bookmark": None})

    assert look(scripted_client) == (["1", "2"], True)


def test_pages_are_followed_until_a_whole_one_is_older(script, scripted_client):
    script.answer({"items": [listed("5", "2026-11-03T10:00:00"), listed("4", "2026-11-01T10:00:00")], "bookmark": "b"})
    script.answer({"items": [listed("3", "2026-11-01T10:00:00"), listed("2", "2026-11-02T10:00:00")], "bookmark": "c"})
    script.answer({"items": [listed("1", "2026-11-01T10:00:00")], "bookmark": "d"})

    assert look(scripted_client) == (["5", "4", "3", "2", "1"], True)
    assert script.requests == [f"/v5/boards/5/pins?page_size=250{bookmark}" for bookmark in ("", *BOOKMARKS)]


BOOKMARKS = ("&bookmark=b", "&bookmark=c")


def test_a_page_without_pins_tells_nothing_about_the_next_one(script, scripted_client):
    script.answer({"items": [], "bookmark": "b"})
    script.answer({"items": [listed("1", "2026-11-03T10:00:00")], "bookmark": None})

    assert look(scripted_client) == (["1"], True)


def test_a_bookmark_that_comes_again_is_followed_as_long_as_it_brings_something(script, scripted_client):
    script.answer({"items": [listed("3", "2026-11-03T10:00:00")], "bookmark": "b"})
    script.answer({"items": [listed("2", "2026-11-03T10:00:00")], "bookmark": "b"})
    script.answer({"items": [listed("1", "2026-11-03T10:00:00")], "bookmark": None})

    assert look(scripted_client) == (["3", "2", "1"], True)


def test_a_list_that_goes_in_circles_is_no_complete_one(script, scripted_client):
    script.answer({"items": [listed("1", "2026-11-03T10:00:00")], "bookmark": "b"})

    assert look(scripted_client) == (["1"], False)
    assert len(script.requests) == 2


@pytest.mark.parametrize(
    ("pin", "media_type"),
    [
        ({"media": {"media_type": "multiple_images"}, "creative_type": "REGULAR"}, "multiple_images"),
        ({"media": None, "creative_type": "REGULAR"}, "image"),
        ({"creative_type": "CAROUSEL"}, "multiple_images"),
        ({"creative_type": "VIDEO"}, "video"),
        ({"media": {}, "creative_type": None}, "image"),
        ({"media": "image"}, "image"),
    ],
)
def test_the_media_type_is_read_from_wherever_it_is_said(script, scripted_client, pin, media_type):
    script.answer({"items": [{"id": "1", "created_at": "2026-11-01T10:00:00", **pin}], "bookmark": None})

    [listed] = scripted_client.fetch_board_pins_since("5", datetime(2026, 10, 1, tzinfo=UTC)).pins

    assert listed.media_type == media_type


@pytest.mark.parametrize("written", ["2026-11-01T10:00:00", "2026-11-01T10:00:00Z", "2026-11-01T12:00:00+02:00"])
def test_moments_are_utc_whether_they_say_so_or_not(script, scripted_client, written):
    script.answer({"items": [{"id": "1", "created_at": written}]})

    [pin] = scripted_client.fetch_board_pins_since("5", datetime(2026, 11, 1, 10, tzinfo=UTC)).pins

    assert pin.created_at == datetime(2026, 11, 1, 10, tzinfo=UTC)
    assert pin.created_at.utcoffset() is not None


def test_a_pin_without_a_readable_moment_is_not_overlooked(script, scripted_client):
    script.answer({"items": [{"id": "1", "created_at": None}, {"id": "2", "created_at": "2026-11-01T10:00:00"}]})

    pins = scripted_client.fetch_board_pins_since("5", datetime(2026, 10, 1, tzinfo=UTC)).pins

    assert [pin.id for pin in pins] == ["1", "2"]
