"""Where a pin's link leads. Pinterest often blocks links for redirects and shorteners (docs/pinterest.md).

`look_at` asks a stranger's server, under an address that a user typed; postiz_pins/http/safe_http.py keeps it out of
our network.
"""

from __future__ import annotations

import queue
import re
import socket
import threading
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import unquote, urljoin, urlsplit

import requests
from django.conf import settings
from requests_hardened import HTTPSession

from postiz_pins.http.safe_http import InvalidIPAddress, public_session
from postiz_pins.pinterest import network
from postiz_pins.user_agent import user_agent

from . import addresses

# Their whole purpose is to lead elsewhere. A subdomain of one counts, too.
# fmt: off
SHORTENERS = frozenset((
    "adf.ly", "amzn.eu", "amzn.to", "b.link", "bit.do", "bit.ly", "bl.ink", "buff.ly", "clck.ru", "cutt.ly",
    "dlvr.it", "dub.sh", "fb.me", "geni.us", "goo.gl", "hubs.la", "hubs.ly", "hyperurl.co", "ift.tt", "is.gd",
    "j.mp", "kutt.it", "lnk.to", "lnkd.in", "mzl.la", "ow.ly", "pin.it", "po.st", "qr.ae", "rb.gy", "rebrand.ly",
    "reurl.cc", "short.gy", "shorturl.asia", "shorturl.at", "shorte.st", "smarturl.it", "snip.ly", "soo.gd",
    "su.pr", "surl.li", "t.co", "t.ly", "t2m.io", "tiny.cc", "tinyurl.com", "tr.im", "trib.al", "u.to", "urlz.fr",
    "v.gd", "vk.cc", "wp.me", "x.co",
))
# fmt: on

CONNECT_SECONDS = 3
READ_SECONDS = 4
# For all that one link may cost: resolving, connecting, a HEAD, a GET, and the redirects within its site.
LOOK_SECONDS = 10
# http to https, with or without www, a slash at the end: harmless, and rarely more than three in a row.
HARMLESS_REDIRECTS = 4
SHOWN_CHARACTERS = 200
# What servers show for the folder itself.
FIRST_PAGE = re.compile(r"/(index|default)\.\w+$", re.IGNORECASE)

# `{host}` is filled in here and, while the user types, in the composer.
SHORTENER_WARNING = "{host} is a link shortener, and Pinterest often blocks shortened links. Use the full link instead."

Finding = tuple[str, str]
T = TypeVar("T")
# Of a link that could not be looked at from here: it may be as good as any.
UNCHECKED = "link_unchecked"


def warning_for(link: str) -> str:
    """Return a sentence about a link to a known shortener; empty for any other.

    No server is asked.
    """
    host = _host(link)
    if not any(host == shortener or host.endswith(f".{shortener}") for shortener in SHORTENERS):
        return ""
    return SHORTENER_WARNING.format(host=host)


def look_at(link: str, *, allow_loopback: bool = False) -> Finding | None:
    """Request the link; return a code and a sentence if visitors of the pin would be disappointed.

    None: all is well, or it cannot be told from here; a busy or shy server must not raise an alarm. Takes LOOK_SECONDS
    at most. `allow_loopback` is for tests, whose server is this machine.
    """
    if warning := warning_for(link):
        return "link_shortener", warning
    return in_time(lambda: _look(link, allow_loopback))


def in_time(look: Callable[[], T]) -> T | None:
    """Return what `look` returns, or None after LOOK_SECONDS."""
    found: queue.SimpleQueue[T] = queue.SimpleQueue()
    # A thread, since the limits of a socket hold for each byte: a server that sends one every other second would hold
    # us for hours. A thread that is left behind owns nothing but its connection.
    threading.Thread(target=lambda: found.put(look()), daemon=True, name="link").start()
    try:
        return found.get(timeout=LOOK_SECONDS)
    except queue.Empty:
        return None


def _look(link: str, allow_loopback: bool) -> Finding | None:
    address = link
    with link_session(allow_loopback) as session:
        for _ in range(1 + HARMLESS_REDIRECTS):
            try:
                status, target = _ask(session, address)
            except InvalidIPAddress:
                return (
                    "link_private",
                    f"{_host(address)} looks like a private address from this server. Check that the link opens for"
                    f" people outside your network.",
                )
            except requests.ConnectionError as error:
                return _explain_unresolved(address, error.__cause__)
            except (requests.RequestException, ValueError, OSError):
                return None
            if not target:
                return _verdict(status)
            if not _is_same_page(link, target):
                return (
                    "link_redirects",
                    f"The link redirects to {target[:SHOWN_CHARACTERS]}, and Pinterest may block redirects. If that"
                    f" is the right page, use its link.",
                )
            address = target
    return "link_redirects", "The link keeps redirecting. Check it in your browser."


def link_session(allow_loopback: bool) -> HTTPSession:
    """Return a session that reaches public addresses only, and says who asks."""
    return public_session(
        user_agent(settings.PUBLIC_URL, "checks the links of its own pins"),
        timeout=(CONNECT_SECONDS, READ_SECONDS),
        allow_loopback=allow_loopback,
    )


def _ask(session: HTTPSession, address: str) -> tuple[int, str]:
    """Return the status, and the address that a redirect leads to or ""; the page itself is never read."""
    status, target = _request(session, "HEAD", address)
    # Some servers know only GET, and say so in many ways.
    return _request(session, "GET", address) if status >= 400 else (status, target)


def _request(session: HTTPSession, method: str, address: str) -> tuple[int, str]:
    with session.request(method, address, stream=True) as answer:
        target = urljoin(address, answer.headers["Location"]) if answer.is_redirect else ""
        return answer.status_code, target


def _verdict(status: int) -> Finding | None:
    if status in (404, 410):
        return "link_broken", f"The link's page doesn't exist ({status}). Check the link in your browser."
    if status >= 500:
        return (
            "link_server_error",
            f"The link's site returned an error ({status}). Check that the page opens in your browser.",
        )
    return None


def _explain_unresolved(address: str, cause: BaseException | None) -> Finding | None:
    """Return a finding if the name does not exist, or this server is offline.

    None for a name server that gives no answer at the moment.
    """
    if not isinstance(cause, socket.gaierror):
        return None
    if network.is_offline():
        return UNCHECKED, "The link wasn't checked because this server is offline."
    if cause.errno in (socket.EAI_NONAME, socket.EAI_NODATA):
        return "link_unresolvable", f"We couldn't find {_host(address)}. Check the link for typos."
    return None


def _is_same_page(link: str, other: str) -> bool:
    """Return whether two addresses lead to the same page.

    They may differ in https, www, the slash at the end, the name of a folder's first page, a query, or in how browsers
    would write them.
    """
    return _page(link) == _page(other)


def _page(address: str) -> tuple[str, int | None, str]:
    try:
        url = urlsplit(addresses.normalized(address))
        host, port = (url.hostname or "").removeprefix("www."), url.port
    except ValueError:  # an unfinished IPv6 address, a port that is none
        return "", None, address
    return host, port, FIRST_PAGE.sub("", unquote(url.path)).rstrip("/")


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:  # such as an unfinished IPv6 address
        return ""
