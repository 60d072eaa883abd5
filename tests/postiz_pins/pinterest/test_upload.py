"""A video's bytes: how they look on the wire, and what becomes of every way to fail."""

import io
import socket
import threading

import pytest

from postiz_pins.pinterest import http
from postiz_pins.pinterest.client import VideoUpload
from postiz_pins.pinterest.errors import AnsweredByProxy, ServerFailed, Unreachable, UploadRefused
from postiz_pins.pinterest.upload import SourceFailed, upload_video
from tests.postiz_pins.sandbox.images import VIDEO

MEGABYTE = 1024 * 1024


class Sparse:
    """A file of zeros that nobody has to store."""

    def __init__(self, size):
        self.left = size

    def read(self, size):
        size = min(size, self.left)
        self.left -= size
        return bytes(size)


def upload(registered, content=VIDEO, **kwargs):
    upload_video(registered, io.BytesIO(content), len(content), **kwargs)


def test_a_video_goes_all_the_way(sandbox, client):
    sandbox.options(processing_seconds=0)
    registered = client.register_video()
    assert client.fetch_media_status(registered.media_id) == "registered"

    upload(registered)

    assert client.fetch_media_status(registered.media_id) == "succeeded"


def test_neither_the_address_nor_the_parameters_are_shown(client):
    registered = client.register_video()

    assert registered.media_id in repr(registered)
    assert registered.upload_url not in repr(registered)
    assert registered.upload_parameters["policy"] not in repr(registered)


@pytest.fixture
def wire():
    """A server that writes down what it gets, to the end that Content-Length announces, and answers 204."""
    listener = socket.create_server(("127.0.0.1", 0))
    received = {}

    def serve():
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as stream:
            received["line"] = stream.readline()
            headers = received["headers"] = {}
            while (line := stream.readline()) != b"\r\n":
                name, _, value = line.decode().partition(": ")
                headers[name.lower()] = value.strip()
            received["body"] = stream.read(int(headers["content-length"]))
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    received["url"] = f"http://127.0.0.1:{listener.getsockname()[1]}/bucket/"
    received["join"] = lambda: thread.join(10)
    yield received
    listener.close()


def test_the_form_has_all_parameters_then_the_file_and_a_length(wire, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    parameters = {"key": "uploads/ä", "Content-Type": "multipart/form-data", "x-amz-signature": "abc"}
    content = bytes(range(256)) * 5000

    upload(VideoUpload("5", wire["url"], parameters), content)

    wire["join"]()
    headers, body = wire["headers"], wire["body"]
    boundary = headers["content-type"].partition("boundary=")[2].encode()
    parts = body.split(b"--" + boundary)
    assert wire["line"].startswith(b"POST /bucket/ ")
    assert "authorization" not in headers
    assert "transfer-encoding" not in headers
    assert int(headers["content-length"]) == len(body)
    assert [part.split(b'name="')[1].split(b'"')[0].decode() for part in parts[1:-1]] == [*parameters, "file"]
    assert "uploads/ä".encode() in parts[1]
    assert parts[-2].endswith(b"\r\n\r\n" + content + b"\r\n")
    assert parts[-1] == b"--\r\n"


def test_progress_is_told_before_each_block_and_at_the_end(client):
    seen = []

    upload(client.register_video(), VIDEO + bytes(3 * MEGABYTE), on_block=seen.append)

    assert seen == [0, MEGABYTE, 2 * MEGABYTE, 3 * MEGABYTE, 3 * MEGABYTE + len(VIDEO)]


def test_an_upload_can_be_stopped_at_the_next_block(sandbox, client):
    class Stopped(Exception):
        pass

    def stop(sent):
        if sent >= 2 * MEGABYTE:
            raise Stopped

    registered = client.register_video()
    with pytest.raises(Stopped):
        upload_video(registered, Sparse(50 * MEGABYTE), 50 * MEGABYTE, stop)

    assert client.fetch_media_status(registered.media_id) == "registered"


@pytest.mark.parametrize("percent", [10, 50, 99])
def test_a_connection_that_is_cut_midway_is_named(sandbox, client, percent):
    sandbox.fault("upload", "connection_cut", percent=percent)
    registered = client.register_video()

    with pytest.raises(Unreachable) as caught:
        upload_video(registered, Sparse(30 * MEGABYTE), 30 * MEGABYTE)

    assert caught.value.was_sent
    assert client.fetch_media_status(registered.media_id) == "registered"


@pytest.mark.parametrize(
    ("kind", "status", "word"),
    [
        ("upload_denied", 403, "AccessDenied"),
        ("length_required", 411, "MissingContentLength"),
        ("too_large", 400, "EntityTooLarge"),
    ],
)
def test_a_refusal_of_the_upload_target_keeps_its_word_and_request_id(sandbox, client, kind, status, word):
    sandbox.fault("upload", kind)

    with pytest.raises(UploadRefused) as caught:
        upload_video(client.register_video(), Sparse(30 * MEGABYTE), 30 * MEGABYTE)

    assert (caught.value.status, caught.value.word) == (status, word)
    assert caught.value.message.startswith(f"{word}: ")
    assert len(caught.value.request_id) == 16


def test_a_parameter_that_is_missing_is_refused_by_the_policy(client):
    registered = client.register_video()
    parameters = {name: value for name, value in registered.upload_parameters.items() if name != "policy"}

    with pytest.raises(UploadRefused, match="AccessDenied"):
        upload(VideoUpload(registered.media_id, registered.upload_url, parameters))


def test_a_failure_of_the_upload_target_is_one_of_the_server(sandbox, client):
    sandbox.fault("upload", "server_error", status=503)

    with pytest.raises(ServerFailed, match="SlowDown") as caught:
        upload(client.register_video())

    assert caught.value.status == 503


def test_an_answer_without_xml_still_says_its_status(script):
    script.answer("<html>Bad gateway</html>", 502)

    with pytest.raises(ServerFailed, match="status 502"):
        upload(VideoUpload("5", script.url, {"key": "k"}))


@pytest.mark.parametrize("body", ["html", "empty", "json"])
@pytest.mark.parametrize("status", [403, 404, 413])
def test_a_refusal_without_s3s_xml_is_somebody_elses(sandbox, client, status, body):
    sandbox.fault("upload", "proxy", status=status, body=body)

    with pytest.raises(AnsweredByProxy, match=f"A proxy or firewall answered with status {status}"):
        upload(client.register_video())


def test_a_file_that_became_shorter_is_no_failure_of_the_connection(client):
    with pytest.raises(SourceFailed):
        upload_video(client.register_video(), Sparse(MEGABYTE), 2 * MEGABYTE)


def test_a_target_that_does_not_answer_is_left_after_the_limit(sandbox, client, monkeypatch):
    monkeypatch.setattr(http, "READ_TIMEOUT_SECONDS", 0.2)
    sandbox.fault("upload", "latency_after", seconds=2)

    with pytest.raises(Unreachable, match="time limit"):
        upload(client.register_video())


def test_a_target_that_stops_reading_is_left_after_the_limit(client, monkeypatch):
    monkeypatch.setattr(http, "WRITE_TIMEOUT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listener:  # accepts, and reads nothing
        registered = VideoUpload("5", f"http://127.0.0.1:{listener.getsockname()[1]}/", {"key": "k"})

        with pytest.raises(Unreachable):
            upload_video(registered, Sparse(50 * MEGABYTE), 50 * MEGABYTE)


def test_a_slow_block_does_not_fall_under_the_limit_for_connecting(wire, monkeypatch):
    """urllib3 holds a whole body to that limit, which no large body on a slow line could keep."""
    monkeypatch.setattr(http, "CONNECT_TIMEOUT_SECONDS", 0.2)
    limits = []
    send = http.HTTPConnection.send
    monkeypatch.setattr(
        http.HTTPConnection, "send", lambda self, data: (limits.append(self.sock.gettimeout()), send(self, data))[1]
    )

    upload(VideoUpload("5", wire["url"], {"key": "k"}), bytes(3 * MEGABYTE))

    assert set(limits) == {http.WRITE_TIMEOUT_SECONDS}


def test_a_large_json_body_goes_out_in_blocks(wire, monkeypatch):
    blocks = []
    send = http.HTTPConnection.send
    monkeypatch.setattr(http.HTTPConnection, "send", lambda self, data: (blocks.append(len(data)), send(self, data))[1])

    http.send("POST", wire["url"], json={"data": "x" * 5 * MEGABYTE})

    wire["join"]()
    assert max(blocks) == MEGABYTE
    assert wire["body"] == b'{"data": "' + b"x" * 5 * MEGABYTE + b'"}'
