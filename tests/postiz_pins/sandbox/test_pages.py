import re

import requests

from .images import base64_source


def page(sandbox, path):
    return requests.get(f"{sandbox.url}{path}", timeout=10)


def test_front_page_lists_accounts_and_boards_with_their_pins(sandbox, board_id):
    sandbox.create_pin(board_id)

    text = page(sandbox, "/").text

    assert "Harbour &amp; Pine" in text
    assert "Kitchen gardens" in text
    assert "<small>1 pin</small>" in text


def test_published_texts_are_escaped_and_only_web_links_can_be_clicked(sandbox, board_id):
    pin = sandbox.create_pin(board_id, title="<script>x", link="javascript:alert(1)", media_type="video")

    board, single = page(sandbox, f"/board/{board_id}/").text, page(sandbox, f"/pin/{pin['id']}/").text

    for text in (board, single):
        assert "<script>" not in text
        assert "&lt;script&gt;x" in text
    assert 'href="javascript' not in single


def test_published_picture_is_served_as_what_it_is(sandbox, token, board_id):
    body = {"board_id": board_id, "media_source": base64_source(1_000, 1_500)}
    images = sandbox.api("POST", "/pins", token, json=body).json()["media"]["images"]

    for size in images.values():
        picture = requests.get(size["url"], timeout=10)
        assert picture.headers["Content-Type"] == "image/jpeg"
        assert picture.headers["X-Content-Type-Options"] == "nosniff"


def test_fault_is_switched_on_and_off_by_the_form(sandbox, token):
    form = f"{sandbox.url}/faults/"
    requests.post(form, data={"decision": "add", "kind": "unauthorized", "times": "always"}, timeout=10)
    refused = sandbox.api("GET", "/boards", token).status_code
    text = page(sandbox, "/").text

    requests.post(form, data={"decision": "clear"}, timeout=10)

    assert refused == 401
    assert re.search(r"until turned off\s*</li>", text)
    assert sandbox.faults() == []


def test_every_fault_of_the_form_can_be_switched_on(sandbox):
    kinds = re.findall(r'<option value="(\w+)">', page(sandbox, "/").text)
    offered = [kind for kind in kinds if kind not in ("once", "always")]

    for kind in offered:
        requests.post(f"{sandbox.url}/faults/", data={"decision": "add", "kind": kind, "times": "once"}, timeout=10)

    assert [fault["kind"] for fault in sandbox.faults()] == offered
    assert {"connection_cut", "upload_denied", "video_failed", "video_stuck"} <= set(offered)


def test_board_shows_the_cover_of_a_video(sandbox, token, board_id):
    pin = sandbox.create_pin(board_id, title="Oak in a minute", media_type="video")

    text = page(sandbox, f"/board/{board_id}/").text

    assert f"/pictures/{pin['items'][0]['picture_id']}/600x/" in text
    assert '<span class="kind">Video</span>' in text


def test_unknown_addresses_answer_in_their_own_language(sandbox):
    assert "Nothing here" in page(sandbox, "/board/1/").text
    assert page(sandbox, "/pin/1/").status_code == 404
    assert page(sandbox, "/v5/ads").json()["code"] == 404
    assert page(sandbox, "/pictures/1/600x/").status_code == 404
