"""What the composer shows of the page that a link leads to."""

import base64
import io
import threading

import pytest
from django.urls import reverse
from PIL import Image

from pins.composer import fragment_views, link_preview
from pins.composer.link_preview import LinkPreview, preview_of
from pins.rules import links
from tests.factories import picture_bytes
from tests.page_text import page_text
from tests.pins.web_server import answers, leads_to, serving

pytestmark = pytest.mark.django_db

HTML = "text/html; charset=utf-8"


@pytest.fixture
def site(monkeypatch, settings):
    settings.CHECK_LINKS = True
    monkeypatch.setattr(link_preview, "ALLOW_LOOPBACK", True)
    with serving() as site:
        yield site


def page(text, **more):
    return answers(text.encode(), Content_Type=HTML, **more)


def ask(alice, link):
    response = alice.post(reverse("pins:pin_link_preview"), {"link": link})
    assert response.status_code == 200
    return page_text(response)


def test_the_composer_shows_title_and_picture_of_the_page(alice, site):
    site.pages["/chairs"] = page(
        '<title>Shop</title><meta property="og:title" content="Oak &amp; ash">'
        '<meta property="og:image" content="/chair.jpg">'
    )
    site.pages["/chair.jpg"] = answers(picture_bytes(), Content_Type="image/jpeg")

    shown = ask(alice, f"{site.url}/chairs")

    assert "<bdi>Oak & ash</bdi>" in shown
    assert "127.0.0.1" in shown
    [encoded] = [part.split('"')[0] for part in shown.split(";base64,")[1:]]
    assert Image.open(io.BytesIO(base64.b64decode(encoded))).width <= 480
    assert f"{site.url}/chair.jpg" not in shown


def test_a_page_is_read_once_an_hour(site):
    site.pages["/"] = page("<title>Oak</title>")

    first, second = preview_of(f"{site.url}/"), preview_of(f"{site.url}/")

    assert first == second == LinkPreview("127.0.0.1", "Oak")
    assert [path for path, _ in site.asked] == ["/"]


def test_redirects_are_followed_a_few_steps(site):
    site.pages["/a"] = leads_to("/b")
    site.pages["/b"] = page("<title>There</title>")
    site.pages["/circle"] = leads_to("/circle")

    there, nowhere = preview_of(f"{site.url}/a"), preview_of(f"{site.url}/circle")

    assert there == LinkPreview("127.0.0.1", "There")
    assert nowhere is None


@pytest.mark.parametrize(
    "answer",
    [
        answers(b"%PDF", Content_Type="application/pdf"),
        answers(b"<title>Gone</title>", status=404, Content_Type=HTML),
        answers(b"<p>No title</p>", Content_Type=HTML),
        answers(b"\xff\xfe<<<", Content_Type=HTML),
    ],
)
def test_what_is_no_page_with_a_title_shows_nothing(alice, site, answer):
    site.pages["/x"] = answer

    assert ask(alice, f"{site.url}/x").strip() == ""


def test_a_picture_that_is_none_is_left_out(site):
    site.pages["/"] = page('<title>Oak</title><meta name="twitter:image" content="/notes.jpg">')
    site.pages["/notes.jpg"] = answers(b"These are notes.", Content_Type="image/jpeg")

    assert preview_of(f"{site.url}/") == LinkPreview("127.0.0.1", "Oak")


def test_what_came_before_broken_markup_is_shown(site):
    site.pages["/"] = page("<title>Oak</title><![foo[bar]]><p>More")

    assert preview_of(f"{site.url}/") == LinkPreview("127.0.0.1", "Oak")


def test_no_more_is_read_than_the_limit(site, monkeypatch):
    monkeypatch.setattr(link_preview, "PAGE_BYTES", 40)
    site.pages["/"] = page(f"<title>Oak</title>{' ' * 40}<meta property='og:title' content='Beyond'>")

    assert preview_of(f"{site.url}/") == LinkPreview("127.0.0.1", "Oak")


def test_our_own_network_is_not_looked_at(alice, site, monkeypatch):
    monkeypatch.setattr(link_preview, "ALLOW_LOOPBACK", False)
    site.pages["/"] = page("<title>Secret</title>")

    assert ask(alice, f"{site.url}/").strip() == ""
    assert site.asked == []


@pytest.mark.parametrize(
    "link", ["", "example.com", "javascript:alert(1)", "file:///etc/passwd", "https://x/" + "x" * 2048]
)
def test_what_is_no_link_asks_nobody(alice, site, monkeypatch, link):
    monkeypatch.setattr(fragment_views, "preview_of", pytest.fail)

    assert ask(alice, link).strip() == ""


def test_nobody_is_asked_where_links_are_not_checked(alice, site, settings):
    settings.CHECK_LINKS = False

    ask(alice, f"{site.url}/")

    assert site.asked == []


def test_a_slow_site_is_given_up(site, monkeypatch):
    monkeypatch.setattr(links, "LOOK_SECONDS", 0.2)
    let_go = threading.Event()
    site.pages["/"] = lambda handler: let_go.wait(10)

    assert preview_of(f"{site.url}/") is None
    let_go.set()


def test_a_reading_that_was_left_behind_holds_its_place_until_it_ends(site, monkeypatch):
    monkeypatch.setattr(links, "LOOK_SECONDS", 0.2)
    only = threading.Semaphore(1)
    monkeypatch.setattr(link_preview, "_free_places", only)
    let_go = threading.Event()
    site.pages["/"] = lambda handler: let_go.wait(10)

    assert preview_of(f"{site.url}/") is None

    assert not only.acquire(blocking=False)
    let_go.set()
    assert only.acquire(timeout=10)


def test_only_a_few_are_read_at_a_time(site, monkeypatch):
    full = threading.BoundedSemaphore(1)
    full.acquire()
    monkeypatch.setattr(link_preview, "_free_places", full)

    assert preview_of(f"{site.url}/") is None
    assert site.asked == []
