import gzip
import os
import socket
import subprocess
import sys

import pytest
import urllib3.util.connection

from pins import limits
from pins.media.worker import fetch as fetch_worker
from pins.media.worker.fetch import REDIRECTS, NotFetched, fetch
from postiz_pins.user_agent import user_agent
from tests.media_bytes import picture_bytes
from tests.pins.web_server import answers, leads_to, serving

PUBLIC, OTHER_PUBLIC = "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"


@pytest.fixture
def site():
    with serving() as site:
        yield site


@pytest.fixture
def path(tmp_path):
    return tmp_path / "fetched"


@pytest.fixture
def connected(monkeypatch):
    """Where connections would have led; none is made."""
    hosts = []

    def create_connection(address, *_, **__):
        hosts.append(address[0])
        raise OSError("The test makes no connection.")

    monkeypatch.setattr(urllib3.util.connection, "create_connection", create_connection)
    return hosts


@pytest.fixture
def names(monkeypatch):
    """`names["shop.example"] = [first answer, second answer, …]`; the last one is repeated."""
    known, resolve = {}, socket.getaddrinfo

    def getaddrinfo(host, port, *args, **kwargs):
        answers = known.get(host)
        if answers is None:
            return resolve(host, port, *args, **kwargs)
        address = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return known


def refusal(address, path, *, allow_loopback=True):
    with pytest.raises(NotFetched) as caught:
        fetch(address, path, allow_loopback=allow_loopback)
    return caught.value.code


def test_a_picture_arrives_byte_by_byte_with_its_name(site, path):
    content = picture_bytes()
    site.pages["/shop/oak%20chair.jpg?size=2"] = answers(content)

    assert fetch(f"{site.url}/shop/oak%20chair.jpg?size=2", path, allow_loopback=True) == {"name": "oak chair.jpg"}
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("end", "name"),
    [
        ("/", "127.0.0.1"),
        ("/..%2f..%2fetc%2fpasswd", "passwd"),
        ("/%2e%2e%2f", "127.0.0.1"),
        ("/a%00b.jpg", "ab.jpg"),
        ("/a%0d%0ab.jpg", "ab.jpg"),
        ("/caf%C3%A9.jpg", "café.jpg"),
    ],
)
def test_a_name_is_only_ever_a_name(end, name):
    assert fetch_worker._name(fetch_worker.checked(f"http://127.0.0.1{end}")) == name


def test_the_request_asks_for_bytes_as_they_are_and_says_who_asks(site, path, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    site.pages["/chair.jpg"] = answers(picture_bytes())

    fetch(f"{site.url}/chair.jpg", path, origin="https://pins.example.com", allow_loopback=True)

    [(_, headers)] = site.asked
    assert headers["Accept-Encoding"] == "identity"
    assert headers["User-Agent"] == user_agent(
        "https://pins.example.com", "fetches a file for the person who typed its address"
    )
    assert not {"Authorization", "Cookie", "Referer"} & headers.keys()


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("ftp://example.com/chair.jpg", "link_scheme"),
        ("file:///etc/passwd", "link_scheme"),
        ("gopher://127.0.0.1:6379/_FLUSHALL", "link_scheme"),
        ("data:image/png;base64,AAAA", "link_scheme"),
        ("javascript:alert(1)", "link_scheme"),
        ("//example.com/chair.jpg", "link_scheme"),
        ("example.com/chair.jpg", "link_scheme"),
        ("/etc/passwd", "link_scheme"),
        ("http://", "link_invalid"),
        ("http:///chair.jpg", "link_invalid"),
        ("http://[::1", "link_invalid"),
        ("https://example.com/a chair.jpg", "link_invalid"),
        ("https://example.com/\r\nX-Evil: 1", "link_invalid"),
        ("http://example.com:port/", "link_invalid"),
        ("http://user@example.com/", "link_password"),
        ("http://user:secret@example.com/", "link_password"),
        ("http://example.com:22/", "link_port"),
        ("http://example.com:8000/", "link_port"),
        ("http://127.0.0.1:6379/", "link_port"),
        (f"http://{'a' * 70}.example/", "link_invalid"),
    ],
)
def test_what_is_no_web_address_is_refused_before_anybody_is_asked(address, code, path, connected):
    assert refusal(address, path, allow_loopback=False) == code
    assert connected == []


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.1", "0177.0.0.1", "0x7f.1", "2130706433", "localhost", "LOCALHOST", "0", "0.0.0.0"),  # noqa: S104  nothing is bound
        *("10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "198.18.0.1", "192.0.2.1"),
        *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
        *("[::1]", "[::]", "[fe80::1]", "[fd00::1]", "[fd00:ec2::254]", "[fec0::1]", "[ff02::1]", "[ff0e::1]"),
        *("[::ffff:127.0.0.1]", "[::ffff:169.254.169.254]", "[::127.0.0.1]", "[::7f00:1]"),
        *("[64:ff9b::7f00:1]", "[64:ff9b:1::a00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[2001:db8::1]", "[1::1]"),
        "user-typed.example\\@127.0.0.1",
    ],
)
def test_no_address_inside_is_ever_connected_to(host, path, connected, names):
    names["user-typed.example"] = ["10.0.0.1"]

    assert refusal(f"http://{host}/chair.jpg", path, allow_loopback=False) == "link_private"
    assert connected == []


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "10.1.2.3", "::1", "fd00::1", "::ffff:10.0.0.1"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_name_that_leads_inside_is_not_connected_to(scheme, address, path, connected, names):
    names["localtest.example"] = [address]

    assert refusal(f"{scheme}://localtest.example/chair.jpg", path, allow_loopback=False) == "link_private"
    assert connected == []


@pytest.mark.parametrize("public", [PUBLIC, OTHER_PUBLIC])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_name_is_resolved_once_and_what_was_checked_is_connected_to(scheme, public, path, connected, names):
    names["rebinding.example"] = [public, "127.0.0.1"]

    assert refusal(f"{scheme}://rebinding.example/chair.jpg", path, allow_loopback=False) == "link_unreachable"
    assert [host.strip("[]") for host in connected] == [public]
    assert names["rebinding.example"] == ["127.0.0.1"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("http://169.254.169.254/latest/meta-data/", "link_private"),
        ("//10.0.0.1/chair.jpg", "link_private"),
        ("http://metadata.example/", "link_private"),
        ("file:///etc/passwd", "link_scheme"),
        ("ftp://example.com/", "link_scheme"),
        ("http://user:secret@example.com/", "link_password"),
    ],
)
def test_every_redirect_is_checked_like_the_address_itself(site, path, names, status, target, code):
    names["metadata.example"] = ["169.254.169.254"]
    site.pages["/chair.jpg"] = leads_to(target, status)

    assert refusal(f"{site.url}/chair.jpg", path) == code
    assert not path.exists()


def test_the_name_is_that_of_the_last_address(site, path):
    content = picture_bytes()
    site.pages |= {
        "/go": leads_to("/shop/caf\u00e9.jpg".encode().decode("latin-1")),
        "/shop/caf%C3%A9.jpg": answers(content),
    }

    assert fetch(f"{site.url}/go", path, allow_loopback=True) == {"name": "café.jpg"}
    assert path.read_bytes() == content


@pytest.mark.parametrize(("hops", "is_fine"), [(REDIRECTS, True), (REDIRECTS + 1, False)])
def test_five_redirects_are_followed_and_no_more(site, path, hops, is_fine):
    site.pages |= {f"/{n}": leads_to(f"/{n - 1}") for n in range(1, hops + 1)} | {"/0": answers(picture_bytes())}

    if is_fine:
        fetch(f"{site.url}/{hops}", path, allow_loopback=True)
    else:
        assert refusal(f"{site.url}/{hops}", path) == "link_circles"
    assert len(site.asked) == REDIRECTS + 1


def test_the_body_of_a_redirect_is_never_read(site, path):
    """Requests would wait for it, and keep it in memory."""
    site.pages |= {
        "/go": leads_to("/chair.jpg", Content_Length=str(10**9)),
        "/chair.jpg": answers(picture_bytes()),
    }

    assert fetch(f"{site.url}/go", path, allow_loopback=True) == {"name": "chair.jpg"}


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "link_denied"), (403, "link_denied"), (404, "link_gone"), (410, "link_gone"), (500, "link_status"),
     (204, "link_status"), (304, "link_status"), (300, "link_status"), (206, "link_status")],
)  # fmt: skip
def test_an_answer_without_the_file_is_told(site, path, status, code):
    site.pages["/chair.jpg"] = answers(status=status)

    assert refusal(f"{site.url}/chair.jpg", path) == code


@pytest.mark.parametrize("content_length", [None, "10000"], ids=["no length", "a length that is a lie"])
def test_a_picture_is_dropped_as_soon_as_it_passes_the_limit(site, path, content_length):
    sent = []

    def endless(handler):
        handler.send_response(200)
        if content_length is None:
            handler.send_header("Transfer-Encoding", "chunked")
        else:
            handler.send_header("X-Content-Length", content_length)
        handler.end_headers()
        block = b"\xff\xd8\xff\xe0" + bytes(1024**2)
        framed = b"%x\r\n%b\r\n" % (len(block), block) if content_length is None else block
        for _ in range(1000):
            handler.wfile.write(framed)
            sent.append(len(block))

    site.pages["/chair.jpg"] = endless

    assert refusal(f"{site.url}/chair.jpg", path) == "link_image_too_large"
    assert path.stat().st_size <= limits.IMAGE_BYTES
    assert sum(sent) < 2 * limits.IMAGE_BYTES


def test_a_video_may_have_more_but_not_without_end(site, path, monkeypatch):
    monkeypatch.setattr(limits, "IMAGE_BYTES", 10_000)
    monkeypatch.setattr(limits, "LINK_VIDEO_BYTES", 200_000)
    start = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"
    site.pages |= {"/small.mp4": answers(start + bytes(150_000)), "/large.mp4": answers(start + bytes(200_000))}

    fetch(f"{site.url}/small.mp4", path, allow_loopback=True)

    assert refusal(f"{site.url}/large.mp4", path) == "link_video_too_large"


@pytest.mark.parametrize("name", ["gzip", "br", "GZIP", "gzip, identity"])
def test_what_is_packed_is_not_opened(site, path, name):
    site.pages["/chair.jpg"] = answers(gzip.compress(bytes(10**7)), Content_Encoding=name)

    assert refusal(f"{site.url}/chair.jpg", path) == "link_encoded"
    assert not path.exists()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "link_empty"),
        (b"<!doctype html><title>A chair</title>" + b" " * 1000, "link_no_file"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "link_no_file"),
        (b"GIF89a" + bytes(500), "link_no_file"),
        (b"\x1a\x45\xdf\xa3" + bytes(500), "link_other_video"),
    ],
)
@pytest.mark.parametrize("content_type", ["image/jpeg", "text/html"])
def test_the_content_counts_and_not_what_the_server_calls_it(site, path, body, code, content_type):
    site.pages["/chair.jpg"] = answers(body, Content_Type=content_type)

    assert refusal(f"{site.url}/chair.jpg", path) == code


def test_a_page_is_not_read_to_its_end(site, path):
    def endless(handler):
        handler.send_response(200)
        handler.end_headers()
        for _ in range(1000):
            handler.wfile.write(b"<!doctype html>" + bytes(1024**2))

    site.pages["/chair.html"] = endless

    assert refusal(f"{site.url}/chair.html", path) == "link_no_file"


def test_a_file_that_breaks_off_is_not_taken_for_whole(site, path):
    site.pages["/chair.jpg"] = answers(picture_bytes(), Content_Length="1000000", Connection="close")

    assert refusal(f"{site.url}/chair.jpg", path) == "link_broken_off"


def test_a_server_that_refuses_the_connection_is_named(path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))

        assert refusal(f"http://127.0.0.1:{unused.getsockname()[1]}/chair.jpg", path) == "link_unreachable"


def test_a_server_without_a_certificate_is_not_believed(site, path):
    """It speaks no TLS at all, which looks the same from here."""
    assert refusal(f"https://127.0.0.1:{site.port}/chair.jpg", path) == "link_certificate"


def test_the_process_reports_in_json_and_knows_no_secrets(site, tmp_path):
    command = [
        sys.executable,
        "-m",
        "pins.media.worker.fetch",
        "http://169.254.169.254/",
        str(tmp_path / "fetched"),
        "",
    ]
    done = subprocess.run(command, env={"PATH": os.environ["PATH"]}, capture_output=True, check=True)

    assert done.stdout == b'{"refused": "link_private", "values": {"host": "169.254.169.254"}}'
    imported = subprocess.run(
        [sys.executable, "-c", "import sys, pins.media.worker.fetch; print('django' in sys.modules)"],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        check=True,
    )
    assert imported.stdout.strip() == b"False"
