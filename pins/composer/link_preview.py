"""The page that a pin's link leads to, as the composer shows it: its title and a small picture.

A stranger's server is asked, under an address that a user typed: through the guard of postiz_pins/http/safe_http.py
only, for a bounded time and amount; a child process decodes the picture, which is never fetched by the browser.
"""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import requests
from django.core.cache import cache
from requests_hardened import HTTPSession

from pins.media import inspection
from pins.rules import links
from pins.rules.texts import clean_text
from postiz_pins.http.safe_http import InvalidIPAddress

PAGE_BYTES = 512 * 1024
PICTURE_BYTES = 5 * 1024**2
CHUNK_BYTES = 16 * 1024
TITLE_LENGTH = 120
CACHE_SECONDS = 3600
# Each occupies a thread of the server for as long as a stranger's server likes.
AT_ONCE = 3
_free_places = threading.BoundedSemaphore(AT_ONCE)
# Tests only: their server is this machine.
ALLOW_LOOPBACK = False


@dataclass(frozen=True)
class LinkPreview:
    """What is shown of a page; empty where the page says nothing."""

    host: str
    title: str
    # A data: address.
    picture: str = ""


def preview_of(link: str) -> LinkPreview | None:
    """Return what the page behind the link shows of itself; None if it cannot be read, or too many are being read.

    Takes links.LOOK_SECONDS at most, unless the picture takes long to decode; then the answer is cached.
    """
    key = f"link-preview-{hashlib.sha256(link.encode()).hexdigest()}"
    known: tuple[LinkPreview | None] | None = cache.get(key)
    if known is not None:
        return known[0]
    if not _free_places.acquire(blocking=False):
        return None
    read = links.in_time(lambda: _read_and_make_place(link))
    preview = None
    if read is not None and read[0].title:
        page, picture = read
        preview = LinkPreview((urlsplit(link).hostname or "").removeprefix("www."), page.title, _thumbnail(picture))
    cache.set(key, (preview,), CACHE_SECONDS)
    return preview


class _Page(HTMLParser):
    """Title and picture of a page, by its Open Graph data where it has any."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._title: list[str] = []
        self._is_in_title = False
        self._named: dict[str, str] = {}
        # What came before markup that cannot be read, such as <![foo[bar]]>, counts.
        with suppress(AssertionError):
            self.feed(text)

    @property
    def title(self) -> str:
        title = self._named.get("og:title") or "".join(self._title)
        return " ".join(clean_text(title).split())[:TITLE_LENGTH]

    @property
    def picture(self) -> str:
        return self._named.get("og:image") or self._named.get("twitter:image", "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_in_title = tag == "title" and not self._title
        if tag == "meta":
            values = {name: value or "" for name, value in attrs}
            name = values.get("property") or values.get("name", "")
            self._named.setdefault(name.lower(), values.get("content", ""))

    def handle_endtag(self, tag: str) -> None:
        self._is_in_title = self._is_in_title and tag != "title"

    def handle_data(self, data: str) -> None:
        if self._is_in_title:
            self._title.append(data)


def _read_and_make_place(link: str) -> tuple[_Page, bytes] | None:
    """Read the page, by a thread that holds one of the places until it ends, even if it was left behind."""
    try:
        return _read(link)
    finally:
        _free_places.release()


def _read(link: str) -> tuple[_Page, bytes] | None:
    give_up_at = time.monotonic() + links.LOOK_SECONDS
    try:
        with links.link_session(ALLOW_LOOPBACK) as session:
            answer = _get(session, link, "text/html", PAGE_BYTES, give_up_at)
            if answer is None:
                return None
            address, content = answer
            page = _Page(content.decode(errors="replace"))
            if not page.picture:
                return page, b""
            picture = _get(session, urljoin(address, page.picture), "image/", PICTURE_BYTES, give_up_at)
            return page, picture[1] if picture else b""
    except (InvalidIPAddress, requests.RequestException, ValueError, OSError):
        return None


def _get(
    session: HTTPSession, address: str, content_type: str, limit: int, give_up_at: float
) -> tuple[str, bytes] | None:
    """Return the address after redirects, and what is there, up to `limit` bytes.

    None if it is of another type, or comes too slowly.
    """
    for _ in range(1 + links.HARMLESS_REDIRECTS):
        # Not packed: few bytes could become many.
        with session.request("GET", address, stream=True, headers={"Accept-Encoding": "identity"}) as answer:
            if answer.is_redirect:
                address = urljoin(address, answer.headers["Location"])
                continue
            if answer.status_code != 200 or not answer.headers.get("Content-Type", "").startswith(content_type):
                return None
            content = bytearray()
            for chunk in answer.iter_content(CHUNK_BYTES):
                if time.monotonic() > give_up_at:
                    return None
                content += chunk
                if len(content) >= limit:
                    break
            return address, bytes(content[:limit])
    return None


def _thumbnail(picture: bytes) -> str:
    """Return a small copy as a data: address; empty if it is no picture that Pinterest would accept."""
    if not picture:
        return ""
    with inspection.work_folder() as folder:
        source = folder / "picture"
        source.write_bytes(picture)
        try:
            reading = inspection.read_upload(source, folder, "picture")
        except inspection.MediaRefused:
            return ""
        small = reading.thumbnail
        kind = "webp" if small.suffix == ".webp" else "jpeg"
        return f"data:image/{kind};base64,{base64.b64encode(small.read_bytes()).decode()}"
