import socket
from urllib.parse import urlsplit

import pytest
import requests

from .images import VIDEO, image_base64, image_bytes


@pytest.fixture
def media(sandbox, token):
    return sandbox.api("POST", "/media", token, json={"media_type": "video"}).json()


def upload(media, content=VIDEO, leave_out=""):
    fields = {name: value for name, value in media["upload_parameters"].items() if name != leave_out}
    return requests.post(media["upload_url"], data=fields, files={"file": ("video.mp4", content)}, timeout=30)


def status(sandbox, token, media):
    return sandbox.api("GET", f"/media/{media['media_id']}", token).json()["status"]


def video_pin(board_id, media, **cover):
    return {"board_id": board_id, "media_source": {"source_type": "video_id", "media_id": media["media_id"], **cover}}


def test_video_goes_from_registered_over_processing_to_succeeded(sandbox, token, media):
    seen = [status(sandbox, token, media)]
    sandbox.options(processing_seconds=1_000)
    answer = upload(media)
    seen.append(status(sandbox, token, media))
    sandbox.options(processing_seconds=0)
    seen.append(status(sandbox, token, media))

    assert answer.status_code == 204
    assert answer.content == b""
    assert seen == ["registered", "processing", "succeeded"]


def test_media_are_listed_in_pages(sandbox, token, media):
    second = sandbox.api("POST", "/media", token, json={"media_type": "video"}).json()
    upload(second)

    first_page = sandbox.api("GET", "/media?page_size=1", token).json()
    rest = sandbox.api("GET", "/media", token, params={"bookmark": first_page["bookmark"]}).json()

    assert [item["media_id"] for item in first_page["items"]] == [media["media_id"]]
    assert [(item["media_id"], item["status"]) for item in rest["items"]] == [(second["media_id"], "processing")]
    assert rest["bookmark"] is None
    assert sandbox.api("GET", "/media", sandbox.token("tidal.ceramics")).json()["items"] == []


def test_image_in_place_of_the_video_fails(sandbox, token, media):
    sandbox.options(processing_seconds=0)

    assert upload(media, image_bytes()).status_code == 204
    assert status(sandbox, token, media) == "failed"


def test_chunked_upload_is_refused_for_want_of_a_length(media):
    answer = requests.post(media["upload_url"], data=(b"x" * 65_536 for _ in range(40)), timeout=30)

    assert answer.status_code == 411
    assert "<Code>MissingContentLength</Code>" in answer.text


def test_refusal_of_a_long_chunked_upload_reaches_a_client_that_sends_to_the_end(sandbox):
    address = urlsplit(sandbox.url)
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        connection.sendall(b"POST /upload/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(300):
            connection.sendall(b"10000\r\n" + b"x" * 65_536 + b"\r\n")

        assert connection.recv(12) == b"HTTP/1.1 411"


@pytest.mark.parametrize(
    "name",
    ["key", "policy", "Content-Type", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature"],
)
def test_upload_without_one_of_its_parameters_is_refused(sandbox, token, media, name):
    assert upload(media, leave_out=name).status_code == 403
    assert status(sandbox, token, media) == "registered"


def test_fields_behind_the_file_are_not_seen(sandbox, token, media):
    parts = [
        ("file", ("video.mp4", VIDEO)),
        *((name, (None, value)) for name, value in media["upload_parameters"].items()),
    ]

    answer = requests.post(media["upload_url"], files=parts, timeout=30)

    assert answer.status_code == 403
    assert status(sandbox, token, media) == "registered"


def test_upload_with_an_authorization_header_is_refused(token, media):
    answer = requests.post(
        media["upload_url"],
        data=media["upload_parameters"],
        files={"file": ("video.mp4", VIDEO)},
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )

    assert answer.status_code == 400


def test_media_of_someone_else_is_not_found(sandbox, media):
    assert sandbox.api("GET", f"/media/{media['media_id']}", sandbox.token("tidal.ceramics")).status_code == 404


@pytest.mark.parametrize(
    "cover",
    [
        {"cover_image_content_type": "image/jpeg", "cover_image_data": image_base64(90, 160)},
        {"cover_image_key_frame_time": 3},
    ],
)
def test_processed_video_becomes_a_pin_with_its_cover(sandbox, token, board_id, media, cover):
    sandbox.options(processing_seconds=0)
    upload(media)

    answer = sandbox.api("POST", "/pins", token, json=video_pin(board_id, media, **cover))

    assert answer.status_code == 201
    assert answer.json()["media"]["media_type"] == "video"
    assert answer.json()["creative_type"] == "VIDEO"


def test_video_that_is_still_processed_makes_no_pin(sandbox, token, board_id, media):
    sandbox.options(processing_seconds=1_000)
    upload(media)

    answer = sandbox.api("POST", "/pins", token, json=video_pin(board_id, media, cover_image_key_frame_time=0))

    assert answer.status_code == 400
    assert "processing" in answer.json()["message"]
    assert sandbox.pins(board_id) == []
