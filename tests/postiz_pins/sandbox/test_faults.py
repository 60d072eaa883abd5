import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import requests

from tests.browser.app_process import wait_until

from .images import VIDEO, base64_source


def create(sandbox, token, board_id, **keys):
    body = {"board_id": board_id, "media_source": base64_source(), **keys}
    return sandbox.api("POST", "/pins", token, json=body)


@pytest.mark.parametrize(
    ("kind", "keys", "status", "code", "words"),
    [
        ("rate_limited", {"seconds": 67_150}, 429, 8, "rate limit"),
        ("spam", {}, 429, 8, "spam"),
        ("server_error", {"status": 503}, 503, 0, "went wrong"),
        ("unauthorized", {}, 401, 2, "Authentication failed."),
        ("trial", {}, 403, 29, "Apps with Trial access may not create Pins in production"),
        ("unreachable_url", {}, 400, 1, "Unable to reach the URL"),
        ("board_not_found", {}, 404, 40, "Board not found."),
        ("message", {"status": 418, "code": 77, "message": "Any words"}, 418, 77, "Any words"),
    ],
)
def test_refusing_fault_answers_once_and_does_nothing(sandbox, token, board_id, kind, keys, status, code, words):
    sandbox.fault("pins/create", kind, **keys)

    refused, created = create(sandbox, token, board_id), create(sandbox, token, board_id)

    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert words in refused.json()["message"]
    assert created.status_code == 201
    assert len(sandbox.pins(board_id)) == 1


@pytest.mark.parametrize(
    ("body", "content_type", "words"),
    [("html", "text/html", "security gateway"), ("empty", "text/plain", ""), ("json", "application/json", '"error"')],
)
@pytest.mark.parametrize("operation", ["pins/create", "oauth/token", "upload"])
def test_a_proxy_answers_in_no_words_of_pinterest(sandbox, token, board_id, operation, body, content_type, words):
    sandbox.fault(operation, "proxy", status=404, body=body, seconds=7)
    addresses = {"pins/create": "/v5/pins", "oauth/token": "/v5/oauth/token", "upload": "/upload/"}

    answer = requests.post(f"{sandbox.url}{addresses[operation]}", data=b"any", timeout=10)

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, content_type)
    assert words in answer.text
    assert answer.headers["Retry-After"] == "7"
    assert "x-pinterest-rid" not in answer.headers
    assert not sandbox.pins(board_id)


def test_rate_limit_tells_the_seconds_to_wait(sandbox, token):
    sandbox.fault("boards/list", "rate_limited", seconds=67_150, retry_after="Wed, 21 Oct 2026 07:28:00 GMT")

    headers = sandbox.api("GET", "/boards", token).headers

    assert headers["X-RateLimit-Reset"] == "67150"
    assert headers["Retry-After"] == "Wed, 21 Oct 2026 07:28:00 GMT"


def test_server_error_after_the_work_leaves_the_pin(sandbox, token, board_id):
    sandbox.fault("pins/create", "server_error_after", status=502)

    assert create(sandbox, token, board_id).status_code == 502
    assert len(sandbox.pins(board_id)) == 1


@pytest.mark.parametrize(("kind", "pins"), [("answer_lost", 1), ("connection_closed", 0)])
def test_closed_connection_answers_no_byte(sandbox, token, board_id, kind, pins):
    sandbox.fault("pins/create", kind)

    with pytest.raises(requests.ConnectionError):
        create(sandbox, token, board_id)

    assert len(sandbox.pins(board_id)) == pins
    [entry] = sandbox.requests("pins/create")
    assert (entry["status"], entry["fault"]) == (None, kind)


def test_answer_of_an_upload_can_be_lost(sandbox, token):
    sandbox.options(processing_seconds=0)
    media = sandbox.api("POST", "/media", token, json={"media_type": "video"}).json()
    sandbox.fault("upload", "answer_lost")

    with pytest.raises(requests.ConnectionError):
        requests.post(media["upload_url"], data=media["upload_parameters"], files={"file": ("v", VIDEO)}, timeout=9)

    assert sandbox.api("GET", f"/media/{media['media_id']}", token).json()["status"] == "succeeded"


def test_refused_upload_leaves_the_media_registered(sandbox, token):
    media = sandbox.api("POST", "/media", token, json={"media_type": "video"}).json()
    sandbox.fault("upload", "server_error")
    big = VIDEO + b"\0" * 30_000_000

    refused = requests.post(
        media["upload_url"], data=media["upload_parameters"], files={"file": ("v", big)}, timeout=30
    )

    assert refused.status_code == 500
    assert refused.text.startswith("<?xml")
    assert sandbox.api("GET", f"/media/{media['media_id']}", token).json()["status"] == "registered"


def test_latency_comes_before_the_work_and_latency_after_behind_it(sandbox, token, board_id):
    for kind in ("latency", "latency_after"):
        sandbox.fault("pins/create", kind, seconds=0.4)
        create(sandbox, token, board_id, title=kind)
    entries = {entry["body"]["title"]: entry for entry in sandbox.requests("pins/create")}
    held = {pin["title"]: pin["created_at"] for pin in sandbox.pins(board_id)}

    assert held["latency"] - entries["latency"]["at"] >= 0.4
    assert held["latency_after"] - entries["latency_after"]["at"] < 0.4
    assert entries["latency_after"]["ended_at"] - held["latency_after"] >= 0.4


def test_faults_of_one_operation_are_met_in_turn(sandbox, token, board_id):
    sandbox.fault("pins/create", "server_error", times=2)
    sandbox.fault("pins/create", "rate_limited")
    sandbox.fault("boards/list", "spam")

    assert [create(sandbox, token, board_id).status_code for _ in range(4)] == [500, 500, 429, 201]


def test_fault_without_end_holds_for_every_operation_until_cleared(sandbox, token):
    sandbox.fault("*", "server_error", times=None)
    broken = [sandbox.api("GET", path, token).status_code for path in ("/boards", "/pins", "/user_account")]

    sandbox.clear_faults()

    assert broken == [500, 500, 500]
    assert sandbox.api("GET", "/boards", token).status_code == 200


@pytest.mark.parametrize(
    "fault",
    [
        {"operation": "pins/create", "kind": "fire"},
        {"operation": "pins/creates", "kind": "spam"},
        {"operation": "*", "kind": "latency"},
        {"operation": "*", "kind": "spam", "times": 0},
        {"operation": "*", "kind": "spam", "color": "red"},
    ],
)
def test_wrong_fault_is_refused_with_a_sentence(sandbox, fault):
    with pytest.raises(ValueError, match=r"400 .*error"):
        sandbox.control("POST", "faults", fault)


def test_most_posts_at_once_are_counted(sandbox, token, board_id):
    sandbox.fault("pins/create", "latency", seconds=0.5, times=None)

    def post(_):
        body = {"board_id": board_id, "media_source": base64_source()}
        headers = {"Authorization": f"Bearer {token}"}
        return requests.post(f"{sandbox.api_url}/pins", json=body, headers=headers, timeout=30).status_code

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(post, range(20)))

    assert answers == [201] * 20
    assert sandbox.in_flight() == {"now": 0, "max": 20}
    sandbox.reset()
    assert sandbox.in_flight() == {"now": 0, "max": 0}


def test_journal_holds_bodies_without_images_and_secrets(sandbox, token, board_id):
    create(sandbox, token, board_id, title="Written down")
    secret = sandbox.tokens("harbourandpine")["refresh_token"]
    requests.post(
        f"{sandbox.api_url}/oauth/token",
        data={"grant_type": "refresh_token", "refresh_token": secret, "continuous_refresh": "true"},
        auth=("sandbox-app", "sandbox-secret"),
        timeout=10,
    )
    created, refreshed = sandbox.requests()[-2:]

    assert created["operation"] == "pins/create"
    assert created["account"] == "harbourandpine"
    assert created["status"] == 201
    assert created["body"]["title"] == "Written down"
    assert created["body"]["media_source"]["data"].endswith("characters>")
    assert refreshed["body"]["continuous_refresh"] == "true"
    assert refreshed["body"]["refresh_token"] == f"…{secret[-4:]}"


def registered(sandbox, token):
    return sandbox.api("POST", "/media", token, json={"media_type": "video"}).json()


def send(media, content=VIDEO):
    return requests.post(
        media["upload_url"], data=media["upload_parameters"], files={"file": ("v", content)}, timeout=30
    )


@pytest.mark.parametrize("percent", [10, 50, 99])
def test_upload_can_be_cut_after_a_share_of_its_body(sandbox, token, percent):
    sandbox.options(processing_seconds=0)
    media = registered(sandbox, token)
    sandbox.fault("upload", "connection_cut", percent=percent)

    with pytest.raises(requests.ConnectionError):
        send(media, VIDEO + bytes(20_000_000))

    assert sandbox.api("GET", f"/media/{media['media_id']}", token).json()["status"] == "registered"
    assert send(media).status_code == 204


@pytest.mark.parametrize(
    ("kind", "status", "word"),
    [
        ("upload_denied", 403, "AccessDenied"),
        ("length_required", 411, "MissingContentLength"),
        ("too_large", 400, "EntityTooLarge"),
        ("server_error", 500, "InternalError"),
        ("rate_limited", 429, "SlowDown"),
    ],
)
def test_upload_is_refused_in_the_words_of_s3(sandbox, token, kind, status, word):
    sandbox.fault("upload", kind)

    answer = send(registered(sandbox, token))

    assert answer.status_code == status
    assert f"<Code>{word}</Code>" in answer.text
    assert "<RequestId>" in answer.text


def test_status_of_a_video_can_be_pretended(sandbox, token):
    sandbox.options(processing_seconds=0)
    media = registered(sandbox, token)
    send(media)
    sandbox.fault("media/get", "video_stuck", times=2)
    sandbox.fault("media/get", "video_failed")

    seen = [sandbox.api("GET", f"/media/{media['media_id']}", token).json() for _ in range(4)]

    assert [answer["status"] for answer in seen] == ["processing", "processing", "failed", "succeeded"]
    assert {answer["media_id"] for answer in seen} == {media["media_id"]}


def test_upload_is_in_flight_until_its_client_has_done_sending(sandbox, token):
    """A refusal comes early; the slot of whoever sends on is in use all the same."""
    media = registered(sandbox, token)
    sandbox.fault("upload", "upload_denied")
    address = urlsplit(sandbox.url)
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        head = f"POST {urlsplit(media['upload_url']).path} HTTP/1.1\r\nHost: localhost\r\n"
        head += "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000000\r\n\r\n"
        connection.sendall(head.encode() + bytes(500_000))
        while not sandbox.requests("upload"):
            pass
        assert sandbox.in_flight()["now"] == 1

        connection.sendall(bytes(500_000))

        assert connection.recv(12) == b"HTTP/1.1 403"
        assert sandbox.in_flight() == {"now": 0, "max": 1}


@pytest.mark.parametrize(
    "fault",
    [
        {"operation": "pins/create", "kind": "connection_cut"},
        {"operation": "*", "kind": "video_stuck"},
        {"operation": "media/get", "kind": "upload_denied"},
        {"operation": "upload", "kind": "connection_cut", "percent": 101},
    ],
)
def test_fault_of_one_operation_is_refused_for_others(sandbox, fault):
    with pytest.raises(ValueError, match=r"400 .*error"):
        sandbox.control("POST", "faults", fault)


def test_clearing_the_faults_ends_the_delays_of_waiting_requests(sandbox, token, board_id):
    sandbox.fault("pins/create", "latency", seconds=600)

    with ThreadPoolExecutor() as pool:
        created = pool.submit(create, sandbox, token, board_id)
        wait_until(lambda: sandbox.faults() == [], "The request has met the fault", 20)
        assert sandbox.pins(board_id) == []
        sandbox.clear_faults()

        assert created.result().status_code == 201
