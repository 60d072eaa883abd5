import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest

from pins.rules import links
from postiz_pins.user_agent import user_agent


@pytest.fixture
def site():
    """A web site on this machine. `site.pages` maps a path to a status; or to a status, the target of a redirect and
    the cookie that it sets; or to a function of the visitor's cookie that answers one of these. `site.heads` overrides
    it for HEAD. `site.asked` lists the requests.
    """
    pages, heads, asked, agents = {}, {}, [], set()

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            asked.append(f"{self.command} {self.path}")
            agents.add(self.headers["User-Agent"])
            found = pages.get(self.path, 404)
            if self.command == "HEAD":
                found = heads.get(self.path, found)
            found = found(self.headers["Cookie"]) if callable(found) else found
            status, target, cookie = ((*found, "", "") if isinstance(found, tuple) else (found, "", ""))[:3]
            self.send_response(status)
            if target:
                self.send_header("Location", target)
            if cookie:
                self.send_header("Set-Cookie", f"{cookie}; Path=/")
            self.end_headers()

        do_GET = do_HEAD = answer  # noqa: N815  the names that http.server calls

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    port = server.server_address[1]
    yield SimpleNamespace(
        url=f"http://127.0.0.1:{port}", port=port, pages=pages, heads=heads, asked=asked, agents=agents
    )
    server.shutdown()
    server.server_close()
    thread.join()


def look(link):
    return links.look_at(link, allow_loopback=True)


def code(link):
    found = look(link)
    return found[0] if found else None


@pytest.mark.parametrize(
    "link",
    [
        "https://bit.ly/3abc",
        "http://TinyURL.com/chair",
        "https://www.t.co/x",
        "https://goo.gl/maps/1",
        "https://ow.ly/1",
        "https://buff.ly/1",
        "https://is.gd/1",
        "https://shop.rebrand.ly/1",
        "https://lnkd.in/1",
        "https://shorturl.at/1",
        "https://cutt.ly/1",
        "https://bit.ly./dot",
    ],
)
def test_a_shortener_is_warned_of_without_asking_it(link):
    assert "is a link shortener" in links.warning_for(link)
    assert links.look_at(link)[0] == "link_shortener"


@pytest.mark.parametrize(
    "link",
    ["", "https://example.com/bit.ly", "https://rabbit.ly/", "https://t.com/", "http://[::1", "bit.ly", "https://"],
)
def test_other_links_are_not_called_shortened(link):
    assert links.warning_for(link) == ""


def test_a_page_that_is_there_is_fine_and_never_read(site):
    site.pages["/chair?color=oak"] = 200

    assert look(f"{site.url}/chair?color=oak") is None
    assert site.asked == ["HEAD /chair?color=oak"]


def test_a_redirect_to_another_page_names_its_address(site):
    site.pages["/chair"] = (301, "/sale")

    found = look(f"{site.url}/chair")

    assert found[0] == "link_redirects"
    assert f"{site.url}/sale" in found[1]
    assert site.asked == ["HEAD /chair"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_site_is_told_and_not_followed(site, status):
    site.pages["/chair"] = (status, "http://169.254.169.254/latest/meta-data/")

    found = look(f"{site.url}/chair")

    assert found[0] == "link_redirects"
    assert "169.254.169.254" in found[1]


@pytest.mark.parametrize(("start", "end"), [("/chair", "/chair/"), ("/chair/", "/chair"), ("/chair", "/chair?ref=pin")])
def test_a_slash_at_the_end_is_no_redirect_to_speak_of(site, start, end):
    site.pages |= {start: (301, end), end: 200}

    assert look(f"{site.url}{start}") is None
    assert site.asked == [f"HEAD {start}", f"HEAD {end}"]


@pytest.mark.parametrize(
    ("link", "other", "is_same"),
    [
        ("http://shop.example/chair", "https://shop.example/chair", True),
        ("https://shop.example/chair", "https://www.shop.example/chair/", True),
        ("https://www.shop.example", "https://shop.example/", True),
        ("https://Shop.example/caf%C3%A9", "https://shop.example/café", True),
        ("http://müller.example/stuhl", "https://xn--mller-kva.example/stuhl", True),
        ("http://MÜLLER.example", "https://www.xn--mller-kva.example:443/", True),
        ("http://shop.example:80/caf%c3%a9", "https://shop.example/caf%C3%A9", True),
        ("https://shop.example/Index.HTML", "https://shop.example/", True),
        ("https://shop.example/sofas", "https://shop.example/sofas/default.aspx", True),
        ("https://shop.example/a/../chair", "https://shop.example/chair", True),
        ("https://shop.example/index", "https://shop.example/", False),
        ("https://shop.example/chair", "https://shop.example:8443/chair", False),
        ("https://shop.example/chair", "https://[::1", False),
        ("https://shop.example/chair", "https://shop.example:99999/chair", False),
        ("https://shop.example/chair", "https://shop.example/Chair", False),
        ("https://shop.example/chair", "https://shop.example/", False),
        ("https://shop.example/chair", "https://m.shop.example/chair", False),
        ("https://shop.example/chair", "https://other.example/chair", False),
    ],
)
def test_which_addresses_are_one_page(link, other, is_same):
    assert links._is_same_page(link, other) is is_same


def test_a_bounce_that_sets_a_cookie_is_followed_with_it_and_forgotten(site):
    """Shops set a cookie first and send the same page to those who bring it."""
    site.pages["/chair"] = lambda cookie: 200 if cookie == "seen=1" else (302, "/chair", "seen=1")

    for _ in range(2):
        site.asked.clear()
        assert look(f"{site.url}/chair") is None
        assert site.asked == ["HEAD /chair", "HEAD /chair"]


def test_a_bounce_that_wants_more_than_a_cookie_leads_in_circles(site):
    site.pages["/chair"] = (302, "/chair", "seen=1")

    assert "keeps redirecting" in look(f"{site.url}/chair")[1]


def test_what_follows_a_harmless_redirect_counts(site):
    site.pages |= {"/chair": (301, "/chair/"), "/chair/": 404}

    assert code(f"{site.url}/chair") == "link_broken"


def test_a_link_in_circles_ends(site):
    site.pages["/chair"] = (302, "/chair")

    found = look(f"{site.url}/chair")

    assert found[0] == "link_redirects"
    assert "keeps redirecting" in found[1]
    assert len(site.asked) == 1 + links.HARMLESS_REDIRECTS


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (404, "link_broken"),
        (410, "link_broken"),
        (500, "link_server_error"),
        (503, "link_server_error"),
        # Refusals that are meant for robots, not for visitors.
        (401, None),
        (403, None),
        (405, None),
        (429, None),
    ],
)
def test_what_an_answer_means(site, status, expected):
    site.pages["/chair"] = status

    assert code(f"{site.url}/chair") == expected


@pytest.mark.parametrize("status", [404, 405, 403, 500, 501])
def test_a_server_that_knows_only_get_is_asked_again(site, status):
    site.pages["/chair"] = 200
    site.heads["/chair"] = status

    assert look(f"{site.url}/chair") is None
    assert site.asked == ["HEAD /chair", "GET /chair"]


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "localhost", "10.0.0.1", "192.168.1.1", "169.254.169.254", "[fd00::1]", "0"]
)
def test_no_private_address_is_ever_asked(site, host):
    site.pages["/chair"] = 404

    found = links.look_at(f"http://{host}:{site.port}/chair")

    assert found[0] == "link_private"
    assert "people outside" in found[1]
    assert site.asked == []


def test_a_name_that_leads_to_a_private_address_is_not_asked(site, monkeypatch):
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *_, **__: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", site.port))]
    )

    assert links.look_at(f"http://shop.example:{site.port}/chair")[0] == "link_private"
    assert site.asked == []


def test_a_proxy_of_the_environment_is_not_asked(site, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")

    assert code(f"{site.url}/chair") == "link_broken"


@pytest.mark.parametrize(("error", "expected"), [(socket.EAI_NONAME, "link_unresolvable"), (socket.EAI_AGAIN, None)])
def test_a_name_that_does_not_exist_is_told_from_a_name_server_that_is_away(monkeypatch, error, expected):
    resolve = socket.getaddrinfo

    def fail(host, *args, **kwargs):
        if host.endswith(".example"):
            raise socket.gaierror(error, "no")
        return resolve(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", fail)

    assert code("https://chairs-that-are-not.example/") == expected


def test_a_server_that_is_offline_does_not_say_that_there_is_no_site(offline):
    assert look("https://chairs-that-are-not.invalid/") == (
        "link_unchecked",
        "The link wasn't checked because this server is offline.",
    )


def test_a_site_learns_who_asks_and_why(site):
    look(f"{site.url}/chair")

    assert site.agents == {user_agent("", "checks the links of its own pins")}


def test_a_server_that_refuses_the_connection_raises_no_alarm(site):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))

        assert look(f"http://127.0.0.1:{unused.getsockname()[1]}/chair") is None


@pytest.mark.parametrize(
    "link", ["ftp://example.com/", "http://", "http://[::1", "nonsense", f"http://{'a' * 70}.com/"]
)
def test_what_is_no_web_address_is_left_to_the_rules(link):
    assert look(link) is None


@pytest.mark.parametrize("drip", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: "], ids=["silent", "endless header"])
def test_a_server_that_takes_its_time_holds_nobody(monkeypatch, drip):
    monkeypatch.setattr(links, "LOOK_SECONDS", 0.2)
    connections = []

    def accept():
        connection, _ = listener.accept()
        connections.append(connection)
        connection.sendall(drip)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=accept)
        server.start()

        found = look(f"http://127.0.0.1:{listener.getsockname()[1]}/")

        server.join()
    [waiting] = [thread for thread in threading.enumerate() if thread.name == "link"]
    assert found is None
    connections[0].close()
    waiting.join()
