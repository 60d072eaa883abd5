import pytest

from .images import base64_source, image_base64
from .test_boards import all_pages


def create(sandbox, token, board_id, media_source=None, **keys):
    body = {"board_id": board_id, "media_source": media_source or base64_source(), **keys}
    return sandbox.api("POST", "/pins", token, json=body)


@pytest.fixture
def picture_url(sandbox, token):
    """Any address with an image will do; the sandbox serves some itself."""
    return sandbox.api("GET", "/user_account", token).json()["profile_image"]


def test_created_pin_keeps_everything_that_was_sent(sandbox, token, board_id):
    texts = {
        "title": "A chair",
        "description": "By the window.",
        "link": "https://harbourandpine.example/chair",
        "alt_text": "A chair",
        "dominant_color": "#AA5533",
    }

    answer = create(sandbox, token, board_id, **texts)

    pin = answer.json()
    assert answer.status_code == 201
    assert {name: pin[name] for name in texts} == texts
    assert len(pin["id"]) == 18
    assert pin["creative_type"] == "REGULAR"
    assert pin["media"]["images"]["600x"]["height"] == 900
    assert sandbox.api("GET", f"/pins/{pin['id']}", token).json() == pin
    assert [held["id"] for held in sandbox.pins(board_id)] == [pin["id"]]


def test_image_is_really_fetched(sandbox, token, board_id, picture_url):
    fetched = create(sandbox, token, board_id, {"source_type": "image_url", "url": picture_url})
    no_image = create(sandbox, token, board_id, {"source_type": "image_url", "url": f"{sandbox.url}/"})
    nowhere = create(sandbox, token, board_id, {"source_type": "image_url", "url": "http://127.0.0.1:9/a.jpg"})

    assert fetched.status_code == 201
    assert no_image.status_code == 400
    assert nowhere.status_code == 400
    assert nowhere.json()["message"].startswith("Unable to reach the URL")
    assert len(sandbox.pins(board_id)) == 1


def test_base64_that_is_no_image_is_refused(sandbox, token, board_id):
    source = {"source_type": "image_base64", "content_type": "image/png", "data": "bm8gaW1hZ2UK"}

    assert create(sandbox, token, board_id, source).status_code == 400
    assert sandbox.pins(board_id) == []


def test_carousel_keeps_its_items_in_order(sandbox, token, board_id, picture_url):
    items = [
        {"content_type": "image/png", "data": image_base64(kind="PNG"), "title": "One", "link": "https://a.example"},
        {"content_type": "image/jpeg", "data": image_base64(), "title": "Two"},
    ]
    by_url = {"source_type": "multiple_image_urls", "items": [{"url": picture_url}] * 5}

    pin = create(sandbox, token, board_id, {"source_type": "multiple_image_base64", "items": items}).json()

    assert pin["creative_type"] == "CAROUSEL"
    assert [item["title"] for item in pin["media"]["items"]] == ["One", "Two"]
    assert len(create(sandbox, token, board_id, by_url).json()["media"]["items"]) == 5


def test_carousel_of_different_dimensions_is_refused(sandbox, token, board_id):
    items = [{"content_type": "image/jpeg", "data": image_base64(60, height)} for height in (90, 91)]

    answer = create(sandbox, token, board_id, {"source_type": "multiple_image_base64", "items": items})

    assert answer.status_code == 400
    assert "same dimensions" in answer.json()["message"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"board_id": "my-board"}, r"does not match '^\d+$'"),
        (
            {"media_source": {"source_type": "multiple_image_urls", "items": [{"url": "x"}] * 6}},
            "constraint: maxItems=5",
        ),
        ({"media_source": {"source_type": "video_id", "media_id": "1"}}, "cover_image_url or cover_image_content_type"),
        ({"title": "x" * 101}, "constraint: maxLength=100"),
    ],
)
def test_refusals_use_the_words_seen_in_the_field(sandbox, token, board_id, change, words):
    body = {"board_id": board_id, "media_source": base64_source(), **change}

    answer = sandbox.api("POST", "/pins", token, json=body)

    assert answer.status_code == 400
    assert words in answer.json()["message"]


def test_unknown_board_and_section_are_not_found(sandbox, token, board_id):
    board, section = create(sandbox, token, "12345"), create(sandbox, token, board_id, board_section_id="12345")

    assert (board.status_code, board.json()["message"]) == (404, "Board not found.")
    assert (section.status_code, section.json()["message"]) == (404, "Board section not found.")


def test_pin_lands_in_the_section_of_its_board(sandbox, token):
    board = sandbox.create_board("harbourandpine", "Shelves", sections=["Oak"])
    [section] = sandbox.api("GET", f"/boards/{board['id']}/sections", token).json()["items"]

    pin = create(sandbox, token, board["id"], board_section_id=section["id"]).json()

    assert pin["board_section_id"] == section["id"]


def test_creating_without_the_scope_is_refused(sandbox, board_id):
    reading = sandbox.token("harbourandpine", scopes=["boards:read", "boards:write", "pins:read"])

    answer = create(sandbox, reading, board_id)

    assert answer.status_code == 403
    assert "Authorization failed." in answer.json()["message"]
    assert "pins:write" in answer.json()["message"]


def test_board_lists_its_pins_newest_first_over_pages(sandbox, token, board_id):
    for number in range(5):
        sandbox.create_pin(board_id, title=str(number), days_ago=9 - number)

    pages = all_pages(sandbox, token, f"/boards/{board_id}/pins", page_size=2)

    assert [[pin["title"] for pin in page] for page in pages] == [["4", "3"], ["2", "1"], ["0"]]


def test_pin_created_between_two_pages_shifts_nothing(sandbox, token, board_id):
    for number in range(3):
        sandbox.create_pin(board_id, title=str(number), days_ago=9 - number)
    first = sandbox.api("GET", f"/boards/{board_id}/pins?page_size=2", token).json()

    create(sandbox, token, board_id, title="late")
    second = sandbox.api("GET", f"/boards/{board_id}/pins?page_size=2&bookmark={first['bookmark']}", token).json()

    assert [pin["title"] for pin in second["items"]] == ["0"]


def test_pin_of_someone_else_is_not_found(sandbox, token, board_id):
    pin = create(sandbox, token, board_id).json()
    stranger = sandbox.token("tidal.ceramics")

    for method in ("GET", "DELETE"):
        answer = sandbox.api(method, f"/pins/{pin['id']}", stranger)
        assert (answer.status_code, answer.json()["code"]) == (404, 50)


def test_deleted_pin_is_gone(sandbox, token, board_id):
    pin = create(sandbox, token, board_id).json()

    assert sandbox.api("DELETE", f"/pins/{pin['id']}", token).status_code == 204
    assert sandbox.api("GET", f"/pins/{pin['id']}", token).status_code == 404


def test_body_that_is_no_json_object_is_refused(sandbox, token):
    for body in (b"", b"[]", b"{"):
        answer = sandbox.api("POST", "/pins", token, data=body, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (400, 1)


def test_lists_can_come_in_no_order_page_by_page(sandbox):
    board = sandbox.create_account("mixed", boards=["Chairs"])["boards"][0]["id"]
    ids = sandbox.create_pins(board, 30, days_ago=3)
    sandbox.options(shuffled_lists=True)
    token, bookmark, listed = sandbox.token("mixed"), None, []

    while bookmark or not listed:
        params = {"page_size": 7, "bookmark": bookmark}
        page = sandbox.api("GET", f"/boards/{board}/pins", token, params=params).json()
        listed += [pin["id"] for pin in page["items"]]
        bookmark = page["bookmark"]

    assert sorted(listed) == sorted(ids)
    assert listed not in (ids, ids[::-1])


def test_lists_can_lag_and_write_links_in_another_way(sandbox):
    board = sandbox.create_account("late", boards=["Chairs"])["boards"][0]["id"]
    sandbox.create_pin(board, link="https://Example.COM", days_ago=1)
    sandbox.create_pin(board)
    sandbox.options(list_lag_seconds=60, rewritten_links=True)

    page = sandbox.api("GET", f"/boards/{board}/pins", sandbox.token("late")).json()

    assert [pin["link"] for pin in page["items"]] == ["https://example.com/"]
